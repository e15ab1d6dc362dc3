//! Role routers: `routes`, and for each its roles and its pipeline.

use std::collections::HashMap;

use super::{Compiler, Mistake};
use crate::{
    config::{
        document::{Section, Setting, Word},
        nearest::{nearest, none_such},
        read::FromSetting as _,
    },
    identity::Role,
    pipeline::{NodeId, NodeKind, PlannedRoute},
};

/// What the section of a router says.
#[derive(Default)]
struct Routes {
    routes: Vec<(String, Vec<Role>, Vec<Word>)>,
    default: Option<Vec<Word>>,
    /// Whether anything is wrong with it.
    broken: bool,
}

impl<'a> Compiler<'a> {
    pub(super) fn role_router(
        &mut self,
        section: &'a Section,
        factory: &str,
        settings: &'a [Setting],
    ) -> Option<NodeId> {
        let mut routes = self.routes(section, settings);
        // As the filters: the releases that had `enabled` were off without it.
        let later = factory.starts_with("wafflehaus.routers.");
        let enabled = settings.iter().find(|setting| setting.key == "enabled");
        let on = match enabled.map(bool::from_setting) {
            None => !later,
            Some(Ok(on)) => on,
            Some(Err(flaws)) => {
                for (place, message) in flaws {
                    self.at(section, place, "enabled", message);
                }
                return None;
            }
        };
        if !on {
            let place = enabled.map_or(&section.place, |setting| &setting.place);
            let warning = "this router is off: everybody goes the default route";
            let warning = Mistake::new(place.clone(), warning).in_section(&section.header);
            self.warning(warning.at_key("enabled"));
            routes.routes.clear();
        }
        // As in the original: what this section sets is not handed on.
        let name = format!("{}/default", section.name);
        let default = routes.default.as_ref();
        let default = default.and_then(|words| self.pipeline(section, &name, words, &[]));
        let mut planned = Vec::new();
        for (name, roles, words) in routes.routes {
            let branch = format!("{}/{name}", section.name);
            match self.pipeline(section, &branch, &words, &[]) {
                Some(to) => planned.push(PlannedRoute {
                    name: name.into(),
                    roles,
                    to,
                }),
                None => routes.broken = true,
            }
        }
        let kind = NodeKind::Router {
            routes: planned,
            default: default?,
        };
        let here = (section.header.as_str(), &section.place);
        (!routes.broken).then(|| self.add(&section.name, kind, here))
    }

    fn routes(&mut self, section: &Section, settings: &[Setting]) -> Routes {
        let before = self.findings.mistakes.len();
        let find = |key: &str| settings.iter().find(|setting| setting.key == key);
        let names = find("routes").map(Setting::words);
        if names.is_none() {
            let message =
                "`routes` is missing: it names the routes but the default, and may be empty";
            self.at(section, section.place.clone(), "routes", message);
        }
        let default = find("route_default").map(Setting::words);
        if default.is_none() {
            let message =
                "`route_default` is missing: the pipeline of callers that no route is for";
            self.at(section, section.place.clone(), "route_default", message);
        }
        if let Some(names) = &names {
            self.check_keys(section, settings, names);
        }
        let names = names.unwrap_or_default();
        let mut routes = Vec::new();
        let mut first_of: HashMap<Role, String> = HashMap::new();
        for name in names {
            let (roles_key, route_key) = (
                format!("roles_{}", name.text),
                format!("route_{}", name.text),
            );
            let pipeline = find(&route_key).map(Setting::words);
            if pipeline.is_none() {
                let message = format!("route `{}` has no pipeline", name.text);
                self.at(section, name.place.clone(), &route_key, message);
            }
            let words = find(&roles_key).map(Setting::words).unwrap_or_default();
            if words.is_empty() {
                let message = format!("route `{}` has no roles", name.text);
                self.at(section, name.place.clone(), &roles_key, message);
            }
            let roles = self.roles(section, &roles_key, &words);
            for (role, word) in roles.iter().zip(&words) {
                let first = first_of
                    .entry(role.clone())
                    .or_insert_with(|| name.text.clone());
                if *first != name.text {
                    let message =
                        format!("role `{role}` is of route `{first}` already, and that wins");
                    let warning = Mistake::new(word.place.clone(), message);
                    self.warning(warning.in_section(&section.header).at_key(&roles_key));
                }
            }
            if let Some(pipeline) = pipeline {
                routes.push((name.text, roles, pipeline));
            }
        }
        Routes {
            routes,
            default,
            broken: self.findings.mistakes.len() > before,
        }
    }

    fn roles(&mut self, section: &Section, key: &str, words: &[Word]) -> Vec<Role> {
        let mut roles = Vec::new();
        for word in words {
            match Role::new(&word.text) {
                Ok(role) => {
                    if word.text.contains(['#', ';', '"', '\'', ',']) {
                        let message = format!(
                            "`{}` is one role as it stands: they are separated by white space \
                             alone, and what follows a `#` is no comment",
                            word.text
                        );
                        let warning = Mistake::new(word.place.clone(), message);
                        self.warning(warning.in_section(&section.header).at_key(key));
                    }
                    roles.push(role);
                }
                Err(error) => {
                    let message = format!("`{}`: {error}", word.text);
                    self.at(section, word.place.clone(), key, message);
                }
            }
        }
        roles
    }

    /// Keys that are of no route that `routes` names, and keys that nobody knows.
    fn check_keys(&mut self, section: &Section, settings: &[Setting], names: &[Word]) {
        let is_route = |name: &str| names.iter().any(|word| word.text == name);
        for setting in settings {
            let key = setting.key.as_str();
            if [
                "routes",
                "route_default",
                "enabled",
                "context_key",
                "log_name",
            ]
            .contains(&key)
            {
                continue;
            }
            let route = key.strip_prefix("roles_").or(key.strip_prefix("route_"));
            let message = match route {
                Some(route) if is_route(route) => continue,
                Some(route) => {
                    let names = names.iter().map(|word| word.text.as_str());
                    let near =
                        nearest(route, names).map(|near| format!("; did you mean `{near}`?"));
                    format!(
                        "`routes` does not name `{route}`{}",
                        near.unwrap_or_default()
                    )
                }
                None => none_such("key", key, ["routes", "route_default", "enabled"]),
            };
            self.at(section, setting.place.clone(), key, message);
        }
    }

    pub(super) fn at(
        &mut self,
        section: &Section,
        place: crate::config::Place,
        key: &str,
        message: impl Into<String>,
    ) {
        let mistake = Mistake::new(place, message).in_section(&section.header);
        self.mistake(mistake.at_key(key));
    }
}
