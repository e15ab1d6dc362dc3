//! Who is calling: the validated facts about a caller, as a request extension.
//!
//! An [`Identity`] is put into a request's extensions by an authenticating layer (`keystone`, or
//! [`identity_headers`](crate::identity_headers)), and read by the role router, the guards and
//! policies. Nothing else reads identity headers.
//!
//! Role names are compared as Nova compares them, without regard to ASCII case, so whoever
//! Nova treats as `admin` is the one this crate treats as `admin`.

mod details;
mod headers;
mod id;
mod role;

use std::sync::Arc;

pub use details::{Details, DomainRef, Trust};
pub(crate) use headers::remove_where;
pub use headers::{is_caller_claim, strip};
pub use id::{InvalidIdentifier, ProjectId, UserId};
pub use role::{InvalidRole, Role};

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// A domain, by its id.
    Domain(String),
    /// A project: the only scope that Nova's server API accepts.
    Project(ProjectId),
    /// The whole deployment.
    System,
    /// Nothing in particular.
    Unscoped,
}

/// A caller somebody has authenticated.
///
/// ```
/// use wafflehaus::identity::{Identity, ProjectId, Role, UserId};
///
/// let caller = Identity::new(UserId::new("alice")?)
///     .project(ProjectId::new("6f70656e")?)
///     .role(Role::new("Member")?);
/// assert!(caller.has_role(&Role::new("member")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    user: UserId,
    scope: Scope,
    roles: Vec<Role>,
    details: Option<Arc<Details>>,
    service: Option<Arc<Self>>,
}

impl Identity {
    /// A caller with this user id, no scope and no roles.
    #[must_use]
    pub const fn new(user: UserId) -> Self {
        Self {
            user,
            scope: Scope::Unscoped,
            roles: Vec::new(),
            details: None,
            service: None,
        }
    }

    /// Scopes the caller to a project.
    #[must_use]
    pub fn project(self, project: ProjectId) -> Self {
        self.scope(Scope::Project(project))
    }

    /// Sets the scope.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds roles.
    #[must_use]
    pub fn roles(mut self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.roles.extend(roles);
        self
    }

    /// Adds what else is known: names, domains, a trust.
    #[must_use]
    pub fn details(mut self, details: impl Into<Arc<Details>>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Names the service that sends the request on behalf of this caller.
    #[must_use]
    pub fn service(mut self, service: impl Into<Arc<Self>>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// The user's id.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.user
    }

    /// The project's id, for a project-scoped caller.
    #[must_use]
    pub const fn project_id(&self) -> Option<&ProjectId> {
        match &self.scope {
            Scope::Project(project) => Some(project),
            Scope::Domain(_) | Scope::System | Scope::Unscoped => None,
        }
    }

    /// What the caller's token is good for.
    #[must_use]
    pub const fn token_scope(&self) -> &Scope {
        &self.scope
    }

    /// The roles, in the order they were given.
    #[must_use]
    pub fn role_names(&self) -> &[Role] {
        &self.roles
    }

    /// Whether the caller has this role.
    #[must_use]
    pub fn has_role(&self, role: &Role) -> bool {
        self.roles.contains(role)
    }

    /// What else is known; nothing, if the authenticating layer told nothing else.
    #[must_use]
    pub fn known_details(&self) -> &Details {
        self.details.as_deref().unwrap_or(&details::NOTHING)
    }

    /// The service that sends the request on behalf of this caller, if one proved itself.
    #[must_use]
    pub fn calling_service(&self) -> Option<&Self> {
        self.service.as_deref()
    }
}

/// Marks, in a request's extensions, one that may go on without a caller: it reads a version
/// document. Only an authenticating layer of this crate makes one.
#[derive(Clone, Copy, Debug)]
pub struct Anonymous(());

impl Anonymous {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}
