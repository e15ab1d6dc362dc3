//! The ports of a cloud, and what a request that reaches Nova would do to the rules.

use std::{collections::BTreeSet, net::IpAddr};

use super::{
    Asked,
    body::{self, Act, Networks, Wish},
    normal,
};

/// A port in Neutron.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "Neutron's own names")]
pub struct Port {
    pub id: String,
    pub network: String,
    pub addresses: Vec<String>,
    /// The networks of a trunk's sub-ports.
    pub trunk: Vec<String>,
    /// The server that has it.
    pub server: Option<String>,
}

/// The rules that hold for every server, by the ids of networks.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is named as in the policies")]
pub struct Rules {
    /// Stays with every server that is on it.
    pub required: String,
    /// A new server must be on it, too.
    pub required_of_create: bool,
    pub banned: String,
    pub optional: String,
    pub networks_max: usize,
    pub interfaces_max: Option<usize>,
}

/// All ports, and the rules.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are named")]
pub struct Cloud {
    pub ports: Vec<Port>,
    pub rules: Rules,
}

/// How much of a doubt is harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Only what would break a rule.
    Broken,
    /// Also what may be refused of a client that behaves: what is not known to the cloud, and
    /// what leaves a server as far above a limit as it was.
    Doubtful,
}

impl Cloud {
    /// Which rule a request would break if it reached Nova. `service` is whether the caller is
    /// one of the cloud's own.
    pub fn harm(
        &self,
        asked: &Asked,
        body: &[u8],
        service: bool,
        measure: Measure,
    ) -> Option<&'static str> {
        match asked {
            Asked::Action { server } => body::actions(body)
                .ok()?
                .into_iter()
                .find_map(|act| self.act(server, &act, measure)),
            Asked::AdminInterfaces => Some("interfaces are changed past every rule"),
            Asked::Attach { server, vendor } => match body::attach(body, *vendor).ok()? {
                Some(wish) => match self.find(&wish) {
                    Some(interface) => self.one_more(server, interface, measure),
                    None => Some("an unknown port is attached"),
                },
                None => Some("the network is left to Nova"),
            },
            Asked::Create => self.create(&body::create(body).ok()?),
            Asked::Detach { port, .. } => match self.port(port) {
                Some(port) if port.network == self.rules.required => {
                    Some("a required network goes")
                }
                Some(_) => None,
                None => (measure == Measure::Doubtful).then_some("an unknown port is detached"),
            },
            Asked::Events => (!service).then_some("a tenant tells of events"),
        }
    }

    fn create(&self, networks: &Networks) -> Option<&'static str> {
        let wishes = match networks {
            Networks::Auto | Networks::Default => return Some("the networks are left to Nova"),
            Networks::None => &[],
            Networks::Listed(wishes) => &**wishes,
        };
        let Some(interfaces) = wishes
            .iter()
            .map(|wish| self.find(wish))
            .collect::<Option<Vec<_>>>()
        else {
            return Some("an unknown port is used");
        };
        let own: BTreeSet<_> = interfaces
            .iter()
            .filter_map(|reached| reached.first())
            .collect();
        if self.rules.required_of_create && !own.contains(&self.rules.required) {
            return Some("a required network is missing");
        }
        self.limits(&interfaces)
    }

    fn act(&self, server: &str, act: &Act, measure: Measure) -> Option<&'static str> {
        match act {
            Act::AddFixedIp(network) => {
                let network = normal_network(network);
                if network != self.rules.banned
                    && self.of(server).any(|port| port.network == network)
                {
                    return None;
                }
                self.one_more(server, vec![network], measure)
            }
            Act::Bind => self.limits(&self.of(server).map(reached).collect::<Vec<_>>()),
            Act::Harmless => None,
            Act::RemoveFixedIp(address) => {
                let same =
                    |other: &String| match (other.parse::<IpAddr>(), address.parse::<IpAddr>()) {
                        (Ok(one), Ok(two)) => one == two,
                        _ => other == address,
                    };
                let mut owners = self
                    .of(server)
                    .filter(|port| port.addresses.iter().any(same))
                    .peekable();
                if owners.peek().is_none() && measure == Measure::Doubtful {
                    return Some("an unknown address goes");
                }
                owners
                    .any(|port| port.addresses.len() == 1 && port.network == self.rules.required)
                    .then_some("the last address on a required network goes")
            }
            Act::Unknown => Some("nobody knows this action"),
        }
    }

    /// One interface more, by what it reaches.
    fn one_more(&self, server: &str, one: Vec<String>, measure: Measure) -> Option<&'static str> {
        if one.contains(&self.rules.banned) {
            return Some("a banned network is attached");
        }
        let mut interfaces: Vec<_> = self.of(server).map(reached).collect();
        let before = self.counted(&interfaces);
        interfaces.push(one);
        let after = self.counted(&interfaces);
        if after > self.rules.networks_max && (after > before || measure == Measure::Doubtful) {
            return Some("too many networks");
        }
        self.too_many(interfaces.len())
    }

    fn limits(&self, interfaces: &[Vec<String>]) -> Option<&'static str> {
        if interfaces
            .iter()
            .flatten()
            .any(|network| *network == self.rules.banned)
        {
            return Some("a banned network is used");
        }
        if self.counted(interfaces) > self.rules.networks_max {
            return Some("too many networks");
        }
        self.too_many(interfaces.len())
    }

    fn too_many(&self, interfaces: usize) -> Option<&'static str> {
        let most = self.rules.interfaces_max?;
        (interfaces > most).then_some("too many interfaces")
    }

    fn counted(&self, interfaces: &[Vec<String>]) -> usize {
        let all: BTreeSet<_> = interfaces.iter().flatten().collect();
        all.iter()
            .filter(|network| ***network != self.rules.optional)
            .count()
    }

    /// What an interface would reach, its own network first; nothing for a port that is not
    /// there.
    fn find(&self, wish: &Wish) -> Option<Vec<String>> {
        match wish {
            Wish::Network(network) => Some(vec![normal_network(network)]),
            Wish::Port { port, .. } => self.port(port).map(reached),
        }
    }

    fn port(&self, id: &str) -> Option<&Port> {
        self.ports
            .iter()
            .find(|port| normal(&port.id) == normal(id))
    }

    fn of<'a>(&'a self, server: &'a str) -> impl Iterator<Item = &'a Port> {
        let has = move |port: &&Port| {
            port.server
                .as_deref()
                .is_some_and(|its| normal(its) == normal(server))
        };
        self.ports.iter().filter(has)
    }
}

fn reached(port: &Port) -> Vec<String> {
    let mut networks = vec![port.network.clone()];
    networks.extend(port.trunk.iter().cloned());
    networks
}

/// The network's id as the rules have it, if the text is one in any spelling.
fn normal_network(id: &str) -> String {
    let digits = normal(id);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part));
    match parts.into_iter().collect::<Option<Vec<_>>>() {
        Some(parts) if digits.len() == 32 => parts.join("-"),
        _ => id.to_owned(),
    }
}
