//! The built-in actions.

use super::{Factories, webhook};
use crate::{
    workflow::actions::{
        AddDefaultUsersToProject, AdditionalEmail, BlankSlate, DefaultProjectResources,
        EditUserRoles, NewDefaultNetwork, NewProject, NewProjectWithUser, NewUser,
        ResetUserPassword, SendAdditionalEmail, UpdateQuota, UpdateUserEmail,
    },
    workflow_config::ActionSettings,
};

/// All of them, by the names that they have in the engine.
pub(super) fn all() -> Factories {
    Factories::empty()
        .action("AddAdminToProject", |settings| {
            Some(AddDefaultUsersToProject::admin(settings.people()))
        })
        .action("AddDefaultUsersToProject", |settings| {
            let (users, roles) = (settings.names("users"), settings.names("roles"));
            let people = settings.people();
            Some(AddDefaultUsersToProject::new(people, users?, roles?).named(settings.name()))
        })
        .action("BlankSlate", |settings| {
            Some(BlankSlate::new(settings.people(), settings.resources()?))
        })
        .action("DefaultProjectResources", |settings| {
            let people = settings.people();
            Some(DefaultProjectResources::new(people, settings.networks()?))
        })
        .action("EditUserRoles", |settings| {
            let roles = settings.value("roles").unwrap_or_else(|| settings.roles());
            Some(EditUserRoles::new(settings.people(), roles))
        })
        .action("NewDefaultNetwork", |settings| {
            let people = settings.people();
            Some(NewDefaultNetwork::new(people, settings.networks()?))
        })
        .action("NewProject", |settings| {
            Some(NewProject::new(settings.people(), first_roles(settings)))
        })
        .action("NewProjectWithUser", |settings| {
            let roles = first_roles(settings);
            let action = NewProjectWithUser::new(settings.people(), roles);
            Some(action.named(settings.name()))
        })
        .action("NewUser", |settings| {
            let roles = settings.value("roles").unwrap_or_else(|| settings.roles());
            Some(NewUser::new(settings.people(), roles))
        })
        .action("ResetUserPassword", |settings| {
            let action = ResetUserPassword::new(settings.people());
            let roles: Option<Vec<String>> = settings.value("blacklisted_roles");
            Some(match roles {
                Some(roles) => action.blacklisted_roles(roles),
                None => action,
            })
        })
        .action("SendAdditionalEmail", |settings| {
            let mut action = SendAdditionalEmail::new(settings.people()).named(settings.name());
            for (stage, letter) in settings.tables::<AdditionalEmail>("stages") {
                action = action.stage(stage, letter);
            }
            Some(action)
        })
        .action("UpdateQuota", update_quota)
        .action("UpdateUserEmail", |settings| {
            Some(UpdateUserEmail::new(settings.people()))
        })
        .action("Webhook", webhook::make)
}

fn first_roles(settings: &mut ActionSettings<'_>) -> Vec<String> {
    let roles = settings.value("default_roles");
    roles.unwrap_or_else(|| settings.default_roles())
}

fn update_quota(settings: &mut ActionSettings<'_>) -> Option<UpdateQuota> {
    let quota = &settings.cloud().quota;
    let mut action = UpdateQuota::new(settings.people(), settings.quotas()?).excess(quota.excess);
    for (name, limits) in &quota.sizes {
        action = action.size(name, limits.clone());
    }
    if let Some(pause) = quota.next_size_up {
        let order = quota.sizes.iter().map(|(name, _)| name);
        action = action.next_size_up(order, pause);
    }
    Some(action)
}
