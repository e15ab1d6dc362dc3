//! The proxy over real sockets: what reaches Nova byte by byte, and what comes back.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[path = "../common/tls.rs"]
mod authority;
mod common;
mod failures;
mod heads;
#[path = "../common/log.rs"]
mod log;
mod serving;
mod streaming;
mod tls;
mod upgrades;
