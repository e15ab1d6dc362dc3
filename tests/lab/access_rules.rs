//! Application credentials with access rules.
//!
//! A Nova whose `[keystone_authtoken]` has no `service_type`, such as the lab's, takes no token with
//! access rules. So that what passes has its effect, it is shown another token of the same user.

use serde_json::{Value, json};

use crate::{
    judging::Judging,
    keystone::assert_is,
    people::{Known, Person},
    support::{Lab, assert_refused, created, post, with_lab},
};

const SERVERS: &str = "GET /v2.1/servers";

fn rule(service: &str, method: &str, path: &str) -> Value {
    json!({ "service": service, "method": method, "path": path })
}

/// Somebody's token with these rules, before a Nova that takes it.
async fn ruled(lab: &Lab, gateway: &Judging, rules: &[Value]) -> (Person, Known) {
    let person = lab.person("a").await;
    let own = lab.token_of(&person, lab.project1()).await;
    gateway.shows_nova(&own.token);
    let known = lab
        .credential(&person, json!({ "access_rules": rules }))
        .await;
    (person, known)
}

#[tokio::test]
async fn they_allow_what_they_name_and_nothing_else() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let rules = [
            rule("compute", "GET", "/v2.1/servers"),
            rule("compute", "GET", "/v2.1/servers/{server_id}/ips"),
            rule("network", "DELETE", "/v2.1/**"),
        ];
        let (_, known) = ruled(&lab, &gateway, &rules).await;
        let server = uuid::Uuid::new_v4();
        let ips = format!("GET /v2.1/servers/{server}/ips");
        for (asked, status) in [
            (SERVERS, 200),
            ("GET /v2.1/servers?limit=1", 200),
            ("GET //v2.1/%73ervers/", 404),
            (&ips, 404),
        ] {
            let before = gateway.forwarded().len();
            let answer = gateway.with_token(asked, &known.token).await;
            assert_eq!(answer.status, status, "{asked}: {answer:?}");
            assert_eq!(gateway.forwarded().len(), before + 1, "{asked}");
            assert_is(&gateway.identity(), &known.told);
        }
        let passed = gateway.forwarded().len();
        for asked in [
            "HEAD /v2.1/servers",
            "GET /v2.1/servers/detail",
            "GET /v2x1/servers",
            "GET /v2.1/flavors",
            "POST /v2.1/servers",
            &format!("DELETE /v2.1/servers/{server}"),
            &format!("{ips}/private"),
        ] {
            let answer = gateway.with_token(asked, &known.token).await;
            assert_eq!(answer.status, 403, "{asked}: {answer:?}");
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
        for asked in [
            "GET /v2.1/servers?_method=POST",
            "GET /v2.1/servers?%5fmethod=DELETE",
        ] {
            let answer = gateway.with_token(asked, &known.token).await;
            assert_eq!(answer.status, 400, "{asked}: {answer:?}");
        }
        assert_eq!(gateway.forwarded().len(), passed);
    })
    .await;
}

#[tokio::test]
async fn what_they_allow_is_judged_by_the_policies_all_the_same() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let rules = [
            rule("compute", "POST", "/v2.1/servers"),
            rule("compute", "DELETE", "/v2.1/servers/*"),
        ];
        let (_, known) = ruled(&lab, &gateway, &rules).await;
        let create = |networks: &[&str]| {
            let body = lab.create_body(Some(lab.named(networks)));
            gateway.send(&known.token, post("/v2.1/servers", &body))
        };
        assert_refused(&create(&["net1", "net2"]).await, 403, "not allowed to use");
        assert!(lab.made().await.is_empty());
        let server = created(&create(&["net1"]).await);
        assert_eq!(lab.made().await, [server.as_str()]);
        lab.active(&server).await;
        let answer = gateway.with_token(SERVERS, &known.token).await;
        assert_refused(&answer, 403, "access rules");

        let delete = format!("DELETE /v2.1/servers/{server}");
        let answer = gateway.with_token(&delete, &known.token).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        lab.until("the server is gone", async || lab.made().await.is_empty())
            .await;
    })
    .await;
}

#[tokio::test]
async fn they_are_those_of_the_service_behind() {
    with_lab(async |lab| {
        let rules = [rule("compute", "GET", "/v2.1/servers")];
        let compute = Judging::start(&lab, |layer| layer).await;
        let (_, known) = ruled(&lab, &compute, &rules).await;
        let network = Judging::start(&lab, |layer| layer.service_type("network")).await;
        for (gateway, status) in [(&compute, 200), (&network, 403)] {
            let answer = gateway.with_token(SERVERS, &known.token).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
        assert!(network.forwarded().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_service_token_does_not_lift_them() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let rules = [rule("compute", "GET", "/v2.1/flavors")];
        let (_, known) = ruled(&lab, &gateway, &rules).await;
        let service = lab.service_token().await;
        let both = [
            ("x-auth-token", known.token.as_str()),
            ("x-service-token", &service.token),
        ];
        let answer = gateway.ask(SERVERS, &both).await;
        assert_refused(&answer, 403, "access rules");
        assert!(gateway.forwarded().is_empty());
        let answer = gateway.ask("GET /v2.1/flavors", &both).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    })
    .await;
}
