//! Tells a decision, to the log and to the counters.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Request};
use metrics::{Key, Label, Level, Metadata, SharedString};

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
    let policy = denial.and_then(Denial::policy).unwrap_or(&settings.name);
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
    let labels = |policy| {
        let route = SharedString::from(Arc::clone(&settings.shared.route));
        let labels = [("verdict", verdict.into()), ("code", code.into())];
        labels
            .into_iter()
            .chain([("policy", policy), ("route", route)])
    };
    let own_name = || SharedString::from(Arc::clone(&settings.name));
    match denial {
        // The usual outcome, whose labels are always the same.
        None => settings.shared.passed.count(|| labels(own_name())),
        Some(denial) => {
            let policy = denial
                .policy()
                .map(|name| SharedString::from(name.to_owned()));
            count(&key(labels(policy.unwrap_or_else(own_name))));
        }
    }
}

/// What passed requests are counted under, worked out once. Not the counter itself: which one
/// that is depends on who is counting now.
#[derive(Debug, Default)]
pub(super) struct Passed(OnceLock<Key>);

impl Passed {
    fn count<L>(&self, labels: impl FnOnce() -> L)
    where
        L: Iterator<Item = (&'static str, SharedString)>,
    {
        count(self.0.get_or_init(|| key(labels())));
    }
}

/// The copy of a guard gets another name or route.
impl Clone for Passed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

fn key(labels: impl Iterator<Item = (&'static str, SharedString)>) -> Key {
    let labels: Vec<_> = labels
        .map(|(name, value)| Label::new(name, value))
        .collect();
    Key::from_parts("wafflehaus_decisions_total", labels)
}

fn count(key: &Key) {
    const METADATA: Metadata<'static> =
        Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
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
