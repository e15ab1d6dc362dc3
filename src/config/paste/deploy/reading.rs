//! The settings of one section, as PasteDeploy sorts them.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    file::File,
    section::{Body, Kind, Reference, Role, Section},
};
use crate::config::{
    Mistake, Place, looks_secret,
    paste::{Block, Setting, ini::is_space},
};

pub(super) type Settings = BTreeMap<String, Setting>;

/// A section while it is read.
pub(super) struct Reading<'a> {
    pub(super) file: &'a Arc<File>,
    pub(super) block: &'a Block,
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    /// Its own settings.
    pub(super) settings: Settings,
    /// The global settings as it sees them.
    pub(super) globals: Arc<Settings>,
    /// Those that it sets itself.
    pub(super) additions: Settings,
}

impl<'a> Reading<'a> {
    /// The settings of a section, sorted; and what is wrong with them.
    pub(super) fn new(
        file: &'a Arc<File>,
        block: &'a Block,
        globals: Option<&Arc<Settings>>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let (kind, name) = Kind::of(&block.header)?;
        let mut reading = Self {
            file,
            block,
            kind,
            name,
            settings: Settings::new(),
            globals: file.defaults.clone(),
            additions: Settings::new(),
        };
        let mut gets = Settings::new();
        let defaults = file.ini.defaults().settings().iter();
        let inherited = defaults.filter(|setting| block.setting(&setting.key).is_none());
        for setting in block.settings().iter().chain(inherited) {
            let (to, key) = if let Some(key) = setting.key.strip_prefix("set ") {
                (&mut reading.additions, key.trim_matches(is_space))
            } else if let Some(key) = setting.key.strip_prefix("get ") {
                (&mut gets, key.trim_matches(is_space))
            } else if file.defaults.contains_key(&setting.key) {
                // Only `set` changes what is global.
                continue;
            } else {
                (&mut reading.settings, setting.key.as_str())
            };
            match file.ini.resolved(block, setting) {
                Ok(resolved) => drop(to.insert(key.to_owned(), resolved.renamed(key))),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if let Some(globals) = globals {
            extend(&mut reading.globals, globals);
        }
        extend(&mut reading.globals, &reading.additions);
        for get in gets.into_values() {
            if let Some(global) = reading.globals.get(get.value()) {
                let setting = global.renamed(&get.key).moved(&get.place);
                reading.settings.insert(get.key, setting);
            } else {
                let message = if looks_secret(&get.key) {
                    "there is no such global setting".to_owned()
                } else {
                    format!("there is no global setting `{}`", get.value())
                };
                let mistake = reading.mistake(&get, message);
                mistakes.push(mistake.at_key(format!("get {}", get.key)));
            }
        }
        Some(reading)
    }

    /// What it uses is looked for as.
    pub(super) fn role(&self) -> Role {
        match self.kind {
            Kind::Filter | Kind::FilterApp => Role::Filter,
            Kind::App | Kind::Composite | Kind::Pipeline => Role::App,
        }
    }

    pub(super) fn section(&self, body: Body, settings: Settings) -> Section {
        Section {
            kind: self.kind,
            name: self.name.to_owned(),
            place: self.block.place.clone(),
            body,
            settings,
            globals: self.globals.clone(),
            filter_with: Vec::new(),
            file: self.file.clone(),
            open: true,
        }
    }

    /// The whole value as a name.
    pub(super) fn whole(&self, role: Role, setting: &Setting) -> Reference {
        self.reference(role, &setting.key, (setting.value(), first_word(setting)))
    }

    pub(super) fn reference(
        &self,
        role: Role,
        key: &str,
        (word, place): (&str, &Place),
    ) -> Reference {
        Reference {
            role,
            word: word.to_owned(),
            place: place.clone(),
            section: self.block.header.clone(),
            key: key.to_owned(),
            file: self.file.clone(),
            globals: Some(self.globals.clone()),
        }
    }

    pub(super) fn mistake(&self, setting: &Setting, message: impl Into<String>) -> Mistake {
        Mistake::new(setting.place.clone(), message)
            .in_section(&*self.block.header)
            .at_key(&*setting.key)
    }

    pub(super) fn lacks(&self, key: &str) -> Mistake {
        let message = format!("there is no `{key}`");
        Mistake::new(self.block.place.clone(), message).in_section(&*self.block.header)
    }
}

/// Where a value begins.
pub(super) fn first_word(setting: &Setting) -> &Place {
    let first = setting.words().next();
    first.map_or(&setting.place, |(_, place)| place)
}

/// Leaves what is shared alone where there is nothing to add.
fn extend(settings: &mut Arc<Settings>, more: &Settings) {
    let differs = |(key, value): &(&String, &Setting)| settings.get(*key) != Some(value);
    let more: Vec<_> = more.iter().filter(differs).collect();
    if !more.is_empty() {
        let more = more.into_iter();
        Arc::make_mut(settings).extend(more.map(|(key, value)| (key.clone(), value.clone())));
    }
}
