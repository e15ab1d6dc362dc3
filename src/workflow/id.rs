//! Ids: 32 hexadecimal digits, as on the wire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 lower-case hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidId;

/// 32 random hexadecimal digits, 122 bits of them from the system's source of randomness.
pub(super) fn random() -> Box<str> {
    Uuid::new_v4().simple().to_string().into()
}

fn check(text: &str) -> Result<(), InvalidId> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 32 && text.bytes().all(hex) {
        Ok(())
    } else {
        Err(InvalidId)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// A new one.
            #[must_use]
            pub fn random() -> Self {
                Self(random())
            }

            /// The 32 digits.
            #[must_use]
            pub const fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = InvalidId;

            fn try_from(text: Box<str>) -> Result<Self, InvalidId> {
                check(&text).map(|()| Self(text))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(Box::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// The id of a job.
    JobId
}
id! {
    /// The id of a notification.
    NotificationId
}
id! {
    /// The id of a task.
    TaskId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_lower_case_digits() {
        let id = TaskId::random();
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_ne!(id, TaskId::random());
        let short = "0".repeat(31);
        let upper = "A".repeat(32);
        for bad in ["", &short, &upper, "842433bb-fa08-4fc1-8c3b-aa9904ceb370"] {
            assert_eq!(bad.parse::<TaskId>(), Err(InvalidId), "{bad:?}");
        }
    }
}
