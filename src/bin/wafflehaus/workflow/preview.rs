//! `wafflehaus workflow preview`

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use wafflehaus::{workflow::Mail, workflow_config::Configuration};

use super::Config;

#[derive(Debug, Args)]
pub(super) struct Preview {
    #[command(flatten)]
    config: Config,
    /// The task type.
    task_type: String,
    /// Which of its mails.
    mail: Which,
    /// Show the part in HTML instead of the text.
    #[arg(long)]
    html: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    /// That a request came in.
    Initial,
    /// With the token.
    Token,
    /// That the task is done.
    Completed,
}

impl Preview {
    pub(super) fn run(&self) -> ExitCode {
        let configuration = match self.config.load() {
            Ok(configuration) => configuration,
            Err(code) => return code,
        };
        match self.show(&configuration) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{}: {error}", self.task_type);
                ExitCode::from(1)
            }
        }
    }

    fn show(&self, configuration: &Configuration) -> Result<(), String> {
        let messages = configuration.messages();
        let messages = messages.ok_or("the configuration has no `[messages]`")?;
        let mail = match self.mail {
            Which::Initial => Mail::Initial,
            Which::Token => Mail::Token,
            Which::Completed => Mail::Completed,
        };
        let preview = messages
            .preview(&self.task_type, mail)
            .map_err(|error| error.to_string())?;
        if self.html {
            let none = "the mail has no part in HTML";
            println!("{}", preview.html.ok_or(none)?);
            return Ok(());
        }
        println!("From: {}", preview.reply);
        println!("To: {}", preview.to);
        println!("Subject: {}\n", preview.subject);
        println!("{}", preview.text);
        Ok(())
    }
}
