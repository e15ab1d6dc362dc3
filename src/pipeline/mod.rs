mod body;
mod build;
mod filter;
pub(crate) mod filters;
mod gateway;
mod next;
mod plan;
mod show;
mod url_map;

pub use body::Body;
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

use crate::{body::InspectBody, fault, policy::Denial};

/// A request between the filters of a pipeline.
pub type Request = http::Request<InspectBody<Body>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The answer of a filter that refuses.
fn refuse(denial: Denial) -> NextFuture {
    let response = fault::Renderer::default().answer(denial).map(Body::from);
    Box::pin(std::future::ready(Ok(response)))
}
