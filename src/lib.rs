//! wip
#![forbid(unsafe_code)]
pub mod body;
pub mod fault;
pub mod guard;
#[cfg(feature = "proxy")]
mod http_client;
pub mod identity;
pub mod nova;
pub mod policy;
#[cfg(feature = "proxy")]
pub mod proxy;
