//! What the cloud holds, and the few changes that more than one API makes to it.
//!
//! Ids are looked up without regard to case, as MySQL's default collation does, but kept and
//! given out as they were made. That difference is behind several of Nova's traps.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::User;
use super::clock::Clock;

#[derive(Debug)]
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) token_life: Duration,
    pub(super) users: BTreeMap<String, User>,
    pub(super) tokens: HashMap<String, Token>,
    pub(super) networks: BTreeMap<String, Network>,
    pub(super) ports: BTreeMap<String, Port>,
    pub(super) servers: BTreeMap<String, Server>,
    pub(super) trunks: BTreeMap<String, Trunk>,
    pub(super) page_cap: Option<usize>,
    pub(super) addresses: Option<Addresses>,
    sequence: u32,
}

/// Where the APIs are served, for the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) nova: SocketAddr,
    pub(super) neutron: SocketAddr,
    pub(super) keystone: SocketAddr,
}

pub(super) struct Token {
    /// Key in `users`.
    pub(super) user: String,
    pub(super) scoped: bool,
    pub(super) issued: Duration,
    pub(super) expires: Duration,
    pub(super) methods: &'static str,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) name: String,
    /// `None` belongs to nobody in particular and is shared with all.
    pub(super) project: Option<String>,
    pub(super) subnet: String,
    number: u32,
    addresses: u32,
}

impl Network {
    pub(super) fn seen_by(&self, project: &str) -> bool {
        self.project.as_deref().is_none_or(|owner| owner == project)
    }

    pub(super) fn next_address(&mut self) -> Ipv4Addr {
        self.addresses += 1;
        Ipv4Addr::from((10 << 24) | ((self.number & 0xff) << 16) | (self.addresses & 0xffff))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Port {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) network: String,
    pub(super) project: String,
    pub(super) device_id: String,
    pub(super) device_owner: String,
    pub(super) mac: String,
    pub(super) addresses: Vec<Ipv4Addr>,
    /// Existed before Nova was given it, so Nova gives it back instead of deleting it.
    pub(super) preserved: bool,
    /// When it was bound, in the order of all such events.
    bound: u32,
}

impl Port {
    pub(super) fn status(&self) -> &'static str {
        if self.device_id.is_empty() {
            "DOWN"
        } else {
            "ACTIVE"
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Trunk {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: String,
    /// The port that carries the others.
    pub(super) port: String,
    pub(super) sub_ports: Vec<SubPort>,
}

#[derive(Debug, Clone)]
pub(super) struct SubPort {
    pub(super) port: String,
    pub(super) segment: u64,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) user: String,
    pub(super) status: &'static str,
    pub(super) locked: bool,
    pub(super) created: Duration,
    pub(super) number: u32,
    /// Nova's info cache: the ports that it knows, which need not be those that Neutron has.
    pub(super) cache: Vec<String>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            clock: Clock::new(),
            token_life: Duration::from_secs(3600),
            users: BTreeMap::new(),
            tokens: HashMap::new(),
            networks: BTreeMap::new(),
            ports: BTreeMap::new(),
            servers: BTreeMap::new(),
            trunks: BTreeMap::new(),
            page_cap: None,
            addresses: None,
            sequence: 0,
        }
    }

    fn next(&mut self) -> u32 {
        self.sequence += 1;
        self.sequence
    }

    pub(super) fn network(&self, id: &str) -> Option<&Network> {
        self.networks.get(&id.to_ascii_lowercase())
    }

    pub(super) fn port(&self, id: &str) -> Option<&Port> {
        self.ports.get(&id.to_ascii_lowercase())
    }

    /// The trunk of which a port is the parent.
    pub(super) fn trunk_on(&self, port: &str) -> Option<&Trunk> {
        self.trunks.values().find(|trunk| trunk.port == port)
    }

    /// The trunk in which a port is a sub-port.
    pub(super) fn trunk_with(&self, port: &str) -> Option<&Trunk> {
        let mut trunks = self.trunks.values();
        trunks.find(|trunk| trunk.sub_ports.iter().any(|it| it.port == port))
    }

