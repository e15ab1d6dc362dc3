//! wip
#![forbid(unsafe_code)]
pub mod body;
pub mod fault;
pub mod guard;
pub mod identity;
mod middleware;
pub mod nova;
pub mod policy;
