//! Gateways from configuration files: paste.ini as it stands, or TOML.
//!
//! A [`Loader`] reads a file and those it refers to into a [`Plan`](crate::pipeline::Plan), of
//! which a [`Gateway`](crate::pipeline::Gateway) is built; a [`Reloader`] does it again when the
//! file changes. What each filter is called, its keys and their defaults are in `docs/CONFIG.md`,
//! or from [`Registry::describe`].
//!
//! # What is read
//!
//! 1. A file whose name ends in `.toml` is TOML, any other is [paste.ini](paste). The same
//!    sections with the same settings are equal plans, whichever format they are written in.
//! 2. The app that is served is [the one asked for](Loader::app), or else `main`, or else
//!    `osapi_compute`, as Nova calls its own.
//! 3. Sections that do not lead to that app are not built, but the names in them are checked: of
//!    factories, and of what they lead to. A factory that nobody knows is only a warning there,
//!    unless it is nearly the name of one that is known.
//! 4. A setting for the whole file (`[DEFAULT]`, or the top of a TOML file) is taken from
//!    [`Loader::set`], or else from the environment (`WAFFLEHAUS__UPSTREAM`, if
//!    [asked to](Loader::with_environment)), or else from the file. In TOML the environment
//!    reaches into sections too: `WAFFLEHAUS__FILTER__AUTHTOKEN__DEADLINE`.
//! 5. Paths in a file are relative to its folder.
//!
//! # What is a mistake
//!
//! With any of these nothing is built, and all of them are told together, each with file, line,
//! section and key:
//!
//! 6. what is no paste.ini or no TOML; a section, factory or key that there is not, with the
//!    nearest name there is;
//! 7. a value that is not of its type; a word of a list is reported on its own line;
//! 8. a pipeline that does not end in an app or has one in the middle, a circle, more than 64
//!    apps in each other; in paste.ini, a pipeline, `next` or `filter-with` that leads into
//!    another file (`use = config:` may, to what leads nowhere else);
//! 9. a role router without `routes` or `route_default`, a route without roles or pipeline, roles
//!    or a pipeline without a route;
//! 10. policies that no create could pass: lists and limits that contradict each other, in one
//!     filter or in several on one way;
//! 11. a filter or router that goes by who is calling, where nothing in front finds that out;
//! 12. a setting of the original that would open what is closed here, such as
//!     `delay_auth_decision`.
//!
//! # What is a warning
//!
//! 13. A role of two routes, and which of them wins; a filter that is off, only tells, or polices
//!     nothing because nothing leads to it; a way to Nova without policies beside one with some;
//!     a Keystone filter without an account, which refuses everything; a lookup that is missing.
//!
//! # Reloading
//!
//! 14. A [`Reloader`] reads again at SIGHUP, and if it is [watching](Reloader::watching) 200 ms
//!     after the last change in the folders of its files, or after 2 s of changes, however they
//!     are made.
//! 15. The new plan is compiled beside the one that runs and exchanged as a whole. A request goes
//!     by the plan that was there when it came. With a mistake, nothing changes.
//! 16. A filter or app whose section means the same in both plans lives on, with validated tokens,
//!     open connections, and how often users have asked.
//! 17. Each outcome is logged, and counted in `wafflehaus_reloads_total` with the label
//!     `outcome`: `exchanged`, `same` or `rejected`.
//!
//! # Secrets
//!
//! 18. The values of secrets, given in a file, in a file of their own or in the environment, are
//!     in no message, no `Debug` and no log.
//!
//! ```
//! use wafflehaus::config::Loader;
//! use wafflehaus::pipeline::Gateway;
//!
//! let file = std::env::temp_dir().join(format!("wafflehaus-doc-{}.toml", std::process::id()));
//! std::fs::write(&file, r#"
//!     upstream = "http://127.0.0.1:8774"
//!     trust_identity_headers = true
//!
//!     [pipeline.main]
//!     pipeline = ["keystonecontext", "office", "nova"]
//!
//!     [filter.keystonecontext]
//!     use = "identity"
//!
//!     [filter.office]
//!     use = "request_networks"
//!     required_nets = ["11111111-1111-4111-8111-11111111111"]
//!
//!     [app.nova]
//!     use = "nova"
//! "#)?;
//! let rejected = Loader::new().load(&file).unwrap_err();
//! assert!(rejected.to_string().ends_with(
//!     ":13: [filter.office] required_nets: `11111111-1111-4111-8111-11111111111` is not the \
//!      UUID of a network"
//! ));
//!
//! let text = std::fs::read_to_string(&file)?.replace("11111\"]", "111111\"]");
//! std::fs::write(&file, text)?;
//! let loaded = Loader::new().load(&file)?;
//! // A tower service, for `wafflehaus::proxy::serve` or any server.
//! let gateway = Gateway::new(loaded.plan);
//! # std::fs::remove_file(&file)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compile;
mod document;
mod environment;
mod factories;
mod files;
mod from_paste;
mod from_toml;
mod lines;
mod load;
mod mistake;
pub mod paste;
mod read;
mod registry;
mod reload;
mod settings;

pub use document::{Setting, Value, Word};
pub use load::{Loaded, Loader, Rejected};
pub use mistake::{Mistake, Place, looks_secret};
pub use read::{Flaw, FromSetting};
pub use registry::{Described, Registry};
pub use reload::{Reload, Reloader, StartError};
pub use settings::{Key, Settings};

pub(crate) use files::Files;
#[cfg(feature = "workflow-service")]
pub(crate) use lines::Lines;

use crate::nearest;
