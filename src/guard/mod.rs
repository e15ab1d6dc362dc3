//! Runs any [`Policy`](crate::policy::Policy) as tower middleware.
//!
//! A request passes untouched, with no allocation, when:
//!
//! 1. no policy of this guard concerns its [operation](crate::nova::Operation).
//!
//! It passes, once judged, when:
//!
//! 2. an authenticating layer has put an [`Identity`](crate::identity::Identity) scoped to a
//!    project into its extensions, and
//! 3. the policies pass it. What is forwarded then is what was judged: the canonical path, and
//!    if the body was read, these bytes, with one `Content-Length`, the content type
//!    `application/json`, and no `Transfer-Encoding`, `Content-Encoding` or `Expect`.
//!
//! It is refused when:
//!
//! 4. its request line is [unclear](crate::nova::Unclear): 400 `ambiguous_request`;
//! 5. nobody has authenticated the caller: 401 `identity_missing`; the token is not scoped to a
//!    project: 403 `scope_not_project`;
//! 6. a policy refuses it: as the policy says;
//! 7. its body has to be read, and it comes with a content type that Nova does not read as
//!    JSON: 415 `media_type`; with more than one: 400 `duplicate_header`; with a content
//!    encoding: 415 `content_encoding`;
//! 8. that body is larger than [`body_limit`](GuardLayer::body_limit), declared or not: 413
//!    `body_too_large`; cannot be received: 400 `body_unreadable`; or is not understood: 400
//!    `malformed_body`;
//! 9. a fact has to be looked up, and that fails: 503 `lookup_failed`;
//! 10. a policy asks again for what it has been given: 500 `policy_failed`;
//! 11. what its server has is to be looked up, and it does not get its turn at the server: 409
//!     `server_busy` or 503 `lock_unavailable`.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`audit`](GuardLayer::audit) | false | decide, log and count, but let pass |
//! | [`body_limit`](GuardLayer::body_limit) | 114,688 bytes, as in Nova | most that is read of a body |
//! | [`lookup`](GuardLayer::lookup) | [`NoLookup`] | where facts about ports come from |
//! | [`mount`](GuardLayer::mount) | none | the prefix of Nova's API |
//! | [`project_lookup`](GuardLayer::project_lookup) | [`NoLookup`] | where it is found out whose a server is |
//! | [`route`](GuardLayer::route) | empty | a name for logs and counters |
//! | [`server_lock`](GuardLayer::server_lock) | none | who gives out turns at servers |
//! | [`with_fault_renderer`](GuardLayer::with_fault_renderer) | [`fault::render`](crate::fault::render) | how a refusal looks |
//!
//! Guards may be stacked, with layers between them that leave the body alone: the body is read
//! once, parsed once, and each fact looked up once.
//!
//! # One at a time
//!
//! With a [server lock](GuardLayer::server_lock), a request that is judged by what its server has
//! takes its turn at the server, by the rules of [`server_lock`](crate::server_lock):
//!
//! 12. before the lookup, and after its body has come; no other request takes a turn;
//! 13. until the inner service has answered, or failed, or panicked, also if the caller goes away
//!     meanwhile: requests on servers are judged and sent on in tasks of their own;
//! 14. once, however many guards are stacked. All of them have the same lock, or those with none
//!     are outside: what these have looked up does not count.
//!
//! # Auditing
//!
//! An auditing guard refuses nothing but a body that broke off, which cannot be passed on. Any
//! other request goes on as it came, and none waits for a turn. Its would-be refusals are logged as `would_deny`.
//!
//! # Decisions are told
//!
//! Each judged request makes one `tracing` event at level info, target `wafflehaus::decision`,
//! with the fields `verdict` (`allow`, `deny`, `would_deny`), `code` of the denial, `policy`
//! (the one that refused, or all), `route`, `operation`, `project`, `user` and `request_id`;
//! and adds one to the counter `wafflehaus_decisions_total` of the `metrics` facade, labelled
//! `verdict`, `code`, `policy` and `route`. Neither ever has a token or a body in it.
//!
//! # Deployment caveat
//!
//! The identity must be put there by something that has validated it, in front of the guard.
//! A guard buffers up to its limit for a caller it knows; put a deadline on bodies outside it
//! (tower-http's `RequestBodyDeadlineLayer`). Requests that reach Nova another way are not
//! seen here; for what tenants do in Neutron there is [`neutron`](crate::neutron).
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
//! use wafflehaus::identity::{Identity, ProjectId, UserId};
//! use wafflehaus::policy::{Denial, RequestNetworks};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let office = "11111111-1111-4111-8111-111111111111".parse()?;
//! let nova = service_fn(async |_: Request<InspectBody<Full<Bytes>>>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from("created"))))
//! });
//! let guarded = GuardLayer::new(RequestNetworks::new([office], [])?).layer(nova);
//!
//! let create = |networks: &'static str| {
//!     let caller = Identity::new(UserId::new("alice").unwrap())
//!         .project(ProjectId::new("6f70656e").unwrap());
//!     let body = format!(r#"{{"server": {{"networks": {networks}}}}}"#);
//!     let request = Request::post("/v2.1/servers").extension(caller);
//!     guarded.clone().oneshot(request.body(Full::new(Bytes::from(body))).unwrap())
//! };
//! let passed = create(r#"[{"uuid": "11111111-1111-4111-8111-111111111111"}]"#).await?;
//! assert_eq!(passed.status(), 200);
//!
//! let refused = create(r#""none""#).await?;
//! assert_eq!(refused.status(), 403);
//! assert_eq!(refused.extensions().get::<Denial>().unwrap().kind().code(), "network_required");
//! # Ok(())
//! # }
//! ```

mod facts;
mod future;
mod judge;
mod known;
mod layer;
mod prepare;
mod read_body;
mod report;
mod service;
#[cfg(feature = "lock")]
mod task;
mod turn;

pub use facts::{LookupError, LookupFuture, NoLookup, PortLookup, ProjectLookup};
pub use future::ResponseFuture;
pub use layer::GuardLayer;
pub use service::Guard;

pub(crate) use judge::{Case, Verdict, authenticated};
pub(crate) use layer::Settings;
pub(crate) use prepare::{describe_body, rewrite_target};
pub(crate) use read_body::read_body;
#[cfg(feature = "lock")]
pub(crate) use task::detached;
pub(crate) use turn::{Added, Turn, busy};

use crate::policy;

/// A guard with the policy [`RequestNetworks`](policy::RequestNetworks).
pub type RequestNetworksLayer = GuardLayer<policy::RequestNetworks>;

/// A guard with the policy [`DetachNetworkCheck`](policy::DetachNetworkCheck).
pub type DetachNetworkCheckLayer = GuardLayer<policy::DetachNetworkCheck>;

/// A guard with the policy [`NetworkCountCheck`](policy::NetworkCountCheck).
pub type NetworkCountCheckLayer = GuardLayer<policy::NetworkCountCheck>;
