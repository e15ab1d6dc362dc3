//! A gateway in front of Nova.
//!
//! ```text
//! cargo run --example nova_proxy
//! ```
//!
//! starts one on 127.0.0.1:8774 before a cloud that is built into the program, and prints
//! requests to try it with. `--config FILE` runs one by a configuration of your own, paste.ini or
//! TOML, as `wafflehaus serve` does; `demo.toml` beside this file is what it looks like, and what
//! the demonstration runs by.

mod demo;

use std::{
    error::Error,
    io::{self, IsTerminal},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use wafflehaus::{
    config::{Loader, Reloader, StartError},
    proxy::{Drain, ServeOptions, serve},
};

/// A gateway that polices what tenants ask of OpenStack Nova.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The Nova to forward to, instead of the configured one.
    #[arg(long, value_name = "URL", requires = "config")]
    upstream: Option<String>,
    /// The configuration: TOML if its name ends in .toml, else paste.ini. Without one, a
    /// demonstration in front of a built-in cloud.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        // The requests to paste go to standard output, alone.
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();

    let arguments = Arguments::parse();
    let mut loader = Loader::new().with_environment();
    if let Some(upstream) = arguments.upstream {
        loader = loader.set("upstream", upstream);
    }
    // Kept until the end: the built-in cloud stops when this is dropped.
    let mut cloud = None;
    let config = match arguments.config {
        Some(config) => config,
        None => {
            let demo = demo::start().await?;
            loader = demo.put_into(loader);
            cloud = Some(demo);
            Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nova_proxy/demo.toml")
        }
    };
    let reloader = match Reloader::start(loader, &config) {
        Ok(reloader) => reloader.watching(),
        Err(StartError::Rejected(rejected)) => {
            // A line for each mistake.
            eprintln!("{rejected}");
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(error.into()),
    };
    let gateway = reloader.gateway();
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8774));
    let address = arguments.listen.or(reloader.listen()).unwrap_or(default);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr()?;
    // From here on, SIGHUP or a change of the file exchanges the pipelines while they run.
    tokio::spawn(reloader.run());

    println!("listening on {address}");
    if cloud.is_some() {
        println!("{}", demo::tour(address));
    }
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    match serve(listener, gateway, stop, ServeOptions::new()).await {
        Drain::Complete => Ok(ExitCode::SUCCESS),
        _ => Err("some requests were not answered before the end".into()),
    }
}
