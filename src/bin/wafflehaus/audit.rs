//! `wafflehaus audit`

use std::{error::Error, process::ExitCode};

use clap::Args;
use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use wafflehaus::{
    audit::{Progress, Report, audit},
    config::Loaded,
};

use crate::from::{Config, report};

/// Lists the servers whose present ports break the policies of a configuration.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    config: Config,
    /// The pipeline whose policies are meant, if there are several: as `routes` shows it, or
    /// ROUTER/ROUTE.
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Audit {
    #[tokio::main]
    pub(crate) async fn run(&self) -> ExitCode {
        let loaded = match self.config.load() {
            Ok(loaded) => loaded,
            Err(rejected) => {
                report(&rejected);
                return ExitCode::from(2);
            }
        };
        match self.audit(&loaded).await {
            Ok(found) => {
                self.print(&found);
                ExitCode::from(u8::from(!found.violations.is_empty()))
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    }

    async fn audit(&self, loaded: &Loaded) -> Result<Report, Box<dyn Error>> {
        let policies = loaded.plan.policies(self.pipeline.as_deref());
        let policies = policies.map_err(|error| format!("{error}; see --pipeline"))?;
        let inventory = loaded
            .inventory
            .as_ref()
            .ok_or("the servers cannot be listed: give `neutron_url`, `nova_url` and an account")?;
        // Draws on a terminal only.
        let bar = ProgressBar::new_spinner();
        let found = audit(&policies, inventory, |progress| show(&bar, progress)).await;
        bar.finish_and_clear();
        Ok(found?)
    }

    fn print(&self, found: &Report) {
        if self.json {
            println!("{}", serde_json::json!(found));
            return;
        }
        if !found.violations.is_empty() {
            println!("{}", table(found));
        }
        println!(
            "{} of {} servers break a policy; {} still being built were not judged",
            broken(found),
            found.servers,
            found.unfinished
        );
    }
}

fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Servers(seen) => bar.set_message(format!("{seen} servers listed")),
        Progress::Ports(seen) => bar.set_message(format!("{seen} ports listed")),
        Progress::Judged { servers, all } => {
            if servers == 0
                && let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}")
            {
                bar.set_style(style);
                bar.set_length(all as u64);
            }
            bar.set_position(servers as u64);
        }
        _ => {}
    }
    bar.tick();
}

fn table(found: &Report) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header(["server", "name", "project", "policy", "code", "why"]);
    for it in &found.violations {
        let cells = [
            &it.server,
            &it.name,
            &it.project,
            &it.policy,
            &it.code,
            &it.message,
        ];
        table.add_row(cells.map(|text| plain(text)));
    }
    table
}

/// Without what a terminal would obey: names are whatever a tenant wrote.
fn plain(text: &str) -> String {
    let escape = |letter: char| match letter {
        '"' | '\'' | '\\' => letter.to_string(),
        letter => letter.escape_debug().to_string(),
    };
    text.chars().map(escape).collect()
}

/// A server can break several.
fn broken(found: &Report) -> usize {
    let mut servers: Vec<_> = found.violations.iter().map(|it| &it.server).collect();
    servers.dedup();
    servers.len()
}
