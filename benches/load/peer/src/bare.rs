//! The bare proxy.

use std::{convert::Infallible, error::Error, net::SocketAddr};

use bytes::Bytes;
use http_body_util::{Either, Empty};
use hyper::{
    HeaderMap, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE},
    http::uri::{Authority, Scheme},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

type Upstream = Client<HttpConnector, Incoming>;

pub async fn run(listen: SocketAddr, upstream: Authority) -> Result<(), Box<dyn Error>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Upstream = Client::builder(TokioExecutor::new()).build(connector);
    crate::accept(listen, |stream| {
        let (client, upstream) = (client.clone(), upstream.clone());
        async move {
            let service = service_fn(|request| forward(&client, &upstream, request));
            // A connection that fails is its client's to complain of.
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    })
    .await
}

async fn forward(
    client: &Upstream,
    upstream: &Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Either<Incoming, Empty<Bytes>>>, Infallible> {
    let mut target = std::mem::take(request.uri_mut()).into_parts();
    target.scheme = Some(Scheme::HTTP);
    target.authority = Some(upstream.clone());
    *request.uri_mut() = Uri::from_parts(target).unwrap_or_default();
    strip(request.headers_mut());
    let answer = client.request(request).await;
    Ok(answer.map_or_else(
        |_| {
            let mut failed = Response::new(Either::Right(Empty::new()));
            *failed.status_mut() = StatusCode::BAD_GATEWAY;
            failed
        },
        |mut response| {
            strip(response.headers_mut());
            response.map(Either::Left)
        },
    ))
}

fn strip(headers: &mut HeaderMap) {
    for name in [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}
