//! Which roles may use which endpoint.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::ApiError;
use crate::workflow::Caller;

/// Who may use an endpoint. In configuration: `"anyone"`, `"authenticated"`, or a list of roles.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum Access {
    /// Whoever sends a request.
    Anyone,
    /// Whoever has a token for a project.
    Authenticated,
    /// Whoever has one of these roles on the project of the token.
    Roles(Vec<String>),
}

/// How access is written in configuration.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Roles(Vec<String>),
}

/// A guarded endpoint, by the name that it has in configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    AcknowledgeNotifications,
    ApproveTask,
    CancelTask,
    ClearTokens,
    ListNotifications,
    ListRoles,
    ListTasks,
    ListTokens,
    ListUsers,
    ReissueToken,
    RemoveUser,
    ShowNotification,
    ShowQuotas,
    ShowStatus,
    ShowTask,
    ShowUser,
    UpdateTask,
}

/// The access that was configured, and whose tasks are everybody's.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy(BTreeMap<String, Access>);

impl Access {
    /// Whoever has the role `admin`.
    #[must_use]
    pub fn admin() -> Self {
        Self::roles(["admin"])
    }

    /// Whoever has `admin`, `project_admin` or `project_mod`.
    #[must_use]
    pub fn mod_or_admin() -> Self {
        Self::roles(["admin", "project_admin", "project_mod"])
    }

    /// Whoever has one of these roles.
    pub fn roles<R: Into<String>>(roles: impl IntoIterator<Item = R>) -> Self {
        Self::Roles(roles.into_iter().map(Into::into).collect())
    }

    /// Lets the caller in, or says why not.
    pub(super) fn admit(&self, caller: &Caller) -> Result<(), ApiError> {
        match self {
            Self::Anyone => Ok(()),
            _ if caller.keystone_user().is_none() => Err(ApiError::unauthorized()),
            Self::Authenticated => Ok(()),
            Self::Roles(roles) if roles.iter().any(|role| caller.has_role(role)) => Ok(()),
            Self::Roles(roles) => Err(ApiError::forbidden(format!(
                "Must have one of the following roles: ['{}']",
                roles.join("', '")
            ))),
        }
    }
}

impl TryFrom<Written> for Access {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Word(word) if word == "anyone" => Ok(Self::Anyone),
            Written::Word(word) if word == "authenticated" => Ok(Self::Authenticated),
            Written::Roles(roles) if !roles.is_empty() => Ok(Self::Roles(roles)),
            _ => Err("access is `anyone`, `authenticated`, or a list of roles"),
        }
    }
}

impl Rule {
    pub(super) const ALL: [Self; 17] = [
        Self::AcknowledgeNotifications,
        Self::ApproveTask,
        Self::CancelTask,
        Self::ClearTokens,
        Self::ListNotifications,
        Self::ListRoles,
        Self::ListTasks,
        Self::ListTokens,
        Self::ListUsers,
        Self::ReissueToken,
        Self::RemoveUser,
        Self::ShowNotification,
        Self::ShowQuotas,
        Self::ShowStatus,
        Self::ShowTask,
        Self::ShowUser,
        Self::UpdateTask,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AcknowledgeNotifications => "acknowledge_notifications",
            Self::ApproveTask => "approve_task",
            Self::CancelTask => "cancel_task",
            Self::ClearTokens => "clear_tokens",
            Self::ListNotifications => "list_notifications",
            Self::ListRoles => "list_roles",
            Self::ListTasks => "list_tasks",
            Self::ListTokens => "list_tokens",
            Self::ListUsers => "list_users",
            Self::ReissueToken => "reissue_token",
            Self::RemoveUser => "remove_user",
            Self::ShowNotification => "show_notification",
            Self::ShowQuotas => "show_quotas",
            Self::ShowStatus => "show_status",
            Self::ShowTask => "show_task",
            Self::ShowUser => "show_user",
            Self::UpdateTask => "update_task",
        }
    }

    /// Today's default.
    fn access(self) -> Access {
        match self {
            Self::CancelTask
            | Self::ListRoles
            | Self::ListUsers
            | Self::ReissueToken
            | Self::RemoveUser
            | Self::ShowQuotas
            | Self::ShowTask
            | Self::ShowUser => Access::mod_or_admin(),
            _ => Access::admin(),
        }
    }
}

impl Policy {
    pub(super) const fn new(access: BTreeMap<String, Access>) -> Self {
        Self(access)
    }

    pub(super) fn admit(&self, rule: Rule, caller: &Caller) -> Result<(), ApiError> {
        match self.0.get(rule.as_str()) {
            Some(access) => access.admit(caller),
            None => rule.access().admit(caller),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::KeystoneUser;

    fn caller(roles: &[&str]) -> Caller {
        let roles = roles.iter().map(|it| (*it).to_owned()).collect();
        Caller::user(KeystoneUser {
            roles,
            ..KeystoneUser::default()
        })
    }

    #[test]
    fn rule_4_the_defaults_are_those_of_today() {
        let policy = Policy::default();
        let may = |rule, roles: &[&str]| policy.admit(rule, &caller(roles)).is_ok();
        for rule in Rule::ALL {
            assert!(may(rule, &["Admin"]), "{rule:?}");
            assert!(!may(rule, &["member"]), "{rule:?}");
            assert!(policy.admit(rule, &Caller::anonymous()).is_err());
        }
        assert!(may(Rule::ShowTask, &["project_mod"]));
        assert!(!may(Rule::ListTasks, &["project_admin"]));
    }

    #[test]
    fn rule_4_access_is_written_in_three_ways() {
        let read = |text: &str| serde_json::from_str::<Access>(text);
        assert_eq!(read(r#""anyone""#).unwrap(), Access::Anyone);
        assert_eq!(read(r#""authenticated""#).unwrap(), Access::Authenticated);
        assert_eq!(read(r#"["a"]"#).unwrap(), Access::roles(["a"]));
        for bad in [r#""admin""#, "[]", "{}", "[1]"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
