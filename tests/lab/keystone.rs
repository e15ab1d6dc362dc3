//! Tokens of every kind that a real Keystone gives, and what becomes of those that it takes back.

use std::time::Duration;

use http::Request;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::Instant};
use wafflehaus::identity::{Identity, Role, Scope};

use crate::{
    judging::Judging,
    people::{Known, Person},
    support::{Lab, assert_refused, post, text, with_lab},
};

const SERVERS: &str = "GET /v2.1/servers";

/// A change that Nova answers with 404, and nothing comes of.
fn change() -> String {
    format!("DELETE /v2.1/servers/{}", uuid::Uuid::new_v4())
}

/// Whether an identity is what Keystone told when it gave the token away.
#[track_caller]
pub(crate) fn assert_is(identity: &Identity, told: &Value) {
    let details = identity.known_details();
    assert_eq!(identity.user_id().as_str(), told["user"]["id"]);
    assert_eq!(details.user_name.as_deref(), told["user"]["name"].as_str());
    let domain = details.user_domain.as_ref().unwrap();
    assert_eq!(*domain.id, *told["user"]["domain"]["id"].as_str().unwrap());
    let project = identity.project_id().map(|id| id.as_str());
    assert_eq!(project, told["project"]["id"].as_str());
    assert_eq!(
        details.project_name.as_deref(),
        told["project"]["name"].as_str()
    );
    let mut roles: Vec<_> = identity.role_names().iter().map(Role::as_str).collect();
    let none = Vec::new();
    let mut granted: Vec<_> = told["roles"]
        .as_array()
        .unwrap_or(&none)
        .iter()
        .map(|role| role["name"].as_str().unwrap())
        .collect();
    roles.sort_unstable();
    granted.sort_unstable();
    assert_eq!(roles, granted);
    let credential = details.application_credential.as_deref();
    assert_eq!(credential, told["application_credential"]["id"].as_str());
    assert_eq!(
        details.trust.is_some(),
        told.get("OS-TRUST:trust").is_some()
    );
    assert!(identity.calling_service().is_none());
}

fn bad_create(lab: &Lab) -> Request<http_body_util::Full<bytes::Bytes>> {
    let networks = lab.named(&["net1", "net2"]);
    post("/v2.1/servers", &lab.create_body(Some(networks)))
}

#[tokio::test]
async fn a_password_token_is_its_users() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let person = lab.person("a").await;
        let known = lab.token_of(&person, lab.project1()).await;
        let answer = gateway.with_token(SERVERS, &known.token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_is(&gateway.identity(), &known.told);
        assert!(gateway.identity().has_role(&Role::new("role1").unwrap()));

        let answer = gateway.send(&known.token, bad_create(&lab)).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(gateway.forwarded().len(), 1);
        let networks = lab.named(&["net1", "net3"]);
        let request = post("/v2.1/servers", &lab.create_body(Some(networks)));
        let answer = gateway.send(&known.token, request).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let server = text(&answer.json()["server"]["id"]);
        assert_eq!(lab.made().await, [server]);
    })
    .await;
}

#[tokio::test]
async fn a_rescoped_token_is_for_the_other_project() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let person = lab.person("a").await;
        let first = lab.token_of(&person, lab.project1()).await;
        let other = lab.cloud.caller("user2", "project2").await.project;
        lab.grant(&person, "member", &format!("projects/{other}"))
            .await;
        let scope = json!({ "project": { "id": other } });
        let identity = json!({ "methods": ["token"], "token": { "id": first.token } });
        let second = lab.authenticate(identity, Some(scope)).await;
        for known in [&first, &second] {
            let answer = gateway.with_token(SERVERS, &known.token).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_is(&gateway.identity(), &known.told);
        }
        assert_eq!(gateway.identity().project_id().unwrap().as_str(), other);
        assert!(!gateway.identity().has_role(&Role::new("role1").unwrap()));
    })
    .await;
}

