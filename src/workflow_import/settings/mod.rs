//! Configurations of StackTask and Adjutant.

mod adjutant;
mod common;
mod database;
mod draft;
mod mails;
mod report;
mod smtp;
mod stacktask;
mod write;

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Map, Value};

use draft::{Draft, Section};
pub use report::{Entry, Report, What};
pub use write::WriteError;

/// How a configuration is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ImportOptions {
    /// The URLs of services by region and service: `nova`, `neutron`, `cinder`. StackTask and
    /// Adjutant take them from Keystone's catalogue; here they are configured.
    pub services: BTreeMap<String, BTreeMap<String, String>>,
}

/// A configuration of ours that was made of another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// Of what it was made.
    pub generation: Generation,
    /// The configuration, in TOML.
    pub config: String,
    /// The files that it names.
    pub files: Vec<NewFile>,
    /// What became of each key.
    pub report: Report,
}

/// A file that a configuration names. Its text is not printed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewFile {
    /// Its name in the folder of the configuration.
    pub name: String,
    /// Its text.
    pub text: SecretString,
    /// Whether only its owner may read it.
    pub secret: bool,
}

/// Whose configuration it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Generation {
    /// Groups in lower case: `identity`, `workflow`…
    Adjutant,
    /// Keys in upper case: `KEYSTONE`, `TASK_SETTINGS`…
    StackTask,
}

/// A text that is no configuration of StackTask or Adjutant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOld {
    /// It is no YAML, or not one table. The text itself is not repeated.
    #[error("it is no YAML with one table, at line {line}, column {column}")]
    Yaml {
        /// The line, from 1; 0 if it is not known.
        line: u64,
        /// The column, from 1.
        column: u64,
    },
    /// It is neither's, or both's.
    #[error(
        "it has the keys of neither StackTask (`KEYSTONE`) nor Adjutant (`identity`), or of both"
    )]
    Generation,
    /// What was made of it is no TOML.
    #[error("what comes of it cannot be written: {0}")]
    Unwritable(String),
}

/// Makes a configuration of ours of one of StackTask or Adjutant, in YAML as these read it: `yes`
/// is true.
///
/// # Errors
///
/// [`InvalidOld`] for what is neither. A key that is unknown or wrong is no error: it is told.
pub fn import(text: &str, options: &ImportOptions) -> Result<Imported, InvalidOld> {
    let table = parse(text)?;
    let generation = Generation::of(&table).ok_or(InvalidOld::Generation)?;
    let mut draft = Draft::default();
    common::begin(&mut draft, options);
    let top = Section::new("", table);
    match generation {
        Generation::Adjutant => adjutant::read(top, options, &mut draft),
        Generation::StackTask => stacktask::read(top, options, &mut draft),
    }
    common::end(&mut draft);
    let (config, files, report) = draft.into_parts();
    let unwritable = |error: &dyn std::fmt::Display| InvalidOld::Unwritable(error.to_string());
    let table = toml::Table::try_from(config).map_err(|error| unwritable(&error))?;
    let config = toml::to_string_pretty(&table).map_err(|error| unwritable(&error))?;
    Ok(Imported {
        generation,
        config: format!("{HEAD}{config}"),
        files,
        report,
    })
}

fn parse(text: &str) -> Result<Map<String, Value>, InvalidOld> {
    let read = serde_saphyr::from_str(text);
    read.map_err(|error: serde_saphyr::Error| {
        let at = error.location();
        InvalidOld::Yaml {
            line: at.map_or(0, |it| it.line()),
            column: at.map_or(0, |it| it.column()),
        }
    })
}

impl Generation {
    fn of(table: &Map<String, Value>) -> Option<Self> {
        let any = |keys: &[&str]| keys.iter().any(|key| table.contains_key(*key));
        let old = any(&[
            "KEYSTONE",
            "TASK_SETTINGS",
            "DEFAULT_TASK_SETTINGS",
            "ROLES_MAPPING",
        ]);
        let new = any(&[
            "identity",
            "workflow",
            "django",
            "api",
            "notifications",
            "quota",
        ]);
        match (old, new) {
            (true, false) => Some(Self::StackTask),
            (false, true) => Some(Self::Adjutant),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adjutant => "Adjutant",
            Self::StackTask => "StackTask",
        }
    }
}

const HEAD: &str = "# Made by `wafflehaus workflow import`. What each key means is in \
     docs/WORKFLOW_CONFIG.md.\n\n";
