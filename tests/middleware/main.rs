//! Each layer as a service: what reaches Nova, and what the caller is told.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/log.rs"]
mod log;

mod audit;
mod by_project;
mod contract;
mod decisions;
mod guard;
mod parity;
mod role_router;
mod stack;
