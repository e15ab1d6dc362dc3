mod body;
mod build;
mod explain;
mod filter;
pub(crate) mod filters;
mod gateway;
mod next;
mod plan;
mod show;
mod url_map;

pub use body::Body;
pub use explain::{Explanation, Lookup, Outcome, Says, Step};
pub use filter::Filter;
pub use gateway::Gateway;
pub use next::{Next, NextFuture};
pub use plan::Plan;
pub use url_map::PathPrefix;

pub(crate) use filter::FilterKind;
pub(crate) use plan::{
    Fingerprint, GatewaySettings, Made, Node, NodeId, NodeKind, Outline, PlannedApp, PlannedFilter,
    PlannedRoute,
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
