//! Who asks for something, as it is kept with a task and in its audit trail.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::identity::{DomainRef, Identity};

/// Somebody who does something with a task, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Caller {
    /// Who it is.
    pub who: Who,
    /// The address that the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

/// Who a [`Caller`] is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Who {
    /// Somebody without a token, or without one of a project.
    Anonymous,
    /// The engine itself.
    System,
    /// A user, as Keystone vouched for it then.
    User(Box<KeystoneUser>),
}

/// What is known of a user: StackTask's `keystone_user`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct KeystoneUser {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: Option<String>,
    /// The id of the user's domain.
    pub user_domain_id: Option<String>,
    /// The id of the project that the token was for.
    pub project_id: Option<String>,
    /// That project's name.
    pub project_name: Option<String>,
    /// The id of that project's domain.
    pub project_domain_id: Option<String>,
    /// The roles on that project.
    pub roles: Vec<String>,
}

impl Caller {
    /// Somebody nobody vouches for.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self::new(Who::Anonymous)
    }

    /// The engine itself.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(Who::System)
    }

    /// A user.
    #[must_use]
    pub fn user(user: KeystoneUser) -> Self {
        Self::new(Who::User(Box::new(user)))
    }

    const fn new(who: Who) -> Self {
        Self { who, address: None }
    }

    /// Adds where the request came from.
    #[must_use]
    pub const fn from_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The user, if it is one.
    #[must_use]
    pub fn keystone_user(&self) -> Option<&KeystoneUser> {
        match &self.who {
            Who::User(user) => Some(user),
            Who::Anonymous | Who::System => None,
        }
    }

    /// The project that the caller acts in.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.keystone_user()?.project_id.as_deref()
    }

    /// Whether the caller has this role, whatever the case of its letters.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.keystone_user()
            .is_some_and(|user| user.roles.iter().any(|it| it.eq_ignore_ascii_case(role)))
    }
}

impl From<&Identity> for Caller {
    fn from(identity: &Identity) -> Self {
        let details = identity.known_details();
        let id = |domain: &Option<DomainRef>| domain.as_ref().map(|it| it.id.to_string());
        Self::user(KeystoneUser {
            user_id: identity.user_id().to_string(),
            username: details.user_name.as_deref().map(str::to_owned),
            user_domain_id: id(&details.user_domain),
            project_id: identity.project_id().map(ToString::to_string),
            project_name: details.project_name.as_deref().map(str::to_owned),
            project_domain_id: id(&details.project_domain),
            roles: identity
                .role_names()
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{ProjectId, Role, UserId};

    #[test]
    fn a_caller_is_kept_as_its_identity_was() {
        let identity = Identity::new(UserId::new("8f2c").unwrap())
            .project(ProjectId::new("6f70").unwrap())
            .role(Role::new("project_admin").unwrap());
        let caller = Caller::from(&identity).from_address([192, 0, 2, 7].into());
        assert_eq!(caller.project_id(), Some("6f70"));
        assert!(caller.has_role("Project_Admin") && !caller.has_role("admin"));
        let kept = serde_json::to_string(&caller).unwrap();
        assert_eq!(serde_json::from_str::<Caller>(&kept).unwrap(), caller);
    }

    #[test]
    fn nobody_and_the_engine_have_no_project_and_no_role() {
        for caller in [Caller::anonymous(), Caller::system()] {
            assert_eq!(caller.project_id(), None);
            assert!(!caller.has_role("admin"));
        }
    }
}
