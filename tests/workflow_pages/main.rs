//! The pages for people, as browsers see them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod admin;
mod browser;
mod chromium;
#[path = "../common/database.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod database;
mod kinds;
#[path = "../common/log.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod log;
mod sign_in;
mod style;
#[path = "../workflow_service/support.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod support;
mod token;
#[path = "../common/webdriver.rs"]
mod webdriver;
