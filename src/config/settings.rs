//! Typed reading of one section.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use ring::digest::{Context, SHA256};
use secrecy::SecretString;

use super::{
    Files, Mistake, Place,
    document::Setting,
    mistake::looks_secret,
    nearest::none_such,
    read::{Flaw, FromSetting},
};
use crate::pipeline::{Fingerprint, Outline};

/// The settings of a section, as its factory asks for them.
///
/// Whatever is wrong is remembered, and the default given instead, so that one look finds all
/// mistakes. A key that nobody asks for is one. So a factory asks for all its keys, always.
pub struct Settings<'a> {
    /// None for the globals themselves.
    header: Option<&'a str>,
    place: &'a Place,
    factory: &'a str,
    local: &'a [Setting],
    global: &'a [Setting],
    files: &'a Files,
    asked: BTreeSet<&'static str>,
    inherited: BTreeSet<&'static str>,
    outline: BTreeMap<&'static str, serde_json::Value>,
    digest: Context,
    findings: Findings,
}

/// What was found wrong or worth saying.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) warnings: Vec<Mistake>,
}

impl Findings {
    pub(crate) fn extend(&mut self, more: Self) {
        self.mistakes.extend(more.mistakes);
        self.warnings.extend(more.warnings);
    }
}

/// One setting that is asked for.
#[must_use]
pub struct Key<'s, 'a> {
    settings: &'s mut Settings<'a>,
    name: &'static str,
    found: Option<&'a Setting>,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(
        (header, place): (Option<&'a str>, &'a Place),
        factory: &'a str,
        local: &'a [Setting],
        global: &'a [Setting],
        files: &'a Files,
    ) -> Self {
        Self {
            header,
            place,
            factory,
            local,
            global,
            files,
            asked: BTreeSet::new(),
            inherited: BTreeSet::new(),
            outline: BTreeMap::new(),
            digest: Context::new(&SHA256),
            findings: Findings::default(),
        }
    }

    /// The factory as the file spells it: one that has several names may go by that.
    #[must_use]
    pub fn factory(&self) -> &str {
        self.factory
    }

    /// A key of this section.
    ///
    /// Given for the whole file instead, it is a mistake: nobody should take for said what is
    /// not read.
    pub fn key(&mut self, name: &'static str) -> Key<'_, 'a> {
        let found = find(self.local, name);
        if found.is_none()
            && let Some(global) = find(self.global, name)
        {
            let message = "is read from the section only, and this is outside of it";
            self.mistake_at(global, message.to_owned());
        }
        self.found(name, found)
    }

    /// A key of this section, or else of the whole file.
    pub fn inherited(&mut self, name: &'static str) -> Key<'_, 'a> {
        self.inherited.insert(name);
        let found = find(self.local, name).or_else(|| find(self.global, name));
        self.found(name, found)
    }

    fn found(&mut self, name: &'static str, found: Option<&'a Setting>) -> Key<'_, 'a> {
        self.asked.insert(name);
        Key {
            settings: self,
            name,
            found,
        }
    }

    /// A key that other software knows and this does not need; its value does not matter.
    pub fn ignored(&mut self, name: &'static str) {
        self.asked.insert(name);
    }

    /// A secret: the key, or the first line of the file that `file_key` names.
    pub fn secret(&mut self, name: &'static str, file_key: &'static str) -> Option<SecretString> {
        let given = self.inherited(name).found;
        let file = self.inherited(file_key).found;
        let text = match (given, file) {
            (Some(_), Some(file)) => {
                let message = format!("give `{name}` or `{file_key}`, not both");
                self.mistake_at(file, message);
                None
            }
            (Some(given), None) => Some(given.text()),
            (None, Some(file)) => self.file(file).map(|text| {
                let line = text.lines().next().unwrap_or_default();
                line.to_owned()
            }),
            (None, None) => None,
        };
        let text = text.filter(|text| !text.is_empty());
        self.outline
            .insert(name, text.as_ref().map(|_| true).into());
        self.outline.insert(file_key, file.map(|_| true).into());
        self.take_into_account(name, text.as_deref());
        text.map(SecretString::from)
    }

    /// The contents of the file that a key names.
    pub fn contents(&mut self, name: &'static str) -> Option<String> {
        let found = self.inherited(name).found;
        // What is in it counts, not what it is called.
        self.outline.insert(name, found.map(|_| true).into());
        let text = self.file(found?);
        self.take_into_account(name, text.as_deref());
        text
    }

    /// The path that a key names, which need not be there.
    pub fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let path: String = self.key(name).get()?;
        Some(self.files.path(Path::new(&path)))
    }

    fn file(&mut self, setting: &Setting) -> Option<String> {
        let path = setting.text();
        match self.files.read(Path::new(&path)) {
            Ok(text) => Some(text),
            Err(error) => {
                // Somebody may have given the secret itself.
                let message = if looks_secret(&setting.key) {
                    format!("the file of this name cannot be read: {error}")
                } else {
                    format!("{path}: {error}")
                };
                self.mistake_at(setting, message);
                None
            }
        }
    }

    /// Something is wrong with a key, or with what it is not.
    pub fn mistake(&mut self, name: &str, message: impl Into<String>) {
        let mistake = self.about(name, None, message);
        self.findings.mistakes.push(mistake);
    }

    /// Whether anything was found wrong so far.
    #[must_use]
    pub const fn has_mistakes(&self) -> bool {
        !self.findings.mistakes.is_empty()
    }

    /// How much was found wrong so far.
    pub(crate) const fn mistakes(&self) -> usize {
        self.findings.mistakes.len()
    }

    /// Something that an operator should know, and that is no mistake.
    pub fn warning(&mut self, name: &str, message: impl Into<String>) {
        let warning = self.about(name, None, message);
        self.findings.warnings.push(warning);
    }

    /// A global is in no section, so that who tells of it first and who second say the same.
    fn about(&self, key: &str, place: Option<Place>, message: impl Into<String>) -> Mistake {
        let local = find(self.local, key);
        let global = find(self.global, key).filter(|_| self.inherited.contains(key));
        let found = local.or(global).map(|setting| &setting.place);
        let place = place.unwrap_or_else(|| found.unwrap_or(self.place).clone());
        let mistake = Mistake::new(place, message).at_key(key);
        match self.header {
            Some(header) if local.is_some() || global.is_none() => mistake.in_section(header),
            _ => mistake,
        }
    }

    fn mistake_at(&mut self, setting: &Setting, message: String) {
        self.flaw(&setting.key, (setting.place.clone(), message));
    }

    fn flaw(&mut self, key: &str, (place, message): Flaw) {
        let mistake = self.about(key, Some(place), message);
        self.findings.mistakes.push(mistake);
    }

    fn take_into_account(&mut self, name: &str, value: Option<&str>) {
        for part in [name, value.unwrap_or("\0")] {
            self.digest.update(part.as_bytes());
            self.digest.update(b"\0");
        }
    }

    /// Ends the reading: keys that nobody asked for are mistakes.
    pub(crate) fn finish(mut self) -> (Outline, Findings) {
        for setting in self.local {
            let key = setting.key.as_str();
            if !self.asked.contains(key) {
                let message = none_such("key", key, self.asked.iter().copied());
                self.flaw(key, (setting.place.clone(), message));
            }
        }
        let mut fingerprint = Fingerprint::default();
        let digest = self.digest.finish();
        fingerprint.copy_from_slice(digest.as_ref());
        let outline = Outline {
            settings: self.outline,
            fingerprint,
        };
        (outline, self.findings)
    }
}

