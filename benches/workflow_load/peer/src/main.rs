//! What stands around a workflow service while it is measured, each on one thread:
//!
//! * `workflow-peer keystone LISTEN`: a Keystone in memory.
//! * `workflow-peer drive SERVICE KEYSTONE MAIL COUNT AT_ONCE NAME`: people who sign up, an
//!   administrator who approves, and the mail server that brings them their tokens. Each of
//!   `AT_ONCE` takes one task through all stages, and then the next.

mod ask;
mod drive;
mod keystone;
mod mail;
mod people;
mod things;

use std::{error::Error, future::Future, net::SocketAddr};

use tokio::net::{TcpListener, TcpStream};

type Fault = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Fault> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match arguments[..] {
        ["keystone", listen] => runtime.block_on(keystone::run(listen.parse()?)),
        ["drive", service, keystone, mail, count, at_once, name] => {
            let around = drive::Around {
                service: service.to_owned(),
                keystone: keystone.to_owned(),
                mail: mail.parse()?,
            };
            runtime.block_on(drive::run(around, count.parse()?, at_once.parse()?, name))
        }
        _ => Err("usage: workflow-peer keystone|drive …".into()),
    }
}

/// Gives each connection to a task of its own.
async fn accept<T>(listen: SocketAddr, serve: impl Fn(TcpStream) -> T) -> Result<(), Fault>
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
