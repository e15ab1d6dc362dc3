//! The audit of the simulated cloud, by the library and by the program.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod library;
mod pipelines;
mod program;
mod support;
