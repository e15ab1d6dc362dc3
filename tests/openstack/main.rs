//! The rules of `wafflehaus::openstack`, by their numbers, against a cloud on 127.0.0.1.

#![expect(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/tls.rs"]
mod authority;
mod cloud;
mod credential;
mod device;
mod fallback;
#[path = "../common/log.rs"]
mod log;
mod malformed;
mod neutron;
mod nova;
mod secrets;
mod slow;
mod telling;
mod tls;
