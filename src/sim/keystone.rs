//! Keystone: tokens for passwords, and what a token stands for.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::User;
use super::call::{Call, Fault, Reply, empty, json as json_reply, pairs, percent_decode, put, set};
use super::clock::rfc3339;
use super::seed::new_token;
use super::state::{State, Token};

/// How long after its expiry a token can still be asked for with `allow_expired`.
const EXPIRED_WINDOW: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);

pub(super) fn answer(state: &mut State, call: &Call) -> Reply {
    let path = percent_decode(&call.path);
    let outcome = match (call.method.as_str(), path.trim_end_matches('/')) {
        ("GET" | "HEAD", "") => Ok(json_reply(
            StatusCode::MULTIPLE_CHOICES,
            &json!({"versions": {"values": [version(call)]}}),
        )),
        ("GET" | "HEAD", "/v3") => Ok(json_reply(
            StatusCode::OK,
            &json!({"version": version(call)}),
        )),
        ("POST", "/v3/auth/tokens") => authenticate(state, call),
        ("GET" | "HEAD", "/v3/auth/tokens") => validate(state, call),
        ("DELETE", "/v3/auth/tokens") => revoke(state, call),
        (_, "" | "/v3" | "/v3/auth/tokens") => Err(Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "The method is not allowed for the requested URL.",
        )),
        _ => Err(Fault::not_found(
            "The requested URL was not found on the server.",
        )),
    };
    let mut reply = outcome.unwrap_or_else(|fault| refusal(&fault));
    set(&mut reply, "vary", "X-Auth-Token");
    reply
}

pub(super) fn refusal(fault: &Fault) -> Reply {
    json_reply(
        fault.status,
        &json!({"error": {
            "code": fault.status.as_u16(),
            "message": fault.message,
            "title": fault.status.canonical_reason().unwrap_or("Error"),
        }}),
    )
}

fn version(call: &Call) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{}/v3/", call.base())}],
        "media-types": [{
            "base": "application/json",
            "type": "application/vnd.openstack.identity-v3+json",
        }],
    })
}

fn unauthorized() -> Fault {
    Fault::new(
        StatusCode::UNAUTHORIZED,
        "The request you have made requires authentication.",
    )
}

fn authenticate(state: &mut State, call: &Call) -> Result<Reply, Fault> {
    if call.oversize {
        return Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request is too large.",
        ));
    }
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|_| Fault::bad_request("Invalid input: the request body is not JSON."))?;
    let methods = body.pointer("/auth/identity/methods");
    let Some(methods) = methods.and_then(Value::as_array) else {
        return Err(Fault::bad_request(
            "Expecting to find identity in auth. The server could not comply with the request \
             since it is either malformed or otherwise incorrect.",
        ));
    };
    if methods.iter().any(|method| method != "password") || methods.is_empty() {
        return Err(unauthorized());
    }
    let given = body.pointer("/auth/identity/password/user");
    let given = given.ok_or_else(unauthorized)?;
    let user = state
        .users
        .values()
        .find(|user| user_is(user, given))
        .filter(|user| says(given, "/password", &user.password))
        .ok_or_else(unauthorized)?;
    let scoped = match body.pointer("/auth/scope") {
        // Nobody here has a default project, so no scope is none.
        None | Some(Value::Null) => false,
        Some(Value::String(scope)) if scope == "unscoped" => false,
        Some(scope) if scope.get("unscoped").is_some() => false,
        Some(scope) => match scope.get("project") {
            Some(project) if project_is(user, project) => true,
            _ => return Err(unauthorized()),
        },
    };
    let user = user.name.clone();
    let text = new_token();
    state.grant(&text, &user, scoped);
    let token = state.tokens.get(&text).ok_or_else(unauthorized)?;
    let mut reply = json_reply(StatusCode::CREATED, &describe(state, token, true));
    set(&mut reply, "x-subject-token", &text);
    Ok(reply)
}

fn user_is(user: &User, given: &Value) -> bool {
    match given.get("id") {
        Some(id) => id == user.id.as_str(),
        None => says(given, "/name", &user.name) && in_default_domain(given),
    }
}

fn project_is(user: &User, given: &Value) -> bool {
    match given.get("id") {
        Some(id) => id == user.project.as_str(),
        None => says(given, "/name", &user.project_name) && in_default_domain(given),
    }
}

fn in_default_domain(given: &Value) -> bool {
    says(given, "/domain/id", "default") || says(given, "/domain/name", "Default")
}

fn says(given: &Value, pointer: &str, text: &str) -> bool {
    given.pointer(pointer).and_then(Value::as_str) == Some(text)
}

