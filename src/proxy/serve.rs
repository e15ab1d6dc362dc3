//! A small server that drains.

use std::{
    error::Error,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use http::{Request, Response};
use http_body::Body;
use hyper::{body::Incoming, service::Service as HyperService};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tower_service::Service;

use super::{PeerAddr, head_timer::HeadTimer, joined_writes::JoinedWrites, stopping::Stopping};
use crate::http_client::HTTP1_BUFFER;

/// Settings of [`serve`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ServeOptions {
    header_read_timeout: Duration,
    drain_deadline: Duration,
    keep_alive: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            header_read_timeout: Duration::from_secs(30),
            drain_deadline: Duration::from_secs(60),
            keep_alive: true,
        }
    }
}

impl ServeOptions {
    /// The default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a client may take for the head of a request, and be silent between two.
    pub const fn header_read_timeout(mut self, timeout: Duration) -> Self {
        self.header_read_timeout = timeout;
        self
    }

    /// How long requests may take to finish once the server is to stop.
    pub const fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.drain_deadline = deadline;
        self
    }

    /// Whether an HTTP/1.1 connection may carry more than one request.
    pub const fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.keep_alive = keep_alive;
        self
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drain {
    /// Every request was answered.
    Complete,
    /// The deadline passed, and these connections were cut off with requests unanswered.
    CutOff {
        /// How many there were.
        connections: usize,
    },
}

/// Serves HTTP/1.1, and HTTP/2 to clients that begin with it, on `listener` until `shutdown`.
///
/// Then no more connections are accepted, idle ones are closed, and requests that are being
/// answered may finish. WebSockets are not waited for. Each request has its [`PeerAddr`] as an
/// extension. Dropping the future closes every connection at once.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    shutdown: impl Future<Output = ()>,
    options: ServeOptions,
) -> Drain
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut server = server(options);
    let stopping = Stopping::default();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            accepted = accept(&listener) => accepted,
        };
        // Small answers must not wait for the acknowledgement of the one before. A failure
        // means that the connection is gone already.
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let started = Arc::new(AtomicBool::new(false));
        let service = Connection {
            service: TowerToHyperService::new(service.clone()),
            peer: PeerAddr::new(peer),
            started: Arc::clone(&started),
        };
        server.http1().timer(HeadTimer::default());
        let connection = server
            .serve_connection_with_upgrades(JoinedWrites(TokioIo::new(stream)), service)
            .into_owned();
        let limit = options.header_read_timeout;
        let mut stop = stopping.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let mut silence = pin!(tokio::time::sleep(limit));
            let ended = poll_fn(|cx| {
                // hyper's own limit begins only when it knows the version of HTTP, for which it
                // would wait for ever.
                if !started.load(Ordering::Relaxed) && silence.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Ok(()));
                }
                if stop.begins(cx) {
                    connection.as_mut().graceful_shutdown();
                }
                connection.as_mut().poll(cx)
            });
            if let Err(error) = ended.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    // Clients are refused from here on, and can go to another instance.
    drop(listener);
    stopping.begin();
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    match timeout(options.drain_deadline, all_ended).await {
        Ok(()) => Drain::Complete,
        Err(_) => Drain::CutOff {
            connections: connections.len(),
        },
    }
}

fn server(options: ServeOptions) -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .header_read_timeout(options.header_read_timeout)
        .max_buf_size(HTTP1_BUFFER)
        .keep_alive(options.keep_alive);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE);
    server
}

/// The next connection, however long that takes: no failure ends the server.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => back_off(&error).await,
        }
    }
}

async fn back_off(error: &io::Error) {
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    ) {
        // One client's trouble.
        return;
    }
    // Ours, most likely too many open files: trying again at once would spin.
    tracing::warn!(%error, "cannot accept connections");
    tokio::time::sleep(BACK_OFF).await;
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task failed");
    }
}

/// The service as one connection sees it.
struct Connection<S> {
    service: TowerToHyperService<S>,
    peer: PeerAddr,
    started: Arc<AtomicBool>,
}

impl<S> HyperService<Request<Incoming>> for Connection<S>
where
    S: Service<Request<Incoming>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = <TowerToHyperService<S> as HyperService<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.started.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(self.peer);
        self.service.call(request)
    }
}

/// Between two signs of life on an HTTP/2 connection that is otherwise silent.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Before accepting again after a failure of our own.
const BACK_OFF: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn accepting_waits_after_a_failure_of_our_own_and_after_no_other() {
        let emfile = io::Error::from_raw_os_error(24);
        for (error, wait) in [
            (emfile, BACK_OFF),
            (io::ErrorKind::ConnectionAborted.into(), Duration::ZERO),
        ] {
            let begin = tokio::time::Instant::now();
            back_off(&error).await;
            assert_eq!(begin.elapsed(), wait, "{error}");
        }
    }
}
