//! What a gateway is to be made of: checked, but not built.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use ring::digest::{SHA256, digest};

use super::{Filter, FilterKind, Next, PathPrefix};
use crate::{
    guard::{PortLookup, ProjectLookup},
    identity::Role,
    neutron::DeviceLookup,
    nova::Mount,
    server_lock::ServerLock,
};

/// The pipelines of a gateway, as a configuration describes them.
///
/// Two plans are equal if the gateways are: it does not matter in which format or on which
/// line something was written.
#[derive(Clone)]
pub struct Plan {
    /// What the others lead to comes first.
    pub(crate) nodes: Vec<Node>,
    pub(crate) settings: GatewaySettings,
    pub(crate) outline: Outline,
}

/// What holds for all pipelines.
#[derive(Clone)]
pub(crate) struct GatewaySettings {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) mount: Mount,
    pub(crate) body_limit: usize,
    pub(crate) body_deadline: Duration,
    pub(crate) devices: Arc<dyn DeviceLookup>,
    pub(crate) lookup: Arc<dyn PortLookup>,
    pub(crate) project_lookup: Arc<dyn ProjectLookup>,
    pub(crate) server_lock: PlannedLock,
}

/// What keeps requests on one server apart, and what it was made of.
#[derive(Clone)]
pub(crate) struct PlannedLock {
    pub(crate) lock: Arc<dyn ServerLock>,
    pub(crate) outline: Outline,
}

/// The applications behind a node.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// Whether Neutron is among them: policies in front of it judge changes of ports.
    pub(crate) neutron: bool,
    /// Whether there are others that take changes.
    pub(crate) others: bool,
}

/// A place in [`Plan::nodes`].
pub(crate) type NodeId = usize;

#[derive(Clone)]
pub(crate) struct Node {
    /// The section, or section and route.
    pub(crate) name: Arc<str>,
    pub(crate) kind: NodeKind,
}

#[derive(Clone)]
pub(crate) enum NodeKind {
    App(Arc<PlannedApp>),
    Pipeline {
        filters: Vec<Arc<PlannedFilter>>,
        app: NodeId,
    },
    Router {
        routes: Vec<PlannedRoute>,
        default: NodeId,
    },
    UrlMap(Vec<(PathPrefix, NodeId)>),
}

#[derive(Clone)]
pub(crate) struct PlannedRoute {
    pub(crate) name: Arc<str>,
    pub(crate) roles: Vec<Role>,
    pub(crate) to: NodeId,
}

/// A filter, and what it was made of.
pub(crate) struct PlannedFilter {
    pub(crate) made: Made,
    pub(crate) filter: Filter,
}

/// An application, and what it was made of.
pub(crate) struct PlannedApp {
    pub(crate) made: Made,
    pub(crate) app: Next,
}

/// The origin of a filter or an application.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    /// The section.
    pub(crate) name: String,
    /// The short name of the factory.
    pub(crate) factory: String,
    pub(crate) outline: Outline,
}

/// What a factory has read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outline {
    /// Each key with the value in force, given or default; `null` for one that is not set, and
    /// no secrets.
    pub(crate) settings: BTreeMap<&'static str, serde_json::Value>,
    /// A hash of all that was read, secrets and files included.
    pub(crate) fingerprint: Fingerprint,
}

/// Tells whether something was made of the same settings.
pub(crate) type Fingerprint = [u8; 32];

impl Plan {
    pub(crate) fn root(&self) -> NodeId {
        self.nodes.len().saturating_sub(1)
    }

    /// What a node leads to.
    pub(crate) fn reach(&self, id: NodeId) -> Reach {
        let mut reach = Reach::default();
        let mut seen = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(node) = open.pop().and_then(|id| self.nodes.get(id)) {
            let next: Vec<NodeId> = match &node.kind {
                NodeKind::App(app) => {
                    match app.made.factory.as_str() {
                        "neutron" => reach.neutron = true,
                        // These take no changes.
                        "health" | "versions" => {}
                        _ => reach.others = true,
                    }
                    Vec::new()
                }
                NodeKind::Pipeline { app, .. } => vec![*app],
                NodeKind::Router { routes, default } => routes
                    .iter()
                    .map(|route| route.to)
                    .chain([*default])
                    .collect(),
                NodeKind::UrlMap(prefixes) => prefixes.iter().map(|(_, to)| *to).collect(),
            };
            open.extend(next.into_iter().filter(|id| seen.insert(*id)));
        }
        reach
    }