/// The token that a request asks about, once the one it asks with is found good.
fn subject<'s>(state: &'s State, call: &Call, rule: &str) -> Result<(String, &'s Token), Fault> {
    let now = state.clock.now();
    let asking = call
        .header("x-auth-token")
        .and_then(|text| state.tokens.get(&text))
        .filter(|token| token.expires > now)
        .ok_or_else(unauthorized)?;
    let allow_expired = pairs(&call.query, &['&'])
        .iter()
        .any(|(name, value)| name == "allow_expired" && matches!(value.as_str(), "1" | "true"));
    let grace = if allow_expired && call.method != Method::DELETE {
        EXPIRED_WINDOW
    } else {
        std::time::Duration::ZERO
    };
    let text = call.header("x-subject-token").unwrap_or_default();
    let token = state
        .tokens
        .get(&text)
        .filter(|token| token.expires + grace > now)
        // The text of a token has no place in an answer, so unlike Keystone's this names none.
        .ok_or_else(|| Fault::not_found("Could not find token."))?;
    let powerful = asking.scoped
        && state.users.get(&asking.user).is_some_and(|user| {
            user.roles
                .iter()
                .any(|role| ["admin", "service"].contains(&role.to_ascii_lowercase().as_str()))
        });
    if !powerful && asking.user != token.user {
        return Err(Fault::forbidden(format!(
            "You are not authorized to perform the requested action: identity:{rule}."
        )));
    }
    Ok((text, token))
}

fn validate(state: &State, call: &Call) -> Result<Reply, Fault> {
    let (text, token) = subject(state, call, "validate_token")?;
    let catalog = !pairs(&call.query, &['&'])
        .iter()
        .any(|(name, _)| name == "nocatalog");
    let mut reply = json_reply(StatusCode::OK, &describe(state, token, catalog));
    set(&mut reply, "x-subject-token", &text);
    Ok(reply)
}

fn revoke(state: &mut State, call: &Call) -> Result<Reply, Fault> {
    let (text, _) = subject(state, call, "revoke_token")?;
    state.tokens.remove(&text);
    Ok(empty(StatusCode::NO_CONTENT))
}

fn describe(state: &State, token: &Token, catalog: bool) -> Value {
    let domain = json!({"id": "default", "name": "Default"});
    let mut body = json!({
        "methods": [token.methods],
        "expires_at": rfc3339(token.expires, ".000000"),
        "issued_at": rfc3339(token.issued, ".000000"),
        "audit_ids": ["c2ltdWxhdGVkLXRva2Vu"],
    });
    if let Some(user) = state.users.get(&token.user) {
        let known = json!({
            "id": user.id,
            "name": user.name,
            "domain": domain,
            "password_expires_at": null,
        });
        put(&mut body, "user", known);
        if token.scoped {
            let project = json!({
                "id": user.project,
                "name": user.project_name,
                "domain": domain,
            });
            put(&mut body, "project", project);
            put(&mut body, "is_domain", json!(false));
            let roles = user.roles.iter();
            let roles = roles.map(|role| json!({"id": id_from(role), "name": role}));
            put(&mut body, "roles", roles.collect());
            if catalog {
                put(&mut body, "catalog", catalogue(state));
            }
        }
    }
    json!({"token": body})
}

fn catalogue(state: &State) -> Value {
    let Some(addresses) = state.addresses else {
        return json!([]);
    };
    let service = |kind: &str, name: &str, url: String| {
        let endpoint = |interface: &str| {
            json!({
                "id": id_from(&format!("{name}{interface}")),
                "interface": interface,
                "region": "RegionOne",
                "region_id": "RegionOne",
                "url": url,
            })
        };
        let endpoints = ["public", "internal", "admin"].map(endpoint);
        json!({
            "id": id_from(name),
            "type": kind,
            "name": name,
            "endpoints": endpoints,
        })
    };
    json!([
        service("compute", "nova", format!("http://{}/v2.1", addresses.nova)),
        service(
            "network",
            "neutron",
            format!("http://{}", addresses.neutron)
        ),
        service(
            "identity",
            "keystone",
            format!("http://{}/v3", addresses.keystone)
        ),
    ])
}

