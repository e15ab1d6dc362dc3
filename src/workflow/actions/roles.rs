//! Which roles a caller may give and take.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::workflow::{Caller, identity::Role};

/// For each role, the roles that its holders manage: StackTask's `ROLES_MAPPING`.
///
/// Names match without regard to case, and `_member_` is `member`. Nobody manages `admin`,
/// whatever the mapping says.
///
/// ```
/// use wafflehaus::workflow::{Caller, KeystoneUser, actions::RolesMapping};
///
/// let mapping = RolesMapping::new([("manager", ["member", "reader"])]);
/// let mut user = KeystoneUser::default();
/// user.roles = vec!["manager".into()];
/// let caller = Caller::user(user);
/// assert!(mapping.allows(&caller, ["_member_"]));
/// assert!(!mapping.allows(&caller, ["member", "manager"]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, Vec<String>>")]
pub struct RolesMapping(BTreeMap<String, BTreeSet<String>>);

impl RolesMapping {
    /// A mapping from roles to those they manage.
    pub fn new<A, B, M>(mapping: impl IntoIterator<Item = (A, M)>) -> Self
    where
        A: AsRef<str>,
        B: AsRef<str>,
        M: IntoIterator<Item = B>,
    {
        let entry = |(role, managed): (A, M)| {
            let managed = managed.into_iter().map(|it| plain(it.as_ref()));
            let managed = managed.filter(|it| it != "admin").collect();
            (plain(role.as_ref()), managed)
        };
        Self(mapping.into_iter().map(entry).collect())
    }

    /// Whether the caller manages any role at all.
    #[must_use]
    pub fn manages(&self, caller: &Caller) -> bool {
        self.managed(caller).next().is_some()
    }

    /// Whether the caller may give and take all of these roles.
    pub fn allows<A: AsRef<str>>(
        &self,
        caller: &Caller,
        roles: impl IntoIterator<Item = A>,
    ) -> bool {
        let managed: BTreeSet<&String> = self.managed(caller).collect();
        roles
            .into_iter()
            .all(|role| managed.contains(&plain(role.as_ref())))
    }

    fn managed<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a String> {
        let held = caller.keystone_user().map(|it| it.roles.as_slice());
        let held = held.unwrap_or_default().iter();
        held.filter_map(|role| self.0.get(&plain(role))).flatten()
    }
}

/// That of StackTask: `admin` and `project_admin` manage all four of its roles, `project_mod` all
/// but `project_admin`.
impl Default for RolesMapping {
    fn default() -> Self {
        let all = ["project_admin", "project_mod", "member", "heat_stack_owner"];
        let below = ["project_mod", "member", "heat_stack_owner"];
        Self::new([
            ("admin", all.as_slice()),
            ("project_admin", all.as_slice()),
            ("project_mod", below.as_slice()),
        ])
    }
}

impl From<BTreeMap<String, Vec<String>>> for RolesMapping {
    fn from(mapping: BTreeMap<String, Vec<String>>) -> Self {
        Self::new(mapping)
    }
}

/// A role's name as it is compared.
fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    if name == "_member_" {
        "member".into()
    } else {
        name
    }
}

/// Whether two names are the same role's.
pub(super) fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// The role with this name, or else with the other spelling of it.
pub(super) fn find<'a>(roles: &'a [Role], name: &str) -> Option<&'a Role> {
    let by = |is: &dyn Fn(&str) -> bool| roles.iter().find(|it| is(&it.name));
    by(&|it| it == name).or_else(|| by(&|it| same(it, name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn nobody_manages_admin() {
        let mapping = json!({ "admin": ["admin", "Admin", "member"] });
        let mapping: RolesMapping = serde_json::from_value(mapping).unwrap();
        let admin = caller(&["ADMIN"]);
        assert!(mapping.allows(&admin, ["Member", "_member_"]));
        assert!(!mapping.allows(&admin, ["admin"]));
        assert!(!mapping.allows(&Caller::anonymous(), ["member"]));
    }

    #[test]
    fn roles_of_several_roles_add_up() {
        let mapping = RolesMapping::new([("a", ["x"]), ("b", ["y"])]);
        assert!(mapping.allows(&caller(&["a", "b"]), ["x", "y"]));
        assert!(!mapping.allows(&caller(&["a"]), ["x", "y"]));
        assert!(mapping.allows(&caller(&[]), [""; 0]));
    }

    #[test]
    fn the_exact_name_is_found_first() {
        let roles = [Role::new("1", "_member_"), Role::new("2", "member")];
        let id = |name: &str| find(&roles, name).map(|it| it.id.as_str());
        assert_eq!((id("member"), id("_member_")), (Some("2"), Some("1")));
        assert_eq!((id("MEMBER"), id("reader")), (Some("1"), None));
        assert_eq!(find(&roles[..1], "member"), Some(&roles[0]));
    }
}
