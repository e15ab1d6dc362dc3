//! What a Nova request means: one reader for paths, one for bodies, used by every layer.
//!
//! # Paths
//!
//! 1. A path is read after one percent-decoding, with runs of slashes collapsed, below the
//!    [`Mount`] prefix, the version prefix (`/v2.1` or `/v2`) and an optional project segment,
//!    whatever project that names. A trailing slash makes no difference.
//! 2. [`Operation::of`] recognises: creating a server (`POST …/servers`, and its other names
//!    `os-volumes_boot` and `os-create-server-ext`), attaching
//!    (`POST …/servers/{id}/os-interface`) and detaching (`DELETE …/os-interface/{port}`) an
//!    interface, both by the vendor extension `os-virtual-interfacesv2`, a server's actions
//!    (`POST …/servers/{id}/action`, also below `os-volumes_boot`), and
//!    `POST …/os-server-external-events`. Everything else is [`Operation::Other`].
//! 3. Refused as [`Unclear`], whatever the method: a path that servers read in different ways
//!    (see [`canonical_path`]), and a query that overrides the method (`_method`).
//! 4. Refused as [`Unclear`] unless the method only reads: a method Nova has no route for; one
//!    of the paths above where it is not expected (no version prefix, so that a header would
//!    choose the API; another mount; a `.json` or `.xml` suffix); the vendor's
//!    `admin-virtual-interfaces`; a server or port id that is not canonical.
//!
//! # Bodies
//!
//! 5. A body is one JSON document in UTF-8, where it is skipped too. The objects that are looked into must be objects,
//!    and a key that comes twice in one of them is an error, after `\u` escapes are decoded.
//! 6. Nova lets `port` win over `uuid` in a requested network, silently. So does this reader,
//!    but it keeps the `uuid`, and a policy refuses one that is not the port's network.
//! 7. Ids are canonical UUIDs or an error. At most 256 networks can be requested.
//! 8. What no policy looks at is skipped, not judged: Nova decides about it.
//!
//! The rules do not depend on the microversion: every shape is read at every version.
//!
//! ```
//! use http::{Method, Uri};
//! use wafflehaus::nova::{Mount, Operation};
//!
//! let uri = Uri::from_static("//v2.1/%73ervers");
//! assert_eq!(Operation::of(&Method::POST, &uri, &Mount::root()), Ok(Operation::CreateServer));
//!
//! let uri = Uri::from_static("/v2.1/servers?_method=POST");
//! assert!(Operation::of(&Method::PUT, &uri, &Mount::root()).is_err());
//! ```
//!
//! # Not read
//!
//! Floating addresses and security groups: they choose no networks. What tenants do in Neutron
//! itself.

mod id;
mod interface_attach;
mod invalid_body;
pub(crate) mod json;
mod mount;
mod operation;
mod path;
mod port;
mod request_body;
mod requested_network;
mod server_action;
mod server_create;
mod unclear;
mod versions;

pub use id::{InvalidId, NetworkId, PortId, ServerId, TrunkId};
pub use interface_attach::InterfaceAttach;
pub use invalid_body::InvalidBody;
pub use mount::Mount;
pub use operation::{AttachApi, Operation};
pub(crate) use operation::{MOST_SEGMENTS, readable_path, split};
pub use path::canonical_path;
pub use port::Port;
pub use request_body::RequestBody;
pub use requested_network::RequestedNetwork;
pub use server_action::ServerAction;
pub use server_create::{RequestedNetworks, ServerCreate};
pub use unclear::Unclear;
pub use versions::reads_versions;
