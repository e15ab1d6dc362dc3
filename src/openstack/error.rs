//! What can go wrong with a call. No variant holds anything of a request or an answer's text.

use std::{error::Error, fmt::Write as _, sync::Arc};

use http::StatusCode;

use crate::nova::{NetworkId, PortId, ServerId, TrunkId};

/// Why a service did not tell what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("no complete answer before the deadline")]
    Deadline,
    #[error("port `{port}` is told to be on network `{one}` and on network `{other}`")]
    Disagreement {
        port: PortId,
        one: NetworkId,
        other: NetworkId,
    },
    /// serde's own text would quote the answer.
    #[error("the answer is not what it should be, at line {line} column {column}")]
    Malformed { line: usize, column: usize },
    #[error("the answer is about server `{0}`, which was not asked for")]
    OtherServer(ServerId),
    #[error("the answer is about trunk `{0}`, which was not asked for")]
    OtherTrunk(TrunkId),
    #[error("the link to the next page cannot be followed: {0}")]
    Page(&'static str),
    #[error("the answer has more than {limit} pages")]
    Pages { limit: usize },
    #[error("the request cannot be built: {0}")]
    Request(#[from] http::Error),
    #[error("the answer has several of what is asked for by its id")]
    Several,
    #[error("status {0}")]
    Status(StatusCode),
    #[error("sub-port `{0}` of a trunk could not be found")]
    SubPort(PortId),
    #[error("no token: {0}")]
    Token(Arc<TokenError>),
    #[error("the answer has more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("{0}")]
    Transport(String),
    #[error("the answer has port `{0}`, which was not asked for")]
    Unasked(PortId),
    #[error("Nova's list cannot tell which network a port is on")]
    Unanswerable,
}

/// Why Keystone gave no token. Shared by all the callers that waited for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("the request was abandoned")]
    Gone,
    #[error("the answer has no single, plain token header")]
    Header,
    #[error("the token's life, from `issued_at` to `expires_at`, cannot be told")]
    Life,
    #[error("the service user has no role `{0}` on its project")]
    Role(Box<str>),
}

impl From<serde_json::Error> for CallError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The text of an error and of all its causes.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        write!(text, ": {error}").ok();
        cause = error.source();
    }
    text
}
