//! What wafflehaus makes of a file, in the words of `oracle.py`.

use std::{collections::BTreeMap, io, path::Path};

use serde_json::{Map, Value, json};
use wafflehaus::config::{
    Mistake,
    paste::{Block, Body, Deploy, Ini, Protocol, Role, Section, Setting},
};

use crate::generate::File;

pub(crate) fn grammar(file: &File) -> Value {
    let ini = match Ini::read(Path::new(File::PATH), &file.text) {
        Ok(ini) => ini,
        Err(mistakes) => return first(&mistakes),
    };
    let values = |block: &Block| {
        let settings = ini.defaults().settings().iter();
        let settings = settings.filter(|setting| block.setting(&setting.key).is_none());
        let settings = block.settings().iter().chain(settings);
        let values = settings.map(|setting| {
            let resolved = ini.resolved(block, setting);
            (
                setting.key.clone(),
                resolved.map_or_else(|error| why(&error), |v| value(&v)),
            )
        });
        Value::Object(values.collect())
    };
    let sections = ini.sections().iter();
    let sections: Vec<_> = sections
        .map(|block| json!([block.header, values(block)]))
        .collect();
    json!({ "defaults": values(ini.defaults()), "sections": sections })
}

/// CPython stops at the first of some mistakes, and tells all of the others.
fn first(mistakes: &[Mistake]) -> Value {
    let kind = |mistake: &Mistake| {
        let has = |text| mistake.message.contains(text);
        if has("no section header") {
            "header"
        } else if has("the section is already") {
            "section"
        } else if has("the key is already") {
            "key"
        } else {
            "lines"
        }
    };
    let fatal = mistakes.iter().find(|mistake| kind(mistake) != "lines");
    match fatal {
        Some(fatal) => json!({ "error": kind(fatal), "lines": [fatal.place.line] }),
        None => {
            let lines: Vec<_> = mistakes.iter().map(|mistake| mistake.place.line).collect();
            json!({ "error": "lines", "lines": lines })
        }
    }
}

fn value(setting: &Setting) -> Value {
    json!({ "value": setting.value() })
}

fn why(mistake: &Mistake) -> Value {
    let has = |text| mistake.message.contains(text);
    json!({ "error": if has("[DEFAULT]") { "missing" } else if has("deep") { "depth" } else { "syntax" } })
}

/// What a section comes to with all it refers to, or no more than that it is wrong.
pub(crate) struct Meaning {
    pub(crate) sections: Option<Vec<(String, Option<Value>)>>,
    pub(crate) mistakes: Vec<Mistake>,
}

pub(crate) fn meaning(file: &File) -> Meaning {
    let load = |path: &Path| match file.others.get(path.to_str().unwrap()) {
        Some(text) => Ok(text.clone()),
        None if path == Path::new(File::PATH) => Ok(file.text.clone()),
        None => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let path = Path::new(File::PATH);
    let (deploy, mistakes) = Deploy::survey(path, &file.text, load);
    let sections = Ini::read(path, &file.text).ok().map(|ini| {
        let mut good: BTreeMap<u32, &Section> = deploy
            .sections()
            .iter()
            .map(|section| (section.place.line, section))
            .collect();
        let unread: Vec<_> = deploy.unread().map(|(_, place)| place.line).collect();
        let read = ini.sections().iter();
        let read = read.filter(|block| !unread.contains(&block.place.line));
        read.map(|block| {
            let section = good.remove(&block.place.line);
            let tree = section.and_then(|section| tree(&deploy, section, 0));
            (block.header.clone(), tree)
        })
        .collect()
    });
    Meaning { sections, mistakes }
}

fn tree(deploy: &Deploy, section: &Section, depth: usize) -> Option<Value> {
    // What refers to itself has no end.
    if depth > 60 {
        return None;
    }
    let refer = |reference| tree(deploy, &deploy.get(reference).ok()?, depth + 1);
    let mut built = match &section.body {
        Body::Factory(factory) => json!({
            "factory": factory.name,
            "protocol": match factory.protocol {
                Protocol::App => "app",
                Protocol::Composite => "composite",
                Protocol::Egg => "egg",
                Protocol::Filter => "filter",
                Protocol::FilterApp => "filter_app",
                _ => panic!("{factory:?}"),
            },
            "settings": settings(&section.settings),
            "globals": settings(&section.globals),
            "apps": match factory.protocol {
                Protocol::Composite => apps(deploy, section, depth)?,
                _ => json!({}),
            },
        }),
        Body::FilterApp { filter, next } => json!({
            "filter": tree(deploy, filter, depth + 1)?,
            "next": refer(next)?,
        }),
        Body::Pipeline(items) => {
            let items: Option<Vec<_>> = items.iter().rev().map(refer).collect();
            let mut items = items?;
            items.reverse();
            json!({ "pipeline": items })
        }
        body => panic!("{body:?}"),
    };
    for filter in section.filter_with.iter().rev() {
        built = json!({ "with": refer(filter)?, "of": built });
    }
    Some(built)
}

/// What a composite finds that looks for the words of its settings, in two ways.
fn apps(deploy: &Deploy, section: &Section, depth: usize) -> Option<Value> {
    let mut found = Map::new();
    for (key, setting) in &section.settings {
        let handed = key.starts_with("handed");
        if !handed && !key.starts_with("alone") {
            continue;
        }
        let words = setting.words().map(|word| {
            let reference = section.reference(Role::App, setting, word);
            let reference = if handed { reference } else { reference.alone() };
            tree(deploy, &deploy.get(&reference).ok()?, depth + 1)
        });
        found.insert(key.clone(), words.collect::<Option<Vec<_>>>()?.into());
    }
    Some(found.into())
}

fn settings(settings: &BTreeMap<String, Setting>) -> Value {
    let values = settings.iter();
    Value::Object(
        values
            .map(|(key, setting)| (key.clone(), setting.value().into()))
            .collect(),
    )
}