#[tokio::test]
async fn a_token_without_a_project_does_not_create_servers() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let person = lab.person("a").await;
        lab.grant(&person, "role1", "domains/default").await;
        lab.grant(&person, "role1", "system").await;
        let domain = json!({ "domain": { "id": "default" } });
        let system = json!({ "system": { "all": true } });
        for (asked, scope) in [
            (None, Scope::Unscoped),
            (Some(domain), Scope::Domain("default".to_owned())),
            (Some(system), Scope::System),
        ] {
            let known = lab.token_of(&person, asked).await;
            let networks = lab.named(&["net1"]);
            let request = post("/v2.1/servers", &lab.create_body(Some(networks)));
            let answer = gateway.send(&known.token, request).await;
            assert_refused(&answer, 403, "not scoped to a project");
            let identity = gateway.identity();
            assert_is(&identity, &known.told);
            assert_eq!(*identity.token_scope(), scope);
            let name = identity.known_details().domain_name.as_deref();
            assert_eq!(name, known.told["domain"]["name"].as_str());
        }
        assert!(gateway.forwarded().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_application_credential_without_rules_acts_for_its_user() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let person = lab.person("a").await;
        let known = lab.credential(&person, json!({})).await;
        let answer = gateway.with_token(SERVERS, &known.token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_is(&gateway.identity(), &known.told);
        assert_eq!(gateway.identity().user_id().as_str(), person.id);
        assert!(
            gateway
                .identity()
                .known_details()
                .application_credential
                .is_some()
        );
        let answer = gateway.with_token(&change(), &known.token).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    })
    .await;
}

/// A token of `trustee` for what `trustor` lets it do in `project1`.
async fn trusted(lab: &Lab, trustor: &Person, trustee: &Person, impersonation: bool) -> Known {
    let own = lab.token_of(trustor, lab.project1()).await;
    let body = json!({ "trust": {
        "trustor_user_id": trustor.id, "trustee_user_id": trustee.id,
        "project_id": lab.user1.project, "impersonation": impersonation,
        "roles": [{ "name": "member" }],
    } });
    let made = lab
        .cloud
        .identity(&own.token, "POST /v3/OS-TRUST/trusts", &body)
        .await;
    let scope = json!({ "OS-TRUST:trust": { "id": made["trust"]["id"] } });
    lab.token_of(trustee, Some(scope)).await
}

#[tokio::test]
async fn a_trust_tells_who_trusts_whom() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let (trustor, trustee) = (lab.person("or").await, lab.person("ee").await);
        for (impersonation, user) in [(false, &trustee), (true, &trustor)] {
            let known = trusted(&lab, &trustor, &trustee, impersonation).await;
            let answer = gateway.with_token(SERVERS, &known.token).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let identity = gateway.identity();
            assert_is(&identity, &known.told);
            assert_eq!(identity.user_id().as_str(), user.id);
            let trust = identity.known_details().trust.clone().unwrap();
            assert_eq!(*trust.id, *text(&known.told["OS-TRUST:trust"]["id"]));
            assert_eq!(trust.trustor.as_str(), trustor.id);
            assert_eq!(trust.trustee.as_str(), trustee.id);
            // What was not entrusted is not there.
            assert!(!identity.has_role(&Role::new("role1").unwrap()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_service_vouches_for_a_token_that_has_expired() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let person = lab.person("a").await;
        let service = lab.service_token().await;
        let soon = expiry(&lab, Duration::from_secs(5)).await;
        let known = lab.credential(&person, json!({ "expires_at": soon })).await;
        let user = ("x-auth-token", known.token.as_str());
        let vouched = [user, ("x-service-token", service.token.as_str())];

        let answer = gateway.ask(SERVERS, &vouched).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let identity = gateway.identity();
        assert_eq!(identity.user_id().as_str(), person.id);
        assert_is(identity.calling_service().unwrap(), &service.told);

        lab.until("the token has expired", async || {
            gateway.ask(SERVERS, &[user]).await.status == 401
        })
        .await;
        lab.until("the token has expired for keystone", async || {
            let validate = "GET /v3/auth/tokens";
            let request = crate::cloud::line(validate)
                .header("x-auth-token", &lab.admin.token)
                .header("x-subject-token", &known.token);
            let request = request.body(crate::cloud::full("")).unwrap();
            crate::cloud::send(lab.cloud.keystone, request).await.status == 404
        })
        .await;
        let passed = gateway.forwarded().len();
        let fresh = Judging::start(&lab, |layer| layer).await;
        let answer = fresh.ask(SERVERS, &vouched).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(fresh.forwarded().len(), 1);
        assert_eq!(fresh.identity().user_id().as_str(), person.id);
        let answer = fresh.ask(SERVERS, &[user]).await;
        assert_refused(&answer, 401, "the token is not valid");

        // One that has no role of a service vouches for nobody.
        let own = lab.token_of(&person, lab.project1()).await;
        let answer = gateway
            .ask(SERVERS, &[user, ("x-service-token", &own.token)])
            .await;
        assert_refused(&answer, 401, "the service token is not valid");
        assert_eq!(gateway.forwarded().len(), passed);
    })
    .await;
}

