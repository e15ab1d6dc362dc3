//! Tells what became of tokens, to the log and to the counter.

use super::engine::Source;
use crate::policy::{Denial, DenialKind};

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Service,
    User,
}

impl Whose {
    /// Whose token a refusal is about that came before any validation.
    pub(super) fn of(denial: &Denial) -> Self {
        match denial.kind() {
            DenialKind::ServiceTokenInvalid => Self::Service,
            _ => Self::User,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::User => "user",
        }
    }
}

/// Counts a good token.
pub(super) fn passed(whose: Whose, source: Source) {
    let outcome = match source {
        Source::Memory | Source::Outage => "hit",
        Source::Keystone => "miss",
    };
    count(whose, outcome);
}

/// Logs and counts one refusal. The cause is for the log alone.
pub(super) fn refused(whose: Whose, denial: &Denial, cause: &str) {
    let token = whose.name();
    let code = denial.kind().code();
    if denial.kind() == DenialKind::KeystoneUnavailable {
        tracing::warn!(target: "wafflehaus::keystone", token, code, cause, "not validated");
    } else {
        tracing::info!(target: "wafflehaus::keystone", token, code, cause, "refused");
    }
    match denial.kind() {
        DenialKind::KeystoneUnavailable => count(whose, "unavailable"),
        DenialKind::ServiceTokenInvalid | DenialKind::TokenInvalid | DenialKind::TokenMissing => {
            count(whose, "invalid");
        }
        // The token itself was good, or was not looked at.
        _ => {}
    }
}

fn count(whose: Whose, outcome: &'static str) {
    metrics::counter!(
        "wafflehaus_token_validations_total",
        "token" => whose.name(),
        "outcome" => outcome
    )
    .increment(1);
}
