use serde_json::{Value, json};

use super::*;
use crate::openstack::read;

fn token() -> Value {
    let domain = json!({ "id": "default", "name": "Default" });
    json!({
        "methods": ["password"],
        "issued_at": "2030-01-01T00:00:00.000000Z",
        "expires_at": "2030-01-01T01:00:00.000000Z",
        "user": { "id": "u1", "name": "Ann", "domain": domain, "password_expires_at": null },
        "project": { "id": "p1", "name": "Web", "domain": domain },
        "roles": [{ "id": "r", "name": "member" }],
        "is_domain": false,
    })
}

fn judge(token: &Value) -> Result<Validated, ValidateError> {
    let body = json!({ "token": token }).to_string();
    read::<Body>(body.as_bytes())
        .map_err(ValidateError::unavailable)?
        .judge("2030-01-01T00:00:00Z".parse().unwrap())
}

fn with(changes: &Value) -> Result<Validated, ValidateError> {
    let mut token = token();
    let all = token.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        all.insert(key.clone(), value.clone());
    }
    judge(&token)
}

fn invalid(outcome: &Result<Validated, ValidateError>) -> bool {
    matches!(outcome, Err(ValidateError::Invalid(_)))
}

fn unavailable(outcome: &Result<Validated, ValidateError>) -> bool {
    matches!(outcome, Err(ValidateError::Unavailable(_)))
}

#[test]
fn rule_6_the_life_is_counted_by_keystones_clock() {
    assert_eq!(judge(&token()).unwrap().life, Duration::from_secs(3599));
    for over in ["2030-01-01T00:00:01Z", "2029-01-01T00:00:00Z"] {
        assert_eq!(
            with(&json!({ "expires_at": over })).unwrap().life,
            Duration::ZERO
        );
    }
}

#[test]
fn rule_12_every_scope_is_told_apart() {
    let scope = |changes: Value| with(&changes).unwrap().identity.token_scope().clone();
    let project = Scope::Project(ProjectId::new("p1").unwrap());
    assert_eq!(scope(json!({})), project);
    assert_eq!(scope(json!({ "system": null, "domain": null })), project);
    assert_eq!(
        scope(json!({ "project": null, "domain": { "id": "d1", "name": "D" } })),
        Scope::Domain("d1".into())
    );
    assert_eq!(
        scope(json!({ "project": null, "system": { "all": true } })),
        Scope::System
    );
    // With a project as well, as in Nova.
    assert_eq!(scope(json!({ "system": { "all": true } })), Scope::System);
    let none = with(&json!({ "project": null, "roles": [] }))
        .unwrap()
        .identity;
    assert_eq!(*none.token_scope(), Scope::Unscoped);
    for odd in [
        json!({ "system": { "all": false } }),
        json!({ "domain": { "id": "d1", "name": "D" } }),
        json!({ "project": null, "domain": { "id": "d" }, "system": { "all": true } }),
    ] {
        assert!(unavailable(&with(&odd)), "{odd}");
    }
}

#[test]
fn rule_15_what_could_be_read_as_something_else_is_invalid() {
    let domain = json!({ "id": "default", "name": "Default" });
    for odd in [
        json!({ "roles": [{ "name": "member" }, { "name": "x,admin" }] }),
        json!({ "roles": [{ "name": "a\nb" }] }),
        json!({ "roles": [{ "name": "" }] }),
        json!({ "user": { "id": "u,v", "name": "Ann", "domain": domain } }),
        json!({ "user": { "id": "u", "name": "A\r\nX-Roles: admin", "domain": domain } }),
        json!({ "project": { "id": "p 1", "name": "Web", "domain": domain } }),
        json!({ "project": { "id": "p1", "name": "Web", "domain": { "id": "a,b", "name": "D" } } }),
        json!({ "project": null, "domain": { "id": "d", "name": "a\u{7f}" } }),
    ] {
        assert!(invalid(&with(&odd)), "{odd}");
    }
    // Names are free otherwise.
    let free = json!({ "user": { "id": "u", "name": "Zoë, the 1st", "domain": domain } });
    assert!(with(&free).is_ok());
}

#[test]
fn rule_16_all_facts_are_in_the_identity() {
    let identity = with(&json!({
        "is_admin_project": false,
        "OS-TRUST:trust": {
            "id": "t1",
            "impersonation": true,
            "trustor_user": { "id": "ann" },
            "trustee_user": { "id": "bob" },
        },
        "application_credential": { "id": "ac1", "name": "ci", "restricted": true },
    }));
    let validated = identity.unwrap();
    assert!(validated.rules.is_none());
    let details = validated.identity.known_details();
    let default = DomainRef::new("default", Some("Default".into()));
    assert_eq!(details.user_name.as_deref(), Some("Ann"));
    assert_eq!(details.project_name.as_deref(), Some("Web"));
    assert_eq!(details.user_domain.as_ref(), Some(&default));
    assert_eq!(details.project_domain.as_ref(), Some(&default));
    assert_eq!(details.application_credential.as_deref(), Some("ac1"));
    assert!(!details.is_admin_project);
    let user = |id: &str| UserId::new(id).unwrap();
    assert_eq!(
        details.trust,
        Some(Trust::new("t1", user("ann"), user("bob")))
    );
    let plain = judge(&token()).unwrap().identity;
    assert!(plain.known_details().is_admin_project && plain.known_details().trust.is_none());
}

#[test]
fn rule_14_access_rules_are_read_and_an_empty_list_is_one() {
    let rules = |rules: Value| {
        with(&json!({ "application_credential": { "id": "ac", "access_rules": rules } }))
    };
    assert!(rules(Value::Null).unwrap().rules.is_none());
    assert!(rules(json!([])).unwrap().rules.unwrap().is_empty());
    let one = json!([{ "id": "x", "service": "compute", "method": "GET", "path": "/v2.1/**" }]);
    let expected = AccessRule::new("compute", "GET", "/v2.1/**");
    assert_eq!(*rules(one).unwrap().rules.unwrap(), [expected]);
    assert!(unavailable(&rules(json!([{ "service": "compute" }]))));
    assert!(unavailable(&rules(json!("all"))));
}

#[test]
fn rule_5_an_answer_with_a_hole_is_none() {
    for missing in ["expires_at", "user"] {
        let mut token = token();
        token.as_object_mut().unwrap().remove(missing);
        assert!(unavailable(&judge(&token)), "{missing}");
    }
    for odd in [
        json!({ "user": ["u1", "Ann", { "id": "default" }] }),
        json!({ "user": { "id": "u1" } }),
        json!({ "expires_at": null }),
        json!({ "expires_at": "tomorrow" }),
        json!({ "roles": ["admin"] }),
        json!({ "project": "p1" }),
    ] {
        assert!(unavailable(&with(&odd)), "{odd}");
    }
    let twice = token()
        .to_string()
        .replacen('{', r#"{"user":{"id":"root"},"#, 1);
    assert!(read::<Body>(format!(r#"{{"token":{twice}}}"#).as_bytes()).is_err());
}
