mod compile;
mod document;
mod environment;
mod factories;
mod files;
mod from_paste;
mod from_toml;
mod load;
mod mistake;
mod nearest;
pub mod paste;
mod read;
mod registry;
mod reload;
mod settings;

pub use document::{Setting, Value, Word};
pub use load::{Loaded, Loader, Rejected};
pub(crate) use mistake::looks_secret;
pub use mistake::{Mistake, Place};
pub use read::{Flaw, FromSetting};
pub use registry::{Described, Registry};
pub use reload::{Reload, Reloader, StartError};
pub use settings::{Key, Settings};

pub(crate) use files::Files;
