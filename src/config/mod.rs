//! Gateways from configuration files.

mod mistake;
pub mod paste;

pub use mistake::{Mistake, Place, looks_secret};
