//! Names: of factories, and of what sections lead to. Checked in all sections, used or not.

use super::{Compiler, Mistake};
use crate::config::{
    document::{Body, Kind, Section, Setting, Word},
    looks_secret,
    nearest::{nearest, none_such},
    registry::{AppFactory, Composite},
};

impl<'a> Compiler<'a> {
    pub(super) fn check_names(&mut self) {
        for section in &self.document.sections {
            for filter in &section.filter_with {
                self.check_name(section, Kind::Filter, filter, "filter-with");
            }
            match &section.body {
                Body::Broken => {}
                Body::Pipeline(words) => self.check_pipeline(section, words, "pipeline"),
                Body::Made {
                    factory,
                    settings,
                    next,
                } => {
                    if let Some(next) = next {
                        self.check_name(section, Kind::App, next, "next");
                    }
                    let kind = if next.is_some() {
                        Kind::Filter
                    } else {
                        section.kind
                    };
                    self.check_factory(section, kind, factory);
                    if let Some(AppFactory::Composite(composite)) =
                        self.registry.find_app(&factory.text)
                        && kind == Kind::App
                    {
                        self.check_composite(section, *composite, settings);
                    }
                }
            }
        }
    }

    fn check_factory(&mut self, section: &Section, kind: Kind, factory: &Word) {
        let (what, is_known, other) = match kind {
            Kind::App => (
                "application factory",
                self.registry.find_app(&factory.text).is_some(),
                self.registry.find_filter(&factory.text).is_some(),
            ),
            Kind::Filter => (
                "filter factory",
                self.registry.find_filter(&factory.text).is_some(),
                self.registry.find_app(&factory.text).is_some(),
            ),
        };
        if is_known {
            return;
        }
        let names: Vec<&str> = match kind {
            Kind::App => self.registry.app_names().collect(),
            Kind::Filter => self.registry.filter_names().collect(),
        };
        let near = nearest(&factory.text, names.iter().copied()).is_some();
        let message = if other {
            let makes = match kind {
                Kind::App => "a filter, and this section is for an app",
                Kind::Filter => "an app, and this section is for a filter",
            };
            format!("`{}` makes {makes}", factory.text)
        } else {
            none_such(what, &factory.text, names)
        };
        let mistake = Mistake::new(factory.place.clone(), message).in_section(&section.header);
        // Other programs keep sections of their own in the file; whether one is used shows later.
        if near || other {
            self.mistake(mistake);
        } else {
            self.warning(mistake);
        }
    }

    fn check_composite(&mut self, section: &'a Section, composite: Composite, all: &[Setting]) {
        for setting in all {
            let key = setting.key.as_str();
            match composite {
                Composite::AuthStrategy if looks_secret(key) => {
                    let message = "is no way to authenticate, for which there could be a pipeline";
                    self.at(section, setting.place.clone(), key, message);
                }
                Composite::AuthStrategy => self.check_pipeline(section, &setting.words(), key),
                Composite::RoleRouter if key.starts_with("route_") => {
                    self.check_pipeline(section, &setting.words(), key);
                }
                Composite::UrlMap if key.starts_with('/') => {
                    for word in setting.words() {
                        self.check_name(section, Kind::App, &word, key);
                    }
                }
                Composite::RoleRouter | Composite::UrlMap => {}
            }
        }
    }

    /// Filters, and an app at the end.
    pub(super) fn check_pipeline(&mut self, section: &Section, words: &[Word], key: &str) {
        let Some((app, filters)) = words.split_last() else {
            let message = "a pipeline is filters and an app; this one is empty";
            let place = self.place_of(section, key);
            self.mistake(
                Mistake::new(place, message)
                    .in_section(&section.header)
                    .at_key(key),
            );
            return;
        };
        for filter in filters {
            self.check_name(section, Kind::Filter, filter, key);
        }
        self.check_name(section, Kind::App, app, key);
    }

    fn place_of(&self, section: &Section, key: &str) -> crate::config::Place {
        if let Body::Made { settings, .. } = &section.body
            && let Some(setting) = settings.iter().find(|setting| setting.key == key)
        {
            return setting.place.clone();
        }
        section.place.clone()
    }

    fn check_name(&mut self, section: &Section, kind: Kind, word: &Word, key: &str) {
        let name = word.text.as_str();
        // PasteDeploy's other ways to name something are looked at where they are read.
        let elsewhere = !self.document.strict && name.contains(':');
        if self.section(kind, name).is_some() || elsewhere {
            return;
        }
        let (what, other) = match kind {
            Kind::App => ("app", Kind::Filter),
            Kind::Filter => ("filter", Kind::App),
        };
        let message = match (kind, self.section(other, name)) {
            (Kind::App, Some(_)) => format!("`{name}` is a filter; a pipeline ends in an app"),
            (Kind::Filter, Some(_)) => {
                format!("`{name}` is an app, and only the last of a pipeline is one")
            }
            (_, None) => {
                let names = self.sections.keys();
                let names = names.filter(|(of, _)| *of == kind).map(|(_, name)| *name);
                none_such(what, name, names)
            }
        };
        let mistake = Mistake::new(word.place.clone(), message);
        self.mistake(mistake.in_section(&section.header).at_key(key));
    }
}
