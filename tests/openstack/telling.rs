//! Rule 12.

use serde_json::{Value, json};
use wafflehaus::guard::PortLookup as _;

use crate::{
    cloud::{Cloud, Reply, SERVER, neutron_list, port},
    log::Log,
};

#[tokio::test]
async fn rule_12_calls_are_told_at_debug_and_failed_lookups_at_warn() {
    let log = Log::start();
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" if seen.target.contains("&id=") => Reply::text(500, "hidden"),
        "neutron" => Reply::Json(200, neutron_list([])),
        _ => Reply::Usual,
    })
    .await;
    let lookup = cloud.neutron();
    lookup.server_ports(SERVER).await.unwrap();
    // What an event tells of a call, but for how long it took.
    let told = |event: &Value| -> Value {
        let names = ["message", "service", "method", "path", "status"];
        let fields = names.iter().map(|name| event["fields"][name].clone());
        fields.collect()
    };
    let calls = log.events("wafflehaus::openstack::client");
    let told: Vec<_> = calls.iter().map(|it| (&it["level"], told(it))).collect();
    let expected = [
        json!(["call", "keystone", "POST", "/keystone/v3/auth/tokens", 201]),
        json!(["call", "neutron", "GET", "/neutron/v2.0/ports", 200]),
    ];
    let debug = json!("DEBUG");
    assert_eq!(told, expected.map(|it| (&debug, it)));
    assert!(
        calls
            .iter()
            .all(|it| it["fields"]["duration_ms"] != Value::Null)
    );

    lookup.ports(&[port(1).id], None).await.unwrap_err();
    let failed = log.events("wafflehaus::openstack::service");
    let expected = json!({
        "message": "lookup failed", "service": "neutron",
        "error": "status 500 Internal Server Error",
    });
    let [failed] = &failed[..] else {
        panic!("{failed:?}");
    };
    assert_eq!(
        (&failed["level"], &failed["fields"]),
        (&json!("WARN"), &expected)
    );
    assert!(!log.text().contains("hidden"));
}
