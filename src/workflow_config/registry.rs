//! The actions and task types of a configuration, put together.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    ActionSettings, Factories,
    cloud::Cloud,
    task_types::{self, TaskTypes},
};
use crate::{
    workflow::{InvalidRegistry, Registry},
    workflow_messages::Section,
};

/// All that has no mistake, and the names of the task types that have one.
pub(super) fn read(
    top: &mut Section<'_>,
    cloud: &Cloud,
    factories: &Factories,
) -> (Registry, BTreeSet<String>) {
    let TaskTypes {
        mut types,
        mut broken,
        named,
    } = task_types::read(top, cloud);
    let mut tables = Map::new();
    if let Some(section) = top.section(KEY) {
        tables = section.take().1;
    }
    for (path, name) in &named {
        if !tables.contains_key(name) && !factories.has(name) {
            let own = tables.keys().map(String::as_str);
            top.elsewhere::<()>(path, factories.none_such(name, own));
        }
    }
    let built_in = types.iter().flat_map(|it| &it.actions);
    for name in built_in.chain(named.iter().map(|(_, name)| name)) {
        if !tables.contains_key(name) && factories.has(name) {
            tables.insert(name.clone(), Map::new().into());
        }
    }
    let mut registry = Registry::new();
    for (name, table) in &tables {
        match action(top, (name, table), (cloud, factories), &registry) {
            Some(more) => registry = more,
            // What is wrong is told already.
            None => types.retain(|it| {
                let uses = it.actions.contains(name);
                if uses {
                    broken.insert(it.name.clone());
                }
                !uses
            }),
        }
    }
    for it in types {
        let name = it.name.clone();
        match registry.clone().task_type(it) {
            Ok(more) => registry = more,
            Err(error) => {
                let key = match error {
                    InvalidRegistry::UnknownStage { .. } => "stages",
                    _ => "actions",
                };
                // The names of actions are looked at already.
                if !matches!(error, InvalidRegistry::UnknownAction { .. }) {
                    let path = format!("{}.{name}.{key}", task_types::KEY);
                    top.elsewhere::<()>(&path, error);
                }
                broken.insert(name);
            }
        }
    }
    (registry, broken)
}

/// The actions with this one.
fn action(
    top: &mut Section<'_>,
    (name, table): (&str, &Value),
    (cloud, factories): (&Cloud, &Factories),
    registry: &Registry,
) -> Option<Registry> {
    let path = format!("{KEY}.{name}");
    let Value::Object(table) = table else {
        return top.elsewhere(&path, "this is not a table");
    };
    let mut section = top.stand_in(&path, table.clone());
    let factory: Option<String> = section.value("use");
    let factory = factory.as_deref().unwrap_or(name);
    if !factories.has(factory) {
        let message = factories.none_such(factory, []);
        return section.wrong("use", message);
    }
    let mut settings = ActionSettings::new(name, section, cloud);
    let made = factories.make(factory, &mut settings, registry);
    settings.finish();
    made
}

const KEY: &str = "actions";
