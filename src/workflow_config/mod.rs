//! The workflow from a configuration file: `wafflehaus workflow --config FILE`.
//!
//! A [`Loader`] reads a TOML file into a [`Configuration`], which can be [run](Configuration::run)
//! as a whole or in [parts](Part). Each key, with its type and default, is in
//! `docs/WORKFLOW_CONFIG.md`; `packaging/workflow.toml` is a commented sample.
//!
//! # What is read
//!
//! | section | what it is about |
//! |---|---|
//! | (top) | `listen`, `database` (`_file`, `_env`), `database_connections`, `key` (`_file`, `_env`), `workers`, `drain_seconds`, `trust_identity_headers`, `default_region` |
//! | `[keystone]` | the Keystone and the account by which all services are asked |
//! | `[identity]` | the domain, names of users, roles, and who manages which |
//! | `[regions.<name>]` | the Nova, Neutron and Cinder of a region; `[regions.<name>.network]` is how a network is set up there |
//! | `[quota]`, `[quota.sizes.<name>]` | the sizes that projects can have |
//! | `[actions.<name>]` | the settings of an action |
//! | `[task_types.<name>]` | the task types |
//! | `[service]` | access, limits, views and the rest of [`workflow_service::Settings`](crate::workflow_service::Settings) |
//! | `[messages]` | mails and notifications: `docs/MAIL.md` |
//! | `[pages]` | pages for people: [`workflow_pages`](crate::workflow_pages) |
//! | `[retention]` | what is removed, and when |
//! | `[pace]` | how patient workers are |
//!
//! 1. Needed are `database`, `key_file` and `[keystone]`; all else has defaults. The task types
//!    `create_project`, `invite_user`, `edit_roles`, `reset_password`, `force_password` and
//!    `update_email` are there, and with a region `update_quota` and `clear_project`; `false`
//!    instead of a table switches one off. A table changes what it names of it.
//! 2. Any other task type is a table that names its `actions`.
//! 3. An action that a task type names is made by the [factory](Factories) of its name, or by the
//!    one that the `use` of its table names. One that has a table is there even if no type uses it:
//!    open tasks of a former type may.
//! 4. Paths are relative to the file's folder, those of messages too.
//!
//! # What is a mistake
//!
//! With any of these there is no configuration, and all of them are told together, each with file,
//! line and key:
//!
//! 5. what is no TOML; a key that nobody knows, with the nearest that is known; a value that is not
//!    of its type, or out of its range; something that is needed and missing;
//! 6. an action, a task type, a stage, an endpoint or a view that there is not;
//! 7. an action without what it needs: a region, a secret;
//! 8. all that is a mistake in messages and their templates, and a letter of an action that they
//!    have not.
//!
//! # Secrets
//!
//! 9. A secret is given in one way: itself under its name, on the first line of a file under
//!    `<name>_file`, or in an environment variable under `<name>_env`. The database is one, because
//!    its URL may have a password.
//! 10. No secret is in a message, a `Debug` or a log.
//!
//! # At work
//!
//! 11. A process does everything, or answers requests only, or works only. At the end requests
//!     that are being answered are finished within `drain_seconds`, then work that is begun.
//! 12. The tables of a database are brought up to date when it is opened. One of a later version is
//!     not used.
//! 13. With `[retention]`, workers remove tasks that ended so many days ago, and expired tokens.
//! 14. [`Configuration::probe`] asks Keystone and each region for what tasks need of them, and
//!     changes nothing.
//! 15. With `[pages]` the pages are there, and links in mails lead to them unless `[messages]` says
//!     otherwise. Behind an authenticator there is no signing in, so there is the token page only.
//!
//! # Example
//!
//! ```
//! use wafflehaus::workflow_config::Loader;
//!
//! let folder = std::env::temp_dir().join(format!("wafflehaus-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let file = folder.join("workflow.toml");
//! std::fs::write(&file, r#"
//!     database = "tasks.db"
//!     key = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
//!
//!     [keystone]
//!     auth_url = "https://keystone.example/v3"
//!     username = "workflow"
//!     password = "secret"
//!     project_nam = "service"
//! "#)?;
//! let rejected = Loader::new().load(&file).unwrap_err();
//! let told: Vec<String> = rejected.mistakes.iter().map(|it| it.message.clone()).collect();
//! assert_eq!(told, [
//!     "the project on which the user has its roles is missing",
//!     "there is no key `project_nam`; did you mean `project_name`?",
//! ]);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cloud;
mod configuration;
mod database;
mod factories;
mod identity;
mod keystone;
mod letters;
mod load;
mod no_mail;
mod probe;
mod quota;
mod regions;
mod registry;
mod run;
mod settings;
mod task_types;
mod whole;

pub use configuration::Configuration;
pub use factories::Factories;
pub use load::Loader;
pub use probe::Finding;
pub use run::{Part, Render, RunError};
pub use settings::ActionSettings;
