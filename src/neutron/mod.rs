//! The same policies for what tenants ask of Neutron.
//!
//! A port belongs to a server because its `device_id` says so. Who may change ports can therefore
//! change a server's networks without a word to Nova, and a guard in front of Nova sees nothing
//! of it. A [`PortGuard`] stands in front of Neutron: it reads what a request means for servers,
//! and asks the same [policies](crate::policy) whether Nova might be asked for that: to attach an
//! interface, or to detach one.
//!
//! # What is read as what
//!
//! 1. A path is read as [Nova's](crate::nova) are: decoded once, slashes collapsed, below the
//!    [`Mount`](crate::nova::Mount) and `/v2.0`, a slash or `.json` at the end or not.
//! 2. Judged are:
//!
//! | request | means |
//! |---|---|
//! | `POST /v2.0/ports`, for each port with a server's `device_id` | attach its network |
//! | `PUT /v2.0/ports/{id}` with another `device_id` than it has | detach it from the server it is on, attach it to the one that is named |
//! | `PUT /v2.0/ports/{id}` with no address left in `fixed_ips`, or a `device_owner` of Neutron's own (`network:…`) | detach it |
//! | `DELETE /v2.0/ports/{id}` | detach it |
//! | `POST /v2.0/trunks`, `PUT /v2.0/trunks/{id}/add_subports` | attach each sub-port to the server of the trunk's port |
//! | `PUT /v2.0/trunks/{id}/remove_subports`, `DELETE /v2.0/trunks/{id}` | detach each sub-port from it |
//!
//! 3. Everything else passes: networks, routers, floating addresses, and of ports their names,
//!    addresses, security groups, tags, bindings and whether they are up. None of that changes
//!    what a server is attached to.
//! 4. Refused as [`Unclear`](crate::nova::Unclear), unless the method only reads: a judged
//!    collection below another prefix, or behind the name of a plugin, which Neutron skips; a
//!    further segment that is none of those known, such as `index`, which Neutron takes for the
//!    resource itself; another suffix; an id that is not canonical. And as in Nova's paths, with
//!    any method: `_method` in the query, and a path that servers read in different ways.
//!
//! # Bodies
//!
//! 5. A body is read as strictly as Nova's: one JSON object, no key twice where it is looked
//!    into, canonical ids, at most 256 entries in a list. Beside the resource, or the list of
//!    several, nothing else may stand; Neutron would take the list and drop the rest.
//! 6. A `device_id` that is a UUID counts as a server's, whatever `device_owner` says: so does
//!    Nova count. One that a database may take for a UUID (another spelling, a space at the end,
//!    letters with accents) is malformed.
//!
//! # What passes
//!
//! A request passes untouched when:
//!
//! 7. it is none of those above, or no policy concerns attaching or detaching;
//! 8. it comes from a service: the caller's token, or the service token beside it, has the role
//!    `service`.
//!
//! It passes, once judged, when:
//!
//! 9. it changes no server, as a port that is nobody's, or keeps its `device_id`;
//! 10. the policies pass each of its changes, each judged as if those before it had been made.
//!     What goes on is what was judged, as with a [guard](crate::guard).
//!
//! It is refused when:
//!
//! 11. the guard would refuse it: unclear 400, nobody authenticated 401, scope 403, body 400, 413
//!     or 415, lookup 503, and what the policies say;
//! 12. the port or trunk in its path is not known: 404 `interface_unknown`. One that is named in
//!     the body and is not known is the policies' matter.
//!
//! The answer is in Neutron's shape: see [`render`].
//!
//! # One at a time
//!
//! With a [server lock](crate::guard::GuardLayer::server_lock), the one that the guard in front
//! of Nova has, a request takes its turn at each server that it changes, by the rules of
//! [`server_lock`](crate::server_lock):
//!
//! 13. once its body has come, in the order of the servers' ids. Then it is found out again what
//!     it changes: another request may have moved the port meanwhile. A port that does not come
//!     to rest is 409 `server_busy`;
//! 14. until Neutron has answered, also if the caller goes away: such requests are judged and
//!     sent on in tasks of their own. What it adds is in doubt as an attach is;
//! 15. once, however many port guards with a lock are stacked.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`new`](PortGuardLayer::new) | required | a [`GuardLayer`](crate::guard::GuardLayer): policies and settings. Its mount is Neutron's, its renderer [`render`] |
//! | [`devices`](PortGuardLayer::devices) | [`NoLookup`](crate::guard::NoLookup) | where it is found out what a port or trunk is a part of |
//!
//! # Deployment caveat
//!
//! Nova itself makes, binds and deletes ports, partly with its users' tokens. Give Nova an
//! endpoint of Neutron that tenants cannot reach (`[neutron] endpoint_override`, or the internal
//! interface of the catalogue), and put the guard in front of the public one. A Nova that does
//! come this way passes by rule 8 if it sends a service token (`[service_user]
//! send_service_user_token`); without one, its users' attaches are judged a second time, and
//! deleting a server fails to delete a port that has to stay.
//!
//! A port that is no server's yet takes no turn. A sub-port that comes to its trunk in the moment
//! in which a server gets it is found the next time that the server is judged, and by an audit.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{Layer, ServiceExt, service_fn};
//! use wafflehaus::body::InspectBody;
//! use wafflehaus::guard::GuardLayer;
//! use wafflehaus::identity::{Identity, ProjectId, UserId};
//! use wafflehaus::neutron::PortGuardLayer;
//! use wafflehaus::policy::NetworkCountCheck;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "22222222-2222-4222-8222-222222222222".parse()?;
//! let policy = NetworkCountCheck::builder().banned_nets([secret]).build()?;
//! let neutron = service_fn(async |_: Request<InspectBody<Full<Bytes>>>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from("made"))))
//! });
//! // `openstack::NeutronLookup` serves for both lookups, which this example does not need.
//! let guarded = PortGuardLayer::new(GuardLayer::new(policy)).layer(neutron);
//!
//! let create = |device: &str| {
//!     let caller = Identity::new(UserId::new("alice").unwrap())
//!         .project(ProjectId::new("6f70656e").unwrap());
//!     let body = format!(r#"{{"port": {{"network_id": "{secret}", "device_id": "{device}"}}}}"#);
//!     let request = Request::post("/v2.0/ports").extension(caller);
//!     guarded.clone().oneshot(request.body(Full::new(Bytes::from(body))).unwrap())
//! };
//! assert_eq!(create("").await?.status(), 200);
//! assert_eq!(create("33333333-3333-4333-8333-333333333333").await?.status(), 403);
//! # Ok(())
//! # }
//! ```

mod change;
mod device;
mod fault;
mod judge;
mod layer;
mod lookup;
mod request;
mod service;
mod turns;
mod wish;

pub use device::Device;
pub use fault::render;
pub use layer::PortGuardLayer;
pub use lookup::{DeviceLookup, TrunkPorts};
pub use request::Request;
pub use service::PortGuard;
