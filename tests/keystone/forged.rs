//! Rules 1 to 4, 20 and 21: what a client sends under the names of the trusted is as if it had
//! not been sent.

use http::{HeaderName, HeaderValue, Request};
use http_body_util::Full;
use tower::{Layer as _, ServiceExt as _};
use wafflehaus::identity::Identity;

use crate::common::*;

/// Keystone's middleware removes these with and without the `Service` infix.
const TWINS: [&str; 10] = [
    "Domain-Id",
    "Domain-Name",
    "Project-Id",
    "Project-Name",
    "Project-Domain-Id",
    "Project-Domain-Name",
    "User-Id",
    "User-Name",
    "User-Domain-Id",
    "User-Domain-Name",
];

const OTHERS: [&str; 26] = [
    "Forwarded",
    "OpenStack-System-Scope",
    "X-Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Identity-Status",
    "X-Is-Admin-Project",
    "X-Real-IP",
    "X-Role",
    "X-Roles",
    "X-Service-Anything-New",
    "X-Service-Catalog",
    "X-Service-Identity-Status",
    "X-Service-Roles",
    "X-Storage-Token",
    "X-Tenant",
    "X-Tenant-Id",
    "X-Tenant-Name",
    "X-Trust-Id",
    "X-Trustor-User-Id",
    "X-User",
    "X-Wafflehaus-Anything",
    "X-Wafflehaus-NetworkCountCheck-Enabled",
    "X-Wafflehaus-Roles",
];

/// Every name of the catalogue.
fn names() -> Vec<String> {
    let twins = TWINS
        .iter()
        .flat_map(|name| [format!("X-{name}"), format!("X-Service-{name}")]);
    let others = OTHERS.iter().map(|name| (*name).to_owned());
    twins.chain(others).collect()
}

/// The spellings of a name that some server behind takes for it.
fn spellings(name: &str) -> Vec<String> {
    let mixed = name.replacen('-', "_", 1);
    let mut spellings = vec![
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        name.replace('-', "_"),
        name.to_lowercase().replace('-', "_"),
        mixed,
    ];
    spellings.dedup();
    spellings
}

/// The headers of a forged request: those that are meant, and the forgery before or after them,
/// once or twice.
fn forgeries(
    name: &str,
    value: &'static str,
    real: &[(&str, &str)],
) -> Vec<Request<Full<bytes::Bytes>>> {
    let name: HeaderName = name.parse().unwrap();
    let value = HeaderValue::from_static(value);
    let mut requests = Vec::new();
    for (before, after) in [(1, 0), (0, 1), (2, 0), (0, 2), (1, 1)] {
        let mut built = request("POST /v2.1/servers").extension(caller("mallory", &["admin"]));
        for _ in 0..before {
            built = built.header(name.clone(), value.clone());
        }
        for (name, value) in real {
            built = built.header(*name, *value);
        }
        for _ in 0..after {
            built = built.header(name.clone(), value.clone());
        }
        requests.push(built.body(Full::default()).unwrap());
    }
    requests
}

fn seen(reached: &Reached) -> (Vec<(String, String)>, Option<Identity>) {
    let mut headers: Vec<_> = reached
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (headers, reached.identity.clone())
}

