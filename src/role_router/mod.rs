//! Picks a branch by the caller's role; never touches the body.
//!
//! A request goes:
//!
//! 1. to the first route, in the order they were added, that has one of the caller's roles;
//! 2. to the default route, if none has, or if it was let in without a caller because it
//!    [reads a version document](crate::identity::Anonymous).
//!
//! It is refused when:
//!
//! 3. nobody has authenticated the caller: 401 `identity_missing`.
//!
//! Roles are compared as Nova compares them, without regard to ASCII case. The time it takes
//! depends on how many roles the caller has, not on how many routes there are.
//!
//! A route is a layer around the one service all routes lead to, so two routes may have the
//! same kind of guard with different settings, and a route may itself be a role router. All
//! routes of a router are of one type; for guards with different policies, that is a guard
//! of boxed policies, and a route without checks has a guard without any.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | `route_default` | required | the layer of rule 2 |
//! | `roles_<route>`, `route_<route>` | none | a route's roles and its layer |
//! | [`with_fault_renderer`](RoleRouterLayer::with_fault_renderer) | [`fault::render`](crate::fault::render) | how a refusal looks |
//!
//! # Differences from the Python filter
//!
//! * Overlapping roles are not indeterminate: rule 1 says which route it is.
//! * Role names are compared without case; the original compared the exact text, so that
//!   `Admin`, an administrator to Nova, was none to it.
//! * A request without an identity is refused. The original sent it down the default route,
//!   which usually is the one without checks.
//!
//! # Deployment caveat
//!
//! The router believes the [`Identity`] in the request's extensions; put the layer that
//! validates it in front.
//!
//! It goes by the caller's roles, whoever's server is acted on. Nova lets an administrator act on
//! the servers of all projects, so an administrator whose route has no checks can undo on a
//! tenant's server what the tenant's route insists on. Where that must not be, give the route of
//! administrators the policies too, and exempt by the server's project with
//! [`ByProject`](crate::policy::ByProject).
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{Layer, ServiceExt, service_fn};
//! use wafflehaus::body::InspectBody;
//! use wafflehaus::guard::GuardLayer;
//! use wafflehaus::identity::{Identity, ProjectId, Role, UserId};
//! use wafflehaus::policy::{Policy, RequestNetworks};
//! use wafflehaus::role_router::RoleRouterLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let nova = service_fn(async |_: Request<InspectBody<Full<Bytes>>>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::new())))
//! });
//! let office = "11111111-1111-4111-8111-111111111111".parse()?;
//! let managed: Vec<Box<dyn Policy>> = vec![Box::new(RequestNetworks::new([office], [])?)];
//! let gateway = RoleRouterLayer::new(GuardLayer::new(vec![]))
//!     .route([Role::new("role1")?, Role::new("role2")?], GuardLayer::new(managed))
//!     .layer(nova);
//!
//! let create = |role: &str| {
//!     let caller = Identity::new(UserId::new("alice").unwrap())
//!         .project(ProjectId::new("6f70656e").unwrap())
//!         .role(Role::new(role).unwrap());
//!     let body = Full::new(Bytes::from(r#"{"server": {"networks": "none"}}"#));
//!     let request = Request::post("/v2.1/servers").extension(caller).body(body).unwrap();
//!     gateway.clone().oneshot(request)
//! };
//! assert_eq!(create("member").await?.status(), 200);
//! assert_eq!(create("Role1").await?.status(), 403);
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod service;

pub use future::ResponseFuture;
pub use layer::RoleRouterLayer;
pub use service::RoleRouter;

#[cfg(doc)]
use crate::identity::Identity;
