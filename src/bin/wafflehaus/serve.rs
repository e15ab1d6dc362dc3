//! `wafflehaus serve`

use std::{error::Error, net::SocketAddr, process::ExitCode};

use clap::Args;
use tokio::net::TcpListener;
use wafflehaus::{
    config::{Reloader, StartError},
    proxy::{Drain, ServeOptions, serve},
};

use crate::from::{Config, report};

/// Runs the gateway.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: Config,
    /// Where to listen, instead of the configured address. Default 127.0.0.1:8774.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Read the configuration again only on SIGHUP, not when a file of it changes.
    #[arg(long)]
    no_watch: bool,
}

impl Serve {
    #[tokio::main]
    pub(crate) async fn run(&self) -> ExitCode {
        match self.serve().await {
            Ok(code) => code,
            Err(error) => match error.downcast_ref() {
                Some(StartError::Rejected(rejected)) => {
                    report(rejected);
                    ExitCode::from(1)
                }
                _ => {
                    eprintln!("{error}");
                    ExitCode::from(2)
                }
            },
        }
    }

    async fn serve(&self) -> Result<ExitCode, Box<dyn Error>> {
        let mut reloader = Reloader::start(self.config.loader(), self.config.path())?;
        if !self.no_watch {
            reloader = reloader.watching();
        }
        let gateway = reloader.gateway();
        let configured = reloader.listen();
        let address = self.listen.or(configured).unwrap_or(DEFAULT);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("cannot listen on {address}: {error}"))?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let stop = stop()?;
        let reloading = tokio::spawn(reloader.run());
        let drain = serve(listener, gateway, stop, ServeOptions::new()).await;
        reloading.abort();
        Ok(match drain {
            Drain::Complete => ExitCode::SUCCESS,
            _ => {
                tracing::warn!("some requests were not answered before the end");
                ExitCode::from(1)
            }
        })
    }
}

/// Until the program is asked to stop, by Ctrl-C or as service managers do.
pub(crate) fn stop() -> Result<impl Future<Output = ()>, std::io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: waiting for requests that are under way");
    })
}

const DEFAULT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8774);
