//! The filters around the policies, and what holds a pipeline together.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod explain;
mod filters;
mod paths;
mod support;
