//! paste.ini as PasteDeploy reads it.

mod deploy;
mod ini;
mod path;

pub use deploy::{Body, Deploy, Factory, Kind, Protocol, Reference, Role, Section};
pub use ini::{Block, Ini, Setting};
