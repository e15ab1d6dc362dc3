//! wip
mod denial;
pub use denial::{Denial, DenialKind};
