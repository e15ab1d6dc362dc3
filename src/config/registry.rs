//! What factories there are, by name.

use std::{borrow::Cow, collections::BTreeMap, fmt, io, path::Path, sync::Arc};

use serde::Serialize;

use super::{Files, Place, Settings, factories};
use crate::pipeline::{Filter, Next};

/// The factories that a configuration can name.
///
/// Each has a short name, for TOML, and perhaps the names by which Python files call it; both
/// formats know all of them.
#[derive(Clone)]
pub struct Registry {
    filters: BTreeMap<Cow<'static, str>, Made<Filter>>,
    apps: BTreeMap<Cow<'static, str>, AppFactory>,
}

/// A factory and the short name of it.
#[derive(Clone)]
pub(crate) struct Made<T> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) make: Make<T>,
}

impl<T> Made<T> {
    /// The first name is the short one.
    fn by(
        names: &[&'static str],
        make: impl Fn(&mut Settings<'_>) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        let name = names.first().copied().unwrap_or_default().into();
        let make = Arc::new(make);
        Self { name, make }
    }
}

pub(crate) type Make<T> = Arc<dyn Fn(&mut Settings<'_>) -> Option<T> + Send + Sync>;

/// What a section of kind app can be made by.
#[derive(Clone)]
pub(crate) enum AppFactory {
    Composite(Composite),
    Leaf(Made<Next>),
}

/// The composites: what they lead to are other apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Composite {
    /// `nova.api.auth:pipeline_factory`: a pipeline for each way to authenticate.
    AuthStrategy,
    RoleRouter,
    UrlMap,
}

impl Composite {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AuthStrategy => "auth_strategy",
            Self::RoleRouter => "role_router",
            Self::UrlMap => "url_map",
        }
    }
}

impl Registry {
    /// Without any factory.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            filters: BTreeMap::new(),
            apps: BTreeMap::new(),
        }
    }

    /// With the factories of `docs/CONFIG.md`.
    #[must_use]
    pub fn standard() -> Self {
        factories::standard()
    }

    /// Adds a filter, in place of any that has one of these names. The first name is the one
    /// it is known by.
    ///
    /// `make` gives nothing when it told of a [mistake](Settings::mistake).
    #[must_use]
    pub fn filter<const N: usize>(
        mut self,
        names: [&'static str; N],
        make: impl Fn(&mut Settings<'_>) -> Option<Filter> + Send + Sync + 'static,
    ) -> Self {
        let made = Made::by(&names, make);
        for name in names {
            self.filters.insert(name.into(), made.clone());
        }
        self
    }

    /// Adds an application likewise.
    #[must_use]
    pub fn app<const N: usize>(
        mut self,
        names: [&'static str; N],
        make: impl Fn(&mut Settings<'_>) -> Option<Next> + Send + Sync + 'static,
    ) -> Self {
        let made = Made::by(&names, make);
        for name in names {
            self.apps
                .insert(name.into(), AppFactory::Leaf(made.clone()));
        }
        self
    }

    pub(super) fn composite<const N: usize>(
        mut self,
        composite: Composite,
        names: [&'static str; N],
    ) -> Self {
        for name in names.into_iter().chain([composite.name()]) {
            self.apps
                .insert(name.into(), AppFactory::Composite(composite));
        }
        self
    }

    /// The factories by their short names, each with its other names and its keys. Composites
    /// have keys of their own.
    #[must_use]
    pub fn describe(&self) -> Vec<Described> {
        let place = Place::new(Path::new(""), 0);
        let files = Files::with(Path::new(""), |_| Err(io::ErrorKind::NotFound.into()));
        let mut all: BTreeMap<(&str, bool), Described> = BTreeMap::new();
        let filters = self.filters.iter();
        let filters = filters.map(|(name, made)| {
            let keys = keys(&place, &files, |settings| (made.make)(settings).is_some());
            (name, &made.name, false, keys)
        });
        let apps = self.apps.iter().filter_map(|(name, app)| match app {
            AppFactory::Leaf(made) => {
                let keys = keys(&place, &files, |settings| (made.make)(settings).is_some());
                Some((name, &made.name, true, keys))
            }
            AppFactory::Composite(_) => None,
        });
        for (name, short, is_app, keys) in filters.chain(apps) {
            let described = all.entry((short, is_app)).or_insert_with(|| Described {
                name: short.to_string(),
                is_app,
                also: Vec::new(),
                keys,
            });
            if name != short {
                described.also.push(name.to_string());
            }
        }
        all.into_values().collect()
    }

    pub(crate) fn find_filter(&self, name: &str) -> Option<&Made<Filter>> {
        self.filters.get(name)
    }

    pub(crate) fn find_app(&self, name: &str) -> Option<&AppFactory> {
        self.apps.get(name)
    }

    pub(crate) fn filter_names(&self) -> impl Iterator<Item = &str> {
        self.filters.keys().map(AsRef::as_ref)
    }

    pub(crate) fn app_names(&self) -> impl Iterator<Item = &str> {
        self.apps.keys().map(AsRef::as_ref)
    }
}

/// A factory.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Described {
    /// The short name.
    pub name: String,
    /// Whether it makes applications, and not filters.
    pub is_app: bool,
    /// Its other names.
    pub also: Vec<String>,
    /// Its keys, with their defaults; `null` for those that have none.
    pub keys: BTreeMap<&'static str, serde_json::Value>,
}

fn keys(
    place: &Place,
    files: &Files,
    make: impl FnOnce(&mut Settings<'_>) -> bool,
) -> BTreeMap<&'static str, serde_json::Value> {
    let mut settings = Settings::new((None, place), "", &[], &[], files);
    make(&mut settings);
    settings.finish().0.settings
}

impl Default for Registry {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("filters", &self.filters.keys())
            .field("apps", &self.apps.keys())
            .finish()
    }
}
