//! A gateway in front of Nova.
//!
//! ```text
//! cargo run --example nova_proxy
//! ```
//!
//! starts one on 127.0.0.1:8774 before a cloud that is built into the program, and prints
//! requests to try it with. `--upstream URL`, `--listen ADDR` and `--config FILE` point it at a
//! real Nova; `demo.toml` beside this file is what a configuration looks like.
//!
//! Callers are known by their tokens, about which Keystone is asked. A gateway that stands behind
//! something which does that already, and writes the identity into headers, is told
//! `--trust-identity-headers`; then nothing else may be able to reach it.

mod demo;
mod settings;

use std::{
    error::Error,
    io::{self, IsTerminal},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use clap::Parser;
use http::{HeaderName, HeaderValue, Request};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::{
    ServiceBuilderExt,
    request_id::{MakeRequestId, RequestId},
    timeout::RequestBodyDeadlineLayer,
};
use tracing_subscriber::EnvFilter;
use wafflehaus::{
    body::InspectBody,
    proxy::{Drain, Forwarding, ProxyBuilder, ServeOptions, Upstream, serve},
};

use crate::settings::Settings;

/// A gateway that polices what tenants ask of OpenStack Nova.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen, instead of the configured address.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The Nova to forward to, instead of the configured one or the built-in cloud.
    #[arg(long, value_name = "URL")]
    upstream: Option<Upstream>,
    /// Believe identity headers instead of asking Keystone about tokens: for a gateway behind an
    /// authenticator that sets them, which nothing else can reach.
    #[arg(long)]
    trust_identity_headers: bool,
    /// Routes, policies and where to look things up, as TOML.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        // The requests to paste go to standard output, alone.
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();

    let arguments = Arguments::parse();
    let mut settings = match &arguments.config {
        Some(path) => Settings::read(path)?,
        None => Settings::demo()?,
    };
    settings.listen = arguments.listen.unwrap_or(settings.listen);
    settings.upstream = arguments.upstream.or(settings.upstream);
    settings.trust_identity_headers |= arguments.trust_identity_headers;

    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    // Kept until the end: the built-in cloud stops when this is dropped.
    let mut cloud = None;
    if settings.upstream.is_none() {
        let demo = demo::start().await?;
        demo.use_in(&mut settings)?;
        cloud = Some(demo);
    }
    let upstream = settings.upstream.clone().ok_or("no upstream")?;
    tracing::info!(%address, %upstream, "forwarding");

    let proxy = ProxyBuilder::new(upstream)
        .forwarding(Forwarding::Append)
        .build()?;
    let service = ServiceBuilder::new()
        // First, so that every answer and every log line can have the id.
        .set_request_id(REQUEST_ID, OpenStackRequestId)
        .propagate_request_id(REQUEST_ID)
        // Outside whatever reads a body: nobody may hold memory for ever.
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(60)))
        // Before anything that asks who is calling; nothing a caller says about itself gets past.
        .layer(settings.identity()?)
        // The deadline made a new kind of body. From here to the proxy it is read at most once.
        .map_request_body(|body| InspectBody::new(Box::pin(body)))
        .layer(settings.routes()?)
        .service(proxy);

    println!("listening on {address}");
    if cloud.is_some() {
        println!("{}", demo::tour(address));
    }
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    let drain = serve(listener, service, stop, ServeOptions::new()).await;
    drop(cloud);
    match drain {
        Drain::Complete => Ok(()),
        _ => Err("some requests were not answered before the end".into()),
    }
}

/// The header in which OpenStack services pass a request's id on to each other.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// Makes ids in the form that OpenStack services take over: `req-` and a UUID.
#[derive(Clone, Copy)]
struct OpenStackRequestId;

impl MakeRequestId for OpenStackRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = format!("req-{}", uuid::Uuid::new_v4());
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}
