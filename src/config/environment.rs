//! What the environment says instead of a file.

use std::path::Path;

use config::{Config, ConfigBuilder, Environment, ValueKind, builder::DefaultState};

use super::{
    Mistake, Place,
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

/// The globals among them, and a mistake for each that is for a section.
pub(super) fn globals(environment: Environment) -> Result<(Vec<Setting>, Vec<Mistake>), Mistake> {
    let config = build(Config::builder(), environment)?;
    let mut settings = Vec::new();
    let mut mistakes = Vec::new();
    let ValueKind::Table(table) = config.cache.kind else {
        return Ok((settings, mistakes));
    };
    for (key, value) in table {
        let variable = format!("{PREFIX}__{}", key.to_uppercase());
        let place = Place::new(Path::new(&variable), 0);
        match value.kind {
            ValueKind::String(text) => {
                let value = Value::words_of(text, &place);
                settings.push(Setting { key, place, value });
            }
            _ => {
                let message = "sections are reached from the environment only in TOML";
                mistakes.push(Mistake::new(place, message));
            }
        }
    }
    Ok((settings, mistakes))
}

/// Adds the environment to what there is, which is readable.
pub(super) fn build(
    builder: ConfigBuilder<DefaultState>,
    environment: Environment,
) -> Result<Config, Mistake> {
    builder.add_source(environment).build().map_err(|_| {
        // The library's own message has the value in it, which may be a secret.
        let message = format!("a variable that begins with {PREFIX}__ is not Unicode text");
        Mistake::new(Place::new(Path::new("the environment"), 0), message)
    })
}

const PREFIX: &str = "WAFFLEHAUS";
