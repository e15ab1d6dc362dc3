//! The grammar of CPython's `configparser`, used as PasteDeploy uses it.
//!
//! 1. A line ends with `\n`, `\r\n` or `\r`. White space is what `str.isspace` says it is.
//! 2. A line whose first visible character is `#` or `;` is a comment; there are no others, so
//!    a value may have both characters.
//! 3. `[name]` begins a section. The name goes to the last `]` of the line, and what follows that
//!    is dropped. A second section of the same name is a mistake; a second `[DEFAULT]` goes on
//!    with the first.
//! 4. `key = value` or `key: value`, parted at the first of either character. Keys keep their
//!    case. The same key twice in a section is a mistake.
//! 5. A line that is indented more than the key's line goes on with its value, whatever it looks
//!    like; so does a blank line before such a line. Comments between them do not end the value.
//! 6. Anything else is a mistake, and so is a key before the first section. A byte order mark
//!    makes the first line such a one.
//! 7. A section has the keys of `[DEFAULT]` too, and `[DEFAULT]` has `here`, the file's folder,
//!    and `__file__`, its path, unless it sets them.
//! 8. In a value `%(name)s` stands for the value of `name` in the same section, `%%` for `%`, and
//!    any other `%` is a mistake; so is a name that is not there, and a depth above 10.
//!
//! # Differences from `configparser`
//!
//! All mistakes are told, not only the first. A value with more than 10,000 references, or longer
//! than 1 MiB when they are resolved, is a mistake: ten levels are enough to fill any memory.

mod interpolate;
mod read;
#[cfg(test)]
mod tests;
mod text;

use std::{collections::HashMap, path::Path, sync::Arc};

use text::Text;
pub(super) use text::is_space;

use crate::config::{Mistake, Place};

/// A file as `configparser` understands it, with the place of everything.
#[derive(Clone, Debug)]
pub struct Ini {
    file: Arc<Path>,
    defaults: Arc<Block>,
    sections: Arc<[Block]>,
    index: Arc<HashMap<String, usize>>,
}

/// A section.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Block {
    /// What its header has between the brackets.
    pub header: String,
    /// Where the header stands.
    pub place: Place,
    settings: Vec<Setting>,
    index: HashMap<String, usize>,
}

/// A key with its value, which knows where each of its lines stands.
///
/// The value is not in the `Debug`: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    text: Text,
}

impl Ini {
    /// Reads the text of a file. `path` should be absolute, for `here`.
    ///
    /// # Errors
    ///
    /// All that is no such file, in the order of its lines.
    pub fn read(path: &Path, text: &str) -> Result<Self, Vec<Mistake>> {
        read::read(path, text)
    }

    /// The file's path, as given.
    #[must_use]
    pub fn file(&self) -> &Arc<Path> {
        &self.file
    }

    /// `[DEFAULT]`, with `here` and `__file__`.
    #[must_use]
    pub fn defaults(&self) -> &Block {
        &self.defaults
    }

    /// The other sections, in the order of the file.
    #[must_use]
    pub fn sections(&self) -> &[Block] {
        &self.sections
    }

    /// The section with this header.
    #[must_use]
    pub fn section(&self, header: &str) -> Option<&Block> {
        self.sections.get(*self.index.get(header)?)
    }

    /// The setting of a key in a section, or else in `[DEFAULT]`.
    fn setting<'a>(&'a self, section: &'a Block, key: &str) -> Option<&'a Setting> {
        section.setting(key).or_else(|| self.defaults.setting(key))
    }

    /// A setting of a section, or of `[DEFAULT]` as that section sees it, with `%(name)s` and
    /// `%%` resolved. The words that `%(name)s` stands for are where `name` is set.
    ///
    /// # Errors
    ///
    /// What is wrong with it, at its line.
    pub fn resolved(&self, section: &Block, setting: &Setting) -> Result<Setting, Mistake> {
        interpolate::interpolate(self, section, setting)
    }

    /// The same file with more in `[DEFAULT]`, where that has no such key.
    pub(crate) fn with_defaults(mut self, more: impl IntoIterator<Item = Setting>) -> Self {
        let defaults = Arc::make_mut(&mut self.defaults);
        for setting in more {
            defaults.add(setting);
        }
        self
    }
}

impl Block {
    fn new(header: &str, place: Place) -> Self {
        Self {
            header: header.to_owned(),
            place,
            settings: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// Its own settings, in the order of the file.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Its own setting of this key.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.get(*self.index.get(key)?)
    }

    /// Adds a setting, if there is none of its key.
    fn add(&mut self, setting: Setting) {
        if !self.index.contains_key(&setting.key) {
            self.index.insert(setting.key.clone(), self.settings.len());
            self.settings.push(setting);
        }
    }
}

impl Setting {
    /// The value. Lines are parted by `\n`.
    #[must_use]
    pub fn value(&self) -> &str {
        self.text.as_str()
    }

    /// The words of the value, as Python's `split()` has them, each with the place it begins at.
    pub fn words(&self) -> impl Iterator<Item = (&str, &Place)> {
        let place = |(word, place): (_, Option<_>)| (word, place.unwrap_or(&self.place));
        self.text.words().map(place)
    }

    /// The same value under another key.
    pub(super) fn renamed(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// The same with the key at another place.
    pub(super) fn moved(self, place: &Place) -> Self {
        Self {
            place: place.clone(),
            ..self
        }
    }
}
