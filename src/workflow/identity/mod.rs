//! The people of a cloud: users, projects, roles, domains.
//!
//! [`IdentityStore`] is what actions ask. [`KeystoneIdentity`] asks Keystone with the service
//! credential; [`InMemoryIdentity`] keeps everything itself, for tests and trials.
//!
//! # Rules
//!
//! 1. A name is looked up in one domain, and found once or not at all. An answer that holds
//!    something else than was asked for is a failure, not a find.
//! 2. A user or project that is made carries its *origin*, the text by which its maker knows it
//!    again. Looking for what a crash left half-way goes by name and origin, so what others made
//!    under the same name is never taken for one's own.
//! 3. Assignments are the effective ones: with those that come by a group, from a parent project
//!    or domain, or implied by another role. Each says which ([`Via`]); only the direct ones can
//!    be revoked.
//! 4. [`IdentityStore::assignments`] is one call (three for a user anywhere, because Keystone
//!    tells of roles on the system apart, and without what they imply), and
//!    [`IdentityStore::members`] one more for each domain that the members come from, and for each
//!    group by which roles come. Neither asks for each member.
//! 5. [`IdentityStore::grant`] and [`IdentityStore::revoke`] may be repeated: granting what is
//!    held and revoking what is not are no failures.
//! 6. Passwords go one way: no answer, `Debug`, error, log event or file has one.
//!
//! ```
//! use wafflehaus::workflow::identity::{CreateUser, IdentityStore, InMemoryIdentity};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let identity = InMemoryIdentity::new();
//! identity.add_domain("default", "Default")?;
//! let ann = CreateUser::new("ann", "default", "correct horse".into()).email("ann@example.org");
//! let made = identity.create_user(&ann).await?;
//! assert_eq!(identity.user_by_name("default", "ann").await?, Some(made));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod in_memory;
mod keystone;
mod types;

use std::fmt;

pub use in_memory::InMemoryIdentity;
pub use keystone::KeystoneIdentity;
pub use types::{
    Assignment, AssignmentsOf, CreateProject, CreateUser, Domain, Group, Member, Project, Role,
    Scope, UpdateUser, User, Via,
};

use super::CloudFuture;

/// Users, projects, roles and domains.
pub trait IdentityStore: Send + Sync + 'static {
    /// The domain with this id.
    fn domain<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Domain>>;

    /// The domain with this name.
    fn domain_by_name<'a>(&'a self, name: &'a str) -> CloudFuture<'a, Option<Domain>>;

    /// The user with this id.
    fn user<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<User>>;

    /// The user with this name in the domain with this id.
    fn user_by_name<'a>(&'a self, domain: &'a str, name: &'a str) -> CloudFuture<'a, Option<User>>;

    /// Makes a user.
    fn create_user<'a>(&'a self, user: &'a CreateUser) -> CloudFuture<'a, User>;

    /// Changes a user.
    fn update_user<'a>(&'a self, id: &'a str, change: &'a UpdateUser) -> CloudFuture<'a, User>;

    /// The project with this id.
    fn project<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Project>>;

    /// The project with this name in the domain with this id.
    fn project_by_name<'a>(
        &'a self,
        domain: &'a str,
        name: &'a str,
    ) -> CloudFuture<'a, Option<Project>>;

    /// Makes a project.
    fn create_project<'a>(&'a self, project: &'a CreateProject) -> CloudFuture<'a, Project>;

    /// All roles that are not a domain's own.
    fn roles(&self) -> CloudFuture<'_, Vec<Role>>;

    /// Who has which roles where.
    fn assignments<'a>(&'a self, of: AssignmentsOf<'a>) -> CloudFuture<'a, Vec<Assignment>>;

    /// Everybody with a role on a project, by name.
    fn members<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Member>>;

    /// Gives a user a role on a project, by their ids.
    fn grant<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()>;

    /// Takes a user's direct role on a project, by their ids.
    fn revoke<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()>;
}

impl fmt::Debug for dyn IdentityStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityStore")
    }
}
