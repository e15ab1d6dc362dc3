//! Asking Keystone.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::DATE};
use jiff::{Timestamp, fmt::rfc2822};
use serde::Deserialize;

use super::{
    ExpiredTokens, Token, ValidateError, ValidateFuture, ValidateToken, Validated, answer::Body,
};
use crate::openstack::{Answer, CallError, Endpoint, Object, Service, ServiceCredential, read};

/// Validates tokens over Keystone's Identity API, version 3, with a credential of its own.
///
/// Keystone must let the credential validate the tokens of others: its policy does for the roles
/// `admin` and `service`.
#[derive(Clone, Debug)]
pub struct KeystoneClient {
    service: Service,
}

impl KeystoneClient {
    /// Asks this Keystone, whose endpoint may end in `/v3` or not.
    #[must_use]
    pub fn new(keystone: Endpoint, credential: ServiceCredential) -> Self {
        Self {
            service: Service {
                name: "keystone",
                endpoint: keystone.versioned("v3"),
                credential,
            },
        }
    }

    async fn ask(&self, token: &Token, expired: ExpiredTokens) -> Result<Validated, ValidateError> {
        let headers = HeaderMap::from_iter([
            (SUBJECT, token.to_header()),
            // Without it Keystone denies knowing a token that has access rules.
            (ACCESS_RULES, HeaderValue::from_static("1")),
        ]);
        let target = match expired {
            ExpiredTokens::Accepted => "/auth/tokens?nocatalog&allow_expired=1",
            ExpiredTokens::Refused => "/auth/tokens?nocatalog",
        };
        let deadline = self.service.deadline();
        let answer = self.service.get_with(target, headers, deadline).await;
        let answer = answer.map_err(ValidateError::unavailable)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND if is_keystones(&answer.body) => {
                return Err(ValidateError::invalid("keystone does not know it"));
            }
            status => return Err(ValidateError::unavailable(CallError::Status(status))),
        }
        // An answer about somebody else's token would be the worst of all mistakes.
        if let Some(subject) = answer.headers.get(SUBJECT)
            && subject != token.to_header()
        {
            return Err(ValidateError::unavailable(
                "the answer is about another token",
            ));
        }
        let date = date(&answer)
            .ok_or_else(|| ValidateError::unavailable("the answer has no usable `Date`"))?;
        let body: Body = read(&answer.body).map_err(ValidateError::unavailable)?;
        body.judge(date)
    }
}

impl ValidateToken for KeystoneClient {
    fn validate<'a>(&'a self, token: &'a Token, expired: ExpiredTokens) -> ValidateFuture<'a> {
        Box::pin(self.ask(token, expired))
    }
}

/// Whether a 404 is Keystone's word about the token, and not of a server that knows no such URL.
fn is_keystones(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: Object<Code>,
    }

    #[derive(Deserialize)]
    struct Code {
        code: u16,
    }

    read::<Refusal>(body).is_ok_and(|refusal| refusal.error.0.code == 404)
}

/// What time it was for Keystone. uWSGI's own HTTP server sends no `Date`; then it is what this
/// machine's clock says, and if that is slow a token may outlive its expiry in our memory.
fn date(answer: &Answer) -> Option<Timestamp> {
    let mut dates = answer.headers.get_all(DATE).iter();
    let date = match (dates.next(), dates.next()) {
        (Some(date), None) => date,
        (None, _) => return Some(Timestamp::now()),
        (Some(_), Some(_)) => return None,
    };
    rfc2822::DateTimeParser::new()
        .parse_timestamp(date.as_bytes())
        .ok()
}

const ACCESS_RULES: HeaderName = HeaderName::from_static("openstack-identity-access-rules");
const SUBJECT: HeaderName = HeaderName::from_static("x-subject-token");
