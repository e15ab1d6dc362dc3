//! What a section comes to.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{
    factory::{Factory, Protocol, Target},
    file::File,
};
use crate::config::{Place, paste::Setting};

/// A section as PasteDeploy would build it: what it `use`s and inherits is in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Section {
    /// What its prefix says.
    pub kind: Kind,
    /// What its header says behind the prefix. For an egg that is named where a section could
    /// be, what names it.
    pub name: String,
    /// Where its header stands.
    pub place: Place,
    /// What is built.
    pub body: Body,
    /// The settings for the factory, without those that PasteDeploy reads itself. None for a
    /// pipeline; those of a `filter-app` are with its filter.
    pub settings: BTreeMap<String, Setting>,
    /// `[DEFAULT]`, with what was `set` on the way here.
    pub globals: Arc<BTreeMap<String, Setting>>,
    /// The filters it is wrapped in by `filter-with`, outermost first.
    pub filter_with: Vec<Reference>,
    /// The file in which the names in its settings are looked for.
    pub(super) file: Arc<File>,
    /// Whether settings of a section that uses this one reach its factory.
    pub(super) open: bool,
}

/// What a section builds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Body {
    /// What a factory makes of the settings.
    Factory(Factory),
    /// A filter in front of an application.
    FilterApp {
        /// The filter.
        filter: Box<Section>,
        /// The application.
        next: Reference,
    },
    /// Filters, the first outermost, and an application at the end.
    Pipeline(Vec<Reference>),
}

/// The prefix of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `app` or `application`
    App,
    /// `composite` or `composit`
    Composite,
    /// `filter`
    Filter,
    /// `filter-app`
    FilterApp,
    /// `pipeline`
    Pipeline,
}

/// What a name is looked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// An application: every kind but a filter.
    App,
    /// A filter.
    Filter,
}

/// A word that names a section, an egg or a section of another file, and what it is to be found
/// by.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reference {
    /// What is looked for.
    pub role: Role,
    /// The word, as written.
    pub word: String,
    /// Where it stands.
    pub place: Place,
    /// The section and the key it stands in, for mistakes.
    pub(super) section: String,
    pub(super) key: String,
    pub(super) file: Arc<File>,
    /// The global settings of the section it stands in, if they are handed on.
    pub(super) globals: Option<Arc<BTreeMap<String, Setting>>>,
}

impl Section {
    /// What it is looked for as.
    #[must_use]
    pub fn role(&self) -> Role {
        self.kind.role()
    }

    /// A name that its factory looks for: a word of one of its settings. Its global settings are
    /// handed on, as `urlmap` does; a factory that does not, such as those of `nova.api.auth`,
    /// asks for it [alone](Reference::alone).
    #[must_use]
    pub fn reference(&self, role: Role, setting: &Setting, word: (&str, &Place)) -> Reference {
        Reference {
            role,
            word: word.0.to_owned(),
            place: word.1.clone(),
            section: self.header(),
            key: setting.key.clone(),
            file: self.file.clone(),
            globals: Some(self.globals.clone()),
        }
    }

    /// The header, in the usual spelling.
    #[must_use]
    pub fn header(&self) -> String {
        format!("{}:{}", self.kind, self.name)
    }

    /// Takes the settings of a section that uses this one.
    pub(super) fn inherit(
        &mut self,
        settings: BTreeMap<String, Setting>,
        additions: BTreeMap<String, Setting>,
    ) {
        let to = match &mut self.body {
            Body::FilterApp { filter, .. } => filter,
            Body::Factory(_) | Body::Pipeline(_) => self,
        };
        to.settings.extend(settings);
        for (key, value) in additions {
            // What is shared is left alone where there is nothing to change.
            if to.globals.get(&key) != Some(&value) {
                Arc::make_mut(&mut to.globals).insert(key, value);
            }
        }
    }
}

impl Kind {
    /// What a section with this header is, and its name. None for a section that PasteDeploy
    /// does not read for applications and filters.
    pub(super) fn of(header: &str) -> Option<(Self, &str)> {
        let (prefix, name) = header.split_once(':')?;
        let kind = match prefix {
            "app" | "application" => Self::App,
            "composite" | "composit" => Self::Composite,
            "filter" => Self::Filter,
            "filter-app" => Self::FilterApp,
            "pipeline" => Self::Pipeline,
            _ => return None,
        };
        Some((kind, name.trim_matches(crate::config::paste::ini::is_space)))
    }

    pub(super) fn role(self) -> Role {
        match self {
            Self::Filter => Role::Filter,
            Self::App | Self::Composite | Self::FilterApp | Self::Pipeline => Role::App,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::App => "app",
            Self::Composite => "composite",
            Self::Filter => "filter",
            Self::FilterApp => "filter-app",
            Self::Pipeline => "pipeline",
        })
    }
}

impl Reference {
    /// What an egg's entry point builds.
    pub(super) fn egg(&self, distribution: &str, entry: &str) -> Option<Section> {
        if distribution.is_empty() || !matches!(Target::of(entry), Target::Section(_)) {
            return None;
        }
        Some(Section {
            kind: match self.role {
                Role::App => Kind::App,
                Role::Filter => Kind::Filter,
            },
            name: self.word.clone(),
            place: self.place.clone(),
            body: Body::Factory(Factory {
                name: format!("egg:{distribution}#{entry}"),
                text: self.word.clone(),
                protocol: Protocol::Egg,
                place: self.place.clone(),
            }),
            settings: BTreeMap::new(),
            globals: self.globals.clone().unwrap_or_default(),
            filter_with: Vec::new(),
            file: self.file.clone(),
            open: true,
        })
    }

    /// The same, but without the global settings of the section it stands in.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.globals = None;
        self
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference")
            .field("role", &self.role)
            .field("word", &self.word)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
