//! Requests on one server are judged one at a time, whatever becomes of them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[expect(dead_code, reason = "the cloud in memory stands for its Nova here")]
#[path = "../common/mod.rs"]
mod common;
#[expect(dead_code, reason = "there is no lock in SQLite")]
#[path = "../common/database.rs"]
mod database;

mod doubts;
mod gateways;
mod guards;
mod ports;
mod postgres;
mod stress;
mod turns;
mod world;
