//! An upstream and a client that speak in bytes, and a gateway between them.

use std::{net::SocketAddr, time::Duration};

use hyper::body::Incoming;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use wafflehaus::proxy::{Drain, Proxy, ProxyBuilder, ServeOptions, serve};

/// Nothing here waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it takes too long")
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A connection of which either end is under the test's control.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(soon(TcpStream::connect(address)).await.unwrap())
    }

    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        Self::over(soon(listener.accept()).await.unwrap().0)
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        let buffer = Vec::new();
        Self { stream, buffer }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    async fn fill(&mut self) -> usize {
        soon(self.stream.read_buf(&mut self.buffer)).await.unwrap()
    }

    /// Everything up to and with `mark`, and nothing after it.
    pub(crate) async fn until(&mut self, mark: &str) -> String {
        loop {
            let found = self
                .buffer
                .windows(mark.len())
                .position(|window| window == mark.as_bytes());
            if let Some(at) = found {
                let rest = self.buffer.split_off(at + mark.len());
                let head = std::mem::replace(&mut self.buffer, rest);
                return String::from_utf8(head).unwrap();
            }
            assert_ne!(
                self.fill().await,
                0,
                "ended before {mark:?}: {:?}",
                self.buffer
            );
        }
    }

    /// A head: its first line, and its headers in order of name.
    pub(crate) async fn head(&mut self) -> (String, Vec<String>) {
        let head = self.until("\r\n\r\n").await;
        let mut lines = head.trim_end().split("\r\n").map(str::to_owned);
        let first = lines.next().unwrap();
        let mut headers: Vec<_> = lines.collect();
        headers.sort();
        (first, headers)
    }

    pub(crate) async fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            assert_ne!(self.fill().await, 0, "ended early");
        }
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }

    /// Everything until the other side closes.
    pub(crate) async fn rest(&mut self) -> String {
        loop {
            // A reset is an end, too.
            match soon(self.stream.read_buf(&mut self.buffer)).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        String::from_utf8(std::mem::take(&mut self.buffer)).unwrap()
    }
}

/// A server in front of a proxy.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) server: JoinHandle<Drain>,
}

impl Gateway {
    pub(crate) async fn new(proxy: Proxy<Incoming>) -> Self {
        Self::with(proxy, ServeOptions::new()).await
    }

    pub(crate) async fn with(proxy: Proxy<Incoming>, options: ServeOptions) -> Self {
        let (listener, address) = listen().await;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(
            listener,
            proxy,
            async {
                // A test that ends drops the sender, which stops the server as well.
                stopped.await.unwrap_or_default();
            },
            options,
        ));
        Self {
            address,
            stop,
            server,
        }
    }

    /// Sends a request and reads the answer until the connection closes.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut client = Wire::connect(self.address).await;
        client.send(request).await;
        client.rest().await
    }
}

pub(crate) fn to(upstream: SocketAddr) -> ProxyBuilder {
    ProxyBuilder::new(format!("http://{upstream}").parse().unwrap())
}

/// An upstream that nobody answers yet, and a gateway to it.
pub(crate) async fn pair() -> (TcpListener, Gateway) {
    pair_with(|builder| builder).await
}

pub(crate) async fn pair_with(
    set: impl FnOnce(ProxyBuilder) -> ProxyBuilder,
) -> (TcpListener, Gateway) {
    let (listener, address) = listen().await;
    let gateway = Gateway::new(set(to(address)).build().unwrap()).await;
    (listener, gateway)
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
