//! `wafflehaus workflow import config`

use std::{error::Error, fs, path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;
use wafflehaus::workflow_import::{ImportOptions, Imported, import};

use crate::workflow::load;

#[derive(Debug, Args)]
pub(super) struct Config {
    /// The configuration of StackTask (conf.yaml) or Adjutant (adjutant.yaml).
    #[arg(value_name = "FILE")]
    old: PathBuf,
    /// The folder to write workflow.toml into, and the files that it names.
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// A service of a region, which the old configuration does not have: nova, neutron or cinder.
    /// Without neutron there are no networks, without any no quotas. May be repeated.
    #[arg(long = "service", value_name = "REGION:SERVICE=URL", value_parser = service)]
    services: Vec<(String, String, String)>,
    /// Replace files that are there, but not `key`.
    #[arg(long)]
    overwrite: bool,
    /// Tell what became of each key as JSON.
    #[arg(long)]
    json: bool,
}

impl Config {
    pub(super) fn run(&self) -> ExitCode {
        let (imported, file) = match self.import() {
            Ok(done) => done,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        };
        if self.json {
            println!("{}", json!({ "config": file, "report": imported.report }));
        } else {
            println!("{} of {}", file.display(), imported.generation.as_str());
            print!("{}", imported.report);
        }
        // What has to be decided first may keep it from being used.
        match load(&file) {
            Ok(_) => ExitCode::SUCCESS,
            Err(code) => code,
        }
    }

    fn import(&self) -> Result<(Imported, PathBuf), Box<dyn Error>> {
        let told = |error: &dyn Error| format!("{}: {error}", self.old.display());
        let text = fs::read_to_string(&self.old).map_err(|error| told(&error))?;
        let mut options = ImportOptions::default();
        for (region, service, url) in self.services.iter().cloned() {
            options
                .services
                .entry(region)
                .or_default()
                .insert(service, url);
        }
        let imported = import(&text, &options).map_err(|error| told(&error))?;
        let file = imported.write(&self.output, self.overwrite)?;
        Ok((imported, file))
    }
}

fn service(text: &str) -> Result<(String, String, String), String> {
    let parts = text.split_once('=').and_then(|(name, url)| {
        let (region, service) = name.split_once(':')?;
        Some((region.to_owned(), service.to_owned(), url.to_owned()))
    });
    let parts = parts.ok_or("expected REGION:SERVICE=URL")?;
    if !["nova", "neutron", "cinder"].contains(&parts.1.as_str()) {
        return Err("the service is nova, neutron or cinder".into());
    }
    Ok(parts)
}
