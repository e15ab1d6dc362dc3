//! From a plan to a service.

use std::{collections::HashMap, sync::Arc};

use tower_layer::Layer;

use super::{
    Next, PathPrefix, Plan,
    filter::FilterKind,
    plan::{NodeId, NodeKind, PlannedFilter},
    url_map::UrlMap,
};
use crate::{
    guard::GuardLayer,
    identity_headers::IdentityHeadersLayer,
    neutron::PortGuardLayer,
    policy::{Denial, DenialKind, Policy},
    role_router::RoleRouterLayer,
};

impl Plan {
    /// The service of the whole.
    pub(crate) fn build(&self) -> Next {
        let mut builder = Builder {
            plan: self,
            built: HashMap::new(),
        };
        builder.node(self.root(), &Way::default())
    }
}

struct Builder<'a> {
    plan: &'a Plan,
    built: HashMap<(NodeId, Way), Next>,
}

/// What matters of the way to a node.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Way {
    /// Whether the caller is known already.
    identified: bool,
    /// The last route taken.
    route: Arc<str>,
    /// The prefixes that composites have matched.
    cut: Vec<PathPrefix>,
}

/// A branch of a router: a layer around nothing.
struct Branch(Next);

impl Layer<()> for Branch {
    type Service = Next;

    fn layer(&self, (): ()) -> Next {
        self.0.clone()
    }
}

impl Builder<'_> {
    /// What a node is for requests that come this way.
    fn node(&mut self, id: NodeId, way: &Way) -> Next {
        let key = (id, way.clone());
        if let Some(built) = self.built.get(&key) {
            return built.clone();
        }
        let Some(node) = self.plan.nodes.get(id) else {
            // INVARIANT: a plan's ids are places in it.
            return Next::new(UrlMap::new(
                self.plan.settings.mount.clone(),
                &[],
                Vec::new(),
            ));
        };
        let next = match &node.kind {
            NodeKind::App(app) => app.app.clone(),
            NodeKind::Pipeline { filters, app } => {
                let mut known = way.clone();
                known.identified |= filters.iter().any(|filter| identifies(filter));
                let neutron = self.plan.reach(*app).neutron;
                let app = self.node(*app, &known);
                self.pipeline(filters, app, neutron, way)
            }
            NodeKind::Router { routes, default } => {
                let on = |route: &str| Way {
                    route: route.into(),
                    ..way.clone()
                };
                let branch = self.node(*default, &on("default"));
                let mut router = RoleRouterLayer::new(Branch(branch));
                for route in routes {
                    let branch = Branch(self.node(route.to, &on(&route.name)));
                    router = router.route(route.roles.iter().cloned(), branch);
                }
                Next::layered(router.layer(()))
            }
            NodeKind::UrlMap(prefixes) => {
                let prefixes = prefixes.iter();
                let prefixes = prefixes
                    .map(|(prefix, to)| {
                        let mut way = way.clone();
                        way.cut.push(prefix.clone());
                        (prefix.clone(), self.node(*to, &way))
                    })
                    .collect();
                let mount = self.plan.settings.mount.clone();
                Next::new(UrlMap::new(mount, &way.cut, prefixes))
            }
        };
        self.built.insert(key, next.clone());
        next
    }

    /// Filters around an app, from the innermost. Policies side by side share one guard.
    fn pipeline(
        &self,
        filters: &[Arc<PlannedFilter>],
        app: Next,
        neutron: bool,
        way: &Way,
    ) -> Next {
        let mut identified = way.identified;
        // From the outside, to know which filter finds the caller known.
        let mut wraps: Vec<Wrap<'_>> = Vec::new();
        for planned in filters {
            let wrap = match &planned.filter.kind {
                FilterKind::Policy { policy, audit } => {
                    if let Some(Wrap::Guard(policies, same)) = wraps.last_mut()
                        && same == audit
                    {
                        policies.push(Arc::clone(policy));
                        continue;
                    }
                    Wrap::Guard(vec![Arc::clone(policy)], *audit)
                }
                FilterKind::Identity { .. } if identified => continue,
                FilterKind::Identity { .. } => Wrap::Identity,
                FilterKind::Keystone(Some(layer)) => Wrap::Keystone(layer),
                FilterKind::Keystone(None) => Wrap::Nobody,
                FilterKind::Layer(wrap) => Wrap::Layer(&**wrap),
                FilterKind::Nothing(_) => continue,
            };
            identified |= identifies(planned);
            wraps.push(wrap);
        }
        let wraps = wraps.into_iter().rev();
        wraps.fold(app, |next, wrap| self.wrap(wrap, next, neutron, &way.route))
    }

    fn wrap(&self, wrap: Wrap<'_>, next: Next, neutron: bool, route: &str) -> Next {
        let settings = &self.plan.settings;
        match wrap {
            Wrap::Guard(policies, audit) => {
                let guard = GuardLayer::new(policies)
                    .audit(audit)
                    .body_limit(settings.body_limit)
                    .lookup(Arc::clone(&settings.lookup))
                    .project_lookup(Arc::clone(&settings.project_lookup))
                    .mount(settings.mount.clone())
                    .route(route)
                    .server_lock(Arc::clone(&settings.server_lock.lock));
                if neutron {
                    let guard = PortGuardLayer::new(guard);
                    let guard = guard.devices(Arc::clone(&settings.devices));
                    return Next::new(guard.layer(next));
                }
                Next::layered(guard.layer(next))
            }
            Wrap::Identity => {
                let layer = IdentityHeadersLayer::new().mount(settings.mount.clone());
                Next::layered(layer.layer(next))
            }
            Wrap::Keystone(layer) => Next::new(layer.layer(next)),
            Wrap::Layer(wrap) => wrap(next),
            Wrap::Nobody => Next::from_fn(async |_| {
                let message = "this gateway has no account in Keystone to ask it with";
                super::refusal(Denial::new(DenialKind::KeystoneUnavailable, message))
            }),
        }
    }
}

/// One service of a pipeline.
enum Wrap<'a> {
    Guard(Vec<Arc<dyn Policy>>, bool),
    Identity,
    Keystone(&'a crate::keystone::KeystoneLayer),
    Layer(&'a (dyn Fn(Next) -> Next + Send + Sync)),
    /// Keystone cannot be asked, so nobody gets any further.
    Nobody,
}

/// Whether the caller is known behind this filter.
fn identifies(planned: &PlannedFilter) -> bool {
    matches!(
        planned.filter.kind,
        FilterKind::Identity { .. } | FilterKind::Keystone(_)
    )
}
