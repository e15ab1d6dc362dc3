//! What Nova makes of a body, and how its schemas complain.

use http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::super::call::{Call, Fault};
use super::version::Version;

/// The argument `body` of a controller.
#[derive(Debug)]
pub(super) enum Content {
    /// There is none: the method that was sent has no body.
    Absent,
    /// The document; `null` if nothing was sent.
    Json(Value),
}

impl Content {
    /// Whether a body is read goes by the method that was sent, not by the one that was routed.
    pub(super) fn of(call: &Call) -> Result<Self, Fault> {
        if call.method != Method::POST && call.method != Method::PUT {
            return Ok(Self::Absent);
        }
        if call.body.is_empty() {
            return Ok(Self::Json(Value::Null));
        }
        decode(call).map(Self::Json)
    }

    /// For a controller that takes a body.
    pub(super) fn document(&self) -> Result<&Value, Fault> {
        match self {
            Self::Absent => Err(Fault::internal(
                "Unexpected API Error. Please contact the administrator <class 'KeyError'>",
            )),
            Self::Json(value) => Ok(value),
        }
    }

    /// For a controller that takes none.
    pub(super) fn refuse(&self) -> Result<(), Fault> {
        match self {
            Self::Absent => Ok(()),
            // Calling it with an argument it does not have is a TypeError.
            Self::Json(_) => Err(Fault::internal(
                "Unexpected API Error. Please contact the administrator <class 'TypeError'>",
            )),
        }
    }
}

/// The type is what stands before the first semicolon, to the letter; the method does not matter.
pub(super) fn check_type(call: &Call) -> Result<(), Fault> {
    let header = call.header("content-type").unwrap_or_default();
    let kind = header.split(';').next().unwrap_or_default();
    match kind {
        "" | "text/plain" | "application/json" | "application/vnd.openstack.compute+json" => Ok(()),
        _ => Err(Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported Content-Type",
        )),
    }
}

/// The one key of an action's body.
pub(super) fn action_name(call: &Call) -> Result<String, Fault> {
    let document = decode(call)?;
    let Value::Object(members) = document else {
        return Err(not_here());
    };
    let mut names = members.into_iter().map(|(name, _)| name);
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name),
        _ => Err(malformed()),
    }
}

pub(super) fn not_here() -> Fault {
    Fault::not_found("The resource could not be found.")
}

fn malformed() -> Fault {
    Fault::bad_request("Malformed request body")
}

/// Of equal keys the last wins, as in Python. The charset of the type is not looked at.
fn decode(call: &Call) -> Result<Value, Fault> {
    let Ok(text) = std::str::from_utf8(&call.body) else {
        return Err(Fault::internal(
            "The server has either erred or is incapable of performing the requested operation.",
        ));
    };
    serde_json::from_str(text).map_err(|_| malformed())
}

/// A complaint about a value somewhere in the document.
pub(super) fn invalid(field: &str, value: &Value, complaint: &str) -> Fault {
    let shown = match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    };
    Fault::bad_request(format!(
        "Invalid input for field/attribute {field}. Value: {shown}. {} {complaint}",
        repr(value)
    ))
}

/// An object in a document; the document itself has no field name.
pub(super) fn object<'v>(field: &str, value: &'v Value) -> Result<&'v Map<String, Value>, Fault> {
    value.as_object().ok_or_else(|| {
        if field.is_empty() {
            Fault::bad_request(format!("{} is not of type 'object'", repr(value)))
        } else {
            invalid(field, value, "is not of type 'object'")
        }
    })
}

/// Refuses keys that are not known, except on `/v2`, where they are as if not there.
pub(super) fn only(
    field: &str,
    members: &Map<String, Value>,
    known: &[&str],
    version: Version,
) -> Result<(), Fault> {
    let stray = members.keys().find(|key| !known.contains(&key.as_str()));
    match stray {
        Some(key) if !version.legacy => {
            let complaint =
                format!("Additional properties are not allowed ('{key}' was unexpected)");
            Err(Fault::bad_request(if field.is_empty() {
                complaint
            } else {
                let value = repr(&Value::Object(members.clone()));
                format!("Invalid input for field/attribute {field}. Value: {value}. {complaint}")
            }))
        }
        _ => Ok(()),
    }
}

/// A value as Python prints it.
pub(super) fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .map(|(name, value)| format!("'{name}': {}", repr(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// What oslo takes for a UUID: any hyphens, braces and prefixes are looked past.
pub(super) fn uuid_like(text: &str) -> bool {
    let bare = text.replace("urn:", "").replace("uuid:", "");
    let bare = bare.trim_matches(['{', '}']).replace('-', "");
    bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}
