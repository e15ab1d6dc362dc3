//! The rules of taking over what there is of StackTask and Adjutant.
//!
//! `adjutant.sql` has what version 13 of Adjutant wrote when it was asked for tasks of each kind,
//! with other ids and notes; `docs/MIGRATING_WORKFLOW.md` says how. `stacktask.sql` has what
//! StackTask's tables are known to have.

#![expect(
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/database.rs"]
mod database;
mod real;
mod refusals;
mod settings;
mod stacktask;
mod tasks;
mod world;
mod written;
