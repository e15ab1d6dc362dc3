//! The built-in actions, one file each.
//!
//! | Action | Does | Inputs | Token |
//! |---|---|---|---|
//! | [`NewUser`] | invites a user to the caller's project | `email`, `username`\*, `project_id`, `roles` | `password` or `confirm` |
//! | [`NewProject`] | makes a project for the caller | `project_name`, `description`, `parent_id` | |
//! | [`NewProjectWithUser`] | makes a project and its first user | `project_name`, `email`, `username`\* | `password` |
//! | [`ResetUserPassword`] | sets a user's password | `email`, `username`\*, `domain_name` | `password` |
//! | [`EditUserRoles`] | gives and takes roles on the caller's project | `user_id`, `project_id`, `roles`, `remove` | |
//! | [`AddDefaultUsersToProject`] | gives configured users roles on the task's new project | | |
//! | [`NewDefaultNetwork`] | sets up a network in the caller's project | `setup_network`, `project_id`, `region` | |
//! | [`DefaultProjectResources`] | sets up a network in the task's new project | `setup_resources`, `region` | |
//! | [`UpdateQuota`] | sets a project's quotas | `project_id`, `size` or `limits`, `regions` | |
//! | [`BlankSlate`] | deletes what is in the caller's project | `project_id`, `email` | `confirm` |
//! | [`UpdateUserEmail`] | changes the caller's address | `new_email` | `confirm` |
//! | [`SendAdditionalEmail`] | tells others of the task | | |
//! | [`Webhook`] | tells another service, and keeps what it answers | as declared | |
//!
//! \* Only if names are not addresses ([`Usernames`]).
//!
//! # Rules
//!
//! 1. An action is checked anew in each stage: what was so when the task was asked for need not
//!    be so when it is approved. What fails a check is [invalid](super::Outcome::Invalid), with a
//!    code; a service that does not answer is an error, and the stage is tried again.
//! 2. Each effect is a [step](super::Context::step), and what is made carries the id of the task.
//!    A crash between an effect and its record is found out by that mark, so nothing is made
//!    twice, and nothing of anybody else is taken for the task's own.
//! 3. Only the caller's own project is acted on, and only while the caller is an enabled user and
//!    has a role there that manages others by [`RolesMapping`]: one of those that it asked with,
//!    and that it still has. A user who holds any role that the caller does not manage is not
//!    edited at all.
//! 4. A disabled user stays so: neither invitations nor resets bring somebody back whom an
//!    administrator locked out.
//! 5. An account is made when its holder submits the token, with the password that was submitted,
//!    and not before: until then nobody has proven the address.
//! 6. The first stage asks for what the token is to bring. If what is found when it is submitted
//!    would need something else (an account that has appeared meanwhile), the action is invalid.
//!
//! # Codes
//!
//! | Code | Means |
//! |---|---|
//! | `caller_not_manager` | the caller does not manage the project, or does no longer |
//! | `cidr_invalid`, `region_unknown`, `public_network_missing` | the network cannot be set up there |
//! | `domain_missing`, `project_missing`, `role_missing`, `user_missing` | it is not there |
//! | `domain_mismatch` | the caller is of another domain |
//! | `email_mismatch` | the name is that of a user with another address |
//! | `name_taken` | there is a project, or a user, of that name |
//! | `project_mismatch` | it is not the caller's project |
//! | `refused` | another service does not want to |
//! | `password_missing`, `password_refused` | none was submitted, or Keystone does not accept it |
//! | `resource_unknown`, `usage_above_limit` | the quota cannot be set |
//! | `role_blacklisted` | nobody with that role can be reset |
//! | `roles_not_manageable` | the caller may not give or take these roles |
//! | `user_appeared`, `user_disabled`, `user_not_manageable` | that user cannot be changed |

mod add_default_users_to_project;
mod blank_slate;
mod default_network;
mod edit_user_roles;
mod new_project;
mod new_project_with_user;
mod new_user;
mod people;
mod reset_user_password;
mod roles;
mod send_additional_email;
mod stop;
mod update_quota;
mod update_user_email;
mod webhook;

pub use add_default_users_to_project::AddDefaultUsersToProject;
pub use blank_slate::BlankSlate;
#[cfg(all(feature = "config", feature = "workflow-service"))]
pub(crate) use default_network::is_cidr;
pub use default_network::{DefaultProjectResources, NetworkSettings, NewDefaultNetwork, Regions};
pub use edit_user_roles::EditUserRoles;
pub use new_project::NewProject;
pub use new_project_with_user::NewProjectWithUser;
pub use new_user::NewUser;
pub use people::{People, Usernames};
pub use reset_user_password::ResetUserPassword;
pub use roles::RolesMapping;
pub use send_additional_email::{AdditionalEmail, SendAdditionalEmail};
pub use update_quota::{Excess, UpdateQuota};
#[cfg(feature = "workflow-service")]
pub(crate) use update_quota::{is_raised, is_size};
pub use update_user_email::UpdateUserEmail;
pub use webhook::Webhook;

pub use super::call::InvalidWebhook;
