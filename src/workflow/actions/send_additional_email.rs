//! Tells others of a task.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    People, roles,
    stop::{Stop, settle},
};
use crate::workflow::{Action, ActionFuture, Context, Field, Letter, field::is_email};

/// Sends letters about a task to others than the requester of the token: a warning to the old
/// address of a user, word to the managers of a project.
///
/// In a stage that has [settings](AdditionalEmail), and in which all actions before it are valid,
/// each address gets one letter, when the stage has gone well for this action. So it belongs at
/// the end of a task's actions. What is no address is passed over.
#[derive(Debug)]
pub struct SendAdditionalEmail {
    people: People,
    name: String,
    stages: BTreeMap<String, AdditionalEmail>,
}

/// Which letters are sent in a stage.
///
/// | Setting | Default | Means |
/// |---|---|---|
/// | `template` | | what the letters say |
/// | `email_current_user` | `false` | whether the caller gets one, at the address that Keystone has, if it is an enabled user |
/// | `email_roles` | none | whoever has one of these roles on the caller's project, and is enabled, gets one |
/// | `email_task_cache` | `false` | whether those get one whom an action has shared as `additional_emails` |
/// | `email_additional_addresses` | none | these get one |
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AdditionalEmail {
    /// What the letters say.
    pub template: String,
    /// Whether the caller gets one.
    #[serde(default)]
    pub email_current_user: bool,
    /// Which roles' holders get one.
    #[serde(default)]
    pub email_roles: Vec<String>,
    /// Whether those get one whom an action has shared.
    #[serde(default)]
    pub email_task_cache: bool,
    /// Who gets one besides.
    #[serde(default)]
    pub email_additional_addresses: Vec<String>,
}

impl SendAdditionalEmail {
    /// No letters yet.
    #[must_use]
    pub fn new(people: People) -> Self {
        Self {
            people,
            name: "SendAdditionalEmail".into(),
            stages: BTreeMap::new(),
        }
    }

    /// Sets the action's name, so that task types can have letters of their own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets what is sent in a stage.
    #[must_use]
    pub fn stage(mut self, name: impl Into<String>, settings: AdditionalEmail) -> Self {
        self.stages.insert(name.into(), settings);
        self
    }

    async fn send(&self, settings: &AdditionalEmail, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let mut to: BTreeSet<String> = BTreeSet::new();
        to.extend(settings.email_additional_addresses.iter().cloned());
        if let Some(caller) = ctx.requester().keystone_user()
            && settings.email_current_user
        {
            let user = self.people.store.user(&caller.user_id).await?;
            to.extend(user.filter(|it| it.enabled).and_then(|it| it.email));
        }
        if settings.email_task_cache {
            let shared = ctx.shared().get("additional_emails");
            let shared = shared.and_then(Value::as_array).into_iter().flatten();
            to.extend(shared.filter_map(Value::as_str).map(str::to_owned));
        }
        if let Some(project) = ctx.requester().project_id()
            && !settings.email_roles.is_empty()
        {
            let asked = |name: &String| settings.email_roles.iter().any(|it| roles::same(it, name));
            let members = self.people.store.members(project).await?.into_iter();
            let members = members.filter(|it| {
                it.user.enabled && it.assignments.iter().any(|it| asked(&it.role.name))
            });
            to.extend(members.filter_map(|it| it.user.email));
        }
        for address in to.into_iter().filter(|it| is_email(it)) {
            ctx.send(Letter::new(&*settings.template, address));
        }
        Ok(())
    }
}

impl Action for SendAdditionalEmail {
    fn name(&self) -> &str {
        &self.name
    }

    fn fields(&self) -> &[Field] {
        &[]
    }

    fn stages(&self) -> Vec<&str> {
        self.stages.keys().map(String::as_str).collect()
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match self.stages.get(stage) {
                Some(settings) if ctx.valid_so_far() => self.send(settings, ctx).await,
                _ => Ok(()),
            })
        })
    }
}
