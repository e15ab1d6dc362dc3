//! Which actions a configuration can name, and what makes them.

mod built_in;
mod webhook;

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use super::ActionSettings;
use crate::{
    nearest::none_such,
    workflow::{Action, Registry},
};

/// What makes actions, by the names that a configuration has for them.
///
/// ```
/// use wafflehaus::{
///     workflow::actions::AddDefaultUsersToProject,
///     workflow_config::{Factories, Loader},
/// };
///
/// // `[actions.AddAuditors]` has a list `users`.
/// let factories = Factories::standard().action("AddAuditors", |settings| {
///     let users = settings.names("users")?;
///     Some(AddDefaultUsersToProject::new(settings.people(), users, ["reader"]).named("AddAuditors"))
/// });
/// let loader = Loader::new().factories(factories);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Factories(BTreeMap<Cow<'static, str>, Make>);

/// Adds an action to those that there are, or has told what is wrong.
type Make = Arc<dyn Fn(&mut ActionSettings<'_>, Registry) -> Option<Registry> + Send + Sync>;

impl Factories {
    /// None.
    pub fn empty() -> Self {
        Self(BTreeMap::new())
    }

    /// Those of [the built-in actions](crate::workflow::actions).
    pub fn standard() -> Self {
        built_in::all()
    }

    /// Adds one, in place of any that has this name. It asks for all its keys, always, and gives
    /// nothing when it told of something [wrong](ActionSettings::wrong).
    ///
    /// An action that a configuration makes several of, under names of their own, has to call
    /// itself by [that name](ActionSettings::name).
    pub fn action<A: Action>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        make: impl Fn(&mut ActionSettings<'_>) -> Option<A> + Send + Sync + 'static,
    ) -> Self {
        let make: Make = Arc::new(move |settings, registry| {
            let action = make(settings)?;
            if action.name() != settings.name() {
                let message = format!("this action can have no name but `{}`", action.name());
                return settings.wrong("use", message);
            }
            let added = registry.action(action);
            added.map_or_else(|error| settings.wrong("use", error), Some)
        });
        self.0.insert(name.into(), make);
        self
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Says that there is none of this name, neither here nor among the others, and which was
    /// meant.
    pub(super) fn none_such<'a>(
        &'a self,
        name: &str,
        others: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let own = self.0.keys().map(AsRef::as_ref);
        none_such("action", name, own.chain(others))
    }

    /// Adds the action that this factory makes, if it makes one.
    pub(super) fn make(
        &self,
        factory: &str,
        settings: &mut ActionSettings<'_>,
        registry: &Registry,
    ) -> Option<Registry> {
        let make = self.0.get(factory)?;
        make(settings, registry.clone())
    }
}

impl Default for Factories {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Debug for Factories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Factories").field(&self.0.keys()).finish()
    }
}
