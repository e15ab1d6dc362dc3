//! What there is in Keystone, as far as actions need it.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Domain {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Domain {
    /// A domain with this id and name.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its name, which is unique in its domain.
    pub name: String,
    /// The id of its domain.
    pub domain_id: String,
    /// Where its mail goes.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether it can log in.
    pub enabled: bool,
    /// By what its maker knows it again.
    #[serde(default, rename = "wafflehaus_origin")]
    pub origin: Option<String>,
}

impl User {
    /// An enabled user without an address.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        domain_id: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            domain_id: domain_id.into(),
            email: None,
            enabled: true,
            origin: None,
        }
    }
}

/// A user that is to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateUser {
    /// Its name.
    pub name: String,
    /// The id of its domain.
    pub domain_id: String,
    /// Its first password.
    pub password: SecretString,
    /// Where its mail goes.
    pub email: Option<String>,
    /// By what its maker knows it again.
    pub origin: Option<String>,
}

impl CreateUser {
    /// A user with this name in the domain with this id.
    pub fn new(
        name: impl Into<String>,
        domain_id: impl Into<String>,
        password: SecretString,
    ) -> Self {
        Self {
            name: name.into(),
            domain_id: domain_id.into(),
            password,
            email: None,
            origin: None,
        }
    }

    /// Sets where its mail goes.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets by what its maker knows it again.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }
}

/// What is to become of a user. What is not named stays as it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct UpdateUser {
    /// The new name.
    pub name: Option<String>,
    /// The new address.
    pub email: Option<String>,
    /// The new password.
    pub password: Option<SecretString>,
    /// Whether it can log in.
    pub enabled: Option<bool>,
}

impl UpdateUser {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: SecretString) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets whether it can log in.
    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name, which is unique in its domain.
    pub name: String,
    /// The id of its domain.
    pub domain_id: String,
    /// The id of the project, or else the domain, that it is below.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// Whether it can be used.
    pub enabled: bool,
    /// By what its maker knows it again.
    #[serde(default, rename = "wafflehaus_origin")]
    pub origin: Option<String>,
}

impl Project {
    /// An enabled project right below its domain.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        domain_id: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            domain_id: domain_id.into(),
            parent_id: None,
            enabled: true,
            origin: None,
        }
    }
}

/// A project that is to be made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CreateProject {
    /// Its name.
    pub name: String,
    /// The id of its domain.
    pub domain_id: String,
    /// The id of the project that it is below, if it is below one.
    pub parent_id: Option<String>,
    /// What it is for.
    pub description: String,
    /// By what its maker knows it again.
    pub origin: Option<String>,
}

impl CreateProject {
    /// A project with this name right below the domain with this id.
    pub fn new(name: impl Into<String>, domain_id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            domain_id: domain_id.into(),
            ..Self::default()
        }
    }

    /// Puts it below the project with this id.
    #[must_use]
    pub fn parent(mut self, id: impl Into<String>) -> Self {
        self.parent_id = Some(id.into());
        self
    }

    /// Sets what it is for.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets by what its maker knows it again.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Role {
    /// A role with this id and name.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
}

/// Which assignments are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssignmentsOf<'a> {
    /// Everybody's on the project with this id.
    Project(&'a str),
    /// Those of the user with this id, wherever: on projects, domains and the system.
    User(&'a str),
    /// Those of one user on one project.
    UserOn {
        /// The project's id.
        project: &'a str,
        /// The user's id.
        user: &'a str,
    },
}

/// That a user has a role somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Assignment {
    /// The user's id.
    pub user_id: String,
    /// The role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
    /// How it comes to the user.
    pub via: Via,
    /// The group that it comes by, if it does and the group is known.
    #[serde(default)]
    pub group: Option<Group>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Group {
    /// A group.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
}

impl Assignment {
    /// A direct assignment.
    pub fn new(user_id: impl Into<String>, role: Role, scope: Scope) -> Self {
        Self {
            user_id: user_id.into(),
            role,
            scope,
            via: Via::Direct,
            group: None,
        }
    }

    /// Sets how it comes to the user.
    #[must_use]
    pub const fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    /// Sets the group that it comes by.
    #[must_use]
    pub fn by(mut self, group: Group) -> Self {
        self.via = Via::Group;
        self.group = Some(group);
        self
    }
}

/// Where a role is held.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub enum Scope {
    /// On the domain with this id.
    Domain(String),
    /// On the project with this id.
    Project(String),
    /// On the whole deployment.
    System,
}

/// How a role comes to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub enum Via {
    /// It was given to the user right there.
    Direct,
    /// It was given to a group that the user is in.
    Group,
    /// Another role implies it.
    Implied,
    /// It was given on a project or domain further up.
    Inherited,
}

/// Somebody with a role on a project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Who.
    pub user: User,
    /// The user's assignments on the project.
    pub assignments: Vec<Assignment>,
}

impl Member {
    /// A user and its assignments on a project.
    #[must_use]
    pub const fn new(user: User, assignments: Vec<Assignment>) -> Self {
        Self { user, assignments }
    }

    /// The names of the roles that came this way.
    pub fn roles(&self, via: Via) -> impl Iterator<Item = &str> {
        let of = self.assignments.iter().filter(move |it| it.via == via);
        of.map(|it| it.role.name.as_str())
    }
}
