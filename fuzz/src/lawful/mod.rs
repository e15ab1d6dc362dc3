//! Requests of clients that behave: canonical forms, made by structure.

mod body;
mod elsewhere;
mod send;

use arbitrary::Arbitrary;

use crate::oracle::{
    Asked, Head,
    body::{Networks, Wish},
};

/// What a client wants. Ids are numbers, to be had from a table or as they are.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "each is named for what it asks")]
pub enum Call {
    Act {
        server: u8,
        act: Act,
        on_volumes: bool,
    },
    Attach {
        server: u8,
        wish: One,
        vendor: bool,
        tag: bool,
    },
    Create {
        networks: List,
        extras: Extras,
        collection: u8,
    },
    Detach {
        server: u8,
        port: u8,
        vendor: bool,
    },
    Elsewhere(u8),
    Events,
}

/// An action.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "Nova's own names")]
pub enum Act {
    AddFixedIp { network: u8 },
    Named(u8),
    RemoveFixedIp { address: u8 },
}

/// A network or a port.
#[derive(Clone, Copy, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub enum One {
    Network(u8),
    Port(u8),
}

/// The networks of a create.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub enum List {
    Absent,
    Auto,
    Empty,
    None,
    Of(Vec<One>),
}

/// What else is in a create.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "Nova's own names")]
pub struct Extras {
    pub name: String,
    pub max_count: Option<u8>,
    pub fixed_ip: bool,
    pub user_data: bool,
    pub spaced: bool,
}

/// How a call is addressed.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub struct Address {
    pub mounted: bool,
    pub legacy: bool,
    pub project: bool,
    pub query: u8,
}

/// Where ids come from.
pub trait Ids {
    /// The id of a network.
    fn network(&self, number: u8) -> String;
    /// The id of a port.
    fn port(&self, number: u8) -> String;
    /// The id of a server.
    fn server(&self, number: u8) -> String;
    /// A fixed address.
    fn address(&self, number: u8) -> String;
}

/// A call, as it is sent and as it is meant.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The head, with no headers.
    pub head: Head,
    /// The body.
    pub body: String,
    /// What it asks of a server's networks.
    pub asked: Option<Asked>,
}

impl List {
    /// What is meant by it.
    pub fn meant(&self, ids: &impl Ids) -> Networks {
        match self {
            Self::Absent | Self::Empty => Networks::Default,
            Self::Auto => Networks::Auto,
            Self::None => Networks::None,
            Self::Of(list) if list.is_empty() => Networks::Default,
            Self::Of(list) => {
                let wishes = list
                    .iter()
                    .take(body::MOST_NETWORKS)
                    .map(|one| one.meant(ids));
                Networks::Listed(wishes.collect())
            }
        }
    }
}

impl One {
    /// What is meant by it.
    pub fn meant(self, ids: &impl Ids) -> Wish {
        match self {
            Self::Network(it) => Wish::Network(ids.network(it)),
            Self::Port(it) => Wish::Port {
                port: ids.port(it),
                beside: None,
            },
        }
    }
}
