//! Reading a table of settings so that all of its mistakes are found at once.

use std::{
    env,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{nearest::no_such_key, workflow_messages::Mistake};

/// A table. Each key is taken out when it is read; what is left at the end is not known.
pub(crate) struct Section<'a> {
    path: String,
    folder: Arc<Path>,
    left: Map<String, Value>,
    known: Vec<&'static str>,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Section<'a> {
    /// A table at this path. The files that it names are found from this folder.
    pub(crate) fn new(
        path: impl Into<String>,
        folder: impl Into<Arc<Path>>,
        table: Map<String, Value>,
        mistakes: &'a mut Vec<Mistake>,
    ) -> Self {
        Self {
            path: path.into(),
            folder: folder.into(),
            left: table,
            known: Vec::new(),
            mistakes,
        }
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.left.get(key).is_some_and(|it| !it.is_null())
    }

    /// A value of a type that says itself what it may be; nothing for `null`.
    pub(crate) fn value<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        let value = self.raw(key)?;
        let wanted = serde_json::from_value(value);
        // serde's own text would quote the value.
        wanted.map_or_else(|_| self.wrong(key, "this is not of the right kind"), Some)
    }

    /// A text that stands for something.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        let text: String = self.value(key)?;
        text.parse()
            .map_or_else(|error| self.wrong(key, error), Some)
    }

    /// The same for a key that has to be there.
    pub(crate) fn needed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        if !self.has(key) {
            self.known.push(key);
            return self.wrong(key, "this is missing");
        }
        self.parsed(key)
    }

    /// A table in the table; nothing if it is not there or switched off.
    pub(crate) fn section(&mut self, key: &'static str) -> Option<Section<'_>> {
        let value = self.raw(key)?;
        self.table(key, value)
    }

    /// Each table in the table that is not switched off, by a name that somebody gave it.
    pub(crate) fn each(mut self, mut read: impl FnMut(&str, Section<'_>)) {
        for (name, value) in std::mem::take(&mut self.left) {
            if let Some(table) = self.table(&name, value) {
                read(&name, table);
            }
        }
    }

    fn table(&mut self, key: &str, value: Value) -> Option<Section<'_>> {
        let path = self.path_of(key);
        match value {
            Value::Object(table) => {
                let folder = Arc::clone(&self.folder);
                Some(Section::new(path, folder, table, self.mistakes))
            }
            Value::Null | Value::Bool(false) => None,
            _ => self.wrong(key, "this is not a table"),
        }
    }

    /// A secret: under its name, on the first line of the file under `<name>_file`, or in the
    /// environment variable under `<name>_env`.
    pub(crate) fn secret(
        &mut self,
        [name, file, variable]: [&'static str; 3],
    ) -> Option<SecretString> {
        let given: Option<String> = self.value(name);
        let path: Option<String> = self.value(file);
        let from: Option<String> = self.value(variable);
        if [&given, &path, &from]
            .iter()
            .filter(|it| it.is_some())
            .count()
            > 1
        {
            let message = format!("give one of `{name}`, `{file}` and `{variable}`");
            return self.wrong(name, message);
        }
        let in_file = path.and_then(|path| match fs::read_to_string(self.folder.join(path)) {
            Ok(text) => Some(text.lines().next().unwrap_or_default().to_owned()),
            Err(error) => self.wrong(file, format!("the file cannot be read: {}", error.kind())),
        });
        let in_variable = from.and_then(|from| {
            let missing = |_| self.wrong(variable, "there is no such environment variable");
            env::var(from).map_or_else(missing, Some)
        });
        let secret = given.or(in_file).or(in_variable)?;
        if secret.is_empty() {
            return self.wrong(name, "the secret is empty");
        }
        Some(secret.into())
    }

    /// The path that a key names.
    pub(crate) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let path: PathBuf = self.value(key)?;
        Some(self.folder.join(path))
    }

    /// The text of the file that a key names.
    pub(crate) fn contents(&mut self, key: &'static str) -> Option<String> {
        let text = fs::read_to_string(self.path(key)?);
        text.map_or_else(
            |error| self.wrong(key, format!("the file cannot be read: {}", error.kind())),
            Some,
        )
    }

    /// Notes that the table itself should not be there.
    pub(crate) fn refuse(self, message: impl Display) {
        self.mistakes.push(Mistake::new(self.path, message));
    }

    /// Notes a mistake; there is no value then.
    pub(crate) fn wrong<T>(&mut self, key: &str, message: impl Display) -> Option<T> {
        let path = self.path_of(key);
        self.mistakes.push(Mistake::new(path, message));
        None
    }

    /// Ends the reading: keys that nobody asked for are mistakes.
    pub(crate) fn finish(self) {
        for key in self.left.keys() {
            let message = no_such_key(key, &self.known);
            let mistake = Mistake::new(self.path_of(key), message);
            self.mistakes.push(mistake);
        }
    }

    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    /// A table that is not in this one but could be, by its path.
    #[cfg(feature = "config")]
    pub(crate) fn stand_in(&mut self, path: &str, table: Map<String, Value>) -> Section<'_> {
        let path = self.path_of(path);
        Section::new(path, Arc::clone(&self.folder), table, self.mistakes)
    }

    /// A value that is to be read again.
    #[cfg(feature = "config")]
    pub(crate) fn peek<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.left.get(key)?.clone()).ok()
    }

    /// Notes a mistake that is somewhere else, by its whole path; there is no value then.
    #[cfg(feature = "config")]
    pub(crate) fn elsewhere<T>(&mut self, path: &str, message: impl Display) -> Option<T> {
        self.mistakes.push(Mistake::new(path, message));
        None
    }

    /// The path, all keys that are left, and where mistakes are noted.
    #[cfg(feature = "config")]
    pub(crate) fn take(self) -> (String, Map<String, Value>, &'a mut Vec<Mistake>) {
        (self.path, self.left, self.mistakes)
    }

    fn raw(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.left.remove(key).filter(|it| !it.is_null())
    }
}
