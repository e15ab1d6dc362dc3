//! Requests that try to get round the gateway, and requests that must get through it, judged by
//! what a simulated cloud has become afterwards.
//!
//! The cloud reads requests for itself, as Nova does, so a request that the gateway and Nova
//! read differently shows up as a server on a network where it may not be.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod catalogue;
mod clients;
mod gateway;
mod generated;
mod operations;
mod regressions;
mod requests;
mod trunks;
mod upstream;
mod wire;
mod world;
