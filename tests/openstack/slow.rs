//! Rule 6.

use std::time::Duration;

use wafflehaus::{
    guard::PortLookup as _,
    openstack::{Client, Fallback, NeutronLookup, NovaLookup},
};

use crate::cloud::{Cloud, Reply, SERVER};

/// Short, and the real clock: whoever is asked never answers, so nothing races it.
fn hasty() -> Client {
    let client = Client::builder().deadline(Duration::from_millis(80));
    client.build().unwrap()
}

#[tokio::test]
async fn rule_6_a_service_that_does_not_answer_is_a_failure() {
    for silent in ["keystone", "neutron"] {
        let cloud = Cloud::start(move |seen| match seen.service.as_str() {
            service if service == silent => Reply::Never,
            _ => Reply::Usual,
        })
        .await;
        let lookup = NeutronLookup::new(cloud.endpoint("neutron"), cloud.credential(hasty()));
        let error = lookup.server_ports(SERVER).await.unwrap_err().to_string();
        assert!(error.contains("before the deadline"), "{error}");
    }
}

#[tokio::test]
async fn rule_6_a_fallback_has_a_deadline_of_its_own() {
    let cloud = Cloud::start(move |seen| match seen.service.as_str() {
        "neutron" => Reply::Never,
        "nova" => Reply::text(200, r#"{ "interfaceAttachments": [] }"#),
        _ => Reply::Usual,
    })
    .await;
    let credential = cloud.credential(hasty());
    let lookup = Fallback::new(
        NeutronLookup::new(cloud.endpoint("neutron"), credential.clone()),
        NovaLookup::new(cloud.endpoint("nova"), credential),
    );
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), []);
}
