//! Configurations from files: what they come to, how that runs, and what is said of bad ones.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod bad;
mod kept;
mod mechanisms;
mod program;
mod running;
mod samples;
mod support;
mod twins;
