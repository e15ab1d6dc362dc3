//! Rules 12 to 16: service tokens, expired tokens, access rules, facts.

use http_body_util::Full;
use wafflehaus::{
    identity::{Role, Scope},
    keystone::{ExpiredTokens, Validated},
};

use crate::common::*;

async fn with_service(gateway: &Gateway, token: &str, service: &str) -> (u16, &'static str) {
    let built = request("GET /v2.1/servers")
        .header("x-auth-token", token)
        .header("x-service-token", service);
    let answer = gateway.send(built.body(Full::default()).unwrap()).await;
    (answer.status().as_u16(), told(answer).await.2)
}

#[tokio::test]
async fn rule_12_the_scope_is_told_whatever_it_is() {
    let gateway = gateway();
    for scope in [Scope::System, Scope::Unscoped, Scope::Domain("d".into())] {
        let token = format!("{scope:?}").replace(['"', '(', ')'], "-");
        gateway
            .fake
            .good(&token, caller("ann", &[]).scope(scope.clone()));
        assert_eq!(gateway.get(&token).await, 200);
        let identity = gateway.last().identity.unwrap();
        assert_eq!(*identity.token_scope(), scope);
        assert_eq!(identity.project_id(), None);
    }
}

#[tokio::test]
async fn rule_13_a_service_is_known_beside_its_user() {
    let gateway = gateway();
    for _ in ["asked", "remembered"] {
        assert_eq!(with_service(&gateway, "ann", "nova").await, (200, ""));
        let identity = gateway.last().identity.unwrap();
        assert_eq!(identity.user_id().as_str(), "ann");
        let service = identity.calling_service().unwrap();
        assert_eq!(service.user_id().as_str(), "nova");
        // Role names are compared as Nova compares them.
        assert!(service.has_role(&Role::new("service").unwrap()));
    }
    assert_eq!(
        gateway.fake.asked(),
        [
            ("nova".to_owned(), ExpiredTokens::Refused),
            ("ann".to_owned(), ExpiredTokens::Accepted),
        ]
    );
    assert_eq!(gateway.get("ann").await, 200);
    assert!(gateway.last().identity.unwrap().calling_service().is_none());
}

#[tokio::test]
async fn rule_13_a_bad_service_token_spoils_a_good_one() {
    let gateway = gateway();
    assert_eq!(gateway.get("ann").await, 200);
    // Unknown; a user's, who has no such role; an admin's.
    for service in ["wrong", "ann", "root"] {
        for _ in ["asked", "remembered"] {
            let refused = with_service(&gateway, "ann", service).await;
            assert_eq!(refused, (401, "service_token_invalid"), "{service}");
        }
    }
    gateway.fake.teach("down", Word::Down);
    let refused = with_service(&gateway, "ann", "down").await;
    assert_eq!(refused, (503, "keystone_unavailable"));
    let refused = with_service(&gateway, "wrong", "nova").await;
    assert_eq!(refused, (401, "token_invalid"));
    assert_eq!(gateway.reached().len(), 1);
}

#[tokio::test]
async fn rule_13_the_roles_of_services_are_a_setting() {
    let gateway = Gateway::with(|layer| {
        layer.service_roles(["glance", "admin"].map(|name| Role::new(name).unwrap()))
    });
    assert_eq!(with_service(&gateway, "ann", "root").await.0, 200);
    assert_eq!(with_service(&gateway, "ann", "nova").await.0, 401);
    let none = Gateway::with(|layer| layer.service_roles([]));
    assert_eq!(with_service(&none, "ann", "nova").await.0, 401);
}

