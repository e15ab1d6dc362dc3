//! A second reading of requests, written from what Nova was seen to do.
//!
//! The crate refuses when in doubt. The oracle does the reverse: it says everything that some
//! release of Nova, behind some server, might take a request for. Only `strict` says what the crate
//! has to read, too: that is what the bodies of requests were read by before.

pub mod body;
pub mod cloud;
pub mod json;
pub mod path;
pub mod query;
pub mod route;
#[path = "../../../tests/bodies/oracle.rs"]
pub(crate) mod strict;

pub use route::{Asked, Head, readings};

/// The one spelling that all spellings of a UUID come down to: Nova's own test takes `urn:`,
/// `uuid:`, braces and hyphens away, and databases may not see the case.
pub fn normal(id: &str) -> String {
    let bare = id.replace("urn:", "").replace("uuid:", "");
    let bare = bare.trim_matches(['{', '}']).replace('-', "");
    bare.trim().to_lowercase()
}
