//! What a configuration file says, whatever it is written in: sections of settings, with places.

use std::fmt;

use super::Place;

/// A file, and those it refers to, as sections.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The beginning of the file.
    pub(crate) place: Place,
    /// The settings outside any filter or app: `[DEFAULT]`, or the top of a TOML file.
    pub(crate) globals: Vec<Setting>,
    /// Whether a global that nobody knows is a mistake; in paste.ini it may be a variable.
    pub(crate) strict: bool,
    pub(crate) sections: Vec<Section>,
}

/// An app or a filter.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// As it stands in the file: `filter:requestnetworks`.
    pub(crate) header: String,
    pub(crate) place: Place,
    pub(crate) body: Body,
    /// Globals that this section sets for itself and what it leads to.
    pub(crate) set: Vec<Setting>,
    /// Filters to stand in front, the first outermost.
    pub(crate) filter_with: Vec<Word>,
}

impl Section {
    /// Whether to use it means something else than to use its factory.
    pub(crate) fn says_more_than_its_factory(&self) -> bool {
        let settings = match &self.body {
            Body::Made { settings, .. } => settings.as_slice(),
            Body::Broken | Body::Pipeline(_) => return true,
        };
        !settings.is_empty() || !self.filter_with.is_empty()
    }
}

/// The two kinds have names of their own: an app and a filter may be named the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    App,
    Filter,
}

/// What a section is made of.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// What a factory makes of settings. A filter's may be in front of an app of its own.
    Made {
        factory: Word,
        settings: Vec<Setting>,
        next: Option<Word>,
    },
    /// Filters, and an app at the end.
    Pipeline(Vec<Word>),
    /// Nothing that can be used, and a mistake says so already.
    Broken,
}

/// A key and its value. The value is not in the `Debug`: it may be a secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct Setting {
    /// The key.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// A value as the file has it. In paste.ini, everything is text.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// True or false.
    Flag(bool),
    /// A list of words.
    List(Vec<Word>),
    /// A whole number.
    Number(i64),
    /// The text, and its words, which may be on lines of their own.
    Text(String, Vec<Word>),
}

/// A word, such as the name of a filter or a network, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What to do about a name that is looked for elsewhere.
pub(crate) fn not_of_this_file(word: &str) -> String {
    format!("`{word}` is not of this file: make a section that says `use = {word}`, and name that")
}

impl Word {
    pub(crate) fn new(text: impl Into<String>, place: &Place) -> Self {
        Self {
            text: text.into(),
            place: place.clone(),
        }
    }
}

impl Setting {
    /// The value as words: those of a list, or of a text, separated by white space.
    #[must_use]
    pub fn words(&self) -> Vec<Word> {
        match &self.value {
            Value::List(words) | Value::Text(_, words) => words.clone(),
            Value::Flag(flag) => vec![Word::new(flag.to_string(), &self.place)],
            Value::Number(number) => vec![Word::new(number.to_string(), &self.place)],
        }
    }

    /// The value as one text.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.value {
            Value::Text(text, _) => text.clone(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::List(words) => {
                let words: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
                words.join(" ")
            }
        }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting")
            .field("key", &self.key)
            .field("place", &self.place)
            .field("value", &self.value)
            .finish()
    }
}

/// The type alone.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag(_) => "Flag",
            Self::List(_) => "List",
            Self::Number(_) => "Number",
            Self::Text(..) => "Text",
        })
    }
}
