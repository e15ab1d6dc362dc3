//! The other ends of a measurement, each on one thread:
//!
//! * `load-peer bare LISTEN UPSTREAM`: a reverse proxy that checks nothing, on hyper's server and
//!   hyper-util's pooled client with their defaults. Whatever a gateway costs is held against it.
//! * `load-peer upstream LISTEN`: stands for Nova, and answers from constants.
//! * `load-peer steady PROXY REQUEST RATE SECONDS`: a client that asks at a fixed rate.

mod bare;
mod steady;
mod upstream;

use std::{error::Error, future::Future, net::SocketAddr};

use tokio::net::{TcpListener, TcpStream};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match arguments[..] {
        ["bare", listen, upstream] => {
            runtime.block_on(bare::run(listen.parse()?, upstream.parse()?))
        }
        ["upstream", listen] => runtime.block_on(upstream::run(listen.parse()?)),
        ["steady", proxy, request, rate, seconds] => runtime.block_on(steady::run(
            proxy.parse()?,
            request,
            rate.parse()?,
            seconds.parse()?,
        )),
        _ => Err("usage: load-peer bare|upstream|steady …".into()),
    }
}

/// Gives each connection to a task of its own.
async fn accept<T>(listen: SocketAddr, serve: impl Fn(TcpStream) -> T) -> Result<(), Box<dyn Error>>
where
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream));
    }
}
