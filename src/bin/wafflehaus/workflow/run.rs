//! `wafflehaus workflow --config FILE`

use std::{error::Error, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, ValueEnum};
use wafflehaus::{
    proxy::Drain,
    workflow_config::{Configuration, Part},
};

use super::load;
use crate::{exporter, serve::stop};

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The configuration, in TOML.
    #[arg(long, value_name = "FILE", required = true)]
    config: Option<PathBuf>,
    /// Only answer requests, or only work: for several processes on one database.
    #[arg(long, value_name = "PART")]
    only: Option<Only>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Only {
    /// Answers requests, and leaves the work to others.
    Api,
    /// Works, and answers nobody.
    Worker,
}

impl Run {
    pub(super) fn run(&self) -> ExitCode {
        let configuration = match load(self.config.as_deref().unwrap_or("".as_ref())) {
            Ok(configuration) => configuration,
            Err(code) => return code,
        };
        let part = match self.only {
            None => Part::All,
            Some(Only::Api) => Part::Api,
            Some(Only::Worker) => Part::Worker,
        };
        work(&configuration, part).unwrap_or_else(|error| {
            eprintln!("{error}");
            ExitCode::from(1)
        })
    }
}

#[tokio::main]
async fn work(configuration: &Configuration, part: Part) -> Result<ExitCode, Box<dyn Error>> {
    let metrics = exporter::record()?;
    let render = Arc::new(move || metrics.render());
    let drain = configuration.run(part, Some(render), stop()?).await?;
    Ok(match drain {
        Drain::Complete => ExitCode::SUCCESS,
        _ => {
            tracing::warn!("some requests were not answered before the end");
            ExitCode::from(1)
        }
    })
}
