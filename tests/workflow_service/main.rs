//! The workflow's REST service, as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod access;
#[path = "../common/database.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod database;
mod notifications;
mod openapi;
mod openstack;
mod quiet;
mod search;
mod support;
mod tasks;
mod tokens;
mod tour;
mod wire;
