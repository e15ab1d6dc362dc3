//! The rules of the module, one by one.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::json;
use tower::ServiceExt as _;
use wafflehaus::{
    audit::{AuditError, Progress, Report, audit},
    identity::ProjectId,
    nova::{NetworkId, Operation},
    policy::{
        ByProject, DetachNetworkCheck, Hold, Inspection, NetworkCountCheck, Policy, RequestNetworks,
    },
    sim::{Api, Cloud, Endpoints, Failure},
};

use crate::support::*;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

fn network(text: &str) -> NetworkId {
    text.parse().unwrap()
}

fn policies() -> Vec<Arc<dyn Policy>> {
    let networks = RequestNetworks::new([network(REQUIRED)], [network(BANNED)]).unwrap();
    let count = NetworkCountCheck::builder()
        .networks_max(2)
        .build()
        .unwrap();
    let lab = [ProjectId::new(LAB).unwrap()];
    vec![
        Arc::new(ByProject::except(networks, lab.clone())),
        Arc::new(ByProject::except(count, lab)),
        Arc::new(DetachNetworkCheck::new([network(REQUIRED)])),
    ]
}

async fn run(endpoints: &Endpoints) -> Result<Report, AuditError> {
    audit(&policies(), &inventory(endpoints), |_| ()).await
}

/// Servers and the codes of what they break.
async fn found(endpoints: &Endpoints) -> Vec<(String, String)> {
    let report = run(endpoints).await.unwrap();
    let violations = report.violations.into_iter();
    violations.map(|it| (it.server, it.code)).collect()
}

/// Alice asks Neutron, past any guard.
async fn neutron(cloud: &Cloud, line: &str, body: serde_json::Value) -> StatusCode {
    let (method, target) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(target);
    let request = request.header("x-auth-token", "alice");
    let request = request
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap();
    cloud
        .service(Api::Neutron)
        .oneshot(request)
        .await
        .unwrap()
        .status()
}

#[tokio::test]
async fn rules_1_and_2_every_server_is_judged_by_every_policy() {
    let (cloud, endpoints) = cloud().await;
    let server = |project, networks: &[&str]| cloud.add_server(project, networks).unwrap();
    server(PROJECT, &[REQUIRED]);
    server(PROJECT, &[FREE, REQUIRED]);
    let banned = server(PROJECT, &[REQUIRED, BANNED]);
    let many = server(PROJECT, &[REQUIRED, FREE, BANNED]);
    let bare = server(PROJECT, &[]);
    // Exempt.
    server(LAB, &[BANNED]);
    let mut expected = vec![
        (banned.clone(), "network_banned".to_owned()),
        (many.clone(), "network_banned".to_owned()),
        (many, "too_many_networks".to_owned()),
        (bare.clone(), "network_required".to_owned()),
        (bare, "too_few_networks".to_owned()),
    ];
    let mut all = found(&endpoints).await;
    all.sort();
    expected.sort();
    assert_eq!(all, expected);

    let report = run(&endpoints).await.unwrap();
    assert_eq!((report.servers, report.unfinished), (6, 0));
    let one = report
        .violations
        .iter()
        .find(|it| it.server == banned)
        .unwrap();
    assert_eq!(
        (&*one.name, &*one.project, &*one.policy),
        ("seeded", PROJECT, "RequestNetworks")
    );
    assert!(one.message.contains(BANNED), "{}", one.message);
}

#[tokio::test]
async fn rule_1_c52_and_c55_what_came_past_the_gateway_is_seen() {
    let (cloud, endpoints) = cloud().await;
    let upper = cloud.add_server(PROJECT, &[REQUIRED]).unwrap();
    let trunk = cloud.add_server(PROJECT, &[REQUIRED]).unwrap();
    let unowned = cloud.add_server(PROJECT, &[REQUIRED]).unwrap();
    assert_eq!(found(&endpoints).await, []);

    let create = |device: &str| json!({"port": {"network_id": BANNED, "device_id": device}});
    assert_eq!(
        neutron(&cloud, "POST /v2.0/ports", create(&unowned)).await,
        201
    );
    assert_eq!(
        neutron(&cloud, "POST /v2.0/ports", create(&upper.to_uppercase())).await,
        201
    );
    let port = cloud.add_port(BANNED, PROJECT).unwrap();
    let parent = cloud.server_ports(&trunk).pop().unwrap();
    let body = json!({"trunk": {"port_id": parent, "sub_ports": [{"port_id": port}]}});
    assert_eq!(neutron(&cloud, "POST /v2.0/trunks", body).await, 201);

    let mut servers: Vec<_> = found(&endpoints).await.into_iter().map(|it| it.0).collect();
    let mut expected = vec![upper, trunk, unowned];
    servers.sort();
    expected.sort();
    assert_eq!(servers, expected);
}

