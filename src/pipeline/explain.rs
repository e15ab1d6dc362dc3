//! What would become of a request, and why, without sending it anywhere.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{Request as HttpRequest, Response};
use serde::Serialize;
use tower::{ServiceExt as _, service_fn};
use tower_layer::Layer as _;

use super::{
    Body, FilterKind, PathPrefix, Plan, Request,
    plan::{NodeId, NodeKind, PlannedFilter},
    prefixes::Prefixes,
};
use crate::{
    body::InspectBody,
    guard::{GuardLayer, PortLookup, ProjectLookup},
    identity::Identity,
    neutron::{self, DeviceLookup, PortGuardLayer},
    nova::{Operation, canonical_path, reads_versions},
    policy::{Denial, DenialKind, Policy},
};

/// What a gateway would do with a request.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What the request asks of Nova or Neutron, or why that is unclear.
    pub operation: String,
    /// The way through the pipelines, from the outside in.
    pub way: Vec<Step>,
    /// What comes of it.
    pub outcome: Outcome,
}

/// One filter or branching on the way.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The section.
    pub section: String,
    /// The short name of the factory.
    pub factory: String,
    /// What it says.
    pub says: Says,
    /// In words.
    pub why: String,
    /// The code of the refusal, if it is one.
    pub code: Option<&'static str>,
}

/// What a step says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Says {
    /// It passes it.
    Allow,
    /// It refuses it.
    Deny,
    /// It leads on to the next step.
    Goes,
    /// It is not about such requests, or its say cannot be known without the running gateway.
    Nothing,
    /// It cannot tell without a fact that is not given.
    Unknown,
    /// It would refuse it, but it only tells.
    WouldDeny,
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
#[non_exhaustive]
pub enum Outcome {
    /// It goes to an application.
    Passes {
        /// The application's section.
        to: String,
    },
    /// The first that refuses it answers.
    Refused {
        /// The status of the answer.
        status: u16,
        /// The code of the refusal.
        code: &'static str,
        /// What the caller is told.
        message: String,
    },
    /// Nothing that is known refuses it, but a fact is missing.
    Unknown {
        /// Which one.
        missing: String,
    },
}

/// Where facts come from that a request does not have.
pub trait Lookup: DeviceLookup + PortLookup + ProjectLookup + Clone {}

impl<T: DeviceLookup + PortLookup + ProjectLookup + Clone> Lookup for T {}

impl Plan {
    /// Follows a request of this caller through the pipelines. All policies on its way are
    /// asked, not only up to the first that refuses. The filters around them are not run, and
    /// the caller counts as validated.
    pub async fn explain(
        &self,
        request: HttpRequest<Bytes>,
        caller: Identity,
        facts: impl Lookup,
    ) -> Explanation {
        let mut explainer = Explainer {
            plan: self,
            request,
            caller,
            facts,
            way: Vec::new(),
            operation: String::new(),
            denial: None,
            missing: None,
        };
        let app = explainer.follow().await;
        let outcome = match (explainer.denial, explainer.missing) {
            (Some(denial), _) => Outcome::Refused {
                status: denial.kind().status().as_u16(),
                code: denial.kind().code(),
                message: denial.message().to_owned(),
            },
            (None, Some(missing)) => Outcome::Unknown { missing },
            (None, None) => Outcome::Passes { to: app },
        };
        Explanation {
            operation: explainer.operation,
            way: explainer.way,
            outcome,
        }
    }
}

/// A policy, and where it stands.
struct Judging<'a> {
    policy: &'a Arc<dyn Policy>,
    audit: bool,
    /// Whether Neutron is behind it, and not Nova.
    neutron: bool,
    route: &'a str,
}

struct Explainer<'a, F> {
    plan: &'a Plan,
    request: HttpRequest<Bytes>,
    caller: Identity,
    facts: F,
    way: Vec<Step>,
    /// What the application at the end is asked.
    operation: String,
    /// The first refusal.
    denial: Option<Denial>,
    /// The first fact that is missing.
    missing: Option<String>,
}

