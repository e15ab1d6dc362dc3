//! `wafflehaus serve`

use std::{error::Error, net::SocketAddr, num::NonZeroUsize, process::ExitCode, thread};

use clap::Args;
use tokio::task::JoinSet;
use wafflehaus::{
    config::{Reloader, StartError},
    proxy::Drain,
};

use crate::{
    exporter::Exporter,
    from::{Config, report},
    threads::Threads,
};

/// Runs the gateway.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: Config,
    /// Where to listen, instead of the configured address. Default 127.0.0.1:8774.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where `GET /metrics` is answered, for Prometheus, instead of the configured address. Default
    /// nowhere. Not where tenants are: whoever reaches it reads how often what was decided.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Read the configuration again only on SIGHUP, not when a file of it changes.
    #[arg(long)]
    no_watch: bool,
    /// How many threads serve, each with a listener and connections to Nova of its own. Default
    /// the number of cores.
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
}

impl Serve {
    #[tokio::main(flavor = "current_thread")]
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
        let loader = self.config.loader();
        let loaded = loader.load(self.config.path()).map_err(StartError::from)?;
        // Before the gateway is built, so that nothing of it is told to nobody.
        let exporter = match self.metrics.or(loaded.plan.metrics()) {
            Some(address) => Some(Exporter::start(address).await?),
            None => None,
        };
        let mut reloader = Reloader::with(loader, self.config.path(), loaded)?;
        if !self.no_watch {
            reloader = reloader.watching();
        }
        let gateway = reloader.gateway();
        let configured = reloader.listen();
        let address = self.listen.or(configured).unwrap_or(DEFAULT);
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = self.threads.unwrap_or_else(cores).get();
        let serving = Threads::listen(address, threads)
            .map_err(|error| format!("cannot listen on {address}: {error}"))?;
        tracing::info!(address = %serving.address(), "listening");
        let stop = stop()?;
        let mut beside = JoinSet::new();
        if let Some(exporter) = exporter {
            tracing::info!(address = %exporter.address()?, "exporting metrics");
            beside.spawn(exporter.run());
        }
        beside.spawn(reloader.run());
        let drain = serving.serve(&gateway, stop).await?;
        // Until here, so that the last requests are told of too.
        drop(beside);
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
