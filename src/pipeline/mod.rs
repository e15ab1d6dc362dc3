//! Pipelines that are put together at run time: what a [configuration](crate::config) becomes.
//!
//! A [`Plan`] says what there is to be, and can be shown ([`tree`](Plan::tree),
//! [`dot`](Plan::dot)), compared, and asked what would become of a request
//! ([`explain`](Plan::explain)). A [`Gateway`] is built of it: a tower service for requests with
//! any body.
//!
//! 1. Filters see requests as [`Request`], and what follows them as [`Next`]. Whatever they make
//!    of an answer's body becomes a [`Body`]; what the network gave is not boxed on the way.
//! 2. Policies side by side share one guard, so that a body is read and each fact looked up once.
//! 3. A composite of paths takes the longest prefix, as Nova's does, of the
//!    [canonical](crate::nova::canonical_path) path below the mount, and below the prefixes that
//!    led to it. It takes hardly longer with a thousand of them. No prefix: 404 `not_found`. A path
//!    that could be read in two ways: 400 `ambiguous_request`.
//! 4. The version documents of Nova are all that their application passes on; the rest is 404
//!    `not_found`. Nova may choose the API by a header, so anything else there would go past the
//!    policies of other prefixes.
//! 5. A body has to arrive within `request_body_deadline`.
//! 6. [`Gateway::exchange`] puts another plan in the place of the first as a whole.
//!
//! Filters of your own are made with [`Filter::policy`], [`Filter::layer`] or
//! [`Filter::from_fn`], applications with [`Next::new`] or [`Next::from_fn`], and both get their
//! names in a [`Registry`](crate::config::Registry).
//!
//! ```
//! use bytes::Bytes;
//! use http::Response;
//! use tower::Service as _;
//! use wafflehaus::config::Registry;
//! use wafflehaus::pipeline::{Body, Filter, Next};
//!
//! let registry = Registry::standard()
//!     .filter(["slogan", "mycloud.slogan:filter_factory"], |settings| {
//!         let slogan: String = settings.key("slogan").or("hello".to_owned());
//!         let Ok(slogan) = http::HeaderValue::try_from(slogan) else {
//!             settings.mistake("slogan", "cannot stand in a header");
//!             return None;
//!         };
//!         Some(Filter::from_fn(move |request, mut next| {
//!             let slogan = slogan.clone();
//!             async move {
//!                 let Ok(mut response) = next.call(request).await;
//!                 response.headers_mut().insert("x-slogan", slogan);
//!                 response
//!             }
//!         }))
//!     })
//!     .app(["teapot"], |_| {
//!         Some(Next::from_fn(async |_| {
//!             let mut response = Response::new(Body::from(Bytes::from("short and stout")));
//!             *response.status_mut() = http::StatusCode::IM_A_TEAPOT;
//!             response
//!         }))
//!     });
//! # let names: Vec<_> = registry.describe().into_iter().map(|it| it.name).collect();
//! # assert!(names.contains(&"slogan".to_owned()) && names.contains(&"teapot".to_owned()));
//! ```

mod body;
mod build;
mod explain;
mod filter;
pub(crate) mod filters;
mod gateway;
mod next;
mod plan;
mod policies;
mod prefixes;
mod show;
mod url_map;

pub use body::Body;
pub use explain::{Explanation, Lookup, Outcome, Says, Step};
pub use filter::Filter;
pub use gateway::Gateway;
pub use next::{Next, NextFuture};
pub use plan::Plan;
pub use policies::ChooseError;
pub use url_map::PathPrefix;

pub(crate) use filter::FilterKind;
pub(crate) use plan::{
    Fingerprint, GatewaySettings, Made, Node, NodeId, NodeKind, Outline, PlannedApp, PlannedFilter,
    PlannedLock, PlannedRoute,
};

use http::Response;

use crate::{body::InspectBody, fault, policy::Denial};

/// A request between the filters of a pipeline.
pub type Request = http::Request<InspectBody<Body>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) use url_map::nothing_here;

/// The answer of a filter that refuses.
pub(crate) fn refusal(denial: Denial) -> Response<Body> {
    fault::Renderer::default().answer(denial).map(Body::from)
}
