//! The `wafflehaus` program: serves a gateway, and tells what a configuration means.

mod audit;
mod check;
mod explain;
mod exporter;
mod from;
mod log;
mod routes;
mod serve;
mod threads;
#[cfg(feature = "workflow-service")]
mod workflow;

use std::{io, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};
use wafflehaus::config::Registry;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A gateway that polices what tenants ask of OpenStack Nova.
///
/// A configuration is a paste.ini, such as Nova's own api-paste.ini with the filters of
/// wafflehaus in it, or TOML (docs/CONFIG.md has both side by side):
///
///   wafflehaus check api-paste.ini              says all that is wrong with it
///   wafflehaus routes api-paste.ini             shows its pipelines
///   wafflehaus serve --config api-paste.ini     runs it; kill -HUP reads it again
///
/// Scalars at the top of a configuration can be given in the environment instead:
/// WAFFLEHAUS__UPSTREAM, WAFFLEHAUS__AUTH_URL, WAFFLEHAUS__PASSWORD and so on.
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway.
    Serve(serve::Serve),
    /// Lists the servers that break the policies as they are. Exit code 0, 1 if there are any, or
    /// 2 if it cannot be told.
    Audit(audit::Audit),
    /// Tells all that is wrong with a configuration. Exit code 0, or 1 with mistakes.
    Check(check::Check),
    /// Tells what would become of a request, and why.
    Explain(explain::Explain),
    /// Shows the pipelines of a configuration.
    Routes(routes::Routes),
    /// Lists the filters and applications that a configuration can name, with their keys.
    Factories {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs the workflow's REST service, and its workers.
    #[cfg(feature = "workflow-service")]
    Workflow(workflow::Workflow),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(serve) => {
            log::begin();
            serve.run()
        }
        Command::Audit(audit) => audit.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
        Command::Routes(routes) => routes.run(),
        Command::Factories { json } => factories(json),
        #[cfg(feature = "workflow-service")]
        Command::Workflow(workflow) => workflow.run(),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "wafflehaus", &mut io::stdout());
            ExitCode::SUCCESS
        }
    }
}

fn factories(json: bool) -> ExitCode {
    let factories = Registry::standard().describe();
    if json {
        println!("{}", serde_json::json!(factories));
        return ExitCode::SUCCESS;
    }
    for factory in factories {
        let kind = if factory.is_app { "app" } else { "filter" };
        println!("{kind} {}", factory.name);
        for name in factory.also {
            println!("    also {name}");
        }
        for (key, default) in factory.keys {
            println!("    {key} = {default}");
        }
    }
    ExitCode::SUCCESS
}
