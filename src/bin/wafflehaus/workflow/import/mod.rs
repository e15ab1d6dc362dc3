//! `wafflehaus workflow import`

mod config;
mod tasks;

use std::process::ExitCode;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Makes a configuration of one of StackTask or Adjutant. Exit code 0, or 2 if it cannot be
    /// made, or needs something before it can be used.
    Config(config::Config),
    /// Copies the open tasks of a database of StackTask or Adjutant, which is only read. Exit code
    /// 0, or 1 if some are left where they are, or 2 if it cannot be done.
    Tasks(tasks::Tasks),
}

impl Import {
    pub(super) fn run(&self) -> ExitCode {
        match &self.what {
            What::Config(config) => config.run(),
            What::Tasks(tasks) => tasks.run(),
        }
    }
}
