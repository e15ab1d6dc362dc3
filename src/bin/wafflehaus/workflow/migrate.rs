//! `wafflehaus workflow migrate`

use std::process::ExitCode;

use clap::Args;
use wafflehaus::workflow_config::Configuration;

use super::Config;

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    config: Config,
}

impl Migrate {
    pub(super) fn run(&self) -> ExitCode {
        match self.config.load() {
            Ok(configuration) => migrate(&configuration),
            Err(code) => code,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn migrate(configuration: &Configuration) -> ExitCode {
    let database = configuration.database();
    match configuration.open().await {
        Ok(_) => {
            println!("The tables of {database} are up to date.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{database}: {error}");
            ExitCode::from(2)
        }
    }
}
