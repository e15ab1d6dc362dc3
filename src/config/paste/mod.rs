//! paste.ini as it stands, with the place of everything in it.
//!
//! [`Ini`] is the grammar, which is that of CPython's `configparser`. [`Deploy`] is what
//! PasteDeploy makes of it: sections with what they inherit, and what they refer to. Neither does
//! IO: the text of other files comes from a function of the caller's.
//!
//! ```
//! use std::{io, path::Path};
//! use wafflehaus::config::paste::{Body, Deploy, Role};
//!
//! let text = "\
//! [pipeline:main]
//! pipeline = networks nova
//!
//! [filter:networks]
//! paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory
//! required_nets = 00000000-0000-0000-0000-000000000000
//!                 net1
//!
//! [app:nova]
//! paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
//! ";
//! let path = Path::new("/etc/nova/api-paste.ini");
//! let deploy = Deploy::read(path, text, |_| Err(io::ErrorKind::NotFound.into())).unwrap();
//! let main = deploy.section(Role::App, "main").unwrap();
//! let Body::Pipeline(items) = &main.body else { panic!() };
//! let networks = deploy.get(&items[0]).unwrap();
//! let (word, place) = networks.settings["required_nets"].words().last().unwrap();
//! assert_eq!(format!("{place}: {word}"), "/etc/nova/api-paste.ini:7: net1");
//!
//! let wrong = text.replace("networks nova", "netwroks nova");
//! let mistakes = Deploy::read(path, &wrong, |_| Err(io::ErrorKind::NotFound.into())).unwrap_err();
//! assert_eq!(
//!     mistakes[0].to_string(),
//!     "/etc/nova/api-paste.ini:2: [pipeline:main] pipeline: there is no filter `netwroks`; \
//!      did you mean `networks`?",
//! );
//! ```
//!
//! A value is in no `Debug`, and that of a key that [looks secret](super::looks_secret) in no
//! message.

mod deploy;
mod ini;
mod path;

pub use deploy::{Body, Deploy, Factory, Kind, Protocol, Reference, Role, Section};
pub use ini::{Block, Ini, Setting};
