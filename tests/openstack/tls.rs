//! Rule 13.
//!
//! The certificates were made with `openssl` for 127.0.0.1 and a hundred years. The CA's key is
//! gone; the server's is only good for these tests.

use std::{sync::Arc, time::Duration};

use http::{Response, Version, header};
use rustls::{ServerConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio_rustls::TlsAcceptor;
use wafflehaus::{
    guard::PortLookup as _,
    openstack::{Client, NeutronLookup},
};

use crate::cloud::{Cloud, Reply, SERVER, Seen, client, neutron_list, port};

const CA: &[u8] = include_bytes!("tls/ca.pem");

/// A server that offers HTTP/2.
pub(crate) fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// A client that trusts the test CA.
pub(crate) fn trusting() -> Client {
    let client = Client::builder().deadline(Duration::from_secs(600));
    client.extra_ca_pem(CA).build().unwrap()
}

fn obliging(seen: &Seen) -> Reply {
    match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1])),
        _ => Reply::Usual,
    }
}

#[tokio::test]
async fn rule_13_a_ca_that_is_given_is_trusted_and_http_2_is_spoken() {
    let cloud = Cloud::start_tls(acceptor(), obliging).await;
    let credential = cloud.credential(trusting());
    let lookup = NeutronLookup::new(cloud.endpoint("neutron"), credential);
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(1)]);
    assert_eq!(cloud.seen("neutron")[0].version, Version::HTTP_2);
}

#[tokio::test]
async fn rule_13_a_ca_that_nobody_vouches_for_is_not_trusted() {
    let cloud = Cloud::start_tls(acceptor(), obliging).await;
    let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
    assert!(
        error.to_string().contains("invalid peer certificate"),
        "{error}"
    );
    assert!(cloud.seen("keystone").is_empty());
}

#[tokio::test]
async fn rule_13_a_redirect_is_not_followed() {
    let elsewhere = Cloud::start(obliging).await;
    let location = format!("{}/v2.0/ports", elsewhere.endpoint("neutron"));
    let cloud = Cloud::start(move |seen| match seen.service.as_str() {
        "neutron" => {
            let redirect = Response::builder()
                .status(307)
                .header(header::LOCATION, &location);
            Reply::Raw(redirect.body(Default::default()).unwrap())
        }
        _ => Reply::Usual,
    })
    .await;
    let lookup = NeutronLookup::new(cloud.endpoint("neutron"), cloud.credential(client()));
    let error = lookup.server_ports(SERVER).await.unwrap_err();
    assert!(error.to_string().contains("status 307"), "{error}");
    assert!(elsewhere.seen("neutron").is_empty());
}
