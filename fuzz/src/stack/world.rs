//! The cloud, the settings of the guard, and the caller.

use arbitrary::Arbitrary;
use wafflehaus::{
    identity::{Identity, ProjectId, Role, UserId},
    policy::{DetachNetworkCheck, NetworkCountCheck, RequestNetworks},
};

use crate::{
    lawful::Ids,
    oracle::cloud::{self, Cloud, Rules},
};

/// What a request meets.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub struct World {
    /// Which of the first eight ports the first server has.
    pub attached: u8,
    pub caller: Caller,
    pub interfaces_max: Option<u8>,
    pub mounted: bool,
    pub networks_max: u8,
    /// A limit below the size of some bodies.
    pub short: bool,
    /// A guard for each policy, in place of one for all.
    pub stacked: bool,
    /// A server need not be on any network.
    pub lenient: bool,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub enum Caller {
    Member,
    Nobody,
    Service,
    Unscoped,
}

const REQUIRED: u8 = 0;
const BANNED: u8 = 1;
const OPTIONAL: u8 = 2;
const PLAIN: u8 = 3;
const SPARE: u8 = 4;
const NETWORKS: u8 = 5;

/// The network of each port, and those of its trunk.
const PORTS: [(u8, &[u8]); 10] = [
    (REQUIRED, &[]),
    (BANNED, &[]),
    (OPTIONAL, &[]),
    (PLAIN, &[]),
    (SPARE, &[]),
    (PLAIN, &[BANNED]),
    (REQUIRED, &[]),
    (PLAIN, &[SPARE, OPTIONAL]),
    // The second server's.
    (REQUIRED, &[]),
    (PLAIN, &[]),
];

/// Ids that are in use, but for one port and one server more.
impl Ids for World {
    fn network(&self, number: u8) -> String {
        format!(
            "abcdef0{0}-c0de-4aaa-8bbb-fedcba98760{0}",
            number % NETWORKS
        )
    }

    fn port(&self, number: u8) -> String {
        format!("10fe1dc{0:x}-9c38-4d5a-b4b1-0f1e2d3c4b5{0:x}", number % 11)
    }

    fn server(&self, number: u8) -> String {
        format!("90389fe{0}-e5c8-4dc9-9777-532dc521fbf{0}", number % 3)
    }

    fn address(&self, number: u8) -> String {
        let host = 1 + number % 11;
        if number >= 128 {
            format!("fd00::{host:x}")
        } else {
            format!("10.0.0.{host}")
        }
    }
}

impl World {
    /// The cloud, as the oracle has it.
    pub fn cloud(&self) -> Cloud {
        let ports = (0_u8..).zip(PORTS).map(|(number, (network, trunk))| {
            let server = match number {
                0..8 if self.attached >> number & 1 == 1 => Some(0),
                0..8 => None,
                _ => Some(1),
            };
            let mut addresses = vec![self.address(number)];
            if number % 4 == 0 {
                // The same host's, in the other family.
                addresses.push(self.address(number + 11 * 12));
            }
            cloud::Port {
                id: self.port(number),
                network: self.network(network),
                addresses,
                trunk: trunk.iter().map(|&network| self.network(network)).collect(),
                server: server.map(|server| self.server(server)),
            }
        });
        Cloud {
            ports: ports.collect(),
            rules: Rules {
                required: self.network(REQUIRED),
                required_of_create: !self.lenient,
                banned: self.network(BANNED),
                optional: self.network(OPTIONAL),
                networks_max: self.networks_max(),
                interfaces_max: self.interfaces_max(),
            },
        }
    }

    /// The policies that hold the rules.
    pub fn policies(&self) -> (RequestNetworks, DetachNetworkCheck, NetworkCountCheck) {
        let id = |number| self.network(number).parse().expect("an id");
        let required = if self.lenient {
            vec![]
        } else {
            vec![id(REQUIRED)]
        };
        let mut count = NetworkCountCheck::builder()
            .banned_nets([id(BANNED)])
            .optional_nets([id(OPTIONAL)])
            .networks_min(required.len())
            .networks_max(self.networks_max());
        if let Some(most) = self.interfaces_max() {
            count = count.interfaces_max(most);
        }
        (
            RequestNetworks::new(required, [id(BANNED)]).expect("settings"),
            DetachNetworkCheck::new([id(REQUIRED)]),
            count.build().expect("settings"),
        )
    }

    /// The most bytes of a body.
    pub fn body_limit(&self) -> usize {
        if self.short { 100 } else { 114_688 }
    }

    fn networks_max(&self) -> usize {
        1 + usize::from(self.networks_max % 4)
    }

    fn interfaces_max(&self) -> Option<usize> {
        self.interfaces_max.map(|most| 1 + usize::from(most % 6))
    }
}

impl Caller {
    /// As an authenticating layer has it.
    pub fn identity(self) -> Option<Identity> {
        let caller = Identity::new(UserId::new("alice").expect("an id"));
        let scoped = |role| {
            let project = ProjectId::new("6f70656e737461636b").expect("an id");
            caller
                .clone()
                .project(project)
                .role(Role::new(role).expect("a role"))
        };
        match self {
            Self::Member => Some(scoped("member")),
            Self::Nobody => None,
            Self::Service => Some(scoped("service")),
            Self::Unscoped => Some(caller),
        }
    }

    /// Whether a judged request of this caller can pass.
    pub fn is_scoped(self) -> bool {
        matches!(self, Self::Member | Self::Service)
    }
}
