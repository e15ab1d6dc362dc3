//! The guard as a configuration puts it in front of Neutron.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use wafflehaus::{
    config::Loader,
    guard::NoLookup,
    pipeline::{Gateway, Outcome, Plan},
    sim::Endpoints,
};

use crate::support::*;

/// Nova and Neutron behind one gateway, with the same policies.
fn plan(endpoints: &Endpoints) -> Plan {
    let (nova, neutron, keystone) = (endpoints.nova(), endpoints.neutron(), endpoints.keystone());
    let text = format!(
        r#"
        trust_identity_headers = true
        neutron_url = "{neutron}"
        nova_url = "{nova}/v2.1"
        auth_url = "{keystone}/v3"
        username = "gateway"
        password = "gateway"
        project_name = "service"
        [composite.main]
        use = "url_map"
        "/v2.0" = "network"
        "/v2.1" = "compute"
        [pipeline.network]
        pipeline = ["identity", "count", "neutron"]
        [pipeline.compute]
        pipeline = ["identity", "count", "nova"]
        [filter.identity]
        use = "identity"
        [filter.count]
        use = "network_count_check"
        banned_nets = ["{BANNED}"]
        networks_max = 2
        [app.neutron]
        use = "neutron"
        upstream = "{neutron}"
        [app.nova]
        use = "nova"
        upstream = "{nova}"
        "#
    );
    let file = std::env::temp_dir().join(format!("wafflehaus-{}.toml", uuid::Uuid::new_v4()));
    std::fs::write(&file, text).unwrap();
    let loaded = Loader::new().load(&file);
    std::fs::remove_file(&file).unwrap();
    loaded.unwrap().plan
}

fn asked(line: &str, body: &Value) -> Request<Full<Bytes>> {
    let head = head(line)
        .header("x-identity-status", "Confirmed")
        .header("x-user-id", "alice")
        .header("x-project-id", PROJECT)
        .header("x-roles", "member")
        .header("x-auth-token", "alice")
        .header("content-type", "application/json");
    head.body(Full::new(body.to_string().into())).unwrap()
}

#[tokio::test]
async fn one_policy_judges_nova_and_neutron_each_in_its_own_words() {
    let guarded = Guarded::start().await;
    let gateway = Gateway::new(plan(guarded.endpoints()));
    let attach = format!("POST /v2.1/servers/{SERVER}/os-interface");
    let named = |network| json!({"interfaceAttachment": {"net_id": network}});
    for (line, body, fault) in [
        (&*attach, named(BANNED), "forbidden"),
        ("POST /v2.0/ports", on_server(BANNED), "NeutronError"),
    ] {
        let answer = gateway.clone().oneshot(asked(line, &body)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{line}");
        let body = read(answer.into_body()).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        let message = body[fault]["message"].as_str().unwrap();
        assert!(message.contains(BANNED), "{body}");
    }
    assert_eq!(guarded.networks(), [REQUIRED]);
    let port = on_server(FREE);
    let answer = gateway
        .clone()
        .oneshot(asked("POST /v2.0/ports", &port))
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    // What one let in, the other counts.
    let answer = gateway.oneshot(asked(&attach, &named(MORE))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(guarded.networks(), [REQUIRED, FREE]);
}

#[tokio::test]
async fn what_would_become_of_it_is_explained() {
    let guarded = Guarded::start().await;
    let plan = plan(guarded.endpoints());
    let explain = async |body: Value| {
        let request = head("POST /v2.0/ports").body(Bytes::from(body.to_string()));
        plan.explain(request.unwrap(), alice(), NoLookup::default())
            .await
    };
    let refused = explain(on_server(BANNED)).await;
    assert_eq!(refused.operation, "CreatePorts");
    let code = match refused.outcome {
        Outcome::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code, "network_banned");
    let unknown = explain(on_server(FREE)).await.outcome;
    assert!(matches!(unknown, Outcome::Unknown { .. }), "{unknown:?}");
    let passes = explain(json!({"port": {"network_id": BANNED}}))
        .await
        .outcome;
    assert_eq!(
        passes,
        Outcome::Passes {
            to: "neutron".to_owned()
        }
    );
}