impl<F: Lookup> Explainer<'_, F> {
    /// To the application at the end, whose name it gives.
    async fn follow(&mut self) -> String {
        let mut id = self.plan.root();
        let mut route = Arc::from("");
        let mut cut = Vec::new();
        let plan = self.plan;
        while let Some(node) = plan.nodes.get(id) {
            self.operation = self.asks(plan.reach(id).neutron);
            id = match &node.kind {
                NodeKind::App(app) => {
                    self.arrive(&node.name, &app.made.factory);
                    return node.name.to_string();
                }
                NodeKind::Pipeline { filters, app } => {
                    let neutron = plan.reach(*app).neutron;
                    for filter in filters {
                        self.filter(filter, neutron, &route).await;
                    }
                    *app
                }
                NodeKind::Router { routes, default } => {
                    let taken = routes.iter().find_map(|route| {
                        let role = route.roles.iter().find(|role| self.caller.has_role(role))?;
                        Some((route, role))
                    });
                    let (to, why) = match taken {
                        Some((taken, role)) => {
                            route = Arc::clone(&taken.name);
                            let why = format!("route `{}`, because of role `{role}`", taken.name);
                            (taken.to, why)
                        }
                        None => {
                            route = Arc::from("default");
                            (
                                *default,
                                "the default route: no route has one of the roles".to_owned(),
                            )
                        }
                    };
                    self.step(&node.name, "role_router", Says::Goes, why);
                    to
                }
                NodeKind::UrlMap(prefixes) => match self.prefix(&cut, prefixes) {
                    Ok((to, prefix)) => {
                        let why = format!("the path begins with `{}`", prefix.as_str());
                        cut.push(prefix);
                        self.step(&node.name, "url_map", Says::Goes, why);
                        to
                    }
                    Err(denial) => {
                        self.refuse((&node.name, "url_map"), denial);
                        return node.name.to_string();
                    }
                },
            };
        }
        String::new()
    }

    fn prefix(
        &self,
        cut: &[PathPrefix],
        prefixes: &[(PathPrefix, NodeId)],
    ) -> Result<(NodeId, PathPrefix), Denial> {
        let path = canonical_path(self.request.uri().path())?;
        let below = self.plan.settings.mount.below(&path);
        let below = below.and_then(|path| PathPrefix::behind(cut, path));
        let prefixes = Prefixes::new(prefixes.to_vec());
        let found = below.and_then(|path| prefixes.find(path));
        let (prefix, to) = found.ok_or_else(super::url_map::nothing_here)?;
        Ok((*to, prefix.clone()))
    }

    async fn filter(&mut self, planned: &PlannedFilter, neutron: bool, route: &str) {
        let (name, factory) = (&planned.made.name, &planned.made.factory);
        match &planned.filter.kind {
            FilterKind::Policy { policy, audit } => {
                let judging = Judging {
                    policy,
                    audit: *audit,
                    neutron,
                    route,
                };
                self.policy((name, factory), judging).await;
            }
            FilterKind::Identity { .. } | FilterKind::Keystone(_) => {
                self.step(name, factory, Says::Goes, "the caller counts as validated");
            }
            FilterKind::Layer(_) => {
                let why = "not asked: what it does depends on the running gateway";
                self.step(name, factory, Says::Nothing, why);
            }
            FilterKind::Nothing(reason) => {
                self.step(name, factory, Says::Nothing, &**reason);
            }
        }
    }

    /// What a request says to Nova, or to Neutron.
    fn asks(&self, neutron: bool) -> String {
        let (method, uri) = (self.request.method(), self.request.uri());
        let mount = &self.plan.settings.mount;
        let asked = if neutron {
            neutron::Request::of(method, uri, mount).map(|asked| format!("{asked:?}"))
        } else {
            Operation::of(method, uri, mount).map(|operation| format!("{operation:?}"))
        };
        asked.unwrap_or_else(|unclear| format!("unclear: {unclear}"))
    }

    async fn policy(&mut self, (name, factory): (&str, &str), judging: Judging<'_>) {
        let Judging {
            policy,
            audit,
            neutron,
            route,
        } = judging;
        let settings = &self.plan.settings;
        let operation = Operation::of(self.request.method(), self.request.uri(), &settings.mount);
        if !neutron && operation.is_ok_and(|operation| !policy.concerns(&operation)) {
            self.step(name, factory, Says::Nothing, "not about such requests");
            return;
        }
        // The guard that would run in the gateway, in front of nothing.
        let guard = GuardLayer::new(Arc::clone(policy))
            .body_limit(settings.body_limit)
            .lookup(Arc::new(self.facts.clone()))
            .project_lookup(Arc::new(self.facts.clone()))
            .mount(settings.mount.clone())
            .route(route);
        let nothing =
            service_fn(async |_: Request| Ok::<_, Infallible>(Response::new(Body::default())));
        let mut request = self.request.clone();
        request.extensions_mut().insert(self.caller.clone());
        let request = request.map(|body| InspectBody::new(Body::from(body)));
        let Ok(response) = if neutron {
            let guard = PortGuardLayer::new(guard).devices(Arc::new(self.facts.clone()));
            guard.layer(nothing).oneshot(request).await
        } else {
            guard.layer(nothing).oneshot(request).await
        };
        match response.extensions().get::<Denial>() {
            None => self.step(name, factory, Says::Allow, "nothing against it"),
            Some(denial) if denial.kind() == DenialKind::LookupFailed => {
                let missing =
                    format!("`{name}` needs to know what ports there are or whose the server is");
                self.step(name, factory, Says::Unknown, missing.as_str());
                self.missing.get_or_insert(missing);
            }
            Some(denial) if audit => {
                let code = denial.kind().code();
                self.step(name, factory, Says::WouldDeny, denial.message());
                self.with_code(code);
            }
            Some(denial) => self.refuse((name, factory), denial.clone()),
        }
    }

    fn arrive(&mut self, name: &str, factory: &str) {
        let (method, uri) = (self.request.method(), self.request.uri());
        if factory == "versions" && !reads_versions(method, uri, &self.plan.settings.mount) {
            self.refuse((name, factory), super::url_map::nothing_here());
            return;
        }
        self.step(name, factory, Says::Goes, "the application at the end");
    }

    fn refuse(&mut self, (name, factory): (&str, &str), denial: Denial) {
        self.step(name, factory, Says::Deny, denial.message());
        self.with_code(denial.kind().code());
        self.denial.get_or_insert(denial);
    }

    fn step(&mut self, section: &str, factory: &str, says: Says, why: impl Into<String>) {
        self.way.push(Step {
            section: section.to_owned(),
            factory: factory.to_owned(),
            says,
            why: why.into(),
            code: None,
        });
    }

    fn with_code(&mut self, code: &'static str) {
        if let Some(step) = self.way.last_mut() {
            step.code = Some(code);
        }
    }
}
