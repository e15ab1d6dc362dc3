//! wip
#[cfg(feature = "sim")]
pub mod sim;
