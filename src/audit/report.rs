//! What an audit found.

use serde::Serialize;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// How many servers were judged.
    pub servers: usize,
    /// How many were still being built, and were not.
    pub unfinished: usize,
    /// In the order of the servers' ids.
    pub violations: Vec<Violation>,
}

/// A policy that a server breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// The server.
    pub server: String,
    /// What its owner calls it.
    pub name: String,
    /// The project that it belongs to.
    pub project: String,
    /// The policy.
    pub policy: String,
    /// The code of the refusal, as in `docs/DENIALS.md`.
    pub code: String,
    /// The refusal in words.
    pub message: String,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// So many ports are listed.
    Ports(usize),
    /// So many servers are listed.
    Servers(usize),
    /// Servers are judged.
    Judged {
        /// So many.
        servers: usize,
        /// Of so many.
        all: usize,
    },
}
