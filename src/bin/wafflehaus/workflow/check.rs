//! `wafflehaus workflow check`

use std::process::ExitCode;

use clap::Args;
use wafflehaus::workflow_config::Configuration;

use super::Config;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: Config,
    /// Ask Keystone and the services of each region, too, whether all is there that tasks need.
    /// Nothing is changed.
    #[arg(long)]
    online: bool,
}

impl Check {
    pub(super) fn run(&self) -> ExitCode {
        let configuration = match self.config.load() {
            Ok(configuration) => configuration,
            Err(code) => return code,
        };
        for warning in configuration.warnings() {
            println!("note: {warning}");
        }
        if self.online && !probe(&configuration) {
            return ExitCode::from(1);
        }
        println!("The configuration is good.");
        ExitCode::SUCCESS
    }
}

#[tokio::main(flavor = "current_thread")]
async fn probe(configuration: &Configuration) -> bool {
    let findings = configuration.probe().await;
    for finding in &findings {
        println!("{finding}");
    }
    findings.iter().all(|it| it.wrong.is_none())
}
