//! The port guard in front of the simulated Neutron, with lookups over sockets.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod bypass;
mod changes;
mod configured;
mod guard;
mod support;
mod trunks;
