//! Keystone's ids: opaque, but never anything that could split or forge a header.

use std::fmt;

/// A user or project id that is empty, too long or not plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is 1 to {MAX} visible ASCII characters other than a comma")]
#[non_exhaustive]
pub struct InvalidIdentifier;

/// Keystone's ids are 32 or 64 characters; this leaves room for other id generators.
const MAX: usize = 255;

fn check(text: &str) -> Result<(), InvalidIdentifier> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b',');
    if plain && (1..=MAX).contains(&text.len()) {
        Ok(())
    } else {
        Err(InvalidIdentifier)
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and keeps the text.
            ///
            /// # Errors
            ///
            /// [`InvalidIdentifier`] for an empty or over-long text, and for one with
            /// a comma, white space, control or non-ASCII characters.
            pub fn new(text: impl Into<Box<str>>) -> Result<Self, InvalidIdentifier> {
                let text = text.into();
                check(&text).map(|()| Self(text))
            }

            /// The id as text.
            #[must_use]
            pub const fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// The id of a user.
    UserId
}
identifier! {
    /// The id of a project (a *tenant*, in Nova's older words).
    ProjectId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_carry_a_second_header_value() {
        for bad in [
            "",
            "a,b",
            "a b",
            "a\r\nX-Roles: admin",
            "é",
            &"x".repeat(256),
        ] {
            assert_eq!(ProjectId::new(bad), Err(InvalidIdentifier), "{bad:?}");
        }
        assert_eq!(UserId::new("8f2c").unwrap().as_str(), "8f2c");
    }
}
