//! `wafflehaus routes`

use std::process::ExitCode;

use clap::Args;

use crate::from::{File, report};

/// Shows the pipelines of a configuration as a tree.
#[derive(Debug, Args)]
pub(crate) struct Routes {
    #[command(flatten)]
    file: File,
    /// As a graph for Graphviz: `wafflehaus routes --dot FILE | dot -Tsvg`.
    #[arg(long)]
    dot: bool,
}

impl Routes {
    pub(crate) fn run(&self) -> ExitCode {
        match self.file.load() {
            Ok(loaded) => {
                if self.dot {
                    print!("{}", loaded.plan.dot());
                } else {
                    print!("{}", loaded.plan.tree());
                }
                ExitCode::SUCCESS
            }
            Err(rejected) => {
                report(&rejected);
                ExitCode::from(1)
            }
        }
    }
}
