//! Users or projects, whose names differ.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

#[derive(Default)]
pub struct Things {
    by_id: HashMap<String, Value>,
    ids: HashMap<String, String>,
}

impl Things {
    pub fn get(&self, id: &str) -> Option<Value> {
        self.by_id.get(id).cloned()
    }

    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub fn named(&self, name: Option<&str>) -> Vec<Value> {
        let found = name.and_then(|it| self.get(self.ids.get(it)?));
        found.into_iter().collect()
    }

    /// Nothing, if it has no name or another has it.
    pub fn add(&mut self, id: String, fields: &Map<String, Value>) -> Option<Value> {
        let name = fields.get("name")?.as_str()?.to_owned();
        if self.ids.contains_key(&name) {
            return None;
        }
        let mut thing = fields.clone();
        thing.insert("id".into(), id.clone().into());
        for (key, value) in [("domain_id", json!("default")), ("enabled", json!(true))] {
            if thing.get(key).is_none_or(Value::is_null) {
                thing.insert(key.into(), value);
            }
        }
        thing.insert("links".into(), json!({ "self": null }));
        self.ids.insert(name, id.clone());
        self.by_id.insert(id.clone(), Value::Object(thing));
        self.get(&id)
    }

    pub fn change(&mut self, id: &str, fields: &Map<String, Value>) -> Option<Value> {
        let thing = self.by_id.get_mut(id)?.as_object_mut()?;
        thing.extend(fields.clone());
        self.get(id)
    }
}
