//! The key that keeps secrets in the database unreadable, and its audit trail honest.
//!
//! 1. What a token's holder submits, and the token in a mail that is not sent yet, are kept as
//!    AES-256-GCM, bound to the job that they are for, and only until that job has ended.
//! 2. Each event of a task has an HMAC-SHA-256 over itself and what was before, and so has the end
//!    of its trail: whoever can write to the database, but has not the key, cannot change or leave
//!    out an event unseen.
//! 3. All processes on one database need the same key. With another one, jobs with a secret
//!    fail, and the audit trail does not hold.

use std::fmt;

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac::{self, HMAC_SHA256},
    rand::{SecureRandom, SystemRandom},
};

use super::token::hex;

/// A key of 32 bytes.
#[derive(Clone)]
pub struct Key {
    seal: LessSafeKey,
    chain: hmac::Key,
}

/// A key that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key is not 64 hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidKey;

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
#[non_exhaustive]
pub struct NoRandomness;

/// Something that was not sealed with this key, or for another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed text cannot be opened with this key")]
pub(super) struct Unsealable;

impl Key {
    /// A key from its bytes, which should be random.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`], if the ciphers do not take what is derived from it.
    pub fn new(secret: &[u8; 32]) -> Result<Self, InvalidKey> {
        // Each use has a key of its own, so none can be used against another.
        let root = hmac::Key::new(HMAC_SHA256, secret);
        let derive = |label: &str| hmac::sign(&root, label.as_bytes());
        let seal = UnboundKey::new(&AES_256_GCM, derive("wafflehaus seal").as_ref());
        Ok(Self {
            seal: LessSafeKey::new(seal.map_err(|_| InvalidKey)?),
            chain: hmac::Key::new(HMAC_SHA256, derive("wafflehaus trail").as_ref()),
        })
    }

    /// A key from 64 hexadecimal digits, as in a file.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] for anything else.
    pub fn from_hex(digits: &str) -> Result<Self, InvalidKey> {
        let mut secret = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(InvalidKey);
        }
        for (byte, pair) in secret.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = str::from_utf8(pair).map_err(|_| InvalidKey)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidKey)?;
        }
        Self::new(&secret)
    }

    /// A key that only this process has: for tests, and for a database that ends with it.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`], if the system gives no random bytes.
    pub fn random() -> Result<Self, NoRandomness> {
        let mut secret = [0; 32];
        let filled = SystemRandom::new().fill(&mut secret);
        filled.map_err(|_| NoRandomness)?;
        Self::new(&secret).map_err(|_| NoRandomness)
    }

    /// Seals a text for the job of this id.
    pub(super) fn seal(&self, job: &str, mut text: Vec<u8>) -> Result<Vec<u8>, NoRandomness> {
        let mut nonce = [0; NONCE_LEN];
        let filled = SystemRandom::new().fill(&mut nonce);
        filled.map_err(|_| NoRandomness)?;
        let aad = Aad::from(job.as_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        let done = self
            .seal
            .seal_in_place_append_tag(unique, aad, &mut text)
            .map_err(|_| NoRandomness);
        done.map(|()| [nonce.as_slice(), &text].concat())
    }

    pub(super) fn open(&self, job: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut text = text.to_vec();
        let opened = self
            .seal
            .open_in_place(nonce, Aad::from(job.as_bytes()), &mut text)
            .map_err(|_| Unsealable)?;
        Ok(opened.to_vec())
    }

    /// The hash of a link in a chain, as 64 hexadecimal digits.
    pub(super) fn link(&self, text: &str) -> String {
        hex(hmac::sign(&self.chain, text.as_bytes()).as_ref())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_1_what_is_sealed_is_opened_with_the_key_and_for_the_job_alone() {
        let (one, other) = (Key::random().unwrap(), Key::random().unwrap());
        let sealed = one.seal("job", b"hunter2".to_vec()).unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_eq!(one.open("job", &sealed).unwrap(), b"hunter2");
        assert_eq!(one.open("other", &sealed), Err(Unsealable));
        assert_eq!(other.open("job", &sealed), Err(Unsealable));
        assert_eq!(one.open("job", &[0; 5]), Err(Unsealable));
        assert_ne!(sealed, one.seal("job", b"hunter2".to_vec()).unwrap());
    }

    #[test]
    fn rule_2_a_link_needs_the_key() {
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let same = Key::from_hex(&"5A".repeat(32)).unwrap();
        assert_eq!(key.link("text"), same.link("text"));
        assert_ne!(key.link("text"), key.link("other"));
        assert_ne!(key.link("text"), Key::random().unwrap().link("text"));
    }

    #[test]
    fn a_key_is_64_digits_and_is_not_printed() {
        for bad in [
            "",
            "5a",
            &"5a".repeat(33),
            &"zz".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(Key::from_hex(bad).unwrap_err(), InvalidKey);
        }
        assert_eq!(format!("{:?}", Key::random().unwrap()), "Key");
    }
}