#[tokio::test]
async fn rule_1_lists_are_read_to_their_end() {
    let (cloud, endpoints) = cloud().await;
    for _ in 0..7 {
        cloud.add_server(PROJECT, &[REQUIRED, FREE]).unwrap();
    }
    let bad = cloud.add_server(PROJECT, &[BANNED]).unwrap();
    cloud.set_page_cap(Some(3));
    let report = run(&endpoints).await.unwrap();
    assert_eq!(report.servers, 8);
    assert!(report.violations.iter().all(|it| it.server == bad));
    assert_eq!(report.violations.len(), 1);
    let lists = |api, path: &str| {
        let received = cloud.received(api);
        received.iter().filter(|it| it.path == path).count()
    };
    assert_eq!(lists(Api::Nova, "/v2.1/servers/detail"), 3);
    // Fifteen ports, and once more those of the one server.
    assert_eq!(lists(Api::Neutron, "/v2.0/ports"), 7);
}

#[tokio::test]
async fn rule_3_a_server_that_is_being_built_is_not_judged() {
    let (cloud, endpoints) = cloud().await;
    let server = cloud.add_server(PROJECT, &[]).unwrap();
    cloud.set_server_status(&server, "BUILD");
    let report = run(&endpoints).await.unwrap();
    assert_eq!((report.servers, report.unfinished), (0, 1));
    assert_eq!(report.violations, []);
}

#[tokio::test]
async fn rule_4_a_finding_counts_if_it_still_holds() {
    let (cloud, endpoints) = cloud().await;
    let server = cloud.add_server(PROJECT, &[REQUIRED, BANNED]).unwrap();
    let banned = cloud.server_ports(&server).pop().unwrap();
    let inventory = inventory(&endpoints);
    // Meanwhile, once all is listed, its owner puts it right.
    let (listed, go_on) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let told = |progress| {
        if matches!(progress, Progress::Ports(_)) {
            cloud.hold(Api::Nova);
            listed.notify_one();
        }
    };
    let policies = policies();
    let audit = async {
        let report = audit(&policies, &inventory, told).await.unwrap();
        go_on.notify_one();
        report
    };
    let owner = async {
        listed.notified().await;
        cloud.until_in_flight(Api::Nova, 1).await;
        let line = format!("DELETE /v2.0/ports/{banned}");
        assert_eq!(neutron(&cloud, &line, json!(null)).await, 204);
        cloud.release(Api::Nova);
        go_on.notified().await;
    };
    let both = async { tokio::join!(audit, owner) };
    let (report, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert_eq!(report.violations, []);
    assert_eq!(report.servers, 1);
}

#[tokio::test]
async fn rule_6_a_failure_on_the_way_is_no_report() {
    let (cloud, endpoints) = cloud().await;
    for _ in 0..3 {
        cloud.add_server(PROJECT, &[BANNED]).unwrap();
    }
    cloud.set_page_cap(Some(2));
    for api in [Api::Nova, Api::Neutron] {
        for failure in [Failure::Cut, Failure::Status(StatusCode::FORBIDDEN)] {
            cloud.fail_always(api, failure);
            let error = run(&endpoints).await.unwrap_err();
            assert!(matches!(error, AuditError::Lookup(_)), "{error}");
            cloud.clear_failures(api);
        }
    }
    // In the middle: each page that there is, once.
    for (api, pages) in [(Api::Nova, 2), (Api::Neutron, 2)] {
        for page in 0..pages {
            let seen = Mutex::new(0);
            let told = |progress| {
                let of_this = match progress {
                    Progress::Servers(_) => api == Api::Nova,
                    Progress::Ports(_) => api == Api::Neutron,
                    _ => false,
                };
                let mut seen = seen.lock().unwrap();
                if of_this && *seen == page {
                    cloud.fail_next(api, 1, Failure::Status(StatusCode::BAD_GATEWAY));
                }
                *seen += usize::from(of_this);
            };
            let outcome = audit(&policies(), &inventory(&endpoints), told).await;
            assert!(
                matches!(outcome, Err(AuditError::Lookup(_))),
                "{api:?} {page}"
            );
            cloud.clear_failures(api);
        }
    }
    assert_eq!(run(&endpoints).await.unwrap().servers, 3);
}

/// Judges servers as they are, but by a body.
struct Curious;

impl Policy for Curious {
    fn name(&self) -> Cow<'static, str> {
        "Curious".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::ExistingServer { .. })
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        request.server_create().map(|_| ())
    }
}

#[tokio::test]
async fn rules_7_and_8_policies_that_cannot_judge_are_told_of() {
    let (cloud, endpoints) = cloud().await;
    cloud.add_server(PROJECT, &[]).unwrap();
    let run = async |policy: Arc<dyn Policy>| {
        let outcome = audit(&[policy], &inventory(&endpoints), |_| ()).await;
        outcome.unwrap_err().to_string()
    };
    let stays = Arc::new(DetachNetworkCheck::new([network(REQUIRED)]));
    assert_eq!(
        run(stays).await,
        "none of these policies judges servers as they are"
    );
    assert!(
        run(Arc::new(Curious))
            .await
            .starts_with("`Curious` cannot judge server ")
    );
}