#[tokio::test]
async fn rule_13_an_expired_token_passes_only_beside_a_good_service_token() {
    let gateway = gateway();
    let expired = Validated::new(caller("ann", &["member"]), std::time::Duration::ZERO);
    gateway
        .fake
        .teach("old", Word::Expired(Box::new(expired.clone())));
    assert_eq!(gateway.get("old").await, 401);
    assert_eq!(with_service(&gateway, "old", "nova").await.0, 200);
    // It was remembered, but for such requests only.
    assert_eq!(gateway.get("old").await, 401);
    assert_eq!(with_service(&gateway, "old", "ann").await.0, 401);
    assert_eq!(with_service(&gateway, "old", "wrong").await.0, 401);
    assert_eq!(with_service(&gateway, "old", "nova").await.0, 200);
    // A service's own token may not be expired.
    let service = Validated::new(caller("nova", &["service"]), std::time::Duration::ZERO);
    gateway
        .fake
        .teach("old-nova", Word::Expired(Box::new(service)));
    assert_eq!(with_service(&gateway, "ann", "old-nova").await.0, 401);
    assert_eq!(with_service(&gateway, "old", "old-nova").await.0, 401);
    assert_eq!(gateway.reached().len(), 2);
}

#[tokio::test]
async fn rule_14_access_rules_bind() {
    let gateway = gateway();
    gateway.fake.ruled(
        "ruled",
        &[
            ("compute", "GET", "/v2.1/servers/*"),
            ("network", "POST", "/v2.1/servers"),
        ],
    );
    gateway.fake.ruled("none", &[]);
    for (token, line, status) in [
        ("ruled", "GET /v2.1/servers/5e", 200),
        ("ruled", "GET /v2.1/servers/5e/", 200),
        ("ruled", "GET //v2.1/servers/%35e?limit=1", 200),
        ("ruled", "GET /v2x1/servers/5e", 403),
        ("ruled", "GET /v2.1/servers/5e/ips", 403),
        ("ruled", "GET /v2.1/servers/", 403),
        ("ruled", "HEAD /v2.1/servers/5e", 403),
        ("ruled", "DELETE /v2.1/servers/5e", 403),
        ("ruled", "POST /v2.1/servers", 403),
        ("ruled", "GET /v2.1/servers/5e?_method=DELETE", 400),
        ("none", "GET /v2.1/servers/5e", 403),
        ("ann", "POST /v2.1/servers", 200),
    ] {
        for _ in ["asked", "remembered"] {
            let got = gateway.ask(line, &[("x-auth-token", token)]).await;
            assert_eq!(got, status, "{token}: {line}");
        }
    }
    let built = request("POST /v2.1/servers").header("x-auth-token", "none");
    let answer = gateway.send(built.body(Full::default()).unwrap()).await;
    let (headers, body, code) = told(answer).await;
    assert_eq!(code, "access_rules");
    assert_eq!(body["forbidden"]["code"], 403);
    assert!(!headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn rule_14_a_service_token_lifts_no_rules_and_has_its_own() {
    let gateway = gateway();
    gateway.fake.ruled("ruled", &[("compute", "POST", "/**")]);
    let refused = with_service(&gateway, "ruled", "nova").await;
    assert_eq!(refused, (403, "access_rules"));
    // A user's own token in the other header neither.
    let refused = with_service(&gateway, "ruled", "ann").await;
    assert_eq!(refused, (401, "service_token_invalid"));
    let refused = with_service(&gateway, "ann", "ruled").await;
    assert_eq!(refused, (403, "access_rules"));
    gateway
        .fake
        .ruled("ruled-nova", &[("compute", "GET", "/**")]);
    assert_eq!(with_service(&gateway, "ann", "ruled-nova").await, (200, ""));
    assert_eq!(gateway.reached().len(), 1);
}

#[tokio::test]
async fn rule_14_the_service_type_is_a_setting() {
    let gateway = Gateway::with(|layer| layer.service_type("network"));
    gateway
        .fake
        .ruled("ruled", &[("network", "GET", "/v2.0/ports")]);
    let headers = [("x-auth-token", "ruled")];
    assert_eq!(gateway.ask("GET /v2.0/ports", &headers).await, 200);
    gateway
        .fake
        .ruled("other", &[("compute", "GET", "/v2.0/ports")]);
    let headers = [("x-auth-token", "other")];
    assert_eq!(gateway.ask("GET /v2.0/ports", &headers).await, 403);
}
