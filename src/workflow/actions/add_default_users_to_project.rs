//! Gives configured users roles on the task's new project.

use super::{
    People,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{Action, ActionFuture, Context, Field, identity::User};

/// Gives configured users roles on the project that the task has made before.
///
/// In `pre_approve` and `post_approve` the users and roles exist. `post_approve` needs a project
/// from an action before this one, gives the roles, and sets the state to `completed`.
#[derive(Debug)]
pub struct AddDefaultUsersToProject {
    people: People,
    name: String,
    users: Vec<String>,
    roles: Vec<String>,
}

impl AddDefaultUsersToProject {
    /// Gives each of these users, by name in the domain, all of these roles.
    pub fn new<U: Into<String>, R: Into<String>>(
        people: People,
        users: impl IntoIterator<Item = U>,
        roles: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            people,
            name: "AddDefaultUsersToProject".into(),
            users: users.into_iter().map(Into::into).collect(),
            roles: roles.into_iter().map(Into::into).collect(),
        }
    }

    /// StackTask's `AddAdminToProject`: gives the user `admin` the role `admin`.
    #[must_use]
    pub fn admin(people: People) -> Self {
        Self::new(people, ["admin"], ["admin"]).named("AddAdminToProject")
    }

    /// Sets the action's name, so that task types can have users of their own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    async fn check(&self) -> Result<Vec<User>, Stop> {
        let people = &self.people;
        people.roles(&self.roles).await?;
        let mut users = Vec::with_capacity(self.users.len());
        for name in &self.users {
            let user = people.store.user_by_name(&people.domain, name).await?;
            let missing = || invalid("user_missing", format!("Default user {name} is missing."));
            users.push(user.ok_or_else(missing)?);
        }
        Ok(users)
    }

    async fn post_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let users = self.check().await?;
        let project = self.people.new_project(ctx).await?;
        let roles = self.people.roles(&self.roles).await?;
        for user in &users {
            self.people.grant(ctx, &project.id, user, &roles).await?;
        }
        ctx.set_state("completed");
        Ok(())
    }
}

impl Action for AddDefaultUsersToProject {
    fn name(&self) -> &str {
        &self.name
    }

    fn fields(&self) -> &[Field] {
        &[]
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match stage {
                "pre_approve" => self.check().await.map(drop),
                "post_approve" => self.post_approve(ctx).await,
                _ => Ok(()),
            })
        })
    }
}
