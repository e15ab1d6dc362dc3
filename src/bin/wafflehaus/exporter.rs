//! What is counted, for Prometheus.
//!
//! There are only counters, so nothing grows between two scrapes and nobody has to tidy up. Their
//! labels come from the configuration and from this crate, never from a caller.

use std::{
    convert::Infallible,
    error::Error,
    future::{pending, ready},
    io,
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE},
};
use http_body_util::Full;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tower::service_fn;
use wafflehaus::proxy::{ServeOptions, serve};

/// Counts from here on. Before anything is built that counts: what is told about a counter before
/// that is lost.
pub(crate) fn record() -> Result<PrometheusHandle, Box<dyn Error>> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}

/// A listener of its own, which answers `GET /metrics` and nothing else.
pub(crate) struct Exporter {
    listener: TcpListener,
    metrics: PrometheusHandle,
}

impl Exporter {
    /// Listens, and counts from here on.
    pub(crate) async fn start(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind(address).await;
        let listener = listener
            .map_err(|error| format!("cannot listen on {address} for the metrics: {error}"))?;
        let metrics = record()?;
        Ok(Self { listener, metrics })
    }

    /// Where that is.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers for ever: the task it runs in is to be aborted, which closes every connection.
    pub(crate) async fn run(self) {
        let Self { listener, metrics } = self;
        let service = service_fn(move |request: Request<_>| {
            ready(Ok::<_, Infallible>(answer(&request, &metrics)))
        });
        let options = ServeOptions::new().header_read_timeout(PATIENCE);
        serve(listener, service, pending(), options).await;
    }
}

fn answer<B>(request: &Request<B>, metrics: &PrometheusHandle) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    if request.uri().path() != "/metrics" {
        *response.status_mut() = StatusCode::NOT_FOUND;
    } else if ![Method::GET, Method::HEAD].contains(request.method()) {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
    } else {
        let text = HeaderValue::from_static("text/plain; version=0.0.4");
        response.headers_mut().insert(CONTENT_TYPE, text);
        *response.body_mut() = metrics.render().into();
    }
    response
}

/// Longer than the minute that many scrapers wait between two requests on a connection.
const PATIENCE: Duration = Duration::from_secs(90);
