//! Takes the caller's identity from a token, by asking Keystone.
//!
//! Each request needs a token in `X-Auth-Token`. The layer finds out what it stands for, puts an
//! [`Identity`] into the request's extensions, and lets the request go on. It does for a Rust
//! gateway what `auth_token` of Keystone's middleware does for a Python service.
//!
//! # Headers
//!
//! 1. Before anything else, and whatever becomes of the request, these are removed: each header
//!    that [claims an identity](crate::identity::is_caller_claim) (among them `X-Storage-Token`,
//!    every name with an underscore, every `X-Service-…` but the token, `X-Wafflehaus-…`), the
//!    family of `Forwarded`, `X-Forwarded-…` and `X-Real-IP` unless it is
//!    [trusted](KeystoneLayer::trust_forwarded), and an identity, or the mark that none is
//!    needed, in the extensions.
//! 2. There is exactly one `X-Auth-Token`, of 1 to 2048 visible ASCII characters without a comma.
//!    None is 401 `token_missing`, anything else 401 `token_invalid`. What is not found good is
//!    never passed on for the service behind to refuse. With
//!    [`anonymous_versions`](KeystoneLayer::anonymous_versions) one thing goes on without a caller,
//!    marked as [`Anonymous`]: a request that
//!    [reads a version document](crate::nova::reads_versions), by which load balancers and clients
//!    see that Nova is there, and has neither token.
//! 3. A request line that could be read in two ways, or a `_method` in the query, is 400
//!    `ambiguous_request`, before anything is judged by path or method.
//! 4. Each 401, of this layer or of the service behind, has `WWW-Authenticate: Keystone uri="…"`,
//!    by which clients know to get a new token. The body of the layer's own 401 is that of
//!    Keystone's middleware, of its other refusals that of [`fault::render`].
//!
//! # Validation
//!
//! 5. [`KeystoneClient`] asks Keystone online, with a service credential of its own. Keystone's
//!    404 says that a token is invalid. Any other answer that is not wholly what it should be
//!    says nothing: another status, a 404 of some other server, one about another token, with
//!    two dates, with a field missing, twice or of another kind.
//! 6. What is left of a token's life is its `expires_at` less the `Date` of Keystone's answer,
//!    less the second that a `Date` may be late, counted from before the question on a clock that
//!    only runs forward. So clocks need not agree, unless the answer has no `Date`, as that of
//!    uWSGI's own server: then it is compared with the clock of this machine, which being slow
//!    can let a token outlive its expiry by at most rules 9 and 10.
//!
//! # Memory
//!
//! 7. A token is remembered under its HMAC-SHA-256 with a random key of this process, never as
//!    itself. The memory is bounded.
//! 8. However many requests wait for a token, Keystone is asked once, and they share the outcome.
//! 9. A good token is remembered for [`cache_for`](KeystoneLayer::cache_for). Its expiry is looked
//!    at each time.
//! 10. A request that changes something (any method but `GET`, `HEAD` and `OPTIONS`) needs a
//!     validation that was asked for no longer ago than [`fresh_for`](KeystoneLayer::fresh_for). So
//!     a revoked token can read for a while, but not act.
//! 11. An invalid token is remembered for [`invalid_for`](KeystoneLayer::invalid_for), apart from
//!     the good ones; a failure to find out never. When the service behind answers 401 the tokens
//!     of that request are forgotten.
//!
//! # Tokens
//!
//! 12. The scope is the project's, the domain's, the system's, or none. A token with a project
//!     *and* system scope counts as system-scoped, as in Nova.
//! 13. An `X-Service-Token` is validated first. One that is not good, or has none of the
//!     [`service_roles`](KeystoneLayer::service_roles), is 401 `service_token_invalid` whatever
//!     the caller's own token is worth. Beside a good one, a caller's token may have expired as
//!     long ago as Keystone allows; without, never.
//! 14. A token of an application credential with access rules passes if one of the
//!     [rules](AccessRule) allows the method and the whole canonical path for the
//!     [`service_type`](KeystoneLayer::service_type); else 403 `access_rules`. A service token
//!     does not lift the caller's rules, and is bound by its own.
//! 15. A token is invalid if one of its roles has a comma or a control character in its name, if
//!     a name has a control character, or if an id could not stand in a header.
//! 16. The [`Identity`] has names and domains, the trust with trustor and trustee, the application
//!     credential and `is_admin_project` as [`Details`](crate::identity::Details), and the
//!     service as [`calling_service`](Identity::calling_service).
//!
//! # Failure
//!
//! 17. When Keystone is slow, down or not to be understood, a request that needs its word is 503
//!     `keystone_unavailable` with `Retry-After`, at the latest after the
//!     [`deadline`](KeystoneLayer::deadline).
//! 18. After some failures in a row, of whatever tokens, the layer asks Keystone about a token that
//!     nobody has sent ([`circuit`]). If that fails as well, Keystone is left alone for a while; then
//!     one such check at a time finds out whether it is back. So no caller's token, whatever
//!     Keystone makes of it, shuts others out or keeps them out. An answer that a token is invalid
//!     is no failure.
//! 19. What is remembered may meanwhile be used as [`Outage`] says: by default for reads.
//!
//! # What goes on
//!
//! 20. With [`set_identity_headers`](KeystoneLayer::set_identity_headers), the headers that
//!     Keystone's middleware sets: `X-Identity-Status: Confirmed`, `X-Roles`,
//!     `X-Is-Admin-Project`, id, name and domain of user and project or domain, the same with
//!     `X-Service-…` for a service token, and `OpenStack-System-Scope` for the user alone.
//! 21. The tokens themselves, unless [`forward_tokens`](KeystoneLayer::forward_tokens) says no.
//!
//! # Secrets and the log
//!
//! 22. Tokens are in no `Debug`, `Display`, error, log event or metric. Their header values are
//!     marked sensitive for the services behind.
//! 23. Each token that is judged counts in `wafflehaus_token_validations_total`, with `token`
//!     (`user`, `service`) and `outcome` (`hit`, `miss`, `invalid`, `unavailable`). Each refusal is
//!     one event with its `code` and `cause`: at `warn` if Keystone is at fault, else at `info`. So
//!     are the opening and closing of the circuit.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`cache_for`](KeystoneLayer::cache_for) | 60 s | how long a good token is remembered |
//! | [`fresh_for`](KeystoneLayer::fresh_for) | 3 s | how old a validation may be for a change |
//! | [`invalid_for`](KeystoneLayer::invalid_for) | 1 s | how long an invalid token is remembered |
//! | [`cache_capacity`](KeystoneLayer::cache_capacity) | 10,000 | how many good tokens, and how many invalid ones |
//! | [`deadline`](KeystoneLayer::deadline) | 5 s | how long a request's validations may take together |
//! | [`most_at_once`](KeystoneLayer::most_at_once) | 1024 | how many tokens may be asked about at once |
//! | [`circuit`] | 5, 5 s | failures until Keystone is checked, and for how long it is left alone |
//! | [`during_outage`](KeystoneLayer::during_outage) | [`ServeReads`](Outage::ServeReads) | what is served from memory while Keystone fails |
//! | [`service_roles`](KeystoneLayer::service_roles) | `service` | of which a service token must have one |
//! | [`service_type`](KeystoneLayer::service_type) | `compute` | how access rules name the service behind |
//! | [`set_identity_headers`](KeystoneLayer::set_identity_headers) | no | for a service that expects Keystone's middleware in front |
//! | [`forward_tokens`](KeystoneLayer::forward_tokens) | yes | whether tokens go on |
//! | [`trust_forwarded`](KeystoneLayer::trust_forwarded) | no | whether `Forwarded` and its like go on |
//! | [`anonymous_versions`](KeystoneLayer::anonymous_versions) | no | whether version documents may be read without a token |
//! | [`with_fault_renderer`](KeystoneLayer::with_fault_renderer) | [`render`] | how a refusal looks |
//!
//! [`circuit`]: KeystoneLayer::circuit
//!
//! # Differences from `auth_token`
//!
//! * Good tokens are remembered for 60 s instead of 300, and changes are not let through by
//!   validations older than 3 s: revocation works.
//! * `X-Storage-Token` is removed, not read. The aliases `X-User`, `X-Tenant…` and `X-Role`, and
//!   `X-Service-Catalog`, are removed and not set.
//! * A service token does not switch access rules off. Its scope does not overwrite
//!   `OpenStack-System-Scope`. Characters of a rule's path stand for themselves, a line feed at the
//!   end of a path does not go unnoticed, and a breach is 403, because no new token would help.
//! * There is no `delay_auth_decision`, and no token binding.
//!
//! # Deployment caveat
//!
//! A client must not reach the service behind past this layer if that trusts the headers of
//! rule 20. Access rules are matched with the path as the client sent it, prefix included, as
//! `auth_token` does. For a lookup that needs role `admin` use a credential of its own; one that
//! only validates tokens is [`any_role`](crate::openstack::ServiceCredential::any_role).
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use wafflehaus::identity::{Identity, ProjectId, UserId};
//! use wafflehaus::keystone::{
//!     ExpiredTokens, KeystoneLayer, Token, ValidateError, ValidateFuture, ValidateToken, Validated,
//! };
//!
//! /// Knows one token. The real thing is a `KeystoneClient`.
//! struct OneToken;
//!
//! impl ValidateToken for OneToken {
//!     fn validate<'a>(&'a self, token: &'a Token, _: ExpiredTokens) -> ValidateFuture<'a> {
//!         Box::pin(async move {
//!             if token.expose() != "alices-token" {
//!                 return Err(ValidateError::invalid("unknown"));
//!             }
//!             let alice = UserId::new("alice").map_err(ValidateError::unavailable)?;
//!             Ok(Validated::new(Identity::new(alice), Duration::from_secs(600)))
//!         })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = KeystoneLayer::new(OneToken, &"https://cloud.example/identity".parse()?)?;
//! let app = layer.layer(service_fn(async |request: Request<()>| {
//!     let caller = request.extensions().get::<Identity>().unwrap();
//!     Ok::<_, std::convert::Infallible>(Response::new(caller.user_id().to_string()))
//! }));
//!
//! let request = Request::get("/").header("x-auth-token", "alices-token").body(())?;
//! let passed = app.clone().oneshot(request).await?;
//! assert_eq!(passed.status(), 200);
//!
//! let refused = app.oneshot(Request::get("/").body(())?).await?;
//! assert_eq!(refused.status(), 401);
//! let challenge = &refused.headers()["www-authenticate"];
//! assert_eq!(challenge, "Keystone uri=\"https://cloud.example/identity\"");
//! # Ok(())
//! # }
//! ```

mod access_rule;
mod answer;
mod circuit;
mod client;
mod engine;
mod future;
mod headers;
mod inquiry;
mod judge;
mod layer;
mod report;
mod service;
mod token;
mod validate;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

pub use access_rule::AccessRule;
pub use client::KeystoneClient;
pub use future::ResponseFuture;
pub use layer::{KeystoneLayer, Outage};
pub use service::Keystone;
pub use token::{InvalidToken, NoRandomness, Token};
pub use validate::{ExpiredTokens, ValidateError, ValidateFuture, ValidateToken, Validated};

#[cfg(doc)]
use crate::identity::{Anonymous, Identity};
use crate::{fault, policy::Denial};

/// Renders a denial: a 401 as Keystone's middleware does, any other as [`fault::render`] does.
#[must_use]
pub fn render(denial: &Denial) -> Response<Bytes> {
    if denial.kind().status() != StatusCode::UNAUTHORIZED {
        return fault::render(denial);
    }
    let error = serde_json::json!({
        "error": { "code": 401, "title": "Unauthorized", "message": denial.message() }
    });
    let mut response = Response::new(Bytes::from(error.to_string()));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
