//! Rule 3.

use serde_json::json;
use wafflehaus::{guard::PortLookup as _, openstack::Fallback};

use crate::cloud::{Cloud, Reply, SERVER, neutron_list, nova_port, port};

async fn cloud(neutron: u16, nova: u16) -> Cloud {
    Cloud::start(move |seen| match seen.service.as_str() {
        "neutron" => Reply::Json(neutron, neutron_list([1])),
        "nova" => Reply::Json(
            nova,
            json!({ "interfaceAttachments": [nova_port(&port(2))] }),
        ),
        _ => Reply::Usual,
    })
    .await
}

#[tokio::test]
async fn rule_3_the_second_is_asked_only_when_the_first_fails() {
    let good = cloud(200, 200).await;
    let lookup = Fallback::new(good.neutron(), good.nova());
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(1)]);
    assert_eq!(lookup.ports(&[port(1).id], None).await.unwrap(), [port(1)]);
    assert!(good.seen("nova").is_empty());

    let bad = cloud(500, 200).await;
    let lookup = Fallback::new(bad.neutron(), bad.nova());
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(2)]);
}

#[tokio::test]
async fn rule_3_when_both_fail_the_error_names_both() {
    let cloud = cloud(500, 503).await;
    let lookup = Fallback::new(cloud.neutron(), cloud.nova());
    let error = lookup.server_ports(SERVER).await.unwrap_err().to_string();
    let text = "port lookup failed: neutron lookup failed: status 500 Internal Server Error, \
                and nova lookup failed: status 503 Service Unavailable";
    assert_eq!(error, text);
    let error = lookup
        .ports(&[port(1).id], None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("neutron") && error.contains("cannot tell"),
        "{error}"
    );
}

#[tokio::test]
async fn rule_3_answers_are_never_mixed() {
    // Neutron fails at its second page; what the first told is not used.
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" if seen.target.contains("marker") => Reply::text(500, ""),
        "neutron" => {
            let mut list = neutron_list([1]);
            let href = format!("http://x/?marker={}", port(1).id);
            list["ports_links"] = json!([{ "rel": "next", "href": href }]);
            Reply::Json(200, list)
        }
        "nova" => Reply::Json(
            200,
            json!({ "interfaceAttachments": [nova_port(&port(2))] }),
        ),
        _ => Reply::Usual,
    })
    .await;
    let lookup = Fallback::new(cloud.neutron(), cloud.nova());
    assert_eq!(lookup.server_ports(SERVER).await.unwrap(), [port(2)]);
}
