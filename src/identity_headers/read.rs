//! From headers to an identity, or to the reason there is none.

use std::str;

use http::HeaderMap;

use crate::{
    identity::{Identity, ProjectId, Role, Scope, UserId},
    policy::{Denial, DenialKind},
};

pub(super) fn read(headers: &HeaderMap) -> Result<Identity, Denial> {
    let found = Found::of(headers);
    if let Some(status) = optional(&found.status, "x-identity-status")?
        && status != "Confirmed"
    {
        let message = "the caller is not authenticated: the token is not confirmed";
        return Err(Denial::new(DenialKind::IdentityMissing, message));
    }
    for (token, name) in [
        (&found.token, "x-auth-token"),
        (&found.service_token, "x-service-token"),
    ] {
        // The authenticator and Nova could have read different ones.
        if optional(token, name)?.is_some_and(|token| token.contains(',')) {
            return Err(invalid(name));
        }
    }
    let user = required(&found.user, "x-user-id")?;
    let user = UserId::new(user).map_err(|_| invalid("x-user-id"))?;
    let roles = required(&found.roles, "x-roles")?
        .split(',')
        .filter(|name| !name.trim().is_empty())
        .map(|name| Role::new(name).map_err(|_| invalid("x-roles")))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Identity::new(user).scope(scope(&found)?).roles(roles))
}

/// The headers that matter, each with its one value or the mark that there were several.
#[derive(Default)]
struct Found<'a> {
    status: Option<Value<'a>>,
    token: Option<Value<'a>>,
    service_token: Option<Value<'a>>,
    user: Option<Value<'a>>,
    roles: Option<Value<'a>>,
    project: Option<Value<'a>>,
    domain: Option<Value<'a>>,
    system: Option<Value<'a>>,
}

enum Value<'a> {
    One(&'a [u8]),
    Several,
}

impl<'a> Found<'a> {
    /// All in one pass: to look for each by its name would take several times as long.
    fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let place = match name.as_str() {
                "x-identity-status" => &mut found.status,
                "x-auth-token" => &mut found.token,
                "x-service-token" => &mut found.service_token,
                "x-user-id" => &mut found.user,
                "x-roles" => &mut found.roles,
                "x-project-id" => &mut found.project,
                "x-domain-id" => &mut found.domain,
                "openstack-system-scope" => &mut found.system,
                _ => continue,
            };
            *place = Some(match place {
                None => Value::One(value.as_bytes()),
                Some(_) => Value::Several,
            });
        }
        found
    }
}

fn scope(found: &Found<'_>) -> Result<Scope, Denial> {
    let project = optional(&found.project, "x-project-id")?
        .map(|id| ProjectId::new(id).map_err(|_| invalid("x-project-id")))
        .transpose()?;
    let domain = optional(&found.domain, "x-domain-id")?;
    let system = optional(&found.system, "openstack-system-scope")?;
    Ok(match (system, project, domain) {
        (Some("all"), _, _) => Scope::System,
        (Some(_), _, _) => return Err(invalid("openstack-system-scope")),
        (None, Some(project), _) => Scope::Project(project),
        (None, None, Some(domain)) => Scope::Domain(domain.to_owned()),
        (None, None, None) => Scope::Unscoped,
    })
}

fn required<'a>(value: &Option<Value<'a>>, name: &str) -> Result<&'a str, Denial> {
    optional(value, name)?.ok_or_else(|| {
        let message = format!("the caller is not authenticated: no `{name}`");
        Denial::new(DenialKind::IdentityMissing, message)
    })
}

/// The value of a header that may come once, as text.
fn optional<'a>(value: &Option<Value<'a>>, name: &str) -> Result<Option<&'a str>, Denial> {
    match value {
        None => Ok(None),
        Some(Value::Several) => Err(invalid(name)),
        // Role names may be outside ASCII; Keystone's middleware writes them as UTF-8.
        Some(Value::One(bytes)) => str::from_utf8(bytes).map(Some).map_err(|_| invalid(name)),
    }
}

