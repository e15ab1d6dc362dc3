//! Messages on their way: to a mail server, to Request Tracker, to a webhook.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../workflow_actions/cloud.rs"]
#[expect(dead_code, reason = "operators have no cloud to log in to")]
mod cloud;
#[path = "../common/database.rs"]
#[expect(dead_code, reason = "one kind of database is enough here")]
mod database;
mod delivery;
mod engines;
mod lab;
#[path = "../common/log.rs"]
#[expect(dead_code, reason = "the text of the log is enough here")]
mod log;
mod mails;
mod secrets;
mod server;
mod settings;
mod sink;
mod templates;
#[path = "../common/tls.rs"]
mod tls;
