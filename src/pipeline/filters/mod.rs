//! Filters that surround the policies: what Nova's own pipeline has, as far as a gateway needs it.

mod health_check;
mod rate_limit;
mod request_id;
mod request_log;
mod size_limit;

pub(crate) use health_check::HealthCheck;
pub(crate) use rate_limit::{Limit, RateLimit};
pub(crate) use request_id::RequestId;
pub(crate) use request_log::RequestLog;
pub(crate) use size_limit::SizeLimit;