    pub(super) fn server(&self, id: &str) -> Option<&Server> {
        self.servers.get(&id.to_ascii_lowercase())
    }

    pub(super) fn new_network(&mut self, id: &str, name: &str, project: Option<&str>) {
        let number = self.next();
        let network = Network {
            id: id.to_owned(),
            name: name.to_owned(),
            project: project.map(str::to_owned),
            subnet: new_id(),
            number,
            addresses: 1,
        };
        self.networks.insert(id.to_ascii_lowercase(), network);
    }

    /// Makes a port that is nobody's NIC yet. The network is known to exist.
    pub(super) fn new_port(&mut self, id: &str, network: &str, project: &str) {
        let number = self.next();
        let [_, a, b, c] = number.to_be_bytes();
        let address = self.networks.get_mut(&network.to_ascii_lowercase());
        let port = Port {
            id: id.to_owned(),
            name: String::new(),
            network: network.to_owned(),
            project: project.to_owned(),
            device_id: String::new(),
            device_owner: String::new(),
            mac: format!("fa:16:3e:{a:02x}:{b:02x}:{c:02x}"),
            addresses: address.map(Network::next_address).into_iter().collect(),
            preserved: false,
            bound: 0,
        };
        self.ports.insert(id.to_ascii_lowercase(), port);
    }

    pub(super) fn new_server(&mut self, id: &str, name: &str, project: &str, user: &str) {
        let server = Server {
            id: id.to_owned(),
            name: name.to_owned(),
            project: project.to_owned(),
            user: user.to_owned(),
            status: "ACTIVE",
            locked: false,
            created: self.clock.now(),
            number: self.next(),
            cache: Vec::new(),
        };
        self.servers.insert(id.to_ascii_lowercase(), server);
    }

    /// Points a port at a device, as Neutron records it.
    pub(super) fn bind(&mut self, port: &str, device: &str, owner: &str) {
        let bound = self.next();
        if let Some(port) = self.ports.get_mut(&port.to_ascii_lowercase()) {
            port.device_id = device.to_owned();
            port.device_owner = owner.to_owned();
            port.bound = bound;
        }
    }

    /// Gives a server a new port on a network, as Nova does, and remembers it in Nova's cache.
    pub(super) fn plug(&mut self, server: &str, network: &str, project: &str) -> String {
        let port = new_id();
        self.new_port(&port, network, project);
        self.bind(&port, server, COMPUTE);
        self.remember(server, &port);
        port
    }

    pub(super) fn remember(&mut self, server: &str, port: &str) {
        if let Some(server) = self.servers.get_mut(&server.to_ascii_lowercase())
            && !server.cache.iter().any(|known| known == port)
        {
            server.cache.push(port.to_owned());
        }
    }

    pub(super) fn forget(&mut self, server: &str, port: &str) {
        if let Some(server) = self.servers.get_mut(&server.to_ascii_lowercase()) {
            server.cache.retain(|known| known != port);
        }
    }

    /// Takes a port from its server: gone if Nova made it, free again if it was there before.
    pub(super) fn unplug(&mut self, server: &str, port: &str) {
        self.forget(server, port);
        let key = port.to_ascii_lowercase();
        match self.ports.get_mut(&key) {
            Some(port) if port.preserved => {
                port.preserved = false;
                port.device_id.clear();
                port.device_owner.clear();
            }
            Some(_) => {
                self.ports.remove(&key);
            }
            None => {}
        }
    }

    /// The ports that Neutron associates with a device, in the order they came to it.
    pub(super) fn ports_of(&self, device: &str) -> Vec<&Port> {
        let mut ports: Vec<_> = self
            .ports
            .values()
            .filter(|port| port.device_id.eq_ignore_ascii_case(device))
            .collect();
        ports.sort_by_key(|port| port.bound);
        ports
    }
}

/// The owner that Nova writes on the ports of its servers.
pub(super) const COMPUTE: &str = "compute:nova";

pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
