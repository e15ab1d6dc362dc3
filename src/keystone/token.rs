//! A token that is not printed, and the name under which it is remembered.

use std::fmt;

use http::HeaderValue;
use ring::{
    hmac::{self, HMAC_SHA256},
    rand::SystemRandom,
};

use super::ExpiredTokens;

/// Somebody's token. It is in no `Debug` or `Display`, and has no comparison that could leak by
/// its timing.
#[derive(Clone)]
pub struct Token(HeaderValue);

/// A text that cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to {LONGEST} visible ASCII characters other than a comma")]
#[non_exhaustive]
pub struct InvalidToken;

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes for the key of the token cache")]
#[non_exhaustive]
pub struct NoRandomness;

impl Token {
    /// Takes the text of a token.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] for an empty or over-long text, and for one with a comma, white space,
    /// control or non-ASCII characters.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        let value = HeaderValue::from_str(text).map_err(|_| InvalidToken)?;
        check(&value).map(|()| Self::of(&value))
    }

    /// The token in a header that has been [checked](check).
    pub(super) fn of(value: &HeaderValue) -> Self {
        let mut value = value.clone();
        value.set_sensitive(true);
        Self(value)
    }

    /// The text. Whoever asks must keep it from logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As the value of a header that is not printed and never put into an HPACK table.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Whether a header's value can be a token.
pub(super) fn check(value: &HeaderValue) -> Result<(), InvalidToken> {
    let bytes = value.as_bytes();
    let plain = bytes
        .iter()
        .all(|byte| byte.is_ascii_graphic() && *byte != b',');
    if plain && (1..=LONGEST).contains(&bytes.len()) {
        Ok(())
    } else {
        Err(InvalidToken)
    }
}

/// What a token is remembered under: a hash with a key that only this process has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    hash: [u8; 32],
    pub(super) expired: ExpiredTokens,
}

/// Makes keys.
#[derive(Clone)]
pub(super) struct Hasher(hmac::Key);

impl Hasher {
    pub(super) fn random() -> Result<Self, NoRandomness> {
        hmac::Key::generate(HMAC_SHA256, &SystemRandom::new())
            .map(Self)
            .map_err(|_| NoRandomness)
    }

    pub(super) fn key(&self, token: &HeaderValue, expired: ExpiredTokens) -> Key {
        let tag = hmac::sign(&self.0, token.as_bytes());
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Key { hash, expired }
    }
}

/// Room for any kind of token. By default uwsgi takes 4096 bytes for a whole request head, and what
/// is longer would fail there like an outage.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["", "a,b", "a b", " a", "a\t", "é", "a\u{7f}"] {
            assert_eq!(Token::new(bad).unwrap_err(), InvalidToken, "{bad:?}");
        }
        assert!(Token::new(&"x".repeat(2048)).is_ok());
        assert!(Token::new(&"x".repeat(2049)).is_err());
    }

    #[test]
    fn rule_22_a_token_is_not_printed() {
        let token = Token::new("secret").unwrap();
        assert_eq!(
            format!("{token:?} {:?}", token.to_header()),
            "Token Sensitive"
        );
        assert_eq!(token.expose(), "secret");
    }

    #[test]
    fn rule_7_each_process_has_keys_of_its_own() {
        let (one, two) = (Hasher::random().unwrap(), Hasher::random().unwrap());
        let token = HeaderValue::from_static("token");
        let key = |hasher: &Hasher, expired| hasher.key(&token, expired);
        let refused = ExpiredTokens::Refused;
        assert!(key(&one, refused) == key(&one, refused));
        assert!(key(&one, refused) != key(&two, refused));
        assert!(key(&one, refused) != key(&one, ExpiredTokens::Accepted));
    }
}
