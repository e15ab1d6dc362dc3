//! TOML to a document: the tables `filter`, `app`, `composite` and `pipeline` hold sections by
//! name, whatever else is at the top is global.

use std::{collections::HashMap, path::Path};

use config::{Config, Environment, File, FileFormat, ValueKind};

use super::{
    Mistake, Place,
    document::{Body, Document, Kind, Section, Setting, Value, Word},
    environment::build,
    lines::Lines,
    nearest::none_such,
};

/// Reads a file, with what the environment says instead. `is_factory` tells for a kind of
/// section which names are factories: any other may be a section to inherit from.
pub(super) fn read(
    path: &Path,
    text: &str,
    environment: Environment,
    is_factory: impl Fn(Kind, &str) -> bool,
) -> Result<(Document, Vec<Mistake>), Vec<Mistake>> {
    let lines = Lines::of(path, text)?;
    let file = || Config::builder().add_source(File::from_str(text, FileFormat::Toml));
    let alone = file().build();
    alone.map_err(|error| vec![Mistake::new(lines.start(), error.to_string())])?;
    let config = build(file(), environment).map_err(|mistake| vec![mistake])?;
    // Not deserialized: that would lose which values are the environment's.
    let ValueKind::Table(table) = config.cache.kind else {
        return Ok((Document::empty(lines.start()), Vec::new()));
    };
    let mut reader = Reader {
        lines,
        mistakes: Vec::new(),
        document: Document::empty(Place::new(path, 1)),
    };
    for (key, value) in table {
        reader.top(&key, value);
    }
    let Reader {
        mut document,
        mut mistakes,
        ..
    } = reader;
    document.sections.sort_by(|a, b| a.place.cmp(&b.place));
    inherit(&mut document, &mut mistakes, is_factory);
    Ok((document, mistakes))
}

impl Document {
    fn empty(place: Place) -> Self {
        Self {
            place,
            globals: Vec::new(),
            strict: true,
            sections: Vec::new(),
        }
    }
}

struct Reader {
    lines: Lines,
    mistakes: Vec<Mistake>,
    document: Document,
}

impl Reader {
    fn top(&mut self, key: &str, value: config::Value) {
        let ValueKind::Table(table) = value.kind else {
            let setting = self.setting(&[key], value);
            self.document.globals.extend(setting);
            return;
        };
        if !TABLES.contains(&key) {
            let message = none_such("table", key, TABLES);
            let mistake = Mistake::new(self.lines.place(&[key]), message);
            self.mistakes.push(mistake);
            return;
        }
        for (name, value) in table {
            match value.kind {
                ValueKind::Table(table) => self.section(key, &name, table),
                _ => {
                    let message = format!("expected a table, as in `[{key}.{name}]`");
                    let mistake = Mistake::new(self.lines.place(&[key, &name]), message);
                    self.mistakes.push(mistake);
                }
            }
        }
    }

    fn section(&mut self, table: &str, name: &str, keys: config::Map<String, config::Value>) {
        let place = self.lines.place(&[table, name]);
        let header = format!("{table}.{name}");
        let mut settings: Vec<Setting> = keys
            .into_iter()
            .filter_map(|(key, value)| self.setting(&[table, name, &key], value))
            .collect();
        settings.sort_by(|a, b| a.place.cmp(&b.place));
        let mut take = |key: &str| {
            let at = settings.iter().position(|setting| setting.key == key)?;
            Some(settings.remove(at))
        };
        let word = |setting: Setting| Word::new(setting.text(), &setting.place);
        let factory = take("use").map(word);
        let filter_with = take("filter_with").map(|setting| setting.words());
        let (next, pipeline) = match table {
            "filter_app" => (take("next").map(word), None),
            "pipeline" => (None, take("pipeline")),
            _ => (None, None),
        };
        let mut missing = |key: &str| {
            let mistake = Mistake::new(place.clone(), format!("`{key}` is missing"));
            self.mistakes.push(mistake.in_section(&header));
            Body::Broken
        };
        let body = match (table, pipeline, factory, next) {
            ("pipeline", Some(pipeline), None, _) => {
                for setting in &settings {
                    let message = none_such("key", &setting.key, ["pipeline", "filter_with"]);
                    let mistake = Mistake::new(setting.place.clone(), message);
                    self.mistakes
                        .push(mistake.in_section(&header).at_key(&setting.key));
                }
                Body::Pipeline(pipeline.words())
            }
            ("pipeline", Some(_), Some(factory), _) => {
                let mistake = Mistake::new(factory.place, "a pipeline is not made by a factory");
                self.mistakes
                    .push(mistake.in_section(&header).at_key("use"));
                Body::Broken
            }
            ("pipeline", None, ..) => missing("pipeline"),
            (_, _, None, _) => missing("use"),
            ("filter_app", _, _, None) => missing("next"),
            (_, _, Some(factory), next) => Body::Made {
                factory,
                settings,
                next,
            },
        };
        self.document.sections.push(Section {
            kind: if table == "filter" {
                Kind::Filter
            } else {
                Kind::App
            },
            name: name.to_owned(),
            header,
            place,
            body,
            set: Vec::new(),
            filter_with: filter_with.unwrap_or_default(),
        });
    }

