//! paste.ini to a document.

use std::{collections::HashSet, path::Path};

use config::Environment;

use super::{
    Files, Mistake, Place, document,
    document::{Document, Setting, Value, Word, not_of_this_file},
    environment::globals,
    paste::{self, Body, Deploy, Kind, Section},
};

/// Reads a file and those it refers to. What the environment says goes before `[DEFAULT]`.
///
/// With mistakes in it, there is still a document, of the sections that have none.
pub(super) fn read(
    path: &Path,
    text: &str,
    environment: Environment,
    files: &Files,
) -> Result<(Document, Vec<Mistake>), Vec<Mistake>> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (deploy, mut mistakes) = Deploy::survey(&absolute, text, |path| files.read(path));
    if !deploy.is_read() {
        return Err(mistakes);
    }
    mistakes.extend(deploy.shadowed().map(|(header, setting)| {
        let message = "`[DEFAULT]` has this key too, and goes first: leave one of them out";
        let mistake = Mistake::new(setting.place.clone(), message);
        mistake.in_section(header).at_key(&setting.key)
    }));
    let start = Place::new(absolute.as_path(), 1);
    let (environment, unread) = globals(environment).map_err(|mistake| vec![mistake])?;
    mistakes.extend(unread);
    let mut globals: Vec<Setting> = deploy.defaults().map(setting).collect();
    globals.retain(|setting| {
        let own = ["here", "__file__"].contains(&setting.key.as_str());
        !own && environment.iter().all(|over| over.key != setting.key)
    });
    globals.extend(environment);
    let whole = deploy.sections().iter();
    let whole: HashSet<_> = whole.map(|section| &section.place).collect();
    // One with a mistake is still there for those that name it.
    let broken = deploy
        .headers()
        .filter(|(_, _, place)| !whole.contains(place));
    let broken = broken.map(|(kind, name, place)| document::Section {
        kind: role(kind),
        name: name.to_owned(),
        header: format!("{kind}:{name}"),
        place: place.clone(),
        body: document::Body::Broken,
        set: Vec::new(),
        filter_with: Vec::new(),
    });
    let sections = deploy.sections().iter().map(|it| {
        let astray = astray(it);
        let mut section = section(&deploy, it);
        if !astray.is_empty() {
            section.body = document::Body::Broken;
            section.filter_with.clear();
        }
        mistakes.extend(astray);
        section
    });
    let sections = sections.chain(broken).collect();
    let document = Document {
        place: start,
        globals,
        strict: false,
        sections,
    };
    Ok((document, mistakes))
}

fn section(deploy: &Deploy, section: &Section) -> document::Section {
    let defaults: Vec<_> = deploy.defaults().collect();
    let set = section.globals.values();
    let set = set.filter(|setting| !defaults.contains(setting));
    let made = |section: &Section, factory: &paste::Factory, next| document::Body::Made {
        factory: Word::new(&factory.name, &factory.place),
        settings: section.settings.values().map(setting).collect(),
        next,
    };
    let body = match &section.body {
        Body::Factory(factory) => made(section, factory, None),
        Body::FilterApp { filter, next } => match &filter.body {
            Body::Factory(factory) => {
                made(filter, factory, Some(Word::new(&next.word, &next.place)))
            }
            _ => document::Body::Broken,
        },
        Body::Pipeline(references) => {
            let words = references.iter();
            let words = words.map(|it| Word::new(&it.word, &it.place));
            document::Body::Pipeline(words.collect())
        }
    };
    // The filter of a filter-app may have filters of its own, which stand right in front of it.
    let inner = match &section.body {
        Body::FilterApp { filter, .. } => filter.filter_with.as_slice(),
        Body::Factory(_) | Body::Pipeline(_) => &[],
    };
    let filter_with = section.filter_with.iter().chain(inner);
    document::Section {
        kind: role(section.kind),
        name: section.name.clone(),
        header: section.header(),
        place: section.place.clone(),
        body,
        set: set.map(setting).collect(),
        filter_with: filter_with
            .map(|it| Word::new(&it.word, &it.place))
            .collect(),
    }
}

const fn role(kind: Kind) -> document::Kind {
    match kind {
        Kind::Filter => document::Kind::Filter,
        _ => document::Kind::App,
    }
}

/// Names that are looked for elsewhere than in the file itself. A document has one file's names:
/// to take another one's section for that of the same name here would be wrong.
fn astray(section: &Section) -> Vec<Mistake> {
    let references = match &section.body {
        Body::Factory(_) => &[],
        Body::FilterApp { next, .. } => std::slice::from_ref(next),
        Body::Pipeline(references) => references.as_slice(),
    };
    let inner = match &section.body {
        Body::FilterApp { filter, .. } => filter.filter_with.as_slice(),
        Body::Factory(_) | Body::Pipeline(_) => &[],
    };
    let references = references.iter().chain(&section.filter_with).chain(inner);
    let astray =
        references.filter(|it| it.word.contains(':') || it.place.file != section.place.file);
    let mistakes = astray.map(|it| {
        let message = if it.word.contains(':') {
            not_of_this_file(&it.word)
        } else {
            not_of_this_file(&format!("config:{}#{}", it.place.file.display(), it.word))
        };
        Mistake::new(it.place.clone(), message).in_section(section.header())
    });
    mistakes.collect()
}

fn setting(setting: &paste::Setting) -> Setting {
    let words = setting.words();
    let words = words.map(|(text, place)| Word::new(text, place)).collect();
    Setting {
        key: setting.key.clone(),
        place: setting.place.clone(),
        value: Value::Text(setting.value().to_owned(), words),
    }
}
