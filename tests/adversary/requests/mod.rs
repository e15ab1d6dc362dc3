//! Requests that try to get round a gateway, and the same requests when they ask for nothing that
//! is not allowed: the known ways, each by its number, and whatever else can be put together.
//!
//! They are for any cloud with the networks of this module and with servers and ports as in
//! [`Ids`], simulated or real, before which a gateway lets no server be without [`REQUIRED`], on
//! [`BANNED`], or on more than [`MOST`] networks.

mod ask;
pub(crate) mod fragments;
mod ids;
mod shot;
pub(crate) mod table;

pub(crate) use ask::{ask, status};
pub(crate) use ids::*;
pub(crate) use shot::{Framing, Shot};
