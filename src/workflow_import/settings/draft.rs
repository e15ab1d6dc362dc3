//! A configuration while it is written, and the one that it is made from while it is read.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    NewFile,
    report::{Entry, Report, What},
};

/// What is written so far.
#[derive(Default)]
pub(super) struct Draft {
    config: Map<String, Value>,
    pub(super) files: Vec<NewFile>,
    pub(super) report: Report,
    /// The keys that were there and were read.
    read: BTreeSet<String>,
}

/// A table of the old configuration. Each key is taken out when it is read, so that what is left
/// is what nobody knows.
pub(super) struct Section {
    path: String,
    left: Map<String, Value>,
}

impl Draft {
    /// Writes a value under a key of a table of a table…; the tables are made.
    pub(super) fn put(&mut self, to: &[&str], value: impl Into<Value>) {
        let Some((last, tables)) = to.split_last() else {
            return;
        };
        let mut table = &mut self.config;
        for name in tables {
            let inner = table.entry(*name).or_insert_with(|| Map::new().into());
            if !inner.is_object() {
                *inner = Map::new().into();
            }
            let Value::Object(inner) = inner else { return };
            table = inner;
        }
        table.insert((*last).to_owned(), without_nulls(value.into()));
    }

    pub(super) fn get(&self, at: &[&str]) -> Option<&Value> {
        let (first, rest) = at.split_first()?;
        let first = self.config.get(*first)?;
        rest.iter().try_fold(first, |value, key| value.get(*key))
    }

    pub(super) fn tell(&mut self, what: What, from: &str, to: &[&str], why: impl Into<String>) {
        self.report.0.push(Entry {
            what,
            from: from.to_owned(),
            to: (!to.is_empty()).then(|| to.join(".")),
            why: why.into(),
        });
    }

    /// Something that has to be decided, and that there was no key for.
    pub(super) fn decide(&mut self, why: impl Into<String>) {
        self.tell(What::Decide, "", &[], why);
    }

    /// Puts a secret into a file that `<name>_file` names.
    pub(super) fn secret(&mut self, from: &str, to: &[&str], file: &str, secret: &str) {
        let taken = |name: &str| self.files.iter().any(|it| it.name == name);
        let more = (2..).map(|number| format!("{file}-{number}"));
        let mut names = std::iter::once(file.to_owned()).chain(more);
        let name = names.find(|it| !taken(it)).unwrap_or_default();
        self.files.push(NewFile {
            name: name.clone(),
            text: SecretString::from(format!("{secret}\n")),
            secret: true,
        });
        self.put(to, name.clone());
        self.tell(What::Secret, from, to, format!("file `{name}`"));
    }

    /// Tells of the keys that were read and of which there was nothing to say: that they were.
    pub(super) fn tell_the_rest(&mut self) {
        let told: Vec<&str> = self.report.0.iter().map(|it| it.from.as_str()).collect();
        let within = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
        };
        let is_told = |path: &str| {
            let mut told = told.iter().filter(|it| !it.is_empty());
            told.any(|it| within(it, path) || within(path, it))
        };
        let rest: Vec<String> = self
            .read
            .iter()
            .filter(|it| !is_told(it))
            .cloned()
            .collect();
        for path in rest {
            self.tell(What::Kept, &path, &[], "nothing has to be written for it");
        }
    }

    pub(super) fn into_parts(self) -> (Map<String, Value>, Vec<NewFile>, Report) {
        (self.config, self.files, self.report)
    }
}

impl Section {
    pub(super) fn new(path: impl Into<String>, left: Map<String, Value>) -> Self {
        Self {
            path: path.into(),
            left,
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    /// A value, be it null.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key)
    }

    /// A value of this type; if it is of another, that is told.
    pub(super) fn value<T: DeserializeOwned>(&mut self, key: &str, draft: &mut Draft) -> Option<T> {
        let value = self.take(key)?;
        draft.read.insert(self.path(key));
        if value.is_null() {
            return None;
        }
        let read = serde_json::from_value(value);
        if read.is_err() {
            let why = "it is not of the kind that it should be, and is left out";
            draft.tell(What::Decide, &self.path(key), &[], why);
        }
        read.ok()
    }

    /// A table in the table; none if it is not there, or null.
    pub(super) fn section(&mut self, key: &str, draft: &mut Draft) -> Option<Self> {
        let path = self.path(key);
        let table = self.value(key, draft)?;
        Some(Self::new(path, table))
    }

    /// Each table in the table, by a name that somebody gave it.
    pub(super) fn each(mut self, draft: &mut Draft) -> Vec<(String, Self)> {
        let names: Vec<String> = self.left.keys().cloned().collect();
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            if let Some(section) = self.section(&name, draft) {
                all.push((name, section));
            }
        }
        all
    }

    /// Writes a value as it is, if it is there and of this type.
    pub(super) fn keep<T>(&mut self, key: &str, to: &[&str], draft: &mut Draft) -> bool
    where
        T: DeserializeOwned + Into<Value>,
    {
        let Some(value) = self.value::<T>(key, draft) else {
            return false;
        };
        draft.put(to, value);
        let from = self.path(key);
        let what = if to.last() == Some(&key) {
            What::Kept
        } else {
            What::Renamed
        };
        draft.tell(what, &from, to, "");
        true
    }

    /// Leaves keys out that are there.
    pub(super) fn leave(&mut self, keys: &[&str], why: &str, draft: &mut Draft) {
        for key in keys {
            if self.take(key).is_some() {
                draft.tell(What::Dropped, &self.path(key), &[], why);
            }
        }
    }

    /// Tells what nobody has read.
    pub(super) fn finish(self, draft: &mut Draft) {
        for key in self.left.keys() {
            draft.tell(What::Unknown, &self.path(key), &[], "");
        }
    }

    /// Leaves the whole table out.
    pub(super) fn leave_all(self, what: What, why: &str, draft: &mut Draft) {
        draft.tell(what, &self.path, &[], why);
    }
}

/// TOML has no word for nothing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(list) => {
            let some = list.into_iter().filter(|it| !it.is_null());
            some.map(without_nulls).collect()
        }
        Value::Object(table) => {
            let some = table.into_iter().filter(|(_, it)| !it.is_null());
            let some = some.map(|(key, it)| (key, without_nulls(it)));
            Value::Object(some.collect())
        }
        other => other,
    }
}
