//! Neutron and Nova as a source of facts, asked over HTTP with a service credential.
//!
//! [`NeutronLookup`] is the authority on ports. [`NovaLookup`] can stand in for attach and detach,
//! by way of [`Fallback`], and tells whose a server is.
//!
//! # Lookups
//!
//! 1. [`NeutronLookup`] tells of ports by their ids, in batches whose URLs stay below 4 KiB, and
//!    of a server's ports by `device_id`, whoever owns them. It reads every page (64 at most).
//!    Of a link to the next page only the marker is used: no call ever goes anywhere but to
//!    the endpoint.
//! 2. [`NovaLookup`] tells of a server's ports. A server that Nova says it does not know has
//!    none; a 404 that is not Nova's own is a failure. Of ports by their ids it tells only if
//!    all of them are on the server they are to be detached from; otherwise it fails. Whose a
//!    server is, it tells as Nova shows the server; one that Nova does not know is nobody's.
//!    As a [`DeviceLookup`](crate::neutron::DeviceLookup), [`NeutronLookup`] tells what a port or
//!    a trunk is a part of.
//!    [`Inventory`] lists all servers and all their ports, page by page.
//! 3. [`Fallback`] asks its second lookup when the first fails, and never mixes their answers.
//!    When both fail the error names both.
//! 4. Nothing is cached: ports come and go.
//!
//! # What is a failure
//!
//! 5. An answer that is not wholly what it should be: another status, no JSON, a field that is
//!    missing or comes twice, an id that is not canonical, a port or server that was not asked for,
//!    a port on two networks, too many pages or bytes. There is no partial answer. Fields that are
//!    not asked for are ignored.
//! 6. A lookup that is not over at its deadline ([`ClientBuilder::deadline`], 10 s), which counts
//!    for all its calls together. A fallback has a deadline of its own.
//!
//! Every failure is a [`LookupError`](crate::guard::LookupError), and so a refusal with 503.
//!
//! # The credential
//!
//! 7. One token serves all lookups. It is asked for when first needed, and by one request however
//!    many wait for it; they share its outcome, and a failure stands for a second.
//! 8. A token is renewed when it is needed after 80 % of its life. The life is what Keystone's
//!    answer says, from `issued_at` to `expires_at`, so clocks need not agree. The old token
//!    serves until the new one is there.
//! 9. A service that refuses a token (401) is asked once more with a new one. A second 401 is a
//!    failure.
//! 10. A token without the role `admin` (or what [`ServiceCredential::role`] says) is refused:
//!     to others Neutron and Nova answer as if the ports of other projects did not exist.
//!     [`ServiceCredential::any_role`] is for one that serves no lookups.
//!
//! # Secrets and the log
//!
//! 11. Passwords, secrets and tokens are in no `Debug`, `Display`, error or log event.
//! 12. Each call is an event at `debug` (service, method, path without query, status, duration),
//!     each failed lookup one at `warn`.
//! 13. TLS is rustls with ring; it trusts the authorities that are
//!     [given](ClientBuilder::certificate_authority), or else the system's, and speaks HTTP/2
//!     where the server does. A system that trusts none is a warning when the client is built,
//!     and each `https` call fails. Redirects are not followed.
//!
//! # Deployment caveat
//!
//! The role check is all that stands between a credential with too few rights and answers that
//! are silently short: change the role only together with the policies of Neutron and Nova.
//!
//! ```no_run
//! use wafflehaus::openstack::{
//!     AuthMethod, Client, Fallback, Named, NeutronLookup, NovaLookup, ServiceCredential,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credential = ServiceCredential::new(
//!     Client::builder().build()?,
//!     "https://cloud.example/identity".parse()?,
//!     AuthMethod::Password {
//!         user: Named::in_domain("wafflehaus", "Default"),
//!         password: std::fs::read_to_string("/etc/wafflehaus/password")?.trim_end().into(),
//!         project: Named::in_domain("service", "Default"),
//!     },
//! );
//! let lookup = Fallback::new(
//!     NeutronLookup::new("https://cloud.example/networking".parse()?, credential.clone()),
//!     NovaLookup::new("https://cloud.example/compute/v2.1".parse()?, credential),
//! );
//! # Ok(())
//! # }
//! ```

mod answer;
mod auth;
mod client;
mod credential;
mod device;
mod endpoint;
mod error;
mod fallback;
#[cfg(feature = "workflow-service")]
mod holder;
mod inventory;
mod neutron;
mod nova;
mod page;
mod service;
mod token;

pub use auth::{AuthMethod, Domain, Named};
pub use client::{Client, ClientBuilder};
pub use credential::ServiceCredential;
pub use endpoint::Endpoint;
pub use fallback::Fallback;
pub use inventory::{Inventory, ListedServer};
pub use neutron::NeutronLookup;
pub use nova::NovaLookup;

#[cfg(feature = "keystone")]
pub(crate) use answer::parsed;
#[cfg(feature = "workflow-service")]
pub(crate) use holder::Holder;
#[cfg(feature = "workflow")]
pub(crate) use service::Question;
#[cfg(any(feature = "keystone", feature = "workflow"))]
pub(crate) use {
    answer::{Object, read},
    client::Answer,
    error::CallError,
    service::Service,
};

pub use crate::{base_url::InvalidBaseUrl, http_client::InvalidTrust};