    /// The address to listen on, if the configuration names one.
    #[must_use]
    pub const fn listen(&self) -> Option<SocketAddr> {
        self.settings.listen
    }

    /// The address to tell metrics on, if the configuration names one.
    #[must_use]
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.settings.metrics
    }

    /// The filters that do nothing in a gateway, each with the reason.
    pub fn idle(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut seen = BTreeSet::new();
        let filters = self.nodes.iter().flat_map(|node| match &node.kind {
            NodeKind::Pipeline { filters, .. } => filters.as_slice(),
            NodeKind::App(_) | NodeKind::Router { .. } | NodeKind::UrlMap(_) => &[],
        });
        filters.filter_map(move |planned| match &planned.filter.kind {
            FilterKind::Nothing(reason) if seen.insert(&planned.made.name) => {
                Some((planned.made.name.as_str(), &**reason))
            }
            _ => None,
        })
    }

    /// Takes over from an older plan what is made of the same settings, with all it remembers:
    /// validated tokens, open connections, how often users have asked. And its server lock in any
    /// case.
    #[must_use]
    pub fn keeping(mut self, older: &Self) -> Self {
        let mut filters = BTreeMap::new();
        let mut apps = BTreeMap::new();
        for node in &older.nodes {
            match &node.kind {
                NodeKind::App(app) => {
                    apps.insert(app.made.key(), app);
                }
                NodeKind::Pipeline { filters: some, .. } => {
                    filters.extend(some.iter().map(|filter| (filter.made.key(), filter)));
                }
                NodeKind::Router { .. } | NodeKind::UrlMap(_) => {}
            }
        }
        for node in &mut self.nodes {
            match &mut node.kind {
                NodeKind::App(app) => {
                    if let Some(&same) = apps.get(&app.made.key()) {
                        *app = Arc::clone(same);
                    }
                }
                NodeKind::Pipeline { filters: some, .. } => {
                    for filter in some {
                        if let Some(&same) = filters.get(&filter.made.key()) {
                            *filter = Arc::clone(same);
                        }
                    }
                }
                NodeKind::Router { .. } | NodeKind::UrlMap(_) => {}
            }
        }
        if self.outline == older.outline {
            self.settings.devices = Arc::clone(&older.settings.devices);
            self.settings.lookup = Arc::clone(&older.settings.lookup);
            self.settings.project_lookup = Arc::clone(&older.settings.project_lookup);
        }
        // Two locks at the same time would give out two turns.
        if self.settings.server_lock.outline != older.settings.server_lock.outline {
            tracing::warn!("the settings of the server lock have changed: this needs a restart");
        }
        self.settings.server_lock = older.settings.server_lock.clone();
        self
    }
}

impl Outline {
    /// Takes into the fingerprint what something else has read.
    pub(crate) fn add(&mut self, other: &Self) {
        let both = [self.fingerprint, other.fingerprint].concat();
        let hash = digest(&SHA256, &both);
        self.fingerprint.copy_from_slice(hash.as_ref());
    }
}

impl Made {
    fn key(&self) -> (&str, &str, Fingerprint) {
        (&self.name, &self.factory, self.outline.fingerprint)
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        let (lock, others) = (&self.settings.server_lock, &other.settings.server_lock);
        self.outline == other.outline && lock.outline == others.outline && self.nodes == other.nodes
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind
    }
}

impl PartialEq for NodeKind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::App(a), Self::App(b)) => a.made == b.made,
            (Self::Pipeline { filters: a, app: x }, Self::Pipeline { filters: b, app: y }) => {
                a.iter().map(|it| &it.made).eq(b.iter().map(|it| &it.made)) && x == y
            }
            (
                Self::Router {
                    routes: a,
                    default: x,
                },
                Self::Router {
                    routes: b,
                    default: y,
                },
            ) => a == b && x == y,
            (Self::UrlMap(a), Self::UrlMap(b)) => a == b,
            _ => false,
        }
    }
}

impl PartialEq for PlannedRoute {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.roles, self.to) == (&other.name, &other.roles, other.to)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("outline", &self.outline.settings)
            .finish_non_exhaustive()
    }
}
