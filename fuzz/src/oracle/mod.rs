//! A second reading of requests, written from what Nova was seen to do.
//!
//! The crate refuses when in doubt. The oracle does the reverse: it says everything that some
//! release of Nova, behind some server, might take a request for.

pub mod body;
pub mod cloud;
pub mod json;
pub mod path;
pub mod query;
pub mod route;

pub use route::{Asked, Head, readings};

/// The one spelling that all spellings of a UUID come down to: Nova's own test takes `urn:`,
/// `uuid:`, braces and hyphens away, and databases may not see the case.
pub fn normal(id: &str) -> String {
    let bare = id.replace("urn:", "").replace("uuid:", "");
    let bare = bare.trim_matches(['{', '}']).replace('-', "");
    bare.trim().to_lowercase()
}
