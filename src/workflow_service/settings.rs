//! The settings of the service.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use serde::Deserialize;

use super::{Access, Network, TaskView};

/// What an operator decides about the service. See the [module](super) for each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Settings {
    /// Who may use an endpoint or a task view, by its name.
    pub access: BTreeMap<String, Access>,
    /// The roles to which every project's tasks are open.
    pub admin_roles: Vec<String>,
    /// Holders of these roles are neither listed nor shown as users of a project.
    pub blacklisted_roles: Vec<String>,
    /// How many bytes a request's body may have.
    pub body_limit: usize,
    /// How many seconds a request's body may take.
    pub body_seconds: u32,
    /// Whether `/docs` is there.
    pub docs: bool,
    /// How often those may ask whom nobody knows.
    pub limits: Limits,
    /// How many seconds an answer waits for what comes of the request.
    pub patience_seconds: u32,
    /// The answer that is the same whatever comes of the task takes a multiple of so many
    /// milliseconds.
    pub quiet_milliseconds: u32,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Task views besides the built-in ones.
    pub views: Vec<TaskView>,
}

/// How often those may ask whom nobody knows.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Limits {
    /// From one address; of IPv6, from one network of 64 bits.
    pub address: Limit,
    /// About one mail address.
    pub mail: Limit,
    /// All together.
    pub overall: Limit,
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Limit {
    /// How many requests.
    pub requests: NonZeroU32,
    /// In how many seconds.
    pub seconds: NonZeroU32,
}

impl Limit {
    /// So many requests in so many seconds.
    #[must_use]
    pub const fn new(requests: NonZeroU32, seconds: NonZeroU32) -> Self {
        Self { requests, seconds }
    }
}

impl Limits {
    /// The same with another limit about one mail address, or one user.
    pub(crate) const fn about_one(mut self, limit: Limit) -> Self {
        self.mail = limit;
        self
    }
}

impl Settings {
    pub(crate) fn body_deadline(&self) -> Duration {
        Duration::from_secs(self.body_seconds.into())
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds.into())
    }

    pub(super) fn quiet_time(&self) -> Duration {
        Duration::from_millis(self.quiet_milliseconds.into())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access: BTreeMap::new(),
            admin_roles: vec!["admin".into()],
            blacklisted_roles: vec!["admin".into()],
            body_limit: 65_536,
            body_seconds: 10,
            docs: cfg!(debug_assertions),
            limits: Limits::default(),
            patience_seconds: 10,
            quiet_milliseconds: 250,
            trusted_proxies: Vec::new(),
            views: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limit = |requests: u32, seconds: u32| {
            let at_least_one = |it| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN);
            Limit::new(at_least_one(requests), at_least_one(seconds))
        };
        Self {
            address: limit(20, 600),
            mail: limit(3, 3600),
            overall: limit(600, 60),
        }
    }
}
