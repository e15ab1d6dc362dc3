//! Ids that mean one thing to everybody who reads them.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// A text that is not a UUID in its canonical spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID in its canonical spelling: 8-4-4-4-12 lower-case hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidId;

/// Nova lets many spellings of a UUID through its checks (upper case, no hyphens, braces,
/// `urn:`), but compares the *text* afterwards, in databases that may or may not see the
/// difference. So one spelling is read here and every other is refused.
fn canonical(text: &str) -> Result<Uuid, InvalidId> {
    let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
    let mut buffer = Uuid::encode_buffer();
    if id.hyphenated().encode_lower(&mut buffer) == text {
        Ok(id)
    } else {
        Err(InvalidId)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 128 bits.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }
        }

        /// Reads the canonical spelling only.
        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                canonical(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id! {
    /// The id of a network.
    NetworkId
}
id! {
    /// The id of a port: Neutron's word for what Nova also calls an interface or VIF.
    PortId
}
id! {
    /// The id of a server.
    ServerId
}
id! {
    /// The id of a trunk: Neutron's word for a port that carries other ports.
    TrunkId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_read() {
        let text = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
        assert_eq!(text.parse::<NetworkId>().unwrap().to_string(), text);
        for other in [
            "ABCDEF01-C0DE-4AAA-8BBB-FEDCBA987601",
            "abcdef01c0de4aaa8bbbfedcba987601",
            "{abcdef01-c0de-4aaa-8bbb-fedcba987601}",
            "urn:uuid:abcdef01-c0de-4aaa-8bbb-fedcba987601",
            "uuid:abcdef01-c0de-4aaa-8bbb-fedcba987601",
            "abcd-ef01c0de4aaa8bbb-fedcba987601",
            "abcdef01--c0de--4aaa--8bbb--fedcba987601",
            " abcdef01-c0de-4aaa-8bbb-fedcba987601",
            "abcdef01-c0de-4aaa-8bbb-fedcba987601\n",
            "abcdef01-c0de-4aaa-8bbb-fedcba98760\u{ff11}",
            "net1",
            "",
        ] {
            assert_eq!(other.parse::<NetworkId>(), Err(InvalidId), "{other:?}");
        }
    }
}