/// A point in time that is so far ahead of now, as Keystone writes it.
async fn expiry(lab: &Lab, ahead: Duration) -> String {
    let known = lab.service_token().await;
    let issued: jiff::Timestamp = text(&known.told["issued_at"]).parse().unwrap();
    let at = issued + ahead;
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[tokio::test]
async fn forged_headers_are_as_if_they_were_not_there() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer.set_identity_headers(true)).await;
        let person = lab.person("a").await;
        let known = lab.token_of(&person, lab.project1()).await;
        let forged = [
            ("x-user-id", lab.admin.user.as_str()),
            ("x_user_id", &lab.admin.user),
            ("x-project-id", &lab.admin.project),
            ("x-roles", "admin"),
            ("x_roles", "admin"),
            ("x-role", "admin"),
            ("x-identity-status", "Confirmed"),
            ("x-is-admin-project", "True"),
            ("openstack-system-scope", "all"),
            ("x-service-roles", "service"),
            ("x-service-identity-status", "Confirmed"),
            ("x-storage-token", &lab.admin.token),
            ("x-forwarded-for", "127.0.0.1"),
        ];
        let mut headers = forged.to_vec();
        headers.push(("x-auth-token", &known.token));
        let answer = gateway.ask(SERVERS, &headers).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_is(&gateway.identity(), &known.told);
        let forwarded = gateway.forwarded().remove(0);
        assert_eq!(forwarded["x-user-id"], *person.id);
        assert_eq!(forwarded["x-project-id"], *lab.user1.project);
        assert!(!forwarded["x-roles"].to_str().unwrap().contains("admin"));
        for name in [
            "x_user_id",
            "x_roles",
            "x-role",
            "openstack-system-scope",
            "x-service-roles",
            "x-service-identity-status",
            "x-storage-token",
        ] {
            assert!(!forwarded.contains_key(name), "{name}");
        }
        // Only administrators see the server of another project.
        let list = "GET /v2.1/servers?all_tenants=1&project_id=x";
        let honest = gateway.with_token(list, &known.token).await;
        let answer = gateway.ask(list, &headers).await;
        assert_eq!((answer.status, honest.status), (403, 403), "{answer:?}");

        // Without a token they are nothing.
        let answer = gateway.ask(SERVERS, &forged).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(gateway.forwarded().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn garbage_is_refused_with_a_challenge() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer).await;
        let mut cut = lab.user1.token.clone();
        cut.truncate(cut.len() - 8);
        for token in [
            "garbage",
            "gAAAAA",
            "0123456789abcdef0123456789abcdef",
            &cut,
        ] {
            let answer = gateway.with_token(SERVERS, token).await;
            assert_refused(&answer, 401, "the token is not valid");
            let challenge = answer.headers["www-authenticate"].to_str().unwrap();
            assert!(
                challenge.starts_with("Keystone uri=\"http://127.0.0.1:"),
                "{challenge}"
            );
        }
        let answer = gateway.ask(SERVERS, &[]).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.headers.contains_key("www-authenticate"));
        assert!(gateway.forwarded().is_empty());
    })
    .await;
}

/// Has a token by password taken back in some way: soon it changes nothing more.
async fn taken_back(lab: &Lab, take_back: impl AsyncFnOnce(&Person, &Known)) {
    let person = lab.person("a").await;
    let known = lab.token_of(&person, lab.project1()).await;
    soon_changes_nothing(lab, &known, async || take_back(&person, &known).await).await;
}

