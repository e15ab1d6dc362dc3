//! The workflow engine on its databases: alone, by several at once, and killed half-way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod adopt;
mod built_in;
mod child;
mod client;
mod concurrent;
mod crash;
#[path = "../common/database.rs"]
mod database;
mod document;
mod engine;
mod lab;
mod lease;
#[path = "../common/log.rs"]
mod log;
mod model;
mod trail;
mod workers;
mod world;
