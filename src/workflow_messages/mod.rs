//! Messages.

mod engines;
mod mail;
mod messages;
mod mistake;
mod preview;
mod sample;
mod settings;
mod smtp;
mod templates;
mod view;

pub use messages::Messages;
pub use mistake::{InvalidMessages, Mistake};
pub use preview::{NoPreview, Preview};
pub use settings::MessageSettings;
