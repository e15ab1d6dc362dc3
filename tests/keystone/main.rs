//! The Keystone layer: whose request it is, and what a client cannot make it believe.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/tls.rs"]
mod authority;
mod client;
mod common;
mod contract;
mod failure;
mod forged;
#[path = "../common/log.rs"]
mod log;
mod memory;
mod own_credential;
mod secrets;
mod tokens;
mod told;