#[tokio::test]
async fn rule_1_no_forged_header_changes_what_is_seen_behind() {
    let plain: &[(&str, &str)] = &[("x-auth-token", "ann"), ("accept", "text/plain")];
    let by_service: &[(&str, &str)] = &[("x-auth-token", "ann"), ("x-service-token", "nova")];
    for classic in [false, true] {
        for real in [plain, by_service] {
            let gateway = Gateway::with(|layer| layer.set_identity_headers(classic));
            assert_eq!(gateway.ask("POST /v2.1/servers", real).await, 200);
            let honest = seen(&gateway.last());
            assert_eq!(honest.1.as_ref().unwrap().user_id().as_str(), "ann");
            for spelling in names().iter().flat_map(|name| spellings(name)) {
                for value in ["admin", "root", "all"] {
                    for forged in forgeries(&spelling, value, real) {
                        let answer = gateway.send(forged).await;
                        assert_eq!(answer.status(), 200, "{spelling}");
                        assert_eq!(seen(&gateway.last()), honest, "{spelling}: {value}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn rule_1_no_forged_header_stands_in_for_a_token() {
    let gateway = gateway();
    let bad: [(&[(&str, &str)], &str); 3] = [
        (&[], "token_missing"),
        (&[("x-auth-token", "wrong")], "token_invalid"),
        (
            &[("x-auth-token", "ann"), ("x-service-token", "wrong")],
            "service_token_invalid",
        ),
    ];
    for (real, code) in bad {
        for spelling in names().iter().flat_map(|name| spellings(name)) {
            for value in ["root", "Confirmed"] {
                for forged in forgeries(&spelling, value, real) {
                    let answer = gateway.send(forged).await;
                    assert_eq!(answer.status(), 401, "{spelling}");
                    assert_eq!(told(answer).await.2, code, "{spelling}");
                }
            }
        }
    }
    assert!(gateway.reached().is_empty());
}

#[tokio::test]
async fn rule_1_another_spelling_of_a_token_is_no_second_token() {
    let gateway = gateway();
    for name in [
        "X_Auth_Token",
        "x-auth_token",
        "X_Service_Token",
        "x_service-token",
    ] {
        for forged in forgeries(name, "root", &[("x-auth-token", "ann")]) {
            assert_eq!(gateway.send(forged).await.status(), 200, "{name}");
            let reached = gateway.last();
            assert_eq!(reached.headers.len(), 1, "{name}");
            let identity = reached.identity.unwrap();
            assert_eq!(identity.user_id().as_str(), "ann");
            assert!(identity.calling_service().is_none());
        }
        for forged in forgeries(name, "root", &[]) {
            assert_eq!(gateway.send(forged).await.status(), 401, "{name}");
        }
    }
    assert_eq!(gateway.fake.calls(), 1);
}

#[tokio::test]
async fn rule_1_a_trusted_hop_keeps_its_headers() {
    let gateway = Gateway::with(|layer| layer.trust_forwarded(true));
    let headers = [
        ("x-auth-token", "ann"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x_forwarded_for", "192.0.2.2"),
    ];
    assert_eq!(gateway.ask("GET /", &headers).await, 200);
    let reached = gateway.last();
    assert_eq!(reached.headers["x-forwarded-for"], "192.0.2.1");
    assert!(!reached.headers.contains_key("x_forwarded_for"));
}

#[tokio::test]
async fn rule_2_there_is_exactly_one_plain_token() {
    let gateway = gateway();
    let long = "x".repeat(2049);
    for (headers, code) in [
        (vec![], "token_missing"),
        (vec![("x-storage-token", "ann")], "token_missing"),
        (vec![("x-auth-token", "")], "token_invalid"),
        (
            vec![("x-auth-token", ""), ("x-storage-token", "ann")],
            "token_invalid",
        ),
        (
            vec![("x-auth-token", "ann"), ("X-Auth-Token", "ann")],
            "token_invalid",
        ),
        (
            vec![("x-auth-token", "ann"), ("x-auth-token", "root")],
            "token_invalid",
        ),
        (vec![("x-auth-token", "ann,root")], "token_invalid"),
        (vec![("x-auth-token", "ann root")], "token_invalid"),
        (vec![("x-auth-token", "ann\t")], "token_invalid"),
        (vec![("x-auth-token", "änn")], "token_invalid"),
        (vec![("x-auth-token", &*long)], "token_invalid"),
        (
            vec![("x-auth-token", "ann"), ("x-service-token", "")],
            "service_token_invalid",
        ),
        (
            vec![
                ("x-auth-token", "ann"),
                ("x-service-token", "nova"),
                ("x-service-token", "nova"),
            ],
            "service_token_invalid",
        ),
        (
            vec![("x-auth-token", "ann"), ("x-service-token", "nova,nova")],
            "service_token_invalid",
        ),
    ] {
        let built = headers
            .iter()
            .fold(request("GET /v2.1"), |built, (name, value)| {
                built.header(*name, *value)
            });
        let answer = gateway.send(built.body(Full::default()).unwrap()).await;
        assert_eq!(answer.status(), 401, "{headers:?}");
        assert_eq!(told(answer).await.2, code, "{headers:?}");
    }
    assert!(gateway.reached().is_empty());
    assert_eq!(gateway.fake.calls(), 0);
}

#[tokio::test]
async fn rule_3_a_line_with_two_readings_is_refused_before_any_token() {
    let gateway = gateway();
    for line in [
        "GET /v2.1/servers?_method=DELETE",
        "GET /v2.1/servers?a=b;%5fmethod=DELETE",
        "POST /v2.1/../servers",
        "GET /v2.1/servers%2fx",
        "GET /v2.1/servers%0a",
        "TRACE /v2.1/servers",
        "get /v2.1/servers",
    ] {
        assert_eq!(
            gateway.ask(line, &[("x-auth-token", "ann")]).await,
            400,
            "{line}"
        );
        assert_eq!(gateway.ask(line, &[]).await, 400, "{line}");
    }
    assert!(gateway.reached().is_empty());
    assert_eq!(gateway.fake.calls(), 0);
}

#[tokio::test]
async fn rule_4_a_401_says_where_to_get_a_token() {
    let gateway = gateway();
    let challenge = format!("Keystone uri=\"{URI}\"");
    let bare = || request("GET /v2.1").body(Full::default()).unwrap();
    let (headers, body, _) = told(gateway.send(bare()).await).await;
    assert_eq!(headers["www-authenticate"], challenge);
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(
        body,
        serde_json::json!({ "error": {
            "code": 401,
            "title": "Unauthorized",
            "message": "the request needs a token in `X-Auth-Token`",
        } })
    );
    // Also one of the service behind, whether the token was remembered or not.
    gateway.answers(401);
    for _ in 0..2 {
        let signed = request("GET /").header("x-auth-token", "ann");
        let answer = gateway.send(signed.body(Full::default()).unwrap()).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], challenge);
    }
    // And nothing else.
    gateway.answers(403);
    let signed = request("GET /").header("x-auth-token", "ann");
    let answer = gateway.send(signed.body(Full::default()).unwrap()).await;
    assert!(!answer.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn rule_4_another_renderer_does_not_lose_the_challenge() {
    let gateway = Gateway::with(|layer| {
        layer.with_fault_renderer(|denial| {
            let mut response = http::Response::new(bytes::Bytes::from_static(b"no"));
            *response.status_mut() = denial.kind().status();
            response
        })
    });
    let bare = request("GET /v2.1").body(Full::default()).unwrap();
    let (headers, body, code) = told(gateway.send(bare).await).await;
    assert!(headers.contains_key("www-authenticate"));
    assert_eq!((body, code), (serde_json::Value::Null, "token_missing"));
}

#[tokio::test]
async fn rule_21_tokens_go_on_unless_they_must_not() {
    for forward in [true, false] {
        let gateway = Gateway::with(|layer| layer.forward_tokens(forward));
        let both = [("x-auth-token", "ann"), ("x-service-token", "nova")];
        for _ in ["asked", "remembered"] {
            assert_eq!(gateway.ask("GET /", &both).await, 200);
            let headers = gateway.last().headers;
            assert_eq!(headers.contains_key("x-auth-token"), forward);
            assert_eq!(headers.contains_key("x-service-token"), forward);
            assert!(headers.values().all(HeaderValue::is_sensitive));
        }
    }
}

#[tokio::test]
async fn rule_20_the_headers_of_keystones_middleware_are_set_when_asked_for() {
    use wafflehaus::identity::{Details, DomainRef, Role, Scope, UserId};
    let gateway = Gateway::with(|layer| layer.set_identity_headers(true));
    let mut details = Details::default();
    details.user_name = Some("Zoë".into());
    details.user_domain = Some(DomainRef::new("default", Some("Default".into())));
    details.project_name = Some("Web".into());
    details.project_domain = Some(DomainRef::new("d2", None));
    let zoe = caller("zoe", &["member", "reader"]).details(details);
    gateway.fake.good("zoe", zoe);
    let service = caller("cinder", &["service"]).scope(Scope::System);
    gateway.fake.good("cinder", service);
    let ask = [("x-auth-token", "zoe"), ("x-service-token", "cinder")];
    assert_eq!(gateway.ask("GET /", &ask).await, 200);
    let written = |reached: Reached| {
        let mut all: Vec<String> = reached
            .headers
            .iter()
            .filter(|(name, _)| !name.as_str().ends_with("-token"))
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        all.sort();
        all
    };
    assert_eq!(
        written(gateway.last()),
        [
            "x-identity-status: Confirmed",
            "x-is-admin-project: True",
            "x-project-domain-id: d2",
            "x-project-id: 6f70656e",
            "x-project-name: Web",
            "x-roles: member,reader",
            "x-service-identity-status: Confirmed",
            "x-service-roles: service",
            "x-service-user-id: cinder",
            "x-user-domain-id: default",
            "x-user-domain-name: Default",
            "x-user-id: zoe",
            "x-user-name: Zoë",
        ]
    );

    let root = Identity::new(UserId::new("root").unwrap()).role(Role::new("admin").unwrap());
    let mut details = Details::default();
    details.domain_name = Some("Sales".into());
    details.is_admin_project = false;
    gateway
        .fake
        .good("system", root.clone().scope(Scope::System));
    let domain = root.scope(Scope::Domain("d3".into())).details(details);
    gateway.fake.good("domain", domain);
    assert_eq!(gateway.get("system").await, 200);
    assert_eq!(
        written(gateway.last()),
        [
            "openstack-system-scope: all",
            "x-identity-status: Confirmed",
            "x-is-admin-project: True",
            "x-roles: admin",
            "x-user-id: root",
        ]
    );
    assert_eq!(gateway.get("domain").await, 200);
    assert_eq!(
        written(gateway.last()),
        [
            "x-domain-id: d3",
            "x-domain-name: Sales",
            "x-identity-status: Confirmed",
            "x-is-admin-project: False",
            "x-roles: admin",
            "x-user-id: root",
        ]
    );
}

/// A gateway whose Nova is at `/compute`.
fn with_versions() -> Gateway {
    let mount = wafflehaus::nova::Mount::at("/compute").unwrap();
    Gateway::with(|layer| layer.anonymous_versions(mount).set_identity_headers(true))
}

#[tokio::test]
async fn rule_2_version_documents_need_a_token_unless_the_operator_says_so() {
    let documents = [
        "GET /compute",
        "GET /compute/",
        "HEAD /compute/v2.1",
        "GET /compute/v2.1/",
        "GET /compute//v2%2e1/",
        "GET /compute/v2/",
    ];
    let (closed, open) = (gateway(), with_versions());
    for line in documents {
        assert_eq!(closed.ask(line, &[]).await, 401, "{line}");
        assert_eq!(open.ask(line, &[]).await, 200, "{line}");
        let reached = open.last();
        assert!(reached.anonymous && reached.identity.is_none());
    }
    assert!(closed.reached().is_empty());
    assert_eq!(open.fake.calls(), 0);
    for line in [
        "GET /",
        "GET /v2.1/",
        "POST /compute/v2.1/",
        "OPTIONS /compute/",
        "GET /compute/v2.1/servers",
        "GET /compute/v2.1/x/..",
        "GET /compute/v2.1/?_method=POST",
        "GET /compute/v2.1/?x=1",
        "GET /compute/v2.1/%0a",
    ] {
        assert!(matches!(open.ask(line, &[]).await, 400 | 401), "{line}");
    }
    assert_eq!(open.reached().len(), documents.len());
}

#[tokio::test]
async fn rule_2_a_token_on_a_version_document_is_judged_as_anywhere() {
    let gateway = with_versions();
    let versions = "GET /compute/v2.1/";
    gateway.fake.teach("down", Word::Down);
    for (headers, status) in [
        (vec![("x-auth-token", "wrong")], 401),
        (vec![("x-auth-token", "")], 401),
        (vec![("x-auth-token", "ann"), ("x-auth-token", "ann")], 401),
        (vec![("x-service-token", "nova")], 401),
        (
            vec![("x-auth-token", "ann"), ("x-service-token", "wrong")],
            401,
        ),
        (vec![("x-auth-token", "down")], 503),
    ] {
        assert_eq!(gateway.ask(versions, &headers).await, status, "{headers:?}");
    }
    assert!(gateway.reached().is_empty());
    assert_eq!(gateway.get("ann").await, 200);
    assert_eq!(gateway.ask(versions, &[("x-auth-token", "ann")]).await, 200);
    let reached = gateway.last();
    assert!(!reached.anonymous && reached.identity.is_some());
}

#[tokio::test]
async fn rule_1_what_another_layer_let_in_without_a_caller_has_one_behind_this() {
    let fake = Fake::new();
    let inner = tower::service_fn(async |request: Request<Full<bytes::Bytes>>| {
        let extensions = request.extensions();
        assert!(extensions.get::<Identity>().is_some());
        assert!(
            extensions
                .get::<wafflehaus::identity::Anonymous>()
                .is_none()
        );
        Ok::<_, std::convert::Infallible>(http::Response::new(Full::<bytes::Bytes>::default()))
    });
    let outer = wafflehaus::identity_headers::IdentityHeadersLayer::new();
    let service = outer.layer(layer(&fake).layer(inner));
    for (token, status) in [(Some("ann"), 200), (Some("wrong"), 401), (None, 401)] {
        let mut built = request("GET /v2.1/");
        if let Some(token) = token {
            built = built.header("x-auth-token", token);
        }
        let built = built.body(Full::default()).unwrap();
        let answer = service.clone().oneshot(built).await.unwrap();
        assert_eq!(answer.status(), status, "{token:?}");
    }
}

#[tokio::test]
async fn rule_2_who_reads_versions_without_a_token_claims_nothing() {
    let gateway = with_versions();
    for name in names() {
        for name in spellings(&name) {
            let built = request("GET /compute/v2.1/")
                .header(&*name, "admin")
                .extension(caller("mallory", &["admin"]));
            let answer = gateway.send(built.body(Full::default()).unwrap()).await;
            assert_eq!(answer.status(), 200, "{name}");
            let reached = gateway.last();
            assert!(reached.headers.is_empty(), "{name}: {reached:?}");
            assert!(reached.anonymous && reached.identity.is_none(), "{name}");
        }
    }
    // A 401 of the service behind has the challenge, as any.
    gateway.answers(401);
    let bare = request("GET /compute").body(Full::default()).unwrap();
    let answer = gateway.send(bare).await;
    assert!(answer.headers().contains_key("www-authenticate"));
}
