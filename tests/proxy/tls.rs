//! Upstreams behind TLS.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tower::ServiceExt;
use wafflehaus::proxy::{InvalidTrust, ProxyBuilder};

use super::{
    authority::TestAuthority,
    common::{listen, soon},
};

/// A Nova with a certificate of its own authority, which says what it was asked; and that
/// authority's certificate.
async fn nova(protocols: &[&str]) -> (SocketAddr, String) {
    let authority = TestAuthority::new();
    let acceptor = authority.acceptor(protocols);

    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Fails when the client does not trust the certificate.
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service_fn(echo))
                    .await
                    .unwrap_or_default();
            });
        }
    });
    (address, authority.pem())
}

async fn echo(
    request: Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, std::convert::Infallible> {
    let host = request
        .headers()
        .get("host")
        .map(|host| host.to_str().unwrap());
    let said = format!("{:?} {} host={host:?}", request.version(), request.uri());
    Ok(http::Response::new(Full::from(said)))
}

fn to(address: SocketAddr) -> ProxyBuilder {
    ProxyBuilder::new(
        format!("https://localhost:{}", address.port())
            .parse()
            .unwrap(),
    )
}

async fn ask(builder: ProxyBuilder) -> (u16, String) {
    let request = Request::get("/v2.1")
        .version(Version::HTTP_11)
        .header("host", "api.example")
        .body(Full::<Bytes>::default())
        .unwrap();
    let answer = soon(builder.build().unwrap().oneshot(request))
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let mut body = answer.into_body();
    let frame = soon(body.frame())
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    (status, String::from_utf8(frame.to_vec()).unwrap())
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_and_the_host_is_the_upstreams() {
    let (address, pem) = nova(&["h2", "http/1.1"]).await;
    let (status, said) = ask(to(address).certificate_authority(pem).rewrite_host(true)).await;
    assert_eq!(status, 200);
    let target = format!("https://localhost:{}/v2.1", address.port());
    assert_eq!(said, format!("HTTP/2.0 {target} host=None"));
}

#[tokio::test]
async fn http1_is_spoken_where_http2_is_not_offered() {
    let (address, pem) = nova(&["http/1.1"]).await;
    let (_, said) = ask(to(address).certificate_authority(pem).rewrite_host(true)).await;
    let host = format!("localhost:{}", address.port());
    assert_eq!(said, format!("HTTP/1.1 /v2.1 host=Some({host:?})"));
}

#[tokio::test]
async fn with_the_callers_host_it_is_http1() {
    let (address, pem) = nova(&["h2", "http/1.1"]).await;
    let (_, said) = ask(to(address).certificate_authority(pem)).await;
    assert_eq!(said, "HTTP/1.1 /v2.1 host=Some(\"api.example\")");
}

#[tokio::test]
async fn an_unknown_authority_is_503() {
    let (address, _) = nova(&["h2", "http/1.1"]).await;
    let (_, others) = nova(&["h2"]).await;
    let (status, said) = ask(to(address).certificate_authority(others)).await;
    assert_eq!(status, 503);
    assert!(said.contains("Nova cannot be reached"), "{said}");
}

#[tokio::test]
async fn an_authority_that_is_none_is_refused_at_build() {
    let (_, address) = listen().await;
    let build = |pem: &str| to(address).certificate_authority(pem).build::<Incoming>();
    assert!(matches!(build(""), Err(InvalidTrust::Empty)));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(build(broken), Err(InvalidTrust::Certificate(_))));
}
