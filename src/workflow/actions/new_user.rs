//! Invites a user to the caller's project.

use serde_json::{Map, Value};

use super::{
    People,
    people::{Account, chosen, origin},
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, FieldErrors, Kind,
    identity::{Project, Role, User},
    read_fields,
};

/// Invites a user to the caller's project, with an account of the user's own if there is none.
///
/// In every stage: the project is the caller's, the caller manages all the roles, and the name is
/// nobody's or that of an enabled user with this address. Then:
///
/// | State | When | Token | `submit` |
/// |---|---|---|---|
/// | `default` | there is no such user | `password` | makes the user and gives the roles |
/// | `existing` | the user lacks some of the roles | `confirm` | gives what is missing |
/// | `complete` | the user has them all | | nothing |
///
/// It votes for approval by the engine.
#[derive(Debug)]
pub struct NewUser {
    people: People,
    fields: Vec<Field>,
    token_fields: [Field; 2],
}

/// What an invitation comes down to.
struct Invitation {
    account: Account,
    project: Project,
    roles: Vec<Role>,
    user: Option<User>,
}

impl NewUser {
    /// Invitations to any of these roles.
    pub fn new<R: Into<String>>(people: People, roles: impl IntoIterator<Item = R>) -> Self {
        let choices = Some(roles.into_iter().map(Into::into).collect());
        let fields = people.account_fields([
            Field::new("project_id", Kind::Text { longest: 64 }),
            Field::new("roles", Kind::Names { choices }),
        ]);
        Self {
            people,
            fields,
            token_fields: [
                Field::new("password", Kind::Secret),
                Field::new("confirm", Kind::Accepted),
            ],
        }
    }

    async fn check(&self, ctx: &Context<'_>) -> Result<Invitation, Stop> {
        let people = &self.people;
        let names: Vec<String> = ctx.input("roles")?;
        let own = people.own_project(ctx, "project_id").await?;
        if !people.mapping.allows(&own.caller, &names) {
            return Err(invalid(
                "roles_not_manageable",
                "User does not have permission to edit role(s).",
            ));
        }
        let project = own.project;
        let mut roles = people.roles(&names).await?;
        let account = people.account(ctx)?;
        let user = people.target(&project.domain_id, &account).await?;
        if let Some(user) = &user {
            let held = people.direct(&project.id, &user.id).await?;
            roles.retain(|role| !held.contains(role));
        }
        Ok(Invitation {
            account,
            project,
            roles,
            user,
        })
    }

    async fn pre_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        ctx.vote(true);
        ctx.ask::<[&str; 0]>([]);
        let invitation = self.check(ctx).await?;
        let (state, asked, note) = match &invitation.user {
            None => (
                "default",
                Some("password"),
                "No user present with username. Need to create new user.",
            ),
            Some(_) if invitation.roles.is_empty() => {
                ("complete", None, "Existing user already has roles.")
            }
            Some(_) => (
                "existing",
                Some("confirm"),
                "Existing user with matching email missing roles.",
            ),
        };
        ctx.set_state(state);
        ctx.ask(asked);
        ctx.note(note);
        Ok(())
    }

    async fn submit(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let Invitation {
            account,
            project,
            roles,
            user,
        } = self.check(ctx).await?;
        let user = match (ctx.state(), user) {
            ("default", Some(user)) if user.origin != Some(origin(ctx)) => {
                return Err(invalid(
                    "user_appeared",
                    "A user of that name has appeared meanwhile.",
                ));
            }
            ("default", _) => {
                self.people
                    .create_user(ctx, &project.domain_id, &account)
                    .await?
            }
            ("complete", Some(_)) => return Ok(()),
            (_, Some(user)) => user,
            (_, None) => return Err(invalid("user_missing", "The user is gone.")),
        };
        let roles = chosen(ctx, roles).await?;
        self.people.grant(ctx, &project.id, &user, &roles).await
    }
}

impl Action for NewUser {
    fn name(&self) -> &str {
        "NewUser"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.token_fields
    }

    fn validate(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, FieldErrors> {
        let data = read_fields(&self.fields, body)?;
        let roles = data.get("roles").and_then(Value::as_array);
        if roles.is_none_or(Vec::is_empty) {
            return Err(FieldErrors::of("roles", "This list may not be empty."));
        }
        Ok(data)
    }

    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        data.get("email")?.as_str().map(str::to_owned)
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match stage {
                "pre_approve" => self.pre_approve(ctx).await,
                "post_approve" => self.check(ctx).await.map(drop),
                "submit" => self.submit(ctx).await,
                _ => Ok(()),
            })
        })
    }
}
