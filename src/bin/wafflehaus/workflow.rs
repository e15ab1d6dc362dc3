//! `wafflehaus workflow`

use std::{
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use axum::extract::ConnectInfo;
use clap::Args;
use http::Request;
use hyper::body::Incoming;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde::Deserialize;
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt as _;
use wafflehaus::{
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    proxy::{Drain, PeerAddr, ServeOptions, serve},
    workflow::{
        ActionError, Deliver, DeliverFuture, Engine, Key, Message, Registry, Task, TaskType,
        Worker,
        actions::{
            EditUserRoles, NewProject, NewProjectWithUser, NewUser, People, ResetUserPassword,
            RolesMapping, UpdateUserEmail, Usernames,
        },
        identity::KeystoneIdentity,
        store::{SqliteStore, Store},
    },
    workflow_messages::{MessageSettings, Messages},
    workflow_service::{Authentication, Settings, WorkflowService},
};

use crate::serve::stop;

/// Runs the workflow's REST service, and its workers.
#[derive(Debug, Args)]
pub(crate) struct Workflow {
    /// The configuration, in TOML.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// A configuration. Relative paths start at its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Keystone, by its URL.
    auth_url: String,
    /// The account by which Keystone is asked and changed.
    account: Account,
    /// A SQLite file, or the URL of a PostgreSQL.
    database: String,
    /// The id of the domain of users and projects.
    #[serde(default = "default_domain")]
    domain: String,
    /// A file with the engine's key: 64 hexadecimal digits.
    key_file: PathBuf,
    #[serde(default = "default_listen")]
    listen: SocketAddr,
    /// Who manages which roles.
    #[serde(default)]
    roles_mapping: RolesMapping,
    /// The roles that people can be given.
    roles: Vec<String>,
    /// Mails and notifications. Without it none are sent.
    messages: Option<MessageSettings>,
    #[serde(default)]
    service: Settings,
    task_types: Vec<TaskType>,
    /// Whether users have names of their own, beside their addresses.
    #[serde(default)]
    usernames: bool,
    #[serde(default = "default_workers")]
    workers: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    username: String,
    #[serde(default = "default_domain_name")]
    user_domain_name: String,
    password_file: PathBuf,
    project_name: String,
    #[serde(default = "default_domain_name")]
    project_domain_name: String,
}

impl Workflow {
    #[tokio::main]
    pub(crate) async fn run(&self) -> ExitCode {
        match self.serve().await {
            Ok(code) => code,
            Err(error) => {
                eprintln!("{}: {error}", self.config.display());
                ExitCode::from(2)
            }
        }
    }

    async fn serve(&self) -> Result<ExitCode, Box<dyn Error>> {
        let config: Config = toml::from_str(&fs::read_to_string(&self.config)?)?;
        let folder = self.config.parent().unwrap_or(Path::new("."));
        let keystone: Endpoint = config.auth_url.parse()?;
        let credential = credential(&config.account, &keystone, folder)?;
        let identity = Arc::new(KeystoneIdentity::new(keystone.clone(), credential.clone()));
        let registry = registry(&config, &identity)?;
        let key = Key::from_hex(read_secret(&folder.join(&config.key_file))?.trim())?;
        let messages = config.messages.as_ref();
        let messages = messages.map(|settings| Messages::new(settings, &registry));
        let store = open(&config.database, folder).await?;
        let engine = match messages.transpose()? {
            Some(messages) => Engine::new(store, registry, key, messages),
            None => Engine::new(store, registry, key, NoMail),
        };
        let validator = KeystoneClient::new(keystone.clone(), credential.any_role());
        let layer = KeystoneLayer::new(validator, &keystone)?.service_type("admin-logic");
        let metrics = PrometheusBuilder::new().install_recorder()?;
        let router =
            WorkflowService::new(engine.clone(), identity, Authentication::keystone(layer))
                .settings(config.service)?
                .mapping(config.roles_mapping)
                .metrics(move || metrics.render())
                .router()
                .map_request(|mut request: Request<Incoming>| {
                    if let Some(peer) = request.extensions().get::<PeerAddr>() {
                        let peer = ConnectInfo(peer.address());
                        request.extensions_mut().insert(peer);
                    }
                    request
                });
        let listener = TcpListener::bind(config.listen).await?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let (end, mut ended) = watch::channel(());
        let worker = Worker::new(engine);
        let working = tokio::spawn(async move {
            let end = async { drop(ended.changed().await) };
            worker.run(config.workers, end).await;
        });
        let drain = serve(listener, router, stop()?, ServeOptions::new()).await;
        // Answers may wait for workers, so these end last.
        end.send_replace(());
        working.await?;
        Ok(match drain {
            Drain::Complete => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        })
    }
}

fn registry(config: &Config, identity: &Arc<KeystoneIdentity>) -> Result<Registry, Box<dyn Error>> {
    let usernames = match config.usernames {
        true => Usernames::Own,
        false => Usernames::Email,
    };
    let people = People::new(identity.clone())
        .domain(&config.domain)
        .mapping(config.roles_mapping.clone())
        .usernames(usernames);
    let roles = || config.roles.iter().cloned();
    let mut registry = Registry::new()
        .action(NewProject::new(people.clone(), roles()))?
        .action(NewProjectWithUser::new(people.clone(), roles()))?
        .action(NewUser::new(people.clone(), roles()))?
        .action(EditUserRoles::new(people.clone(), roles()))?
        .action(ResetUserPassword::new(people.clone()))?
        .action(UpdateUserEmail::new(people))?;
    for task_type in &config.task_types {
        registry = registry.task_type(task_type.clone())?;
    }
    Ok(registry)
}

fn credential(
    account: &Account,
    keystone: &Endpoint,
    folder: &Path,
) -> Result<ServiceCredential, Box<dyn Error>> {
    let password = read_secret(&folder.join(&account.password_file))?;
    let method = AuthMethod::Password {
        user: Named::in_domain(&account.username, &account.user_domain_name),
        password: password.trim_end().into(),
        project: Named::in_domain(&account.project_name, &account.project_domain_name),
    };
    let client = Client::builder().build()?;
    Ok(ServiceCredential::new(client, keystone.clone(), method))
}

async fn open(database: &str, folder: &Path) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    if !database.contains("://") {
        return Ok(Arc::new(SqliteStore::open(folder.join(database)).await?));
    }
    #[cfg(feature = "postgres")]
    {
        let store = wafflehaus::workflow::store::PostgresStore::connect(database, 16);
        Ok(Arc::new(store.await?))
    }
    #[cfg(not(feature = "postgres"))]
    Err("this build knows no PostgreSQL".into())
}

fn read_secret(file: &Path) -> Result<String, Box<dyn Error>> {
    let read = fs::read_to_string(file);
    read.map_err(|error| format!("{}: {error}", file.display()).into())
}

/// As long as no way to send mails is configured, operators are told that they were not sent.
struct NoMail;

impl Deliver for NoMail {
    fn deliver<'a>(&'a self, _: &'a Task, message: Message<'a>) -> DeliverFuture<'a> {
        Box::pin(async move {
            match message {
                // It is in the list already.
                Message::Notification { .. } => Ok(()),
                _ => Err(ActionError::fatal("no way to send mails is configured")),
            }
        })
    }
}

fn default_domain() -> String {
    "default".into()
}

fn default_domain_name() -> String {
    "Default".into()
}

const fn default_listen() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5050)
}

const fn default_workers() -> usize {
    4
}
