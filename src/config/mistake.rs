//! What is wrong in a file, and where.

use std::{fmt, path::Path, sync::Arc};

use serde::{Serialize, Serializer};

/// A line of a file. Shown as `file:line`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The file, by the path it was opened with.
    #[serde(serialize_with = "lossy")]
    pub file: Arc<Path>,
    /// The line, from 1; 0 for what has no lines, such as the environment.
    pub line: u32,
}

/// One thing that is wrong in a file.
///
/// The message never has the value of a key that [looks secret](looks_secret). Mistakes sort by
/// place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Mistake {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// The section, as in its header.
    pub section: Option<String>,
    /// The key.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl Place {
    /// A line of a file, from 1, or 0 for what has no lines.
    pub fn new(file: impl Into<Arc<Path>>, line: u32) -> Self {
        Self {
            file: file.into(),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        Ok(())
    }
}

impl Mistake {
    /// A mistake at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            section: None,
            key: None,
            message: message.into(),
        }
    }

    /// Names the section.
    #[must_use]
    pub fn in_section(mut self, section: impl Into<String>) -> Self {
        self.section = Some(section.into());
        self
    }

    /// Names the key.
    #[must_use]
    pub fn at_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// `file:line: [section] key: message`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(section) = &self.section {
            write!(f, "[{section}] ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Whether the value of a key with this name is to be kept out of messages and logs: it speaks
/// of a password, a secret, a token or a credential, or a word of it ends with `key`.
#[must_use]
pub fn looks_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    [
        "credential",
        "passphrase",
        "passwd",
        "password",
        "secret",
        "token",
    ]
    .iter()
    .any(|word| key.contains(word))
        // A URL, perhaps with a password.
        || key == "server_lock"
        || key
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.ends_with("key"))
}

fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_one_line_and_one_object() {
        let place = Place::new(Path::new("/etc/api-paste.ini"), 7);
        let mistake = Mistake::new(place, "is wrong");
        assert_eq!(mistake.to_string(), "/etc/api-paste.ini:7: is wrong");
        let mistake = mistake.in_section("filter:f").at_key("k");
        assert_eq!(
            mistake.to_string(),
            "/etc/api-paste.ini:7: [filter:f] k: is wrong"
        );
        assert_eq!(
            serde_json::to_value(&mistake).unwrap(),
            serde_json::json!({
                "file": "/etc/api-paste.ini", "line": 7,
                "section": "filter:f", "key": "k", "message": "is wrong",
            })
        );
    }

    #[test]
    fn names_that_look_secret() {
        for key in [
            "password",
            "admin_password",
            "memcache_secret_key",
            "set api-key",
            "APIKEY",
            "X-Auth-Token",
            "application_credential_id",
        ] {
            assert!(looks_secret(key), "{key}");
        }
        for key in [
            "keystone",
            "keys",
            "use",
            "pipeline",
            "required_nets",
            "monkeys",
        ] {
            assert!(!looks_secret(key), "{key}");
        }
    }
}
