//! `wafflehaus explain`

use std::process::ExitCode;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Explain {}

impl Explain {
    pub(crate) fn run(&self) -> ExitCode {
        ExitCode::SUCCESS
    }
}
