//! A configuration in a folder of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wafflehaus::{
    config::Rejected,
    workflow_config::{Configuration, Loader},
};

/// A folder that goes when this is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// One with the secrets that configurations name.
    pub(crate) fn new() -> Self {
        let name = format!("wafflehaus-{}", uuid::Uuid::new_v4());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        let this = Self(folder);
        this.write("workflow-key", &format!("{KEY}\n"));
        for name in [
            "keystone-password",
            "keystone-secret",
            "erp-secret",
            "mail-password",
        ] {
            this.write(name, &format!("{SECRET}\nand nothing else\n"));
        }
        this
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn load(&self, text: &str) -> Result<Configuration, Rejected> {
        self.load_with(&Loader::new(), text)
    }

    pub(crate) fn load_with(&self, loader: &Loader, text: &str) -> Result<Configuration, Rejected> {
        loader.load(&self.write("workflow.toml", text))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// All mistakes, as `line key: message`.
pub(crate) fn told(rejected: &Rejected) -> Vec<String> {
    let mistakes = rejected.mistakes.iter();
    let told = mistakes.map(|it| {
        let key = it.key.clone().unwrap_or_default();
        format!("{} {key}: {}", it.place.line, it.message)
    });
    told.collect()
}

/// The least that there can be.
pub(crate) const LEAST: &str = r#"
database = "tasks.db"
key_file = "workflow-key"

[keystone]
auth_url = "http://127.0.0.1:9/v3"
username = "workflow"
password_file = "keystone-password"
project_name = "service"
"#;

pub(crate) const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

pub(crate) const SECRET: &str = "hunter2-and-some-more";
