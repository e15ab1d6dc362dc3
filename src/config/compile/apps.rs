//! What is reached from the chosen app: pipelines, composites, applications and filters.

use std::sync::Arc;

use super::{Compiler, DEEPEST, Mistake};
use crate::{
    config::{
        document::{Body, Kind, Section, Setting, Word, not_of_this_file},
        registry::{AppFactory, Composite},
    },
    pipeline::{FilterKind, Made, NodeId, NodeKind, PathPrefix, PlannedApp, PlannedFilter},
};

impl<'a> Compiler<'a> {
    /// The node of an app; nothing if it cannot be one, and a mistake says why.
    pub(super) fn app(&mut self, word: &Word, handed: &[Setting]) -> Option<NodeId> {
        let section = self.named(Kind::App, word)?;
        let used = Self::used(section, handed);
        if let Some(known) = self.apps.get(&used) {
            return *known;
        }
        if self.path.contains(&section.name.as_str()) || self.path.len() >= DEEPEST {
            let path = self.path.join(" → ");
            let message = if self.path.len() >= DEEPEST {
                format!("more than {DEEPEST} apps in each other")
            } else {
                format!("a circle: {path} → {}", section.name)
            };
            let from = self
                .path
                .last()
                .and_then(|name| self.section(Kind::App, name));
            let from = from.unwrap_or(section);
            self.mistake(Mistake::new(word.place.clone(), message).in_section(&from.header));
            return None;
        }
        self.path.push(&section.name);
        let node = self.section_app(section, handed);
        let node = match section.filter_with.as_slice() {
            [] => node,
            filters => self.around(section, &section.name, (filters, node), handed),
        };
        self.path.pop();
        self.apps.insert(used, node);
        node
    }

