//! Bodies as Neutron reads them: a list wins over one resource, and each entry may be wrapped.

use serde_json::{Map, Value, json};

use super::super::call::{Call, Fault};

/// The resources that a body asks for.
pub(super) struct Wishes {
    pub(super) all: Vec<Map<String, Value>>,
    /// The name of the answer's only member.
    name: String,
    listed: bool,
}

impl Wishes {
    /// The answer, in the form of the question.
    pub(super) fn answer(&self, views: Vec<Value>) -> Value {
        let view = if self.listed {
            Value::Array(views)
        } else {
            views.into_iter().next().unwrap_or_default()
        };
        json!({&self.name: view})
    }
}

/// One resource or several, for a create.
pub(super) fn wishes(call: &Call, name: &str) -> Result<Wishes, Fault> {
    let mut members = object(call)?;
    let collection = format!("{name}s");
    let Some(list) = members.remove(&collection) else {
        return Ok(Wishes {
            all: vec![one(members, name)?],
            name: name.to_owned(),
            listed: false,
        });
    };
    let Value::Array(list) = list else {
        return Err(invalid());
    };
    let all = list.into_iter().map(|entry| match entry {
        Value::Object(members) if members.contains_key(name) => one(members, name),
        Value::Object(members) => Ok(members),
        _ => Err(invalid()),
    });
    let all: Vec<_> = all.collect::<Result<_, _>>()?;
    if all.is_empty() {
        return Err(Fault::bad_request("Resources required"));
    }
    Ok(Wishes {
        all,
        name: collection,
        listed: true,
    })
}

/// One resource, for an update.
pub(super) fn wish(call: &Call, name: &str) -> Result<Map<String, Value>, Fault> {
    let members = object(call)?;
    if members.contains_key(&format!("{name}s")) {
        return Err(Fault::bad_request("Bulk operation not supported"));
    }
    one(members, name)
}

/// The whole body.
pub(super) fn object(call: &Call) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(invalid()),
    }
}

fn one(mut members: Map<String, Value>, name: &str) -> Result<Map<String, Value>, Fault> {
    match members.remove(name) {
        Some(Value::Object(wish)) => Ok(wish),
        _ => Err(Fault::bad_request(format!(
            "Unable to find '{name}' in request body"
        ))),
    }
}

fn invalid() -> Fault {
    Fault::bad_request("Body contains invalid data")
}
