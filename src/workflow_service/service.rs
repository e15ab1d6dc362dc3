//! The service, put together.

use std::sync::Arc;

use axum::{Router, middleware};
use http::StatusCode;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Authentication, Challenge, Quotas, Settings,
    access::{Policy, Rule},
    actions, address,
    app::{self, App},
    authentication::authenticate,
    docs, edge,
    error::ApiError,
    health,
    limits::Gate,
    notifications, openstack, status, tasks, tokens, versions,
};
use crate::workflow::{Engine, Registry, actions::RolesMapping, identity::IdentityStore};

/// The REST service on an engine. See the [module](super).
#[derive(Debug)]
#[must_use]
pub struct WorkflowService(App);

/// Settings that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// Access to something that is neither an endpoint nor a task view.
    #[error("`access` names `{name}`, which is not among {known}")]
    Access {
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// The name of a task view could not be in a path.
    #[error("`{0}` cannot be the name of a task view")]
    ViewName(String),
    /// A task view asks for tasks that there are not.
    #[error("task view `{view}` asks for the unknown task type `{task_type}`")]
    ViewType {
        /// The view.
        view: String,
        /// The type.
        task_type: String,
    },
}

impl WorkflowService {
    /// The service on this engine, for the people of this store.
    pub fn new(
        engine: Engine,
        identity: Arc<dyn IdentityStore>,
        authentication: Authentication,
    ) -> Self {
        let settings = Settings::default();
        Self(App {
            authentication,
            challenge: None,
            engine,
            gate: Gate::new(settings.limits),
            identity,
            mapping: RolesMapping::default(),
            metrics: None,
            policy: Policy::default(),
            quotas: Quotas::new(),
            views: app::views(&settings.views),
            settings,
        })
    }

    /// Sets what the operator decides.
    ///
    /// # Errors
    ///
    /// [`InvalidSettings`] for what does not fit together.
    pub fn settings(mut self, settings: Settings) -> Result<Self, InvalidSettings> {
        let app = &mut self.0;
        app.views = app::views(&settings.views);
        if let Some(wrong) = settings.wrong(app.engine.registry()).into_iter().next() {
            return Err(wrong);
        }
        app.policy = Policy::new(settings.access.clone());
        app.gate = Gate::new(settings.limits);
        app.settings = settings;
        Ok(self)
    }

    /// Sets who manages which roles. Default [StackTask's](RolesMapping::default).
    pub fn mapping(mut self, mapping: RolesMapping) -> Self {
        self.0.mapping = mapping;
        self
    }

    /// Sets the regions and sizes of quotas. Default none, and no endpoint for them.
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.0.quotas = quotas;
        self
    }

    /// Sets what somebody whom nobody knows has to do. Default nothing.
    pub fn challenge(mut self, challenge: impl Challenge) -> Self {
        self.0.challenge = Some(Box::new(challenge));
        self
    }

    /// Sets what `/metrics` answers. Default nothing, and no such endpoint.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.0.metrics = Some(Box::new(render));
        self
    }

    /// The engine that it is on.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// What the operator has decided.
    pub(crate) const fn decided(&self) -> &Settings {
        &self.0.settings
    }

    /// The description of the API, with the task views that there are.
    #[must_use]
    pub fn openapi(&self) -> OpenApi {
        docs::complete(routes().into_openapi(), &self.0)
    }

    /// All endpoints, for a server that tells each request its peer
    /// ([`ConnectInfo`](axum::extract::ConnectInfo)).
    pub fn router(self) -> Router {
        let api = self.0.settings.docs.then(|| self.openapi());
        let app = Arc::new(self.0);
        let trusted = Arc::from(&*app.settings.trusted_proxies);
        let (endpoints, _) = routes().split_for_parts();
        let mut endpoints = endpoints
            .method_not_allowed_fallback(async |method: http::Method| {
                let text = format!("Method \"{method}\" not allowed.");
                ApiError::status(StatusCode::METHOD_NOT_ALLOWED, text)
            })
            .fallback(async || ApiError::not_found("Not found."))
            .with_state(Arc::clone(&app));
        if let Some(api) = api {
            endpoints = endpoints.merge(docs::page(api));
        }
        // The last layer is the first to see a request.
        Router::new()
            .fallback_service(endpoints)
            // Needs the tokens of the request, and knows where it comes from.
            .layer(middleware::from_fn_with_state(app, authenticate))
            .layer(middleware::from_fn(edge::acceptable))
            // Before anything depends on the path.
            .layer(middleware::from_fn(edge::canonical))
            // Before the headers of proxies are removed.
            .layer(middleware::from_fn_with_state(trusted, address::note))
            // Tells of every answer, whoever gave it.
            .layer(middleware::from_fn(edge::identify))
    }
}

impl Settings {
    /// All that does not fit together, before these task types.
    pub(crate) fn wrong(&self, registry: &Registry) -> Vec<InvalidSettings> {
        let mut wrong = Vec::new();
        for view in &self.views {
            let plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
            if view.name.is_empty() || !view.name.chars().all(plain) {
                wrong.push(InvalidSettings::ViewName(view.name.clone()));
            }
            if registry.find_type(&view.task_type).is_none() {
                wrong.push(InvalidSettings::ViewType {
                    view: view.name.clone(),
                    task_type: view.task_type.clone(),
                });
            }
        }
        let views = app::views(&self.views);
        let rules = Rule::ALL.iter().map(|it| it.as_str());
        let known: Vec<&str> = rules.chain(views.iter().map(|it| &*it.name)).collect();
        let unknown = self
            .access
            .keys()
            .filter(|it| !known.contains(&it.as_str()));
        wrong.extend(unknown.map(|name| InvalidSettings::Access {
            name: name.clone(),
            known: known.join(", "),
        }));
        wrong
    }
}

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(versions::routes())
        .merge(health::routes())
        .routes(routes!(status::show))
        .merge(tasks::routes())
        .merge(tokens::routes())
        .merge(notifications::routes())
        .merge(actions::routes())
        .merge(openstack::routes())
}