impl<'a> Key<'_, 'a> {
    /// The value, if the key is there and its value is one.
    #[must_use]
    pub fn get<T: FromSetting>(mut self) -> Option<T> {
        let value = self.read();
        self.settings.note(self.name, value.as_ref());
        value
    }

    /// The value, or else this.
    #[must_use]
    pub fn or<T: FromSetting>(mut self, default: T) -> T {
        let value = self.read().unwrap_or(default);
        self.settings.note(self.name, Some(&value));
        value
    }

    fn read<T: FromSetting>(&mut self) -> Option<T> {
        match T::from_setting(self.found?) {
            Ok(value) => Some(value),
            Err(flaws) => {
                for flaw in flaws {
                    self.settings.flaw(self.name, flaw);
                }
                None
            }
        }
    }

    /// Whether the file has the key.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.found.is_some()
    }
}

impl Settings<'_> {
    fn note<T: FromSetting>(&mut self, name: &'static str, value: Option<&T>) {
        let value = value.map(T::outline).unwrap_or_default();
        self.take_into_account(name, Some(&value.to_string()));
        let shown = if looks_secret(name) && value.is_string() {
            true.into()
        } else {
            value
        };
        self.outline.insert(name, shown);
    }
}

fn find<'a>(settings: &'a [Setting], key: &str) -> Option<&'a Setting> {
    settings.iter().find(|setting| setting.key == key)
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("section", &self.header)
            .field("factory", &self.factory)
            .field("outline", &self.outline)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Key<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}
