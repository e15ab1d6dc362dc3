//! The three APIs on sockets of this machine.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::state::Addresses;
use super::{Api, Cloud, Shared, service};

/// Where a cloud listens. Dropping this stops the servers and closes their connections.
#[derive(Debug)]
pub struct Endpoints {
    shared: Arc<Shared>,
    addresses: Addresses,
    servers: [JoinHandle<Infallible>; 3],
}

impl Cloud {
    /// Serves the APIs on ports of 127.0.0.1 that the system picks, HTTP/1.1 and HTTP/2 without
    /// TLS. Keystone's catalogue names them from then on.
    ///
    /// Must be called inside a tokio runtime.
    pub async fn listen(&self) -> io::Result<Endpoints> {
        let (nova, at_nova) = open().await?;
        let (neutron, at_neutron) = open().await?;
        let (keystone, at_keystone) = open().await?;
        let addresses = Addresses {
            nova: at_nova,
            neutron: at_neutron,
            keystone: at_keystone,
        };
        self.state().addresses = Some(addresses);
        let start = |api, listener| tokio::spawn(accept(self.shared.clone(), api, listener));
        Ok(Endpoints {
            shared: self.shared.clone(),
            addresses,
            servers: [
                start(Api::Nova, nova),
                start(Api::Neutron, neutron),
                start(Api::Keystone, keystone),
            ],
        })
    }
}

impl Endpoints {
    /// Base URL of Nova, with neither version nor slash at its end.
    #[must_use]
    pub fn nova(&self) -> String {
        format!("http://{}", self.addresses.nova)
    }

    /// Base URL of Neutron, with neither version nor slash at its end.
    #[must_use]
    pub fn neutron(&self) -> String {
        format!("http://{}", self.addresses.neutron)
    }

    /// Base URL of Keystone, with neither version nor slash at its end.
    #[must_use]
    pub fn keystone(&self) -> String {
        format!("http://{}", self.addresses.keystone)
    }
}

impl Drop for Endpoints {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
        let addresses = &mut self.shared.state().addresses;
        // Another `listen` may have come since.
        if *addresses == Some(self.addresses) {
            *addresses = None;
        }
    }
}

async fn open() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts until aborted; the connections are in a set of this task and end with it.
async fn accept(shared: Arc<Shared>, api: Api, listener: TcpListener) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: let others close theirs.
            tokio::task::yield_now().await;
            continue;
        };
        // Best effort: without it answers are only slower.
        stream.set_nodelay(true).ok();
        let shared = shared.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| service::answer(shared.clone(), api, request));
            let serving = Builder::new(TokioExecutor::new());
            // A connection that ends badly has told its client so by ending.
            drop(
                serving
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
        while connections.try_join_next().is_some() {}
    }
}