/// An id that a name always has, in Keystone's form.
fn id_from(name: &str) -> String {
    // FNV-1a, twice over with different starts.
    let hash = |start: u64| {
        name.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{Answer, cloud, head, send};
    use super::super::{Api, Cloud, User};
    use super::*;

    async fn log_in(cloud: &Cloud, user: Value, scope: Value) -> Answer {
        let mut auth = json!({"identity": {"methods": ["password"], "password": {"user": user}}});
        if !scope.is_null() {
            auth["scope"] = scope;
        }
        let body = json!({"auth": auth}).to_string();
        send(cloud, Api::Keystone, head("POST /v3/auth/tokens"), &body).await
    }

    async fn about(cloud: &Cloud, method: &str, asking: &str, subject: &str) -> Answer {
        let head = head(&format!("{method} /v3/auth/tokens"))
            .header("x-auth-token", asking)
            .header("x-subject-token", subject);
        send(cloud, Api::Keystone, head, "").await
    }

    #[tokio::test]
    async fn a_password_buys_a_token_for_the_project() {
        let cloud = cloud();
        let domain = json!({"id": "default"});
        let named = json!({"name": "ann", "domain": domain, "password": "ann"});
        let project = json!({"project": {"name": "0a0a", "domain": {"name": "Default"}}});
        let answer = log_in(&cloud, named, project).await;
        assert_eq!(answer.status, 201);
        let token = answer.headers["x-subject-token"].to_str().unwrap();
        assert_eq!(answer.body["token"]["project"]["id"], "0a0a");
        assert_eq!(answer.body["token"]["roles"][0]["name"], "member");
        let head = head("GET /v2.1/servers").header("x-auth-token", token);
        assert_eq!(send(&cloud, Api::Nova, head, "").await.status, 200);
    }

    #[tokio::test]
    async fn an_unscoped_token_has_no_project_and_opens_nothing() {
        let cloud = cloud();
        let ann = json!({"id": "ann", "password": "ann"});
        for scope in [json!(null), json!("unscoped"), json!({"unscoped": {}})] {
            let answer = log_in(&cloud, ann.clone(), scope).await;
            assert_eq!(answer.status, 201);
            assert!(answer.body["token"].get("project").is_none());
            let token = answer.headers["x-subject-token"].to_str().unwrap();
            let head = head("GET /v2.1/servers").header("x-auth-token", token);
            assert_eq!(send(&cloud, Api::Nova, head, "").await.status, 403);
        }
    }

    #[tokio::test]
    async fn what_is_wrong_buys_nothing() {
        let cloud = cloud();
        let mine = json!({"project": {"id": "0a0a"}});
        for (user, scope) in [
            (json!({"id": "ann", "password": "no"}), mine.clone()),
            (json!({"id": "ann"}), mine.clone()),
            (json!({"id": "zoe", "password": "ann"}), mine.clone()),
            (json!({"name": "ann", "password": "ann"}), mine),
            (
                json!({"id": "ann", "password": "ann"}),
                json!({"project": {"id": "0b0b"}}),
            ),
        ] {
            let answer = log_in(&cloud, user, scope).await;
            assert_eq!(answer.status, 401);
            assert_eq!(answer.body["error"]["title"], "Unauthorized");
        }
        let answer = send(&cloud, Api::Keystone, head("POST /v3/auth/tokens"), "{}").await;
        assert_eq!(answer.status, 400);
    }

    #[tokio::test]
    async fn a_token_is_shown_to_its_user_and_to_services() {
        let cloud = cloud();
        cloud
            .add_user(User::new("nova", "0c0c").roles(["service"]))
            .unwrap();
        cloud.add_token("nova", "nova").unwrap();
        for (asking, subject, status) in [
            ("ann", "ann", 200),
            ("nova", "ann", 200),
            ("root", "ann", 200),
            ("bob", "ann", 403),
            ("nova", "no", 404),
            ("no", "ann", 401),
        ] {
            let answer = about(&cloud, "GET", asking, subject).await;
            assert_eq!(answer.status, status, "{asking} {subject}");
        }
        let head = about(&cloud, "HEAD", "nova", "ann").await;
        assert_eq!((head.status.as_u16(), head.body), (200, Value::Null));
    }

    #[tokio::test]
    async fn tokens_end_by_age_and_by_revocation() {
        let cloud = cloud();
        assert_eq!(about(&cloud, "DELETE", "ann", "ann").await.status, 204);
        assert_eq!(about(&cloud, "GET", "root", "ann").await.status, 404);
        cloud.set_token_life(Duration::from_secs(60));
        let short = cloud.issue_token("ann").unwrap();
        cloud.advance(Duration::from_secs(61));
        assert_eq!(about(&cloud, "GET", "root", &short).await.status, 404);
        assert_eq!(about(&cloud, "GET", &short, "bob").await.status, 401);
        let head = head("GET /v3/auth/tokens?allow_expired=1")
            .header("x-auth-token", "root")
            .header("x-subject-token", &short);
        assert_eq!(send(&cloud, Api::Keystone, head, "").await.status, 200);
    }
}
