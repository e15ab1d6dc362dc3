//! Tells a decision, to the log and to the counters.

use std::sync::Arc;

use http::{HeaderMap, Request};
use metrics::SharedString;

use super::layer::Settings;
use crate::{
    identity::Identity,
    nova::{Operation, ServerId},
    policy::Denial,
};

/// Logs and counts one decision. `denial` is none if the request was passed.
pub(super) fn report<P, B>(
    settings: &Settings<P>,
    operation: Operation,
    request: &Request<B>,
    denial: Option<&Denial>,
    audit: bool,
) {
    let (verdict, code) = match denial {
        None => ("allow", ""),
        Some(denial) if audit => ("would_deny", denial.kind().code()),
        Some(denial) => ("deny", denial.kind().code()),
    };
    let (policy, policy_label) = match denial.and_then(Denial::policy) {
        Some(name) => (name, SharedString::from(name.to_owned())),
        None => (
            &*settings.name,
            SharedString::from(Arc::clone(&settings.name)),
        ),
    };
    let identity = request.extensions().get::<Identity>();
    tracing::info!(
        target: "wafflehaus::decision",
        verdict,
        code,
        policy,
        route = &*settings.shared.route,
        operation = name(operation),
        project = identity.and_then(Identity::project_id).map_or("", |id| id.as_str()),
        user = identity.map_or("", |identity| identity.user_id().as_str()),
        request_id = request_id(request.headers()),
        "decision"
    );
    metrics::counter!(
        "wafflehaus_decisions_total",
        "verdict" => verdict,
        "code" => code,
        "policy" => policy_label,
        "route" => SharedString::from(Arc::clone(&settings.shared.route))
    )
    .increment(1);
}

const fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::AttachInterface { .. } => "attach_interface",
        Operation::CreateServer => "create_server",
        Operation::DetachInterface { .. } => "detach_interface",
        Operation::ExistingServer { .. } => "existing_server",
        Operation::ExternalEvents => "external_events",
        Operation::Other => "",
        Operation::ServerAction { .. } => "server_action",
    }
}

/// The request's id, if it has the form in which Nova takes one from a caller: `req-` and a
/// UUID. It serves to find log lines that belong together, and nothing depends on it.
fn request_id(headers: &HeaderMap) -> &str {
    let id = headers
        .get("x-openstack-request-id")
        .and_then(|value| value.to_str().ok());
    id.filter(|id| {
        // Any id type would do: they share one spelling.
        id.strip_prefix("req-")
            .is_some_and(|uuid| uuid.parse::<ServerId>().is_ok())
    })
    .unwrap_or_default()
}
