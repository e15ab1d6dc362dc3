//! The settings.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

use super::RoleRouter;
use crate::{fault::Renderer, identity::Role, policy::Denial};

/// Puts a [`RoleRouter`] in front of a service. See the [module](super).
#[derive(Clone, Debug)]
#[must_use]
pub struct RoleRouterLayer<L> {
    default: L,
    routes: Vec<L>,
    /// The first route of each role.
    by_role: HashMap<Role, usize>,
    renderer: Renderer,
}

impl<L> RoleRouterLayer<L> {
    /// A router with only a default route.
    pub fn new(default: L) -> Self {
        let renderer = Renderer::default();
        Self {
            default,
            routes: Vec::new(),
            by_role: HashMap::new(),
            renderer,
        }
    }

    /// Adds a route for these roles, behind those that are there.
    pub fn route(mut self, roles: impl IntoIterator<Item = Role>, layer: L) -> Self {
        let route = self.routes.len();
        for role in roles {
            self.by_role.entry(role).or_insert(route);
        }
        self.routes.push(layer);
        self
    }

    /// How a refusal looks. Default [`fault::render`](crate::fault::render).
    pub fn with_fault_renderer(
        mut self,
        render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.renderer = Renderer::new(render);
        self
    }
}

impl<S: Clone, L: Layer<S>> Layer<S> for RoleRouterLayer<L> {
    type Service = RoleRouter<L::Service>;

    fn layer(&self, inner: S) -> RoleRouter<L::Service> {
        let routes = self
            .routes
            .iter()
            .map(|layer| layer.layer(inner.clone()))
            .collect();
        let default = self.default.layer(inner);
        RoleRouter::new(
            default,
            routes,
            Arc::new(self.by_role.clone()),
            self.renderer.clone(),
        )
    }
}
