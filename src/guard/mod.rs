//! wip
mod facts;
pub use facts::{LookupError, LookupFuture, NoLookup, PortLookup};
