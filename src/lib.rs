#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod body;
pub mod fault;
pub mod guard;
pub mod identity;
pub mod identity_headers;
mod middleware;
pub mod nova;
#[cfg(feature = "openstack")]
pub mod openstack;
pub mod policy;
pub mod role_router;
#[cfg(feature = "sim")]
pub mod sim;
