//! Writing a configuration and its files.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use secrecy::ExposeSecret as _;

use super::Imported;

/// Why a configuration was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There are files already. Nothing was written.
    #[error("there is something already: {}", list(.0))]
    Exists(Vec<PathBuf>),
    /// The disk says no. Some files may have been written.
    #[error("`{path}`: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
}

impl Imported {
    /// Writes `workflow.toml` and the files that it names into a folder, and says where the
    /// configuration is. A folder that is made is for its owner only, and so are files with
    /// secrets.
    ///
    /// With `overwrite` files that are there are replaced, but for `key`: without that key the
    /// database of an earlier import cannot be used any more.
    ///
    /// # Errors
    ///
    /// [`WriteError`].
    pub fn write(&self, folder: &Path, overwrite: bool) -> Result<PathBuf, WriteError> {
        let config = folder.join(CONFIG);
        let mut files = vec![(config.clone(), self.config.as_str(), false)];
        let more = self.files.iter();
        files.extend(more.map(|it| (folder.join(&it.name), it.text.expose_secret(), it.secret)));
        // A link that leads nowhere is something, too.
        let is_there = |path: &Path| path.symlink_metadata().is_ok();
        let there = files.iter().filter(|(path, ..)| is_there(path));
        let there: Vec<PathBuf> = there.map(|(path, ..)| path.clone()).collect();
        if !there.is_empty() && !overwrite {
            return Err(WriteError::Exists(there));
        }
        files.retain(|(path, ..)| !(path.ends_with(KEY) && is_there(path)));
        for (path, text, secret) in files {
            write(&path, text, secret).map_err(|error| WriteError::Io { path, error })?;
        }
        Ok(config)
    }
}

fn write(path: &Path, text: &str, secret: bool) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    // A new file: one that is there may be readable by others, or a link to somewhere else.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mode = if secret { 0o600 } else { 0o644 };
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())
}

fn list(paths: &[PathBuf]) -> String {
    let all: Vec<String> = paths
        .iter()
        .map(|it| format!("`{}`", it.display()))
        .collect();
    all.join(", ")
}

/// The name of the configuration.
const CONFIG: &str = "workflow.toml";
/// The file of the engine's key.
const KEY: &str = "key";