    /// The section of this name; one that there is not is told of already.
    fn named(&mut self, kind: Kind, word: &Word) -> Option<&'a Section> {
        let section = self.section(kind, &word.text);
        if section.is_none() && word.text.contains(':') {
            let message = not_of_this_file(&word.text);
            self.mistake(Mistake::new(word.place.clone(), message));
        }
        section
    }

    fn section_app(&mut self, section: &'a Section, handed: &[Setting]) -> Option<NodeId> {
        match &section.body {
            Body::Broken => None,
            Body::Pipeline(words) => {
                let handed = Self::handed(section, handed);
                self.pipeline(section, &section.name, words, &handed)
            }
            Body::Made {
                next: Some(next), ..
            } => {
                let filter = self.make_filter(section, handed);
                let app = self.app(next, &Self::handed(section, handed));
                let kind = NodeKind::Pipeline {
                    filters: vec![filter?],
                    app: app?,
                };
                Some(self.add(&section.name, kind, (&section.header, &section.place)))
            }
            Body::Made {
                factory, settings, ..
            } => match self.registry.find_app(&factory.text) {
                None => {
                    self.unknown_factory(section, factory);
                    None
                }
                Some(AppFactory::Leaf(made)) => {
                    let read = (factory.text.as_str(), settings.as_slice());
                    let (app, outline) =
                        self.settings(section, read, handed, |settings| (made.make)(settings));
                    let made = Made {
                        name: section.name.clone(),
                        factory: made.name.to_string(),
                        outline,
                    };
                    let kind = NodeKind::App(Arc::new(PlannedApp { made, app: app? }));
                    Some(self.add(&section.name, kind, (&section.header, &section.place)))
                }
                Some(AppFactory::Composite(Composite::AuthStrategy)) => {
                    self.auth_strategy(section, settings, handed)
                }
                Some(AppFactory::Composite(Composite::RoleRouter)) => {
                    self.role_router(section, &factory.text, settings)
                }
                Some(AppFactory::Composite(Composite::UrlMap)) => {
                    self.url_map(section, settings, handed)
                }
            },
        }
    }

    /// Filters around the app at the end.
    pub(super) fn pipeline(
        &mut self,
        section: &'a Section,
        name: &str,
        words: &[Word],
        handed: &[Setting],
    ) -> Option<NodeId> {
        let (app, filters) = words.split_last()?;
        let node = self.app(app, handed);
        if filters.is_empty() {
            return node;
        }
        self.around(section, name, (filters, node), handed)
    }

    fn around(
        &mut self,
        section: &Section,
        name: &str,
        (filters, app): (&[Word], Option<NodeId>),
        handed: &[Setting],
    ) -> Option<NodeId> {
        let filters = self.filters(filters, handed);
        let kind = NodeKind::Pipeline {
            filters: filters?,
            app: app?,
        };
        Some(self.add(name, kind, (&section.header, &section.place)))
    }

    fn filters(&mut self, words: &[Word], handed: &[Setting]) -> Option<Vec<Arc<PlannedFilter>>> {
        // All of them, for the mistakes of all.
        let filters: Vec<_> = words.iter().map(|word| self.filter(word, handed)).collect();
        let filters: Option<Vec<_>> = filters.into_iter().collect();
        Some(filters?.concat())
    }

    /// A filter, behind those that its section puts around it.
    fn filter(&mut self, word: &Word, handed: &[Setting]) -> Option<Vec<Arc<PlannedFilter>>> {
        let section = self.named(Kind::Filter, word)?;
        let used = Self::used(section, handed);
        if let Some(known) = self.filters.get(&used) {
            return known.clone();
        }
        if self.around.contains(&section.name.as_str()) || self.around.len() >= DEEPEST {
            let around = self.around.join(" → ");
            let message = format!("filters around each other: {around} → {}", section.name);
            let from = self.around.last();
            let from = from.and_then(|name| self.section(Kind::Filter, name));
            let mistake = Mistake::new(word.place.clone(), message);
            self.mistake(mistake.in_section(&from.unwrap_or(section).header));
            return None;
        }
        self.around.push(&section.name);
        let outer = self.filters(&section.filter_with, &Self::handed(section, handed));
        self.around.pop();
        let filter = self.make_filter(section, handed);
        let filters = outer.zip(filter).map(|(mut filters, filter)| {
            filters.push(filter);
            filters
        });
        self.filters.insert(used, filters.clone());
        filters
    }

    fn make_filter(
        &mut self,
        section: &'a Section,
        handed: &[Setting],
    ) -> Option<Arc<PlannedFilter>> {
        let Body::Made {
            factory, settings, ..
        } = &section.body
        else {
            return None;
        };
        let Some(made) = self.registry.find_filter(&factory.text) else {
            self.unknown_factory(section, factory);
            return None;
        };
        let read = (factory.text.as_str(), settings.as_slice());
        let (filter, outline) =
            self.settings(section, read, handed, |settings| (made.make)(settings));
        let asks_keystone = filter.as_ref().map_or(made.name == "keystone", |filter| {
            matches!(filter.kind, FilterKind::Keystone(_))
        });
        // Also with a mistake in it, which is not to be told twice.
        if asks_keystone && self.keystone.is_none() {
            self.keystone = Some((section, handed.to_vec()));
        }
        let filter = filter?;
        let made = Made {
            name: section.name.clone(),
            factory: made.name.to_string(),
            outline,
        };
        Some(Arc::new(PlannedFilter { made, filter }))
    }

    /// One that is used: what was a warning is a mistake.
    fn unknown_factory(&mut self, section: &Section, factory: &Word) {
        let known = |mistake: &mut Mistake| {
            mistake.place == factory.place && mistake.section.as_ref() == Some(&section.header)
        };
        let warnings = self.findings.warnings.extract_if(.., known);
        self.findings.mistakes.extend(warnings);
    }

    /// The pipeline of the way in which callers are authenticated.
    fn auth_strategy(
        &mut self,
        section: &'a Section,
        settings: &'a [Setting],
        handed: &[Setting],
    ) -> Option<NodeId> {
        let globals = self.globals(section, handed);
        let asked = globals
            .iter()
            .find(|setting| setting.key == "auth_strategy");
        let strategy = asked.map_or_else(|| "keystone".to_owned(), Setting::text);
        let Some(pipeline) = settings.iter().find(|setting| setting.key == strategy) else {
            let keys: Vec<_> = settings
                .iter()
                .map(|setting| setting.key.as_str())
                .collect();
            let message = format!(
                "there is no pipeline for the `auth_strategy` `{strategy}`, only for: {}",
                keys.join(", ")
            );
            let mistake = Mistake::new(section.place.clone(), message);
            self.mistake(mistake.in_section(&section.header));
            return None;
        };
        // As in Nova: what this section sets is not handed on.
        self.pipeline(section, &section.name, &pipeline.words(), &[])
    }

    fn url_map(
        &mut self,
        section: &'a Section,
        settings: &'a [Setting],
        handed: &[Setting],
    ) -> Option<NodeId> {
        let handed = Self::handed(section, handed);
        let mut prefixes = Vec::new();
        let mut complete = true;
        // Nodes are numbered as they are found, and it must not matter in which order they are
        // written.
        let mut settings: Vec<_> = settings.iter().collect();
        settings.sort_by_key(|setting| &setting.key);
        for setting in settings {
            let prefix = match PathPrefix::new(&setting.key) {
                Ok(prefix) => prefix,
                Err(message) => {
                    let mistake = Mistake::new(setting.place.clone(), message);
                    let mistake = mistake.in_section(&section.header);
                    self.mistake(mistake.at_key(&setting.key));
                    complete = false;
                    continue;
                }
            };
            let app = match setting.words().as_slice() {
                [app] => self.app(app, &handed),
                _ => {
                    let message = "expected the name of one app";
                    let mistake = Mistake::new(setting.place.clone(), message);
                    let mistake = mistake.in_section(&section.header);
                    self.mistake(mistake.at_key(&setting.key));
                    None
                }
            };
            if prefixes.iter().any(|(other, _)| *other == prefix) {
                let message = "the same prefix once more: only one of them would be used";
                let mistake = Mistake::new(setting.place.clone(), message);
                let mistake = mistake.in_section(&section.header);
                self.mistake(mistake.at_key(&setting.key));
            }
            match app {
                Some(app) => prefixes.push((prefix, app)),
                None => complete = false,
            }
        }
        PathPrefix::sort(&mut prefixes);
        let kind = NodeKind::UrlMap(prefixes);
        complete.then(|| self.add(&section.name, kind, (&section.header, &section.place)))
    }
}
