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
    match configuration.migrate().await {
        Ok(it) if it.from == it.to => {
            let version = it.to;
            println!("The tables of {database} are up to date, at version {version}.");
            ExitCode::SUCCESS
        }
        Ok(it) => {
            let (from, to) = (it.from, it.to);
            println!(
                "The tables of {database} were at version {from}, and are now at version {to}."
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{database}: {error}");
            ExitCode::from(1)
        }
    }
}