    fn setting(&mut self, path: &[&str], value: config::Value) -> Option<Setting> {
        let place = match value.origin() {
            Some(_) => Place::new(Path::new("the environment"), 0),
            None => self.lines.place(path),
        };
        let key = path.last().copied().unwrap_or_default();
        let value = match value.kind {
            ValueKind::Boolean(flag) => Some(Value::Flag(flag)),
            ValueKind::I64(number) => Some(Value::Number(number)),
            ValueKind::String(text) => Some(Value::words_of(text, &place)),
            ValueKind::Array(items) => self.list(path, items).map(Value::List),
            _ => None,
        };
        if value.is_none() {
            let message = "expected text, a whole number, true or false, or a list of texts";
            let mistake = Mistake::new(place.clone(), message).at_key(key);
            self.mistakes.push(match path {
                [table, section, _] => mistake.in_section(format!("{table}.{section}")),
                _ => mistake,
            });
        }
        Some(Setting {
            key: key.to_owned(),
            value: value?,
            place,
        })
    }

    fn list(&self, path: &[&str], items: Vec<config::Value>) -> Option<Vec<Word>> {
        let words = items.into_iter().enumerate().map(|(index, item)| {
            let index = index.to_string();
            let mut path = path.to_vec();
            path.push(&index);
            let place = self.lines.place(&path);
            match item.kind {
                ValueKind::String(text) => Some(Word::new(text, &place)),
                _ => None,
            }
        });
        words.collect()
    }
}

impl Value {
    /// A text and its words, all at one place.
    pub(super) fn words_of(text: String, place: &Place) -> Self {
        let words = text.split_whitespace().map(|word| Word::new(word, place));
        let words = words.collect();
        Self::Text(text, words)
    }
}

/// A section that `use`s another of its kind has that one's factory and settings, but for those
/// it says itself.
fn inherit(
    document: &mut Document,
    mistakes: &mut Vec<Mistake>,
    is_factory: impl Fn(Kind, &str) -> bool,
) {
    let mut index: HashMap<(Kind, String), usize> = HashMap::new();
    for (at, section) in document.sections.iter().enumerate() {
        let first = *index
            .entry((section.kind, section.name.clone()))
            .or_insert(at);
        if let Some(first) = document.sections.get(first).filter(|_| first != at) {
            let message = format!(
                "the name is taken by [{}] on line {}",
                first.header, first.place.line
            );
            let mistake = Mistake::new(section.place.clone(), message);
            mistakes.push(mistake.in_section(&section.header));
        }
    }
    for (at, section) in document.sections.iter().enumerate() {
        if let Body::Made { factory, .. } = &section.body
            && is_factory(section.kind, &factory.text)
            && let Some(other) = index.get(&(section.kind, factory.text.clone()))
            && let Some(other) = document.sections.get(*other).filter(|_| *other != at)
            && other.says_more_than_its_factory()
        {
            let message = format!(
                "`{}` is a factory, and the name of another section: rename that",
                factory.text
            );
            let mistake = Mistake::new(factory.place.clone(), message);
            mistakes.push(mistake.in_section(&section.header).at_key("use"));
        }
    }
    for at in 0..document.sections.len() {
        let mut seen = vec![at];
        while let Some(Section {
            kind,
            header,
            body: Body::Made { factory, .. },
            ..
        }) = document.sections.get(at)
            && !is_factory(*kind, &factory.text)
            && let Some(&other) = index.get(&(*kind, factory.text.clone()))
        {
            if seen.contains(&other) {
                let message = format!("`{}` uses itself", factory.text);
                let mistake = Mistake::new(factory.place.clone(), message).in_section(header);
                mistakes.push(mistake.at_key("use"));
                if let Some(section) = document.sections.get_mut(at) {
                    section.body = Body::Broken;
                }
                break;
            }
            seen.push(other);
            let Some(other) = document.sections.get(other).cloned() else {
                break;
            };
            let Some(section) = document.sections.get_mut(at) else {
                break;
            };
            // What stands around the other stands around this, inside of what is its own.
            section.filter_with.extend(other.filter_with);
            match (&mut section.body, other.body) {
                (
                    Body::Made {
                        factory, settings, ..
                    },
                    Body::Made {
                        factory: made_by,
                        settings: more,
                        ..
                    },
                ) => {
                    *factory = made_by;
                    for setting in more {
                        if settings.iter().all(|own| own.key != setting.key) {
                            settings.push(setting);
                        }
                    }
                }
                // A pipeline under another name, or one with a mistake that is told already.
                (body, other) => {
                    if let Body::Made { settings, .. } = &*body {
                        let own = settings.iter().map(|setting| {
                            let message = "a pipeline has no settings that could be changed";
                            let mistake = Mistake::new(setting.place.clone(), message);
                            mistake.in_section(&section.header).at_key(&setting.key)
                        });
                        mistakes.extend(own);
                    }
                    *body = other;
                }
            }
        }
    }
}

const TABLES: [&str; 5] = ["app", "composite", "filter", "filter_app", "pipeline"];
