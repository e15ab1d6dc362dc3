//! Keystone, Nova and Neutron in memory: a cloud to put a gateway in front of.
//!
//! It exists to be honest about what a request *does*. It reads requests for itself, the way
//! Nova's Python does, and shares no reader with the rest of this crate; so what a gateway lets
//! through is seen in what the cloud becomes, not in what the gateway thought of it.
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use tower_service::Service;
//! use wafflehaus::sim::{Api, Cloud, User};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let cloud = Cloud::new();
//! cloud.add_network("abcdef01-c0de-4aaa-8bbb-fedcba987601", "private")?;
//! cloud.add_user(User::new("ann", "0a0a"))?;
//! cloud.add_token("ann-token", "ann")?;
//!
//! let request = http::Request::post("/v2.1/servers")
//!     .header("x-auth-token", "ann-token")
//!     .body(Full::new(Bytes::from(r#"{"server": {"name": "s", "flavorRef": "1"}}"#)))?;
//! let answer = cloud.service(Api::Nova).call(request).await?;
//! assert_eq!(answer.status(), 202);
//! // No network was named, and the server has one.
//! assert_eq!(cloud.server_count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it imitates
//!
//! Nova 2025.1 (microversions 2.1 to 2.100 and `/v2`), the last whose `os-volumes_boot` is an
//! alias of `servers`, with its database on MySQL. Where web servers in front of Nova differ,
//! the reading that lets more through is taken: dot segments are resolved and underscores in
//! header names folded as uWSGI does, chunked bodies are decoded as gunicorn does. Beside the
//! plain operations on servers and interfaces these are there on purpose:
//!
//! 1. Paths are decoded once, runs of slashes collapse, one line feed at the end goes unnoticed,
//!    and a slash at the end does not. A project in the path has to be the token's.
//! 2. A `version` parameter of `Content-Type` or `Accept` can stand in for the path prefix.
//! 3. `_method` in the query changes the method for routing only; whether a body is read goes by
//!    the method that was sent.
//! 4. In JSON the last of several equal keys wins. `port` beats `uuid`. `/v2` drops keys it does
//!    not know.
//! 5. Without a network named, the only one that is visible is attached.
//! 6. A server id in upper case finds the server, and attaching through it answers 404 **although
//!    it attached**. A port id in upper case makes attach answer 500 **although it attached**, and
//!    Nova cannot detach that port.
//! 7. Detaching answers 202 whatever comes of it.
//! 8. Identity headers from outside mean nothing; role names match without regard to case, and
//!    are split at commas.
//! 9. Neutron lets a project point its port at any server, and Nova then lists it. `unshelve`
//!    makes such a port one that Nova knows.
//! 10. Neutron takes `index` behind a resource for the resource, skips the name of a plugin in
//!     front of a collection, and prefers a list of resources to one beside it.
//!
//! # What it does not
//!
//! * Servers are ACTIVE at once, and attaching and detaching are done when the answer is given.
//! * Quotas, flavors, images, key pairs, volumes, security groups, floating addresses,
//!   migration and external events are not there; nor are filters of Nova's lists (`all_tenants`
//!   is).
//! * Schemas are checked as far as they bear on networks; which keys a server may have does not
//!   depend on the microversion here, and arguments of most actions are not looked at.
//! * JSON that Python reads and `serde_json` does not (NaN, lone surrogates, nesting past 127) is
//!   refused.
//! * Of `auto`, only the single visible network; no topology is allocated.
//! * Keystone knows passwords and tokens, one domain, and one project for each user.
//! * Nova and Neutron ask for a token's state each time; the real ones remember it for minutes.
//!
//! The vendor's `os-virtual-interfacesv2` is served although Nova itself never had it.

mod call;
mod clock;
mod inject;
mod keystone;
mod listen;
mod neutron;
mod nova;
mod seed;
mod service;
mod state;
mod token;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::inject::Desk;
use self::state::State;

pub use self::inject::{Failure, Received};
pub use self::listen::Endpoints;
pub use self::seed::{SeedError, User};
pub use self::service::{Answering, CloudService};

/// The three services of a [`Cloud`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// The Identity API, version 3.
    Keystone,
    /// The Network API, version 2.0.
    Neutron,
    /// The Compute API, `/v2.1` and `/v2`.
    Nova,
}

/// A cloud in memory. Clones are the same cloud.
#[derive(Debug, Clone)]
pub struct Cloud {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    keystone: Desk,
    neutron: Desk,
    nova: Desk,
}

impl std::fmt::Debug for Shared {
    /// Says nothing of what is inside: passwords and tokens are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self, api: Api) -> &Desk {
        match api {
            Api::Keystone => &self.keystone,
            Api::Neutron => &self.neutron,
            Api::Nova => &self.nova,
        }
    }
}

impl Cloud {
    /// A cloud with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::new()),
                keystone: Desk::new(),
                neutron: Desk::new(),
                nova: Desk::new(),
            }),
        }
    }

    /// One of the APIs as a service in this process.
    #[must_use]
    pub fn service(&self, api: Api) -> CloudService {
        CloudService::new(self.shared.clone(), api)
    }

    /// The networks of a server, one for each NIC, in the order they came to it.
    ///
    /// This is Neutron's view, which holds whatever Nova believes or answered.
    #[must_use]
    pub fn server_networks(&self, server: &str) -> Vec<String> {
        let state = self.state();
        let ports = state.ports_of(server);
        ports.iter().map(|port| port.network.clone()).collect()
    }

    /// The ports of a server, in the order they came to it.
    #[must_use]
    pub fn server_ports(&self, server: &str) -> Vec<String> {
        let state = self.state();
        let ports = state.ports_of(server);
        ports.iter().map(|port| port.id.clone()).collect()
    }

    /// Ids of all servers, oldest first.
    #[must_use]
    pub fn servers(&self) -> Vec<String> {
        let state = self.state();
        let mut servers: Vec<_> = state.servers.values().collect();
        servers.sort_by_key(|server| server.number);
        servers.iter().map(|server| server.id.clone()).collect()
    }

    /// Changes Nova's word for how a server is. There is nothing to it if there is no such server.
    pub fn set_server_status(&self, server: &str, status: &'static str) {
        if let Some(server) = self.state().servers.get_mut(server) {
            server.status = status;
        }
    }

    /// How many servers there are.
    #[must_use]
    pub fn server_count(&self) -> usize {
        self.state().servers.len()
    }

    /// The device that a port belongs to (empty if to none), or `None` without such a port.
    #[must_use]
    pub fn port_device(&self, port: &str) -> Option<String> {
        self.state().port(port).map(|port| port.device_id.clone())
    }

    /// Moves the cloud's clock forward, past the expiry of tokens for example.
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// How long tokens made from now on live. One hour unless set.
    pub fn set_token_life(&self, life: Duration) {
        self.state().token_life = life;
    }

    /// The most items that Neutron, or Nova, puts on one page of a list, whatever the request says.
    pub fn set_page_cap(&self, cap: Option<usize>) {
        self.state().page_cap = cap;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}
