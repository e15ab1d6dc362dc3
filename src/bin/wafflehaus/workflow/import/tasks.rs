//! `wafflehaus workflow import tasks`

use std::{error::Error, fs, path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;
use wafflehaus::{
    workflow_config::Configuration,
    workflow_import::{Copied, CopyOptions, Old, copy},
};

use crate::workflow::Config;

#[derive(Debug, Args)]
pub(super) struct Tasks {
    #[command(flatten)]
    config: Config,
    /// The database of StackTask or Adjutant: a SQLite file, or the URL of a PostgreSQL.
    #[arg(long, value_name = "DATABASE", required_unless_present = "from_file")]
    from: Option<String>,
    /// The same on the first line of a file, so that no password is among the arguments.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    from_file: Option<PathBuf>,
    /// Only tell what would become of each task. The tables to copy into are brought up to date.
    #[arg(long)]
    dry_run: bool,
    /// Issue a new token for each task that waits for one, and mail it. The mails go out as soon as
    /// a worker runs.
    #[arg(long)]
    issue_tokens: bool,
    /// Tell what became of each task as JSON.
    #[arg(long)]
    json: bool,
}

impl Tasks {
    pub(super) fn run(&self) -> ExitCode {
        let configuration = match self.config.load() {
            Ok(configuration) => configuration,
            Err(code) => return code,
        };
        match self.copy(&configuration) {
            Ok(copied) => {
                if self.json {
                    println!("{}", json!(copied));
                } else {
                    println!("{copied}");
                }
                ExitCode::from(u8::from(copied.left() > 0))
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    }

    #[tokio::main(flavor = "current_thread")]
    async fn copy(&self, configuration: &Configuration) -> Result<Copied, Box<dyn Error>> {
        let old = Old::read(&self.database()?).await?;
        let engine = configuration.engine(configuration.open().await?);
        let mut options = CopyOptions::default();
        options.domain = configuration.domain().to_owned();
        options.dry_run = self.dry_run;
        options.issue_tokens = self.issue_tokens;
        Ok(copy(&old, &engine, &options).await?)
    }

    fn database(&self) -> Result<String, Box<dyn Error>> {
        let Some(file) = &self.from_file else {
            return Ok(self.from.clone().unwrap_or_default());
        };
        let text =
            fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    }
}
