//! Reading a table of settings so that all of its mistakes are found at once.

use std::{env, fmt::Display, fs, str::FromStr};

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::workflow_messages::Mistake;

/// A table. Each key is taken out when it is read; what is left at the end is not known.
pub(in crate::workflow_messages) struct Section<'a> {
    path: String,
    left: Map<String, Value>,
    known: Vec<&'static str>,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Section<'a> {
    pub(super) fn new(
        path: impl Into<String>,
        table: Map<String, Value>,
        mistakes: &'a mut Vec<Mistake>,
    ) -> Self {
        Self {
            path: path.into(),
            left: table,
            known: Vec::new(),
            mistakes,
        }
    }

    /// Whether a key is there.
    pub(in crate::workflow_messages) fn has(&self, key: &str) -> bool {
        self.left.get(key).is_some_and(|it| !it.is_null())
    }

    /// A value of a type that says itself what it may be; nothing for `null`.
    pub(in crate::workflow_messages) fn value<T: DeserializeOwned>(
        &mut self,
        key: &'static str,
    ) -> Option<T> {
        let value = self.raw(key)?;
        let wanted = serde_json::from_value(value);
        // serde's own text would quote the value.
        wanted.map_or_else(|_| self.wrong(key, "this is not of the right kind"), Some)
    }

    /// A text that stands for something.
    pub(in crate::workflow_messages) fn parsed<T: FromStr<Err: Display>>(
        &mut self,
        key: &'static str,
    ) -> Option<T> {
        let text: String = self.value(key)?;
        text.parse()
            .map_or_else(|error| self.wrong(key, error), Some)
    }

    /// The same for a key that has to be there.
    pub(in crate::workflow_messages) fn needed<T: FromStr<Err: Display>>(
        &mut self,
        key: &'static str,
    ) -> Option<T> {
        if !self.has(key) {
            self.known.push(key);
            return self.wrong(key, "this is missing");
        }
        self.parsed(key)
    }

    /// A table in the table; nothing if it is not there or switched off.
    pub(in crate::workflow_messages) fn section(
        &mut self,
        key: &'static str,
    ) -> Option<Section<'_>> {
        let value = self.raw(key)?;
        self.table(key, value)
    }

    /// Each table in the table that is not switched off, by a name that somebody gave it.
    pub(in crate::workflow_messages) fn each(mut self, mut read: impl FnMut(&str, Section<'_>)) {
        for (name, value) in std::mem::take(&mut self.left) {
            if let Some(table) = self.table(&name, value) {
                read(&name, table);
            }
        }
    }

    fn table(&mut self, key: &str, value: Value) -> Option<Section<'_>> {
        let path = self.path_of(key);
        match value {
            Value::Object(table) => Some(Section::new(path, table, self.mistakes)),
            Value::Null | Value::Bool(false) => None,
            _ => self.wrong(key, "this is not a table"),
        }
    }

    /// A secret: under its name, on the first line of the file under `<name>_file`, or in the
    /// environment variable under `<name>_env`.
    pub(in crate::workflow_messages) fn secret(
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
        let in_file = path.and_then(|path| match fs::read_to_string(path) {
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

    /// The text of the file that a key names.
    pub(in crate::workflow_messages) fn contents(&mut self, key: &'static str) -> Option<String> {
        let path: String = self.value(key)?;
        let text = fs::read_to_string(path);
        text.map_or_else(
            |error| self.wrong(key, format!("the file cannot be read: {}", error.kind())),
            Some,
        )
    }

    /// Notes that the table itself should not be there.
    pub(in crate::workflow_messages) fn refuse(self, message: impl Display) {
        self.mistakes.push(Mistake::new(self.path, message));
    }

    /// Notes a mistake; there is no value then.
    pub(in crate::workflow_messages) fn wrong<T>(
        &mut self,
        key: &str,
        message: impl Display,
    ) -> Option<T> {
        let path = self.path_of(key);
        self.mistakes.push(Mistake::new(path, message));
        None
    }

    /// Ends the reading: keys that nobody asked for are mistakes.
    pub(in crate::workflow_messages) fn finish(self) {
        for key in self.left.keys() {
            let known = self.known.join(", ");
            let message = format!("there is no such key; there are: {known}");
            let mistake = Mistake::new(self.path_of(key), message);
            self.mistakes.push(mistake);
        }
    }

    pub(in crate::workflow_messages) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    fn raw(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.left.remove(key).filter(|it| !it.is_null())
    }
}
