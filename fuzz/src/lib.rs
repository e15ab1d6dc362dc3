//! What the fuzz targets run, and what they hold the crate against.
//!
//! * [`oracle`] reads a request the way Nova and the servers in front of it do: slowly, plainly
//!   and with no code of the crate. Where releases or servers differ, every reading counts.
//! * [`lawful`] makes the requests of clients that behave.
//! * [`stack`] puts a guard with every policy before a service that records.
//! * [`targets`] has one function for each target.
//!
//! `docs/FUZZING.md` says what each target claims and how to run it.

pub mod lawful;
pub mod oracle;
pub mod stack;
pub mod targets;
