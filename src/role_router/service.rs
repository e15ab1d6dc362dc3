//! The service in front of its branches.

use std::{
    collections::HashMap,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::ResponseFuture;
use crate::{
    body::ResponseBody,
    fault::Renderer,
    identity::{Anonymous, Identity, Role},
    policy::{Denial, DenialKind},
};

/// Sends a request to the branch of the caller's role. See the [module](super).
#[derive(Clone, Debug)]
pub struct RoleRouter<S> {
    branches: Arc<Branches<S>>,
    by_role: Arc<HashMap<Role, usize>>,
    renderer: Renderer,
}

#[derive(Debug)]
struct Branches<S> {
    default: S,
    routes: Vec<S>,
}

impl<S> RoleRouter<S> {
    pub(super) fn new(
        default: S,
        routes: Vec<S>,
        by_role: Arc<HashMap<Role, usize>>,
        renderer: Renderer,
    ) -> Self {
        Self {
            branches: Arc::new(Branches { default, routes }),
            by_role,
            renderer,
        }
    }

    fn branch(&self, identity: &Identity) -> &S {
        let routes = identity
            .role_names()
            .iter()
            .filter_map(|role| self.by_role.get(role));
        let route = routes
            .min()
            .and_then(|&route| self.branches.routes.get(route));
        route.unwrap_or(&self.branches.default)
    }
}

impl<S, B, R> Service<Request<B>> for RoleRouter<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    /// Always ready: to wait for all branches would let one slow branch stop the others. The
    /// chosen branch is waited for in the future.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        match extensions.get() {
            Some(identity) => ResponseFuture::drive(self.branch(identity).clone(), request),
            None if extensions.get::<Anonymous>().is_some() => {
                ResponseFuture::drive(self.branches.default.clone(), request)
            }
            None => {
                let message = "the caller is not authenticated";
                let denial = Denial::new(DenialKind::IdentityMissing, message);
                ResponseFuture::refused(self.renderer.answer(denial))
            }
        }
    }
}
