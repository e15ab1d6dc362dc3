//! Where in the path space Nova's API begins.

use super::{Unclear, canonical_path};

/// The prefix below which a deployment serves Nova's API: empty, or for instance `/compute`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount(Box<str>);

impl Mount {
    /// No prefix: paths begin with the version.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A prefix such as `/compute`.
    ///
    /// # Errors
    ///
    /// [`Unclear`] for a prefix that is no path with one reading.
    pub fn at(prefix: &str) -> Result<Self, Unclear> {
        let prefix = canonical_path(prefix)?;
        Ok(Self(prefix.strip_suffix('/').unwrap_or(&prefix).into()))
    }

    /// Whether a canonical path is this prefix itself.
    fn is(&self, path: &str) -> bool {
        *self.0 == *path
    }

    /// The prefix, without a slash at the end.
    #[cfg(feature = "config")]
    pub(crate) fn prefix(&self) -> &str {
        &self.0
    }

    /// The rest of a canonical path: empty for the mount itself, nothing if it is elsewhere.
    pub(crate) fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        self.strip(path).or_else(|| self.is(path).then_some(""))
    }

    /// The rest of a canonical path below this prefix.
    pub(super) fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&*self.0)
            .filter(|rest| rest.starts_with('/'))
    }
}