async fn soon_changes_nothing(lab: &Lab, known: &Known, take_back: impl AsyncFnOnce()) {
    let gateway = Judging::start(lab, |layer| layer.fresh_for(Duration::from_secs(1))).await;
    let answer = gateway.with_token(&change(), &known.token).await;
    assert_eq!(answer.status, 404, "{answer:?}");

    take_back().await;
    let begin = Instant::now();
    // A while it still reads.
    let answer = gateway.with_token(SERVERS, &known.token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    lab.until("a change is refused", async || {
        let passed = gateway.forwarded().len();
        let answer = gateway.with_token(&change(), &known.token).await;
        let refused = answer.status == 401;
        let passes = usize::from(!refused);
        assert_eq!(gateway.forwarded().len(), passed + passes, "{answer:?}");
        if refused {
            assert_refused(&answer, 401, "the token is not valid");
            assert!(answer.headers.contains_key("www-authenticate"));
        }
        refused
    })
    .await;
    // One second, one poll, and a busy machine.
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    // What is known to be invalid does not read either.
    let answer = gateway.with_token(SERVERS, &known.token).await;
    assert_refused(&answer, 401, "the token is not valid");
}

#[tokio::test]
async fn a_revoked_token_soon_changes_nothing() {
    with_lab(async |lab| {
        taken_back(&lab, async |_, known| {
            let request = crate::cloud::line("DELETE /v3/auth/tokens")
                .header("x-auth-token", &known.token)
                .header("x-subject-token", &known.token);
            let request = request.body(crate::cloud::full("")).unwrap();
            let answer = crate::cloud::send(lab.cloud.keystone, request).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_disabled_user_soon_changes_nothing() {
    with_lab(async |lab| {
        taken_back(&lab, async |person, _| {
            let body = json!({ "user": { "enabled": false } });
            let asked = format!("PATCH /v3/users/{}", person.id);
            lab.keystone(&asked, &body).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_token_from_before_a_new_password_soon_changes_nothing() {
    with_lab(async |lab| {
        taken_back(&lab, async |person, _| {
            let body = json!({ "user": { "password": "another" } });
            let asked = format!("PATCH /v3/users/{}", person.id);
            lab.keystone(&asked, &body).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_user_without_roles_soon_changes_nothing() {
    with_lab(async |lab| {
        taken_back(&lab, async |person, _| {
            let project = format!("projects/{}", lab.user1.project);
            for role in ["role1", "member"] {
                lab.withdraw(person, role, &project).await;
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_deleted_application_credential_soon_changes_nothing() {
    with_lab(async |lab| {
        let person = lab.person("a").await;
        let known = lab.credential(&person, json!({})).await;
        soon_changes_nothing(&lab, &known, async || {
            let own = lab.token_of(&person, lab.project1()).await;
            let id = text(&known.told["application_credential"]["id"]);
            let user = &person.id;
            let delete = format!("DELETE /v3/users/{user}/application_credentials/{id}");
            lab.cloud.identity(&own.token, &delete, &Value::Null).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_soon_gone_from_the_identity() {
    with_lab(async |lab| {
        let gateway = Judging::start(&lab, |layer| layer.fresh_for(Duration::from_secs(1))).await;
        let person = lab.person("a").await;
        let known = lab.token_of(&person, lab.project1()).await;
        let answer = gateway.with_token(&change(), &known.token).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        let role1 = Role::new("role1").unwrap();
        assert!(gateway.identity().has_role(&role1));
        let project = format!("projects/{}", lab.user1.project);
        lab.withdraw(&person, "role1", &project).await;
        lab.until("the role is gone", async || {
            let answer = gateway.with_token(&change(), &known.token).await;
            // Keystone may take back the token altogether.
            answer.status == 401 || !gateway.identity().has_role(&role1)
        })
        .await;
    })
    .await;
}

/// Whether the gateway says that it cannot tell, and lets nothing through.
async fn assert_unavailable(lab: &Lab, gateway: &Judging) {
    for asked in [SERVERS, &change()] {
        let answer = gateway.with_token(asked, &lab.user1.token).await;
        assert_refused(&answer, 503, "the token could not be validated");
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    assert!(gateway.forwarded().is_empty());
}

#[tokio::test]
async fn nothing_passes_while_keystone_is_unreachable() {
    with_lab(async |lab| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = listener.local_addr().unwrap();
        drop(listener);
        let gateway = Judging::asking(&lab, closed, |layer| layer).await;
        assert_unavailable(&lab, &gateway).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_remembered_reads_while_keystone_is_gone_but_changes_nothing() {
    with_lab(async |lab| {
        let mut gateway =
            Judging::start(&lab, |layer| layer.fresh_for(Duration::from_secs(1))).await;
        let token = lab.user1.token.clone();
        let answer = gateway.with_token(&change(), &token).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        gateway.cut_off();
        lab.until("a change is refused", async || {
            let answer = gateway.with_token(&change(), &token).await;
            assert!(matches!(answer.status, 404 | 503), "{answer:?}");
            answer.status == 503
        })
        .await;
        let passed = gateway.forwarded().len();
        let answer = gateway.with_token(SERVERS, &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let unknown = gateway.with_token(SERVERS, &lab.admin.token).await;
        assert_refused(&unknown, 503, "the token could not be validated");
        assert_eq!(gateway.forwarded().len(), passed + 1);
    })
    .await;
}

/// Such as the lab's: uwsgi without a web server in front of it.
#[tokio::test]
async fn a_keystone_that_sends_no_date_is_understood() {
    with_lab(async |lab| {
        let gateway = Judging::asking(&lab, lab.cloud.keystone, |layer| layer).await;
        let answer = gateway.with_token(SERVERS, &lab.user1.token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(gateway.with_token(SERVERS, "garbage").await.status, 401);
    })
    .await;
}
