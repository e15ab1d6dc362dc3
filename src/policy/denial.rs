//! Why a request is refused.

use std::borrow::Cow;

use http::StatusCode;

use crate::nova::{InvalidBody, Unclear};

/// What kind of refusal it is: a stable code for clients, logs and counters, and a status.
///
/// Each code has a section in `docs/DENIALS.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DenialKind {
    /// The application credential's access rules do not allow this request.
    AccessRules,
    /// The request line could be read in two ways.
    AmbiguousRequest,
    /// The body is larger than the guard reads.
    BodyTooLarge,
    /// The body ended early or could not be received.
    BodyUnreadable,
    /// The body is encoded, so it is not the JSON that Nova would read.
    ContentEncoding,
    /// A code of a policy outside this crate.
    Custom {
        /// The code: lower case, words joined by underscores.
        code: &'static str,
        /// The status of the answer, a client error.
        status: StatusCode,
    },
    /// A header that must come at most once came twice.
    DuplicateHeader,
    /// The request does not say, or not clearly, who is calling.
    IdentityInvalid,
    /// Nobody has authenticated the caller.
    IdentityMissing,
    /// The port to detach is not known.
    InterfaceUnknown,
    /// Keystone could not be asked about the caller's token.
    KeystoneUnavailable,
    /// Whether other requests on the server are being judged could not be found out.
    LockUnavailable,
    /// What a server has, or where a port is, could not be found out.
    LookupFailed,
    /// The body is not what Nova reads, or leaves open what Nova would do.
    MalformedBody,
    /// The content type is not one that Nova reads as JSON.
    MediaType,
    /// A banned network.
    NetworkBanned,
    /// A detach from a network that must stay.
    NetworkNotDetachable,
    /// A required network is not asked for.
    NetworkRequired,
    /// The choice of networks is left to Nova.
    NetworksUnnamed,
    /// There is nothing at this path behind the gateway.
    NotFound,
    /// A policy asked for the same fact again after it was given.
    PolicyFailed,
    /// A named port does not exist.
    PortUnknown,
    /// The caller sends more requests than the configuration allows.
    RateLimited,
    /// The caller's token is not scoped to a project.
    ScopeNotProject,
    /// Other requests on the server are being judged.
    ServerBusy,
    /// Only the services of the cloud may ask for this.
    ServiceOnly,
    /// The service's token is not one.
    ServiceTokenInvalid,
    /// The caller's token is not one, or not any more.
    TokenInvalid,
    /// There is no token.
    TokenMissing,
    /// Too few networks.
    TooFewNetworks,
    /// More interfaces than allowed.
    TooManyInterfaces,
    /// More networks than allowed.
    TooManyNetworks,
    /// Nova closed the connection or did not speak HTTP.
    UpstreamFailed,
    /// Nova did not answer in time.
    UpstreamTimeout,
    /// Nova could not be reached.
    UpstreamUnreachable,
}

impl DenialKind {
    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessRules => "access_rules",
            Self::AmbiguousRequest => "ambiguous_request",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyUnreadable => "body_unreadable",
            Self::ContentEncoding => "content_encoding",
            Self::Custom { code, .. } => code,
            Self::DuplicateHeader => "duplicate_header",
            Self::IdentityInvalid => "identity_invalid",
            Self::IdentityMissing => "identity_missing",
            Self::InterfaceUnknown => "interface_unknown",
            Self::KeystoneUnavailable => "keystone_unavailable",
            Self::LockUnavailable => "lock_unavailable",
            Self::LookupFailed => "lookup_failed",
            Self::MalformedBody => "malformed_body",
            Self::MediaType => "media_type",
            Self::NetworkBanned => "network_banned",
            Self::NetworkNotDetachable => "network_not_detachable",
            Self::NetworkRequired => "network_required",
            Self::NetworksUnnamed => "networks_unnamed",
            Self::NotFound => "not_found",
            Self::PolicyFailed => "policy_failed",
            Self::PortUnknown => "port_unknown",
            Self::RateLimited => "rate_limited",
            Self::ScopeNotProject => "scope_not_project",
            Self::ServerBusy => "server_busy",
            Self::ServiceOnly => "service_only",
            Self::ServiceTokenInvalid => "service_token_invalid",
            Self::TokenInvalid => "token_invalid",
            Self::TokenMissing => "token_missing",
            Self::TooFewNetworks => "too_few_networks",
            Self::TooManyInterfaces => "too_many_interfaces",
            Self::TooManyNetworks => "too_many_networks",
            Self::UpstreamFailed => "upstream_failed",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamUnreachable => "upstream_unreachable",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::AmbiguousRequest
            | Self::BodyUnreadable
            | Self::DuplicateHeader
            | Self::MalformedBody
            | Self::PortUnknown => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentEncoding | Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Custom { status, .. } => status,
            Self::IdentityInvalid
            | Self::IdentityMissing
            | Self::ServiceTokenInvalid
            | Self::TokenInvalid
            | Self::TokenMissing => StatusCode::UNAUTHORIZED,
            Self::InterfaceUnknown | Self::NotFound => StatusCode::NOT_FOUND,
            Self::KeystoneUnavailable
            | Self::LockUnavailable
            | Self::LookupFailed
            | Self::UpstreamUnreachable => StatusCode::SERVICE_UNAVAILABLE,
            Self::AccessRules
            | Self::NetworkBanned
            | Self::NetworkNotDetachable
            | Self::NetworkRequired
            | Self::NetworksUnnamed
            | Self::ScopeNotProject
            | Self::ServiceOnly
            | Self::TooFewNetworks
            | Self::TooManyInterfaces
            | Self::TooManyNetworks => StatusCode::FORBIDDEN,
            Self::PolicyFailed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::ServerBusy => StatusCode::CONFLICT,
            Self::UpstreamFailed => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// After how many seconds the same request may fare better, if waiting can help.
    #[must_use]
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::ServerBusy => Some(1),
            Self::KeystoneUnavailable
            | Self::LockUnavailable
            | Self::LookupFailed
            | Self::UpstreamUnreachable => Some(5),
            _ => None,
        }
    }
}

/// A refusal: its kind, a sentence for the caller, and the policy that spoke.
///
/// A layer that refuses also puts it into the response's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    kind: DenialKind,
    message: Cow<'static, str>,
    policy: Option<Cow<'static, str>>,
}

impl Denial {
    /// A refusal with a message for the caller.
    pub fn new(kind: DenialKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            policy: None,
        }
    }

    /// A refusal, with status 403, of a policy outside this crate.
    pub fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            DenialKind::Custom {
                code,
                status: StatusCode::FORBIDDEN,
            },
            message,
        )
    }

    /// Names the policy, unless one is named already: the innermost is the one that decided.
    pub(super) fn by(mut self, policy: impl FnOnce() -> Cow<'static, str>) -> Self {
        self.policy.get_or_insert_with(policy);
        self
    }

    /// What kind of refusal it is.
    #[must_use]
    pub const fn kind(&self) -> DenialKind {
        self.kind
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The policy that refused, when it was one.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }
}

impl From<Unclear> for Denial {
    fn from(unclear: Unclear) -> Self {
        Self::new(DenialKind::AmbiguousRequest, unclear.to_string())
    }
}

impl From<InvalidBody> for Denial {
    fn from(invalid: InvalidBody) -> Self {
        Self::new(
            DenialKind::MalformedBody,
            format!("malformed request body: {invalid}"),
        )
    }
}
