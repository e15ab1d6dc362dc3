//! Rule 13.

use std::time::Duration;

use http::{Response, Version, header};
use wafflehaus::{
    guard::PortLookup as _,
    openstack::{Client, InvalidTrust, NeutronLookup},
};

use crate::{
    authority::TestAuthority,
    cloud::{Cloud, Reply, SERVER, Seen, client, neutron_list, port},
};

/// What a server offers that could speak either version.
pub(crate) const BOTH: [&str; 2] = ["h2", "http/1.1"];

/// A client that trusts this authority.
pub(crate) fn trusting(authority: &TestAuthority) -> Client {
    let client = Client::builder().deadline(Duration::from_secs(600));
    let client = client.certificate_authority(authority.pem());
    client.build().unwrap()
}

fn obliging(seen: &Seen) -> Reply {
    match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1])),
        _ => Reply::Usual,
    }
}

#[tokio::test]
async fn rule_13_an_authority_that_is_given_is_trusted_and_http_2_is_spoken() {
    let authority = TestAuthority::new();
    let cloud = Cloud::start_tls(authority.acceptor(&BOTH), obliging).await;
    let credential = cloud.credential(trusting(&authority));
    let lookup = NeutronLookup::new(cloud.endpoint("neutron"), credential);
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(1)]);
    assert_eq!(cloud.seen("neutron")[0].version, Version::HTTP_2);
}

#[tokio::test]
async fn rule_13_http_1_is_spoken_where_http_2_is_not_offered() {
    let authority = TestAuthority::new();
    let cloud = Cloud::start_tls(authority.acceptor(&["http/1.1"]), obliging).await;
    let credential = cloud.credential(trusting(&authority));
    let lookup = NeutronLookup::new(cloud.endpoint("neutron"), credential);
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(1)]);
    assert_eq!(cloud.seen("neutron")[0].version, Version::HTTP_11);
}

#[tokio::test]
async fn rule_13_another_authority_is_not_trusted() {
    let authority = TestAuthority::new();
    for client in [client(), trusting(&TestAuthority::new())] {
        let cloud = Cloud::start_tls(authority.acceptor(&BOTH), obliging).await;
        let lookup = NeutronLookup::new(cloud.endpoint("neutron"), cloud.credential(client));
        let error = lookup.server_ports(SERVER).await.unwrap_err();
        assert!(
            error.to_string().contains("invalid peer certificate"),
            "{error}"
        );
        assert!(cloud.seen("keystone").is_empty());
    }
}

#[test]
fn rule_13_an_authority_that_is_none_is_refused_at_build() {
    let build = |pem: &str| Client::builder().certificate_authority(pem).build();
    assert!(matches!(build(""), Err(InvalidTrust::Empty)));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(build(broken), Err(InvalidTrust::Certificate(_))));
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
