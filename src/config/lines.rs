//! On which lines of a TOML file its keys stand.

use std::{collections::HashMap, path::Path, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{Mistake, Place};

/// The line of each key and each item of a list, by its path.
pub(crate) struct Lines {
    file: Arc<Path>,
    of: HashMap<Vec<String>, u32>,
}

impl Lines {
    pub(crate) fn of(path: &Path, text: &str) -> Result<Self, Vec<Mistake>> {
        let file: Arc<Path> = path.into();
        let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |at: usize| {
            let before = starts.partition_point(|newline| *newline < at);
            u32::try_from(before + 1).unwrap_or(u32::MAX)
        };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(1, |span| line(span.start));
            vec![Mistake::new(Place::new(file.clone(), at), error.message())]
        })?;
        let mut of = HashMap::new();
        let mut todo: Vec<(Vec<String>, &DeValue<'_>)> = Vec::new();
        let root = table.get_ref();
        note(&mut of, &mut todo, &[], &line, root);
        while let Some((path, value)) = todo.pop() {
            match value {
                DeValue::Table(table) => note(&mut of, &mut todo, &path, &line, table),
                DeValue::Array(array) => {
                    for (index, item) in array.iter().enumerate() {
                        let path = below(&path, index.to_string());
                        of.insert(path.clone(), line(item.span().start));
                        todo.push((path, item.get_ref()));
                    }
                }
                _ => {}
            }
        }
        Ok(Self { file, of })
    }

    pub(crate) fn start(&self) -> Place {
        Place::new(self.file.clone(), 1)
    }

    /// Where a key stands; the environment has no lines.
    pub(crate) fn place(&self, path: &[&str]) -> Place {
        self.find(path)
            .unwrap_or_else(|| Place::new(Path::new("the environment"), 0))
    }

    /// Where a key stands, or else the table in which it is missing.
    #[cfg(feature = "workflow-service")]
    pub(crate) fn nearest(&self, mut path: &[&str]) -> Place {
        loop {
            if let Some(place) = self.find(path) {
                return place;
            }
            let Some((_, table)) = path.split_last() else {
                return self.start();
            };
            path = table;
        }
    }

    fn find(&self, path: &[&str]) -> Option<Place> {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let line = self.of.get(&path)?;
        Some(Place::new(self.file.clone(), *line))
    }
}

/// Notes the keys of a table, and what is still to be looked into.
fn note<'t>(
    of: &mut HashMap<Vec<String>, u32>,
    todo: &mut Vec<(Vec<String>, &'t DeValue<'t>)>,
    path: &[String],
    line: &impl Fn(usize) -> u32,
    table: &'t DeTable<'t>,
) {
    for (key, value) in table.iter() {
        let path = below(path, key.get_ref().to_string());
        of.insert(path.clone(), line(key.span().start));
        todo.push((path, value.get_ref()));
    }
}

fn below(path: &[String], key: String) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(key);
    path
}
