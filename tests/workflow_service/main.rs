//! The workflow's REST service, as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod access;
#[path = "../common/database.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod database;
#[path = "../common/log.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod log;
mod notifications;
mod openapi;
mod openstack;
mod quiet;
mod search;
mod secrets;
mod support;
mod tasks;
mod tokens;
mod tour;
mod wire;
