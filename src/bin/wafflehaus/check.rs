//! `wafflehaus check`

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use wafflehaus::config::{Loaded, Rejected};

use crate::from::{File, report};

/// Tells all that is wrong with a configuration.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    file: File,
    /// One JSON object on standard output: `mistakes` and `warnings`, each with `file`, `line`,
    /// `section`, `key` and `message`.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(&self) -> ExitCode {
        let loaded = self.file.load();
        if self.json {
            let (mistakes, warnings) = match &loaded {
                Ok(Loaded { warnings, .. }) => (&[][..], warnings),
                Err(Rejected {
                    mistakes, warnings, ..
                }) => (mistakes.as_slice(), warnings),
            };
            println!("{}", json!({ "mistakes": mistakes, "warnings": warnings }));
            return ExitCode::from(u8::from(loaded.is_err()));
        }
        match loaded {
            Ok(loaded) => {
                for warning in &loaded.warnings {
                    eprintln!("warning: {warning}");
                }
                for (section, reason) in loaded.plan.idle() {
                    eprintln!("note: `{section}` does nothing here: {reason}");
                }
                println!("no mistakes");
                ExitCode::SUCCESS
            }
            Err(rejected) => {
                report(&rejected);
                ExitCode::from(1)
            }
        }
    }
}
