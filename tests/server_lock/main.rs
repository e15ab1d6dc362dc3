//! Requests on one server are judged one at a time, whatever becomes of them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/mod.rs"]
mod common;

mod doubts;
mod guards;
mod stress;
mod turns;
mod world;
