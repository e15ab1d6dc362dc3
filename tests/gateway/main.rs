//! The whole gateway over sockets: identity headers, role router, guards, lookup, forwarding, in
//! front of the simulated cloud.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod by_project;
mod lookup;
mod support;
mod wire;
