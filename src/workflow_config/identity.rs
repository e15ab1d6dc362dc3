//! Whom tasks deal with.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    workflow::{
        actions::{People, RolesMapping, Usernames},
        identity::IdentityStore,
    },
    workflow_messages::Section,
};

/// What `[identity]` says.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) domain: String,
    pub(super) mapping: RolesMapping,
    /// The roles that people can be given.
    pub(super) roles: Vec<String>,
    /// The roles that the first user of a project gets.
    pub(super) default_roles: Vec<String>,
    usernames: bool,
}

impl Identity {
    pub(super) fn read(section: Option<Section<'_>>) -> Self {
        let mut this = Self {
            domain: "default".into(),
            mapping: RolesMapping::default(),
            roles: ROLES.map(Into::into).to_vec(),
            default_roles: ROLES.map(Into::into).to_vec(),
            usernames: false,
        };
        let Some(mut section) = section else {
            return this;
        };
        if let Some(domain) = section.value("domain_id") {
            this.domain = domain;
        }
        this.usernames = section.value("usernames").unwrap_or_default();
        if let Some(roles) = roles(&mut section, "roles") {
            this.default_roles.clone_from(&roles);
            this.roles = roles;
        }
        if let Some(roles) = roles(&mut section, "default_roles") {
            this.default_roles = roles;
        }
        let mapping: Option<BTreeMap<String, Vec<String>>> = section.value("roles_mapping");
        if let Some(mapping) = mapping {
            this.mapping = RolesMapping::new(mapping);
        }
        section.finish();
        this
    }

    pub(super) fn people(&self, store: Arc<dyn IdentityStore>) -> People {
        let usernames = if self.usernames {
            Usernames::Own
        } else {
            Usernames::Email
        };
        People::new(store)
            .domain(&self.domain)
            .mapping(self.mapping.clone())
            .usernames(usernames)
    }
}

/// A list of roles, which must not be empty.
fn roles(section: &mut Section<'_>, key: &'static str) -> Option<Vec<String>> {
    let roles: Vec<String> = section.value(key)?;
    if roles.is_empty() {
        return section.wrong(key, "there is no role in the list");
    }
    Some(roles)
}

/// Those of StackTask.
const ROLES: [&str; 4] = ["project_admin", "project_mod", "member", "heat_stack_owner"];
