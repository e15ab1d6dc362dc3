//! Tokens: what a task's requester proves by that a mail reached them.
//!
//! 1. A token is 32 random hexadecimal digits. The database has its SHA-256 hash and nothing
//!    else of it; while the mail is on its way, the mail's job has it sealed.
//! 2. A task has one at most: a new one replaces the old.
//! 3. It can be used once, until it expires. If the stage that it opened fails, or finds an action
//!    invalid, it can be used again.
//! 4. A token that is unknown, used or expired, or whose task does not wait for it, gets one and
//!    the same answer.

use std::fmt;

use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use subtle::ConstantTimeEq;

use super::{TaskId, Timestamp, seal::NoRandomness};

/// A token, which is not printed.
#[derive(Clone)]
pub struct TokenSecret(Box<str>);

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The task that it is for.
    pub task: TaskId,
    /// Its hash, as 64 hexadecimal digits.
    pub hash: String,
    /// When it was issued.
    pub created_on: Timestamp,
    /// When it is no longer good.
    pub expires: Timestamp,
    /// When it was used.
    pub used_on: Option<Timestamp>,
}

impl TokenSecret {
    pub(super) fn random() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 16];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| NoRandomness)?;
        Ok(Self(hex(&bytes).into()))
    }

    /// The text that somebody sent as a token. It need not be one.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The digits. Whoever asks must keep them from logs.
    #[must_use]
    pub const fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> String {
        hex(digest(&SHA256, self.0.as_bytes()).as_ref())
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret")
    }
}

impl Token {
    /// Whether it is this one, and still good.
    pub(super) fn is(&self, hash: &str, now: Timestamp) -> bool {
        let equal: bool = self.hash.as_bytes().ct_eq(hash.as_bytes()).into();
        equal && self.used_on.is_none() && now < self.expires
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let pairs = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    pairs.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_1_a_token_is_32_digits_and_is_not_printed() {
        let token = TokenSecret::random().unwrap();
        assert!(token.expose().parse::<TaskId>().is_ok(), "32 digits");
        assert_ne!(token.expose(), TokenSecret::random().unwrap().expose());
        assert_eq!(format!("{token:?}"), "TokenSecret");
    }

    #[test]
    fn rule_1_what_is_kept_is_the_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TokenSecret::new("abc").hash(), expected);
    }

    #[test]
    fn rule_3_a_token_is_good_once_and_until_it_expires() {
        let secret = TokenSecret::random().unwrap();
        let at = Timestamp::from_micros;
        let mut token = Token {
            task: TaskId::random(),
            hash: secret.hash(),
            created_on: at(0),
            expires: at(10),
            used_on: None,
        };
        assert!(token.is(&secret.hash(), at(9)));
        assert!(!token.is(&secret.hash(), at(10)));
        assert!(!token.is(&TokenSecret::new("x").hash(), at(9)));
        token.used_on = Some(at(1));
        assert!(!token.is(&secret.hash(), at(9)));
    }
}