fn invalid(name: &str) -> Denial {
    let message = format!("the caller is not authenticated: `{name}` is not usable");
    Denial::new(DenialKind::IdentityInvalid, message)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn code(headers: &[(&str, &[u8])]) -> &'static str {
        match read(&map(headers)) {
            Ok(_) => "ok",
            Err(denial) => denial.kind().code(),
        }
    }

    fn map(headers: &[(&str, &[u8])]) -> HeaderMap {
        let pair = |(name, value): &(&str, &[u8])| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_bytes(value).unwrap(),
            )
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    const ALICE: (&str, &[u8]) = ("x-user-id", b"alice");
    const MEMBER: (&str, &[u8]) = ("x-roles", b"member, role1");

    #[test]
    fn rule_1_user_roles_and_scope_are_read() {
        let headers = map(&[
            ALICE,
            MEMBER,
            ("x-project-id", b"p1"),
            ("x-domain-id", b"d1"),
        ]);
        let identity = read(&headers).unwrap();
        assert_eq!(identity.user_id().as_str(), "alice");
        assert_eq!(identity.project_id().map(ProjectId::as_str), Some("p1"));
        let roles: Vec<_> = identity.role_names().iter().map(Role::as_str).collect();
        assert_eq!(roles, ["member", "role1"]);
        let scope = |extra: &[(&str, &[u8])]| {
            read(&map(&[&[ALICE, MEMBER], extra].concat()))
                .unwrap()
                .token_scope()
                .clone()
        };
        assert_eq!(scope(&[]), Scope::Unscoped);
        assert_eq!(scope(&[("x-domain-id", b"d1")]), Scope::Domain("d1".into()));
        let both: &[(&str, &[u8])] = &[("openstack-system-scope", b"all"), ("x-project-id", b"p")];
        assert_eq!(scope(both), Scope::System);
    }

    #[test]
    fn rule_1_a_caller_may_have_no_role() {
        assert!(
            read(&map(&[ALICE, ("x-roles", b"")]))
                .unwrap()
                .role_names()
                .is_empty()
        );
        assert!(
            read(&map(&[ALICE, ("x-roles", b" , ")]))
                .unwrap()
                .role_names()
                .is_empty()
        );
    }

    #[test]
    fn rule_2_an_unconfirmed_identity_is_none() {
        assert_eq!(
            code(&[ALICE, MEMBER, ("x-identity-status", b"Confirmed")]),
            "ok"
        );
        assert_eq!(
            code(&[ALICE, MEMBER, ("x-identity-status", b"Invalid")]),
            "identity_missing"
        );
    }

    #[test]
    fn rule_3_what_is_missing_is_refused() {
        assert_eq!(code(&[]), "identity_missing");
        assert_eq!(code(&[ALICE]), "identity_missing");
        assert_eq!(code(&[MEMBER]), "identity_missing");
        // The older names are not another way in.
        assert_eq!(
            code(&[("x-user", b"alice"), ("x-role", b"admin")]),
            "identity_missing"
        );
    }

    #[test]
    fn rule_4_two_tokens_are_refused() {
        for name in ["x-auth-token", "x-service-token"] {
            assert_eq!(code(&[ALICE, MEMBER, (name, b"a")]), "ok");
            for tokens in [&[(name, &b"a"[..]), (name, b"b")][..], &[(name, b"a,b")]] {
                assert_eq!(
                    code(&[&[ALICE, MEMBER], tokens].concat()),
                    "identity_invalid"
                );
            }
        }
    }

    #[test]
    fn rule_4_what_is_doubled_or_not_plain_is_refused() {
        let scoped: (&str, &[u8]) = ("x-project-id", b"p1");
        for twice in [
            ALICE,
            MEMBER,
            scoped,
            ("x-domain-id", b"d"),
            ("x-identity-status", b"Confirmed"),
        ] {
            assert_eq!(
                code(&[ALICE, MEMBER, scoped, twice, twice]),
                "identity_invalid",
                "{twice:?}"
            );
        }
        for bad in [
            ("x-project-id", &b"a,b"[..]),
            ("x-project-id", b""),
            ("x-project-id", b"\xff"),
            ("openstack-system-scope", b"some"),
        ] {
            assert_eq!(code(&[ALICE, MEMBER, bad]), "identity_invalid", "{bad:?}");
        }
        assert_eq!(code(&[("x-user-id", b"a b"), MEMBER]), "identity_invalid");
        assert_eq!(code(&[ALICE, ("x-roles", b"a\tb")]), "identity_invalid");
    }
}
