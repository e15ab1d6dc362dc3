//! `wafflehaus workflow`

mod check;
#[cfg(feature = "workflow-import")]
mod import;
mod migrate;
mod preview;
mod run;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use wafflehaus::workflow_config::{Configuration, Loader};

use crate::{from::report, log};

/// Runs the workflow's REST service, and its workers.
///
/// docs/WORKFLOW_CONFIG.md has every key of the configuration.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Workflow {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tells all that is wrong with a configuration. Exit code 0, or 2 with mistakes, or 1 if the
    /// cloud is not as it should be.
    Check(check::Check),
    /// Takes over what there is of StackTask or Adjutant.
    #[cfg(feature = "workflow-import")]
    Import(import::Import),
    /// Brings the tables of the database up to date, and says from which version on. Exit code 0,
    /// or 2 with mistakes in the configuration, or 1 if the database cannot be used.
    Migrate(migrate::Migrate),
    /// Shows a mail as it would be, for a task that nobody asked for.
    Preview(preview::Preview),
}

/// Which configuration.
#[derive(Debug, Args)]
struct Config {
    /// The configuration, in TOML.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Workflow {
    pub(crate) fn run(&self) -> ExitCode {
        match &self.command {
            None => {
                log::begin();
                self.run.run()
            }
            Some(Command::Check(check)) => check.run(),
            #[cfg(feature = "workflow-import")]
            Some(Command::Import(import)) => import.run(),
            Some(Command::Migrate(migrate)) => migrate.run(),
            Some(Command::Preview(preview)) => preview.run(),
        }
    }
}

impl Config {
    fn load(&self) -> Result<Configuration, ExitCode> {
        load(&self.config)
    }
}

/// The configuration, or its mistakes on standard error.
fn load(path: &Path) -> Result<Configuration, ExitCode> {
    Loader::new().load(path).map_err(|rejected| {
        report(&rejected);
        ExitCode::from(2)
    })
}
