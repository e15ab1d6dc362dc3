//! The sections of one file by their names.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::section::{Kind, Role};
use crate::config::{
    Mistake,
    paste::{Block, Ini, Setting},
};

/// Which sections of a file have a name, by their indices.
type Names = HashMap<(Role, String), Vec<usize>>;

/// A file that was read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    ini: Ini,
    names: Arc<Names>,
}

/// A file as one reference to it sees it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) ini: Ini,
    names: Arc<Names>,
    /// What is in `[DEFAULT]`, resolved.
    pub(super) defaults: Arc<BTreeMap<String, Setting>>,
}

impl Source {
    pub(super) fn new(ini: Ini) -> Self {
        let mut names = Names::new();
        for (index, block) in ini.sections().iter().enumerate() {
            if let Some((kind, name)) = Kind::of(&block.header) {
                let key = (kind.role(), name.to_owned());
                names.entry(key).or_default().push(index);
            }
        }
        Self {
            ini,
            names: Arc::new(names),
        }
    }

    /// The file, where `[DEFAULT]` has these settings unless it has its own; and what is wrong
    /// with them.
    pub(super) fn file(
        &self,
        globals: Option<&BTreeMap<String, Setting>>,
        mistakes: &mut Vec<Mistake>,
    ) -> Arc<File> {
        let more = globals.into_iter().flat_map(BTreeMap::values).cloned();
        let ini = self.ini.clone().with_defaults(more);
        let mut defaults = BTreeMap::new();
        for setting in ini.defaults().settings() {
            let resolved = match ini.resolved(ini.defaults(), setting) {
                // PasteDeploy takes the text as it is when nothing comes of it.
                Ok(resolved) if resolved.value().is_empty() => setting.clone(),
                Ok(resolved) => resolved,
                Err(mistake) => {
                    mistakes.push(mistake);
                    setting.clone()
                }
            };
            defaults.insert(setting.key.clone(), resolved);
        }
        Arc::new(File {
            ini,
            names: self.names.clone(),
            defaults: Arc::new(defaults),
        })
    }
}

impl File {
    /// The sections of this name.
    pub(super) fn find(&self, role: Role, name: &str) -> impl Iterator<Item = &Block> {
        let indices = self.names.get(&(role, name.to_owned()));
        let sections = self.ini.sections();
        indices
            .into_iter()
            .flatten()
            .filter_map(|index| sections.get(*index))
    }

    /// The names there are.
    pub(super) fn names(&self, role: Role) -> impl Iterator<Item = &str> {
        self.names
            .keys()
            .filter(move |(of, _)| *of == role)
            .map(|(_, name)| name.as_str())
    }
}
