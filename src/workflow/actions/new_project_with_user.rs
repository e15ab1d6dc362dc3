//! Makes a project and its first user.

use serde_json::{Map, Value};

use super::{
    People,
    people::origin,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{Action, ActionFuture, Context, Field, Kind, identity::User};

/// Makes a project and its first user: a signup.
///
/// In `pre_approve` and `post_approve`: the project's name is free in the domain, the user's name
/// is nobody's (state `default`, which asks for `password`) or that of an enabled user with this
/// address (state `existing`, which asks for nothing), and the default roles exist.
///
/// `post_approve` makes the project and shares its `project_id`. `submit` makes the user, if there
/// is none, and gives the default roles.
///
/// StackTask calls this `NewProject`; [`named`](Self::named) can too.
#[derive(Debug)]
pub struct NewProjectWithUser {
    people: People,
    name: String,
    default_roles: Vec<String>,
    fields: Vec<Field>,
    token_fields: [Field; 1],
}

impl NewProjectWithUser {
    /// New projects on which their first users get these roles.
    pub fn new<R: Into<String>>(people: People, roles: impl IntoIterator<Item = R>) -> Self {
        let name = Field::new("project_name", Kind::Text { longest: 64 });
        let fields = people.account_fields([name]);
        Self {
            people,
            name: "NewProjectWithUser".into(),
            default_roles: roles.into_iter().map(Into::into).collect(),
            fields,
            token_fields: [Field::new("password", Kind::Secret)],
        }
    }

    /// Sets the action's name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The user, if there is one already.
    async fn check(&self, ctx: &Context<'_>) -> Result<Option<User>, Stop> {
        self.people.roles(&self.default_roles).await?;
        let account = self.people.account(ctx)?;
        self.people.target(&self.people.domain, &account).await
    }

    async fn pre_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        ctx.ask::<[&str; 0]>([]);
        self.people.project_to_create(ctx).await?;
        ctx.note("No existing project with that name.");
        if self.check(ctx).await?.is_some() {
            ctx.set_state("existing");
            ctx.note("Existing user with matching email.");
        } else {
            ctx.set_state("default");
            ctx.ask(["password"]);
            ctx.note("No user present with username. Need to create new user.");
        }
        Ok(())
    }

    async fn post_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let new = self.people.project_to_create(ctx).await?;
        self.check(ctx).await?;
        self.people.create_project(ctx, &new).await.map(drop)
    }

    async fn submit(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let project = self.people.new_project(ctx).await?;
        let roles = self.people.roles(&self.default_roles).await?;
        let account = self.people.account(ctx)?;
        let user = match (ctx.state(), self.check(ctx).await?) {
            ("existing", Some(user)) => user,
            ("existing", None) => return Err(invalid("user_missing", "The user is gone.")),
            // The system that the task was imported from has made the account already, with a
            // password that nobody knows.
            (_, Some(user)) if cached_user(ctx) == Some(&*user.id) => {
                self.people.set_password(ctx, &user.id).await?;
                user
            }
            (_, Some(user)) if user.origin != Some(origin(ctx)) => {
                return Err(invalid(
                    "user_appeared",
                    "A user of that name has appeared meanwhile.",
                ));
            }
            _ => {
                let domain = &self.people.domain;
                self.people.create_user(ctx, domain, &account).await?
            }
        };
        self.people.grant(ctx, &project.id, &user, &roles).await
    }
}

fn cached_user<'a>(ctx: &'a Context<'_>) -> Option<&'a str> {
    ctx.cache().get("user_id")?.as_str()
}

impl Action for NewProjectWithUser {
    fn name(&self) -> &str {
        &self.name
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.token_fields
    }

    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        data.get("email")?.as_str().map(str::to_owned)
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match stage {
                "pre_approve" => self.pre_approve(ctx).await,
                "post_approve" => self.post_approve(ctx).await,
                "submit" => self.submit(ctx).await,
                _ => Ok(()),
            })
        })
    }
}
