//! Forwarding to Nova.
mod builder;
mod forwarded;
mod future;
mod head;
mod hop_by_hop;
mod outgoing;
mod serve;
mod service;
mod upgrade;
mod upstream;

pub use builder::ProxyBuilder;
pub use forwarded::{Forwarding, PeerAddr};
pub use future::ResponseFuture;
pub use serve::{Drain, ServeOptions, serve};
pub use service::Proxy;
pub use upstream::{InvalidUpstream, Upstream};

pub use crate::http_client::InvalidTrust;
