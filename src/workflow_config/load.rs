//! From a file to a configuration.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value};

use super::{Configuration, Factories, configuration};
use crate::{
    config::{Lines, Mistake, Place, Rejected},
    workflow_messages::{self, Section},
};

/// Reads configurations of the workflow. See the [module](super) for what is in them.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Loader {
    factories: Factories,
}

impl Loader {
    /// With the built-in actions.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these actions.
    pub fn factories(mut self, factories: Factories) -> Self {
        self.factories = factories;
        self
    }

    /// Reads a file and those that it names. Nothing is connected to.
    ///
    /// # Errors
    ///
    /// All that is wrong, in the order of lines.
    pub fn load(&self, path: &Path) -> Result<Configuration, Rejected> {
        let reject = |mut mistakes: Vec<Mistake>| {
            mistakes.sort();
            mistakes.dedup();
            Rejected {
                mistakes,
                warnings: Vec::new(),
                files: BTreeSet::from([path.to_owned()]),
            }
        };
        let at = |line, message: String| vec![Mistake::new(Place::new(path, line), message)];
        let text = fs::read_to_string(path).map_err(|error| reject(at(0, error.to_string())))?;
        let lines = Lines::of(path, &text).map_err(reject)?;
        let table: Map<String, Value> =
            toml::from_str(&text).map_err(|error| reject(at(1, error.message().to_owned())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut mistakes = Vec::new();
        let top = Section::new("", folder, table, &mut mistakes);
        let read = configuration::read(top, folder, &self.factories);
        let (configuration, more) = read;
        mistakes.extend(more);
        match configuration {
            Some(configuration) if mistakes.is_empty() => Ok(configuration),
            _ => Err(reject(
                mistakes.into_iter().map(|it| placed(&lines, it)).collect(),
            )),
        }
    }
}

/// A mistake with the line on which its key stands, or the table in which it is missing.
fn placed(lines: &Lines, mistake: workflow_messages::Mistake) -> Mistake {
    let path: Vec<&str> = mistake.key.split('.').collect();
    Mistake::new(lines.nearest(&path), mistake.message).at_key(mistake.key)
}
