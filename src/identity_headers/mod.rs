//! Takes the caller's identity from headers that a trusted authenticator has set.
//!
//! For a gateway that stands *behind* something that validates tokens and writes the headers
//! of Keystone's middleware. The layer reads them, removes them, and puts an
//! [`Identity`] into the request's extensions.
//!
//! A request passes when:
//!
//! 1. it has exactly one `X-User-Id`, one `X-Roles` (names between commas; it may be empty), and
//!    at most one each of `X-Project-Id`, `X-Domain-Id`, `OpenStack-System-Scope` and
//!    `X-Identity-Status`;
//! 2. `X-Identity-Status`, if it is there, is `Confirmed`.
//!
//! It goes on without any header that [claims an identity](crate::identity::is_caller_claim),
//! whether this layer reads it or not, and without an identity that was in its extensions
//! before. The scope is the project's, else the domain's, else the system's if
//! `OpenStack-System-Scope` is `all`. A token with a project *and* system scope counts as
//! system-scoped, as in Nova.
//!
//! A request without an identity by these rules passes, marked as [`Anonymous`], when it
//! [reads a version document](crate::nova::reads_versions): clients do that before they have a
//! token. It is refused otherwise:
//!
//! 3. `X-User-Id` or `X-Roles` is missing, or the status is another than `Confirmed`: 401
//!    `identity_missing`;
//!
//! and any request is, when:
//!
//! 4. one of the headers of rule 1 comes twice, or has a value that is not plain text or no id
//!    or role name; or there is more than one `X-Auth-Token` or `X-Service-Token`, of which
//!    Nova could take another than the authenticator did: 401 `identity_invalid`.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`mount`](IdentityHeadersLayer::mount) | none | the prefix of Nova's API |
//! | [`with_fault_renderer`](IdentityHeadersLayer::with_fault_renderer) | [`fault::render`](crate::fault::render) | how a refusal looks |
//!
//! # Differences from Nova's `keystonecontext`
//!
//! * The older names `X-User`, `X-Tenant`, `X-Tenant-Id` and `X-Role` are removed, not read.
//! * A header that comes twice is refused; WSGI servers join the values, or keep either.
//!
//! # Deployment caveat
//!
//! Whoever can reach this layer past the authenticator can be anybody. The authenticator must
//! remove what clients send under these names before it sets its own, and nothing else may
//! be able to connect: bind to loopback, or to a network that only the authenticator is on.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use wafflehaus::identity::Identity;
//! use wafflehaus::identity_headers::IdentityHeadersLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app = IdentityHeadersLayer::new().layer(service_fn(async |request: Request<()>| {
//!     assert!(!request.headers().contains_key("x-roles"));
//!     let caller = request.extensions().get::<Identity>().unwrap();
//!     Ok::<_, std::convert::Infallible>(Response::new(caller.user_id().to_string()))
//! }));
//!
//! let request = Request::get("/").header("x-user-id", "alice").header("x-roles", "member");
//! let passed = app.clone().oneshot(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(passed.status(), 200);
//!
//! let refused = app.oneshot(Request::get("/v2.1/servers").body(()).unwrap()).await.unwrap();
//! assert_eq!(refused.status(), 401);
//! # }
//! ```

mod future;
mod layer;
mod read;
mod service;

pub use future::ResponseFuture;
pub use layer::IdentityHeadersLayer;
pub use service::IdentityHeaders;

#[cfg(doc)]
use crate::identity::{Anonymous, Identity};
