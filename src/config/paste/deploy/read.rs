//! A section with all it inherits, in PasteDeploy's order.

use std::{mem, sync::Arc};

use super::{
    factory::{Factory, Protocol, Target, entry_point, function},
    file::File,
    reading::{Reading, Settings, first_word},
    resolve::Resolver,
    section::{Body, Kind, Role, Section},
};
use crate::config::{
    Mistake,
    paste::{Block, Setting},
};

impl Resolver<'_> {
    pub(super) fn read(
        &mut self,
        file: &Arc<File>,
        block: &Block,
        globals: Option<&Arc<Settings>>,
    ) -> Option<Section> {
        let mut reading = Reading::new(file, block, globals, &mut self.mistakes)?;
        let filter_with = reading.settings.remove("filter-with");
        let filter_with = filter_with.map(|setting| reading.whole(Role::Filter, &setting));
        self.references.extend(filter_with.clone());
        // Names what Python must have installed.
        reading.settings.remove("require");
        let mut section = match reading.kind {
            Kind::App | Kind::Composite | Kind::Filter => {
                let uses = reading.settings.contains_key("use");
                let mut section = self.built(&mut reading)?;
                // PasteDeploy gives the settings of a further section to the wrapping only.
                section.open &= !uses || filter_with.is_none();
                section
            }
            Kind::FilterApp => self.filter_app(&mut reading)?,
            Kind::Pipeline => self.pipeline(&mut reading)?,
        };
        section.filter_with.splice(..0, filter_with);
        Some(section)
    }

    /// What the section uses, or what its factory makes.
    fn built(&mut self, reading: &mut Reading<'_>) -> Option<Section> {
        let Some(used) = reading.settings.remove("use") else {
            let factory = self.explicit(reading)?;
            let settings = mem::take(&mut reading.settings);
            return Some(reading.section(Body::Factory(factory), settings));
        };
        let mut section = if let Target::Call(function) = Target::of(used.value()) {
            let factory = self.call(reading, &used, function)?;
            reading.section(Body::Factory(factory), Settings::new())
        } else {
            self.named(&reading.whole(reading.role(), &used))?
        };
        let settings = mem::take(&mut reading.settings);
        let mut additions = mem::take(&mut reading.additions);
        // What is used stays part of the file it is used from.
        if let Some(file) = reading.globals.get("__file__") {
            additions.insert(file.key.clone(), file.clone());
        }
        if section.open {
            section.inherit(settings, additions);
        } else {
            self.lost(reading, &section, &settings, &additions);
        }
        section.kind = reading.kind;
        section.name = reading.name.to_owned();
        section.place = reading.block.place.clone();
        // The names in its settings are looked for in the file of the section that uses it; but
        // of what is wrapped in a filter, PasteDeploy moves the wrapping only.
        if section.filter_with.is_empty() {
            section.file = reading.file.clone();
        }
        Some(section)
    }

    /// What a section says in vain, because PasteDeploy does not hand it on.
    fn lost(
        &mut self,
        reading: &Reading<'_>,
        used: &Section,
        settings: &Settings,
        additions: &Settings,
    ) {
        let header = used.header();
        for setting in settings.values() {
            let message = format!("does not reach what [{header}] builds");
            self.mistakes.push(reading.mistake(setting, message));
        }
        let globals = match &used.body {
            Body::FilterApp { filter, .. } => &filter.globals,
            Body::Factory(_) | Body::Pipeline(_) => &used.globals,
        };
        let lost = |setting: &&Setting| {
            let global = globals.get(&setting.key);
            global.is_none_or(|global| global.value() != setting.value())
        };
        for setting in additions.values().filter(lost) {
            let message = format!("does not reach [{header}], which sets it otherwise");
            let mistake = reading.mistake(setting, message);
            self.mistakes
                .push(mistake.at_key(format!("set {}", setting.key)));
        }
    }

    fn filter_app(&mut self, reading: &mut Reading<'_>) -> Option<Section> {
        let next = reading.settings.remove("next");
        let next = next.map(|setting| reading.whole(Role::App, &setting));
        if next.is_none() {
            self.mistakes.push(reading.lacks("next"));
        }
        self.references.extend(next.clone());
        let uses = reading.settings.contains_key("use");
        let mut filter = self.built(reading)?;
        filter.kind = Kind::Filter;
        let body = Body::FilterApp {
            filter: Box::new(filter),
            next: next?,
        };
        let mut section = reading.section(body, Settings::new());
        section.open = !uses;
        Some(section)
    }

    fn pipeline(&mut self, reading: &mut Reading<'_>) -> Option<Section> {
        let pipeline = reading.settings.remove("pipeline");
        let other = reading.settings.values();
        let other = other.map(|setting| reading.mistake(setting, "a pipeline has no such key"));
        self.mistakes.extend(other);
        let Some(pipeline) = pipeline else {
            self.mistakes.push(reading.lacks("pipeline"));
            return None;
        };
        let words = pipeline.words();
        let mut items: Vec<_> = words
            .map(|word| reading.reference(Role::Filter, &pipeline.key, word))
            .collect();
        let Some(app) = items.last_mut() else {
            let message = "a pipeline names an application, and perhaps filters before it";
            self.mistakes.push(reading.mistake(&pipeline, message));
            return None;
        };
        app.role = Role::App;
        self.references.extend(items.iter().cloned());
        let mut section = reading.section(Body::Pipeline(items), Settings::new());
        section.open = false;
        Some(section)
    }

    fn explicit(&mut self, reading: &mut Reading<'_>) -> Option<Factory> {
        let keys: &[(&str, Protocol)] = match reading.role() {
            Role::App => &[
                ("paste.app_factory", Protocol::App),
                ("paste.composite_factory", Protocol::Composite),
                ("paste.composit_factory", Protocol::Composite),
            ],
            Role::Filter => &[
                ("paste.filter_factory", Protocol::Filter),
                ("paste.filter_app_factory", Protocol::FilterApp),
            ],
        };
        let mut given = keys
            .iter()
            .filter_map(|(key, protocol)| Some((reading.settings.remove(*key)?, *protocol)));
        let Some((setting, protocol)) = given.next() else {
            let usual = keys.first().map_or("", |(key, _)| key);
            let message = format!("there is neither `use` nor `{usual}`");
            let mistake = Mistake::new(reading.block.place.clone(), message);
            self.mistakes
                .push(mistake.in_section(&*reading.block.header));
            return None;
        };
        let others: Vec<_> = given.map(|(other, _)| other).collect();
        for other in others {
            let message = format!("there is `{}` already", setting.key);
            self.mistakes.push(reading.mistake(&other, message));
        }
        let name = entry_point(setting.value());
        self.factory(reading, &setting, name, protocol)
    }

    fn call(&mut self, reading: &Reading<'_>, used: &Setting, text: &str) -> Option<Factory> {
        let protocol = match reading.kind {
            Kind::App | Kind::Pipeline => Protocol::App,
            Kind::Composite => Protocol::Composite,
            Kind::Filter => Protocol::Filter,
            Kind::FilterApp => {
                let message =
                    "a filter-app cannot `use` a `call:`; it can have `paste.filter_factory`";
                self.mistakes.push(reading.mistake(used, message));
                return None;
            }
        };
        self.factory(reading, used, function(text), protocol)
    }

    fn factory(
        &mut self,
        reading: &Reading<'_>,
        setting: &Setting,
        name: Option<String>,
        protocol: Protocol,
    ) -> Option<Factory> {
        let Some(name) = name else {
            let message = "a factory is named as `module:attribute`";
            self.mistakes.push(reading.mistake(setting, message));
            return None;
        };
        Some(Factory {
            name,
            text: setting.value().to_owned(),
            protocol,
            place: first_word(setting).clone(),
        })
    }
}
