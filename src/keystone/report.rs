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

/// What a token is counted as.
#[derive(Clone, Copy)]
enum Outcome {
    Hit,
    Invalid,
    Miss,
    Unavailable,
}

/// Counts a good token.
pub(super) fn passed(whose: Whose, source: Source) {
    count(
        whose,
        match source {
            Source::Memory | Source::Outage => Outcome::Hit,
            Source::Keystone => Outcome::Miss,
        },
    );
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
        DenialKind::KeystoneUnavailable => count(whose, Outcome::Unavailable),
        DenialKind::ServiceTokenInvalid | DenialKind::TokenInvalid | DenialKind::TokenMissing => {
            count(whose, Outcome::Invalid);
        }
        // The token itself was good, or was not looked at.
        _ => {}
    }
}

/// Says what the counter counts, to who counts now.
pub(super) fn describe() {
    metrics::describe_counter!(
        "wafflehaus_token_validations_total",
        "tokens looked at, by whose they are and what became of them"
    );
}

fn count(whose: Whose, outcome: Outcome) {
    // Labels that are literals make a counter that is found without allocating.
    macro_rules! one_of {
        ($($whose:ident $token:literal $outcome:ident $label:literal;)*) => {
            match (whose, outcome) {
                $((Whose::$whose, Outcome::$outcome) => metrics::counter!(
                    "wafflehaus_token_validations_total",
                    "token" => $token,
                    "outcome" => $label
                ),)*
            }
        };
    }
    let counter = one_of! {
        Service "service" Hit "hit";
        Service "service" Invalid "invalid";
        Service "service" Miss "miss";
        Service "service" Unavailable "unavailable";
        User "user" Hit "hit";
        User "user" Invalid "invalid";
        User "user" Miss "miss";
        User "user" Unavailable "unavailable";
    };
    counter.increment(1);
}
