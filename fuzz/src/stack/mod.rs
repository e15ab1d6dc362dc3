//! A guard with every policy, before a Nova that only records.
//!
//! * [`World`] is the cloud, the settings and the caller.
//! * [`Request`] is a request of a client that behaves, bent in any number of places.
//! * [`send`] takes one through the other.

mod neutron;
mod nova;
mod pieces;
mod request;
mod script;
mod world;

pub use nova::{Forwarded, Outcome, send, send_past};
pub use request::{Request, Wire};
pub use script::Framing;
pub use world::{Caller, World};
