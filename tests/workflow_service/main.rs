//! The workflow's REST service, as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod access;
#[path = "../workflow_actions/cloud.rs"]
#[expect(dead_code, reason = "webhooks have no cloud to log in to")]
mod cloud;
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
mod same_work;
mod schemathesis;
mod search;
mod secrets;
#[path = "../workflow_messages/sink.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod sink;
mod support;
mod tasks;
mod tokens;
mod tour;
mod wire;
