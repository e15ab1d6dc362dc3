//! Serving on several threads that share nothing but the gateway: each has a runtime, a listener
//! and its connections to Nova, so that a request begins and ends on one core.

use std::{future::Future, io, net::SocketAddr, thread};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Builder,
    sync::{mpsc, watch},
};
use wafflehaus::{
    pipeline::Gateway,
    proxy::{Drain, ServeOptions, serve},
};

/// What each thread listens with.
pub(crate) struct Threads {
    listeners: Vec<std::net::TcpListener>,
    address: SocketAddr,
}

impl Threads {
    /// Listens with each of so many threads, at least one. Inside a tokio runtime.
    pub(crate) fn listen(mut address: SocketAddr, threads: usize) -> io::Result<Self> {
        let shares = threads > 1;
        if shares && address.port() != 0 {
            // Sharing a port would let a second gateway start beside this one without a word.
            drop(std::net::TcpListener::bind(address)?);
        }
        let mut listeners = Vec::new();
        for _ in 0..threads.max(1) {
            let listener = bind(address, shares)?;
            // The system may have picked the port.
            address = listener.local_addr()?;
            listeners.push(listener);
        }
        Ok(Self { listeners, address })
    }

    /// Where that is.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, and then as long as requests are under way.
    pub(crate) async fn serve(
        self,
        gateway: &Gateway,
        stop: impl Future<Output = ()>,
    ) -> io::Result<Drain> {
        let (stopping, _) = watch::channel(());
        let (ending, _) = watch::channel(());
        let (ended, mut ends) = mpsc::unbounded_channel();
        for (number, listener) in self.listeners.into_iter().enumerate() {
            let (gateway, ended) = (gateway.clone(), ended.clone());
            let (stop, end) = (closed(&stopping), closed(&ending));
            let work = move || {
                let runtime = match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return ended.send(Err(error)).unwrap_or_default(),
                };
                runtime.block_on(async move {
                    let drain = match TcpListener::from_std(listener) {
                        Ok(listener) => {
                            Ok(serve(listener, gateway, stop, ServeOptions::new()).await)
                        }
                        Err(error) => Err(error),
                    };
                    ended.send(drain).unwrap_or_default();
                    drop(ended);
                    // The others may still use connections that are looked after here.
                    end.await;
                });
            };
            let name = format!("serve-{number}");
            // Ended by itself, once there is nobody to tell that it goes on.
            drop(thread::Builder::new().name(name).spawn(work)?);
        }
        drop(ended);
        let early = tokio::select! {
            () = stop => None,
            // A thread that cannot serve stops the others, too.
            end = ends.recv() => Some(end.unwrap_or_else(|| Err(io::Error::other("all failed")))),
        };
        drop(stopping);
        let mut whole = early.unwrap_or(Ok(Drain::Complete));
        while let Some(end) = ends.recv().await {
            whole = whole.and_then(|whole| Ok(both(whole, end?)));
        }
        whole
    }
}

/// Listens, with others on the same port if it is shared.
fn bind(address: SocketAddr, shares: bool) -> io::Result<std::net::TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(shares)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Until the sender is gone.
fn closed(sender: &watch::Sender<()>) -> impl Future<Output = ()> + Send + 'static {
    let mut receiver = sender.subscribe();
    async move { while receiver.changed().await.is_ok() {} }
}

const fn both(one: Drain, other: Drain) -> Drain {
    match (one, other) {
        (Drain::CutOff { connections: one }, Drain::CutOff { connections: other }) => {
            Drain::CutOff {
                connections: one.saturating_add(other),
            }
        }
        (Drain::Complete, drain) => drain,
        (drain, _) => drain,
    }
}

/// Connections that wait to be accepted, for each thread.
const BACKLOG: u32 = 1024;
