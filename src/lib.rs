//! wip
#![forbid(unsafe_code)]
pub mod body;
pub mod fault;
pub mod guard;
pub mod identity;
pub mod nova;
#[cfg(feature = "openstack")]
pub mod openstack;
pub mod policy;
