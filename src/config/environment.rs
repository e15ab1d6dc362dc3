//! What the environment says instead of a file.

use std::path::Path;

use config::{Config, Environment, ValueKind};

use super::{
    Place,
    document::{Setting, Value},
};

/// Variables such as `WAFFLEHAUS__UPSTREAM`; sections of a TOML file are reached with more
/// parts, as `WAFFLEHAUS__FILTER__AUTHTOKEN__PASSWORD`. Always texts: a password of digits stays
/// what it is.
pub(super) fn environment() -> Environment {
    Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
}

/// The globals among them.
pub(super) fn globals(environment: Environment) -> Result<Vec<Setting>, config::ConfigError> {
    let config = Config::builder().add_source(environment).build()?;
    let table = config.try_deserialize::<config::Value>()?;
    let ValueKind::Table(table) = table.kind else {
        return Ok(Vec::new());
    };
    let settings = table.into_iter().filter_map(|(key, value)| {
        let ValueKind::String(text) = value.kind else {
            return None;
        };
        let variable = format!("{PREFIX}__{}", key.to_uppercase());
        let place = Place::new(Path::new(&variable), 0);
        let value = Value::words_of(text, &place);
        Some(Setting { key, place, value })
    });
    Ok(settings.collect())
}

const PREFIX: &str = "WAFFLEHAUS";
