//! What comes in by headers, and what goes on by them.

use http::{HeaderMap, HeaderName, HeaderValue, header::Entry};

use super::token::check;
use crate::{
    identity::{Details, DomainRef, Identity, Role, Scope, remove_where, strip},
    policy::{Denial, DenialKind},
};

pub(super) const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
pub(super) const SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");

/// Removes what a client must not claim, and keeps the tokens from being printed.
pub(super) fn clean(headers: &mut HeaderMap, trust_forwarded: bool) {
    strip(headers);
    if !trust_forwarded {
        remove_where(headers, is_forwarded);
    }
    for name in [AUTH_TOKEN, SERVICE_TOKEN] {
        if let Entry::Occupied(mut values) = headers.entry(name) {
            for value in values.iter_mut() {
                value.set_sensitive(true);
            }
        }
    }
}

fn is_forwarded(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "forwarded" | "x-forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
}

/// The caller's token.
pub(super) fn auth_token(headers: &HeaderMap) -> Result<&HeaderValue, Denial> {
    match single(headers, &AUTH_TOKEN) {
        Ok(Some(token)) => Ok(token),
        Ok(None) => Err(Denial::new(
            DenialKind::TokenMissing,
            "the request needs a token in `X-Auth-Token`",
        )),
        Err(Unusable) => Err(Denial::new(
            DenialKind::TokenInvalid,
            "`X-Auth-Token` is not one plain token",
        )),
    }
}

/// The token of the service that sends the request, if there is one.
pub(super) fn service_token(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Denial> {
    single(headers, &SERVICE_TOKEN).map_err(|Unusable| {
        Denial::new(
            DenialKind::ServiceTokenInvalid,
            "`X-Service-Token` is not one plain token",
        )
    })
}

struct Unusable;

fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Unusable> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (values.next(), check(value)) {
        (None, Ok(())) => Ok(Some(value)),
        _ => Err(Unusable),
    }
}

/// Sets the headers of Keystone's middleware.
pub(super) fn set_identity(headers: &mut HeaderMap, caller: &Identity) {
    set_token(headers, &OF_USER, caller);
    if *caller.token_scope() == Scope::System {
        put(headers, "openstack-system-scope", "all");
    }
    let admin_project = match caller.known_details().is_admin_project {
        true => "True",
        false => "False",
    };
    put(headers, "x-is-admin-project", admin_project);
    if let Some(service) = caller.calling_service() {
        set_token(headers, &OF_SERVICE, service);
    }
}

/// Names of headers, for the user and with the `Service` infix.
struct Names {
    status: &'static str,
    roles: &'static str,
    user: Ref,
    project: Ref,
    domain_id: &'static str,
    domain_name: &'static str,
}

struct Ref {
    id: &'static str,
    name: &'static str,
    domain_id: &'static str,
    domain_name: &'static str,
}

const OF_USER: Names = Names {
    status: "x-identity-status",
    roles: "x-roles",
    user: Ref {
        id: "x-user-id",
        name: "x-user-name",
        domain_id: "x-user-domain-id",
        domain_name: "x-user-domain-name",
    },
    project: Ref {
        id: "x-project-id",
        name: "x-project-name",
        domain_id: "x-project-domain-id",
        domain_name: "x-project-domain-name",
    },
    domain_id: "x-domain-id",
    domain_name: "x-domain-name",
};

const OF_SERVICE: Names = Names {
    status: "x-service-identity-status",
    roles: "x-service-roles",
    user: Ref {
        id: "x-service-user-id",
        name: "x-service-user-name",
        domain_id: "x-service-user-domain-id",
        domain_name: "x-service-user-domain-name",
    },
    project: Ref {
        id: "x-service-project-id",
        name: "x-service-project-name",
        domain_id: "x-service-project-domain-id",
        domain_name: "x-service-project-domain-name",
    },
    domain_id: "x-service-domain-id",
    domain_name: "x-service-domain-name",
};

fn set_token(headers: &mut HeaderMap, names: &Names, identity: &Identity) {
    let Details {
        user_name,
        user_domain,
        project_name,
        project_domain,
        domain_name,
        ..
    } = identity.known_details();
    put(headers, names.status, "Confirmed");
    let roles: Vec<&str> = identity.role_names().iter().map(Role::as_str).collect();
    put(headers, names.roles, &roles.join(","));
    put(headers, names.user.id, identity.user_id().as_str());
    put_reference(
        headers,
        &names.user,
        user_name.as_deref(),
        user_domain.as_ref(),
    );
    match identity.token_scope() {
        Scope::Project(project) => {
            put(headers, names.project.id, project.as_str());
            let (name, domain) = (project_name.as_deref(), project_domain.as_ref());
            put_reference(headers, &names.project, name, domain);
        }
        Scope::Domain(domain) => {
            put(headers, names.domain_id, domain);
            if let Some(name) = domain_name {
                put(headers, names.domain_name, name);
            }
        }
        Scope::System | Scope::Unscoped => {}
    }
}

fn put_reference(
    headers: &mut HeaderMap,
    names: &Ref,
    name: Option<&str>,
    domain: Option<&DomainRef>,
) {
    if let Some(name) = name {
        put(headers, names.name, name);
    }
    if let Some(domain) = domain {
        put(headers, names.domain_id, &domain.id);
        if let Some(name) = &domain.name {
            put(headers, names.domain_name, name);
        }
    }
}

/// Sets a header, if the text can be a value: another validator's names are its own affair.
fn put(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
