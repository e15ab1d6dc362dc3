//! The workflow from a configuration file: what is read, what is a mistake, and the program.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/database.rs"]
mod database;
mod documents;
mod folder;
mod mistakes;
mod program;
mod reading;
