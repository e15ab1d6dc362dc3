//! `wafflehaus explain`

mod facts;
mod request;

use std::{error::Error, io::Read as _, path::PathBuf, process::ExitCode};

use clap::Args;
use wafflehaus::{
    identity::{Identity, ProjectId, Role, UserId},
    pipeline::{Explanation, Outcome, Says},
};

use self::facts::Facts;
use crate::from::{Config, report};

/// Tells what would become of a request, and why: the operation, the route, and what each policy
/// on the way says, all of them and not only the first that refuses.
///
/// The request is read from standard input as it goes over the wire: request line, headers, a
/// blank line, body. Exit code 0 if it passes, 3 if it is refused, 2 if that cannot be said.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    config: Config,
    /// The roles of the caller.
    #[arg(long, value_delimiter = ',', value_name = "ROLE,ROLE")]
    roles: Vec<String>,
    /// The id of the project that the caller's token is for.
    #[arg(long)]
    project: String,
    /// The id of the caller.
    #[arg(long, default_value = "somebody")]
    user: String,
    /// What Neutron and Nova would say, as JSON: `{"ports": {"<port>": "<network>"}, "servers":
    /// {"<server>": {"project": "<project>", "ports": {"<port>": "<network>"}}}}`.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

impl Explain {
    #[tokio::main(flavor = "current_thread")]
    pub(crate) async fn run(&self) -> ExitCode {
        let loaded = match self.config.load() {
            Ok(loaded) => loaded,
            Err(rejected) => {
                report(&rejected);
                return ExitCode::from(2);
            }
        };
        let asked = self.asked().await;
        let (request, caller, facts) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        };
        let explanation = loaded.plan.explain(request, caller, facts).await;
        if self.json {
            match serde_json::to_string(&explanation) {
                Ok(json) => println!("{json}"),
                Err(error) => eprintln!("{error}"),
            }
        } else {
            show(&explanation);
        }
        ExitCode::from(match explanation.outcome {
            Outcome::Passes { .. } => 0,
            Outcome::Refused { .. } => 3,
            _ => 2,
        })
    }

    async fn asked(
        &self,
    ) -> Result<(http::Request<bytes::Bytes>, Identity, Facts), Box<dyn Error>> {
        let facts = self.facts.as_deref().map(Facts::read).transpose()?;
        let mut caller = Identity::new(UserId::new(self.user.as_str())?);
        caller = caller.project(ProjectId::new(self.project.as_str())?);
        for role in &self.roles {
            caller = caller.role(Role::new(role)?);
        }
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        let request = request::parse(bytes).await?;
        Ok((request, caller, facts.unwrap_or_default()))
    }
}

fn show(explanation: &Explanation) {
    println!("operation: {}", explanation.operation);
    for step in &explanation.way {
        let says = match step.says {
            Says::Allow => "allows",
            Says::Deny => "REFUSES",
            Says::WouldDeny => "would refuse",
            Says::Unknown => "cannot say",
            _ => "-",
        };
        let code = step
            .code
            .map(|code| format!(" [{code}]"))
            .unwrap_or_default();
        println!("  {:<28} {says:<12} {}{code}", step.section, step.why);
    }
    match &explanation.outcome {
        Outcome::Passes { to } => println!("passes, to `{to}`"),
        Outcome::Refused {
            status,
            code,
            message,
        } => println!("refused: {status} {code}: {message}"),
        Outcome::Unknown { missing } => println!("cannot say: {missing}; give --facts"),
        _ => {}
    }
}
