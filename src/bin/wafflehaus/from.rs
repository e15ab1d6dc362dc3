//! Where a configuration comes from: what the commands have in common.

use std::path::PathBuf;

use clap::Args;
use wafflehaus::config::{Loaded, Loader, Rejected};

/// A configuration given as `--config`.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// The configuration: TOML if its name ends in .toml, else paste.ini.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    choice: Choice,
}

/// A configuration given by its name alone.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// The configuration: TOML if its name ends in .toml, else paste.ini.
    #[arg(value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    choice: Choice,
}

#[derive(Debug, Args)]
struct Choice {
    /// The app to serve. Default: main, or else osapi_compute.
    #[arg(long)]
    app: Option<String>,
    /// The Nova to forward to, instead of the one configured for the whole file.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// A setting for the whole file, instead of the configured one. May be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl Choice {
    fn loader(&self) -> Loader {
        let mut loader = Loader::new().with_environment();
        if let Some(app) = &self.app {
            loader = loader.app(app);
        }
        if let Some(upstream) = &self.upstream {
            loader = loader.set("upstream", upstream);
        }
        for (key, value) in &self.set {
            loader = loader.set(key, value);
        }
        loader
    }
}

impl Config {
    pub(crate) fn loader(&self) -> Loader {
        self.choice.loader()
    }

    pub(crate) fn path(&self) -> &PathBuf {
        &self.config
    }

    pub(crate) fn load(&self) -> Result<Loaded, Rejected> {
        self.loader().load(&self.config)
    }
}

impl File {
    pub(crate) fn load(&self) -> Result<Loaded, Rejected> {
        self.choice.loader().load(&self.config)
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// What is wrong, a line each, and how much it is.
pub(crate) fn report(rejected: &Rejected) {
    for warning in &rejected.warnings {
        eprintln!("warning: {warning}");
    }
    for mistake in &rejected.mistakes {
        eprintln!("mistake: {mistake}");
    }
    match rejected.mistakes.len() {
        1 => eprintln!("1 mistake; nothing starts with that"),
        many => eprintln!("{many} mistakes; nothing starts with that"),
    }
}
