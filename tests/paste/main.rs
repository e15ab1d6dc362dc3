//! paste.ini: the samples of the Python middleware, Nova's own file, and generated files beside
//! CPython's and PasteDeploy's reading of them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/dice.rs"]
mod dice;
mod differential;
mod generate;
mod outcome;
mod python;
mod samples;
