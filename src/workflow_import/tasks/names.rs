//! What task types and actions are called here.

use crate::workflow::{Registry, TaskType};

/// The type of this name, or the one that its tasks are of here.
pub(super) fn task_type<'a>(old: &str, registry: &'a Registry) -> Option<&'a TaskType> {
    let group = TYPES.iter().find(|group| group.contains(&old));
    let others = group.into_iter().copied().flatten().copied();
    let mut names = std::iter::once(old).chain(others);
    names.find_map(|name| registry.find_type(name))
}

/// The action that a class is here: one that the type has, if it has one.
pub(super) fn action(class: &str, of: &TaskType, registry: &Registry) -> Option<String> {
    let known = ACTIONS.iter().find(|(old, _)| *old == class);
    let own = [class.strip_suffix("Action").unwrap_or(class), class];
    let names = known.map_or(own.as_slice(), |(_, names)| names);
    let in_type = names.iter().find_map(|name| {
        let mut actions = of.actions.iter();
        let exact = of.actions.iter().find(|it| it == name);
        // A configuration may have one for each type, under longer names.
        exact.or_else(|| actions.find(|it| it.starts_with(name)))
    });
    let anywhere = || {
        let mut names = names.iter().filter(|it| registry.find_action(it).is_some());
        names.next().map(|it| (*it).to_owned())
    };
    in_type.cloned().or_else(anywhere)
}

/// Task types that are the same under several names.
const TYPES: &[&[&str]] = &[
    &["create_project", "create_project_and_user", "signup"],
    &["invite_user", "invite_user_to_project"],
    &["reset_password", "reset_user_password"],
    &["force_password", "reset_password", "reset_user_password"],
    &["edit_roles", "edit_user_roles", "edit_user"],
    &["update_email", "update_user_email"],
];

/// The classes of StackTask and Adjutant that have another name here. StackTask's `NewProject` is
/// a signup, Adjutant's is not.
const ACTIONS: &[(&str, &[&str])] = &[
    ("NewProject", &["NewProjectWithUser", "NewProject"]),
    ("NewProjectAction", &["NewProject"]),
    (
        "NewProjectDefaultNetworkAction",
        &["DefaultProjectResources"],
    ),
    ("ResetUser", &["ResetUserPassword"]),
    ("UpdateProjectQuotasAction", &["UpdateQuota"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_group_with_a_name_is_the_one_that_it_begins_or_is_in() {
        let group = |name: &str| TYPES.iter().find(|it| it.contains(&name)).unwrap()[0];
        assert_eq!(group("signup"), "create_project");
        assert_eq!(group("reset_user_password"), "reset_password");
        assert_eq!(group("force_password"), "force_password");
    }
}
