//! The request headers in which a caller could claim to be somebody.
//!
//! Nova, and the middleware in front of it, believe these headers when something trusted has
//! set them. What a client sends under these names is therefore never passed on.

use http::{HeaderMap, HeaderName};

/// Set by Keystone's middleware, with and without the `Service` infix.
const WITH_SERVICE_TWIN: [&str; 10] = [
    "domain-id",
    "domain-name",
    "project-domain-id",
    "project-domain-name",
    "project-id",
    "project-name",
    "user-domain-id",
    "user-domain-name",
    "user-id",
    "user-name",
];

const ALONE: [&str; 13] = [
    "openstack-system-scope",
    "x-identity-status",
    "x-is-admin-project",
    "x-role",
    "x-roles",
    "x-service-catalog",
    // A second place for a token, which Nova reads when `X-Auth-Token` is absent.
    "x-storage-token",
    "x-tenant",
    "x-tenant-id",
    "x-tenant-name",
    "x-trust-id",
    "x-user",
    "x-trustor-user-id",
];

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
    if name.contains('_') {
        return true;
    }
    if let Some(rest) = name.strip_prefix("x-") {
        if rest.starts_with("wafflehaus-") {
            return true;
        }
        if let Some(service) = rest.strip_prefix("service-") {
            return service != "token";
        }
        if WITH_SERVICE_TWIN.contains(&rest) {
            return true;
        }
    }
    ALONE.contains(&name)
}

/// Removes every header for which [`is_caller_claim`] holds.
pub fn strip(headers: &mut HeaderMap) {
    while let Some(name) = headers.keys().find(|name| is_caller_claim(name)).cloned() {
        headers.remove(name);
    }
}

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
