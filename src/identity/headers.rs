//! The request headers in which a caller could claim to be somebody.
//!
//! Nova, and the middleware in front of it, believe these headers when something trusted has
//! set them. What a client sends under these names is therefore never passed on.

use http::{HeaderMap, HeaderName};

/// Whether a header of this name is a claim about the caller, or a switch of this crate's
/// ancestor, that must not be believed when a client sends it.
///
/// These are: every header of Keystone's middleware, `OpenStack-System-Scope`,
/// `X-Storage-Token`, every `X-Service-*` but `X-Service-Token` (a credential, checked where
/// it is used), `X-Wafflehaus-*`, and every name with an underscore, because some WSGI servers
/// read `X_Roles` and `X-Roles` as one.
#[must_use]
pub fn is_caller_claim(name: &HeaderName) -> bool {
    let name = name.as_str();
    let is_claim = match name.strip_prefix("x-") {
        Some(rest) => is_claim_behind_x(rest),
        None => name == "openstack-system-scope",
    };
    is_claim || name.as_bytes().contains(&b'_')
}

fn is_claim_behind_x(name: &str) -> bool {
    match name {
        // Set by Keystone's middleware, with and without the `service` infix.
        "domain-id"
        | "domain-name"
        | "project-domain-id"
        | "project-domain-name"
        | "project-id"
        | "project-name"
        | "user-domain-id"
        | "user-domain-name"
        | "user-id"
        | "user-name" => true,
        "identity-status" | "is-admin-project" | "role" | "roles" | "service-catalog"
        | "tenant" | "tenant-id" | "tenant-name" | "trust-id" | "user" | "trustor-user-id" => true,
        // A second place for a token, which Nova reads when `X-Auth-Token` is absent.
        "storage-token" => true,
        "service-token" => false,
        _ => name.starts_with("service-") || name.starts_with("wafflehaus-"),
    }
}

/// Removes every header for which [`is_caller_claim`] holds.
pub fn strip(headers: &mut HeaderMap) {
    remove_where(headers, is_caller_claim);
}

/// Removes every header with such a name.
pub(crate) fn remove_where(headers: &mut HeaderMap, is_to_go: impl Fn(&HeaderName) -> bool) {
    loop {
        // Looking at a name costs far less than looking for one, so all are looked at once.
        let mut found: [Option<HeaderName>; AT_ONCE] = Default::default();
        let mut places = found.iter_mut();
        for name in headers.keys().filter(|name| is_to_go(name)) {
            match places.next() {
                Some(place) => *place = Some(name.clone()),
                None => break,
            }
        }
        let is_full = places.next().is_none();
        for name in found.into_iter().flatten() {
            headers.remove(name);
        }
        if !is_full {
            return;
        }
    }
}

/// Names that are removed in one go; with more of them it takes another.
const AT_ONCE: usize = 8;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn everything_keystonemiddleware_removes_is_removed_and_more() {
        let mut headers = HeaderMap::new();
        let claims = [
            "x-identity-status",
            "x-service-identity-status",
            "x-service-catalog",
            "x-is-admin-project",
            "x-roles",
            "x-service-roles",
            "x-role",
            "x-user",
            "x-tenant",
            "x-tenant-id",
            "x-tenant-name",
            "x-project-domain-name",
            "x-service-user-domain-id",
            "x-domain-name",
            "openstack-system-scope",
            "x-storage-token",
            "x-service-anything-new",
            "x_roles",
            "x_project_id",
            "x-auth_token",
            "x-wafflehaus-networkcountcheck-enabled",
        ];
        for name in claims {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("a"));
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("b"));
        }
        let kept = [
            "x-auth-token",
            "x-service-token",
            "content-type",
            "x-openstack-request-id",
        ];
        for name in kept {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("c"));
        }
        strip(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                "content-type",
                "x-auth-token",
                "x-openstack-request-id",
                "x-service-token"
            ]
        );
    }
}
