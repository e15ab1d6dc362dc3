//! Rules 1 and 4.

use serde_json::json;
use wafflehaus::guard::PortLookup as _;

use crate::cloud::{Cloud, Reply, SERVER, neutron_list, port};

/// The numbers of the ports that a request names.
fn named(target: &str) -> Vec<u16> {
    let ids = target.split('&').filter_map(|it| it.strip_prefix("id="));
    ids.map(|id| u16::from_str_radix(&id[32..], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn rule_1_ports_are_looked_up_by_id_in_short_urls() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        // The odd ones do not exist.
        "neutron" => {
            let there = named(&seen.target).into_iter().filter(|it| it % 2 == 0);
            Reply::Json(200, neutron_list(there))
        }
        _ => Reply::Usual,
    })
    .await;
    let ids: Vec<_> = (0..200).chain(0..200).map(|it| port(it).id).collect();
    let ports = cloud.neutron().ports(&ids, None).await.unwrap();
    let expected: Vec<_> = (0..200).step_by(2).map(port).collect();
    assert_eq!(ports, expected);

    let seen = cloud.seen("neutron");
    assert_eq!(seen.len(), 3);
    for seen in seen {
        assert!(
            seen.target
                .starts_with("/v2.0/ports?fields=id&fields=network_id&id=")
        );
        // What is left is for an endpoint of 256 bytes and a marker.
        assert!(seen.target.len() < 4096 - 256 - 44, "{}", seen.target.len());
    }
}

#[tokio::test]
async fn rule_1_no_ids_need_no_call() {
    let cloud = Cloud::start(|_| Reply::Usual).await;
    assert_eq!(cloud.neutron().ports(&[], None).await.unwrap(), []);
    assert!(cloud.seen("keystone").is_empty());
}

#[tokio::test]
async fn rule_1_a_servers_ports_are_looked_up_by_device_id() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1, 2])),
        _ => Reply::Usual,
    })
    .await;
    let ports = cloud.neutron().server_ports(SERVER).await.unwrap();
    assert_eq!(ports, [port(1), port(2)]);
    let target = format!("/v2.0/ports?fields=id&fields=network_id&device_id={SERVER}");
    assert_eq!(cloud.seen("neutron")[0].target, target);
}

#[tokio::test]
async fn rule_1_every_page_is_read_and_only_at_the_endpoint() {
    let elsewhere = Cloud::start(|_| Reply::Json(200, neutron_list([9]))).await;
    let trap = elsewhere.endpoint("neutron");
    let cloud = Cloud::start(move |seen| {
        if seen.service == "keystone" {
            return Reply::Usual;
        }
        let page = match seen.target.split_once("&marker=") {
            None => 1,
            Some((_, marker)) => 1 + u16::from_str_radix(&marker[32..], 16).unwrap(),
        };
        let mut list = neutron_list([page]);
        let link = |rel: &str, marker: u16| {
            let marker = port(marker).id;
            // The filter is lost, and the host is another.
            json!({ "rel": rel, "href": format!("{trap}/v2.0/ports?limit=1&marker={marker}") })
        };
        list["ports_links"] = match page {
            1..=3 => json!([link("next", page), link("previous", page)]),
            _ => json!([link("previous", page)]),
        };
        Reply::Json(200, list)
    })
    .await;
    let ports = cloud.neutron().server_ports(SERVER).await.unwrap();
    assert_eq!(ports, [port(1), port(2), port(3), port(4)]);
    let filter = format!("&device_id={SERVER}&marker={}", port(1).id);
    assert!(cloud.seen("neutron")[1].target.ends_with(&filter));
    assert!(elsewhere.seen("neutron").is_empty());
}

#[tokio::test]
async fn rule_4_nothing_is_cached() {
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" => Reply::Json(200, neutron_list([1])),
        _ => Reply::Usual,
    })
    .await;
    let neutron = cloud.neutron();
    for _ in 0..3 {
        neutron.ports(&[port(1).id], None).await.unwrap();
    }
    assert_eq!(cloud.seen("neutron").len(), 3);
}
