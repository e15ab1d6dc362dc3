//! From a plan to a service.

use std::{collections::HashMap, sync::Arc};

use tower_layer::Layer;

use super::{
    Next, Plan,
    filter::FilterKind,
    plan::{NodeId, NodeKind, PlannedFilter},
    url_map::UrlMap,
};
use crate::{
    guard::GuardLayer,
    identity_headers::IdentityHeadersLayer,
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
        builder.node(self.root(), false, &Arc::from(""))
    }
}

struct Builder<'a> {
    plan: &'a Plan,
    built: HashMap<(NodeId, bool, Arc<str>), Next>,
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
    /// What a node is for requests whose caller is known already, or not, on this route.
    fn node(&mut self, id: NodeId, identified: bool, route: &Arc<str>) -> Next {
        let key = (id, identified, Arc::clone(route));
        if let Some(built) = self.built.get(&key) {
            return built.clone();
        }
        let Some(node) = self.plan.nodes.get(id) else {
            // INVARIANT: a plan's ids are places in it.
            return Next::new(UrlMap::new(self.plan.settings.mount.clone(), Vec::new()));
        };
        let next = match &node.kind {
            NodeKind::App(app) => app.app.clone(),
            NodeKind::Pipeline { filters, app } => {
                let known = identified || filters.iter().any(|filter| identifies(filter));
                let app = self.node(*app, known, route);
                self.pipeline(filters, app, identified, route)
            }
            NodeKind::Router { routes, default } => {
                let branch = self.node(*default, identified, &Arc::from("default"));
                let mut router = RoleRouterLayer::new(Branch(branch));
                for route in routes {
                    let branch = Branch(self.node(route.to, identified, &route.name));
                    router = router.route(route.roles.iter().cloned(), branch);
                }
                Next::new(router.layer(()))
            }
            NodeKind::UrlMap(prefixes) => {
                let prefixes = prefixes.iter();
                let prefixes = prefixes
                    .map(|(prefix, to)| (prefix.clone(), self.node(*to, identified, route)))
                    .collect();
                Next::new(UrlMap::new(self.plan.settings.mount.clone(), prefixes))
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
        mut identified: bool,
        route: &str,
    ) -> Next {
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
        wraps.fold(app, |next, wrap| self.wrap(wrap, next, route))
    }

    fn wrap(&self, wrap: Wrap<'_>, next: Next, route: &str) -> Next {
        let settings = &self.plan.settings;
        match wrap {
            Wrap::Guard(policies, audit) => {
                let guard = GuardLayer::new(policies)
                    .audit(audit)
                    .body_limit(settings.body_limit)
                    .lookup(Arc::clone(&settings.lookup))
                    .project_lookup(Arc::clone(&settings.project_lookup))
                    .mount(settings.mount.clone())
                    .route(route);
                Next::new(guard.layer(next))
            }
            Wrap::Identity => {
                let layer = IdentityHeadersLayer::new().mount(settings.mount.clone());
                Next::new(layer.layer(next))
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
