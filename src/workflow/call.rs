//! Calls to services that are none of OpenStack's: signed, and what their answers mean.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use super::{ActionError, Timestamp, token::hex};

/// A key that the other service has, too.
#[derive(Clone)]
pub(crate) struct SigningKey(hmac::Key);

/// A key that can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of a webhook has at least {SHORTEST} bytes")]
#[non_exhaustive]
pub struct InvalidWebhook;

impl SigningKey {
    pub(crate) fn new(secret: &SecretString) -> Result<Self, InvalidWebhook> {
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < SHORTEST {
            return Err(InvalidWebhook);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The headers of a call: `Idempotency-Key`, the same for calls that are the same;
    /// `X-Wafflehaus-Timestamp`, in seconds since 1970; and `X-Wafflehaus-Signature`, which is
    /// `sha256=` and, in hexadecimal digits, the HMAC-SHA256 of the time, a full stop, the key of
    /// the first header, a full stop and the body.
    pub(crate) fn headers(
        &self,
        now: Timestamp,
        idempotency: &str,
        body: &str,
    ) -> Result<HeaderMap, ActionError> {
        let timestamp = (now.as_micros() / 1_000_000).to_string();
        let signed = format!("{timestamp}.{idempotency}.{body}");
        let signature = hmac::sign(&self.0, signed.as_bytes());
        let signature = format!("sha256={}", hex(signature.as_ref()));
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("idempotency-key", idempotency),
            ("x-wafflehaus-signature", &signature),
            ("x-wafflehaus-timestamp", &timestamp),
        ] {
            let value = HeaderValue::from_str(value);
            let value = value.map_err(|_| ActionError::fatal("the name fits no header"))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// What an answer other than 2xx means: 408, 425, 429 and any 5xx may pass, nothing else does.
pub(crate) fn refusal(status: StatusCode) -> ActionError {
    let text = format!("the other service answers {status}");
    match status.as_u16() {
        408 | 425 | 429 | 500..600 => ActionError::retry(text),
        _ => ActionError::fatal(text),
    }
}

const SHORTEST: usize = 16;
