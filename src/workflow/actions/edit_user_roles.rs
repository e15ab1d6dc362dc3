//! Gives and takes roles on the caller's project.

use serde_json::{Map, Value};

use super::{
    People,
    people::chosen,
    roles,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, FieldErrors, Kind,
    identity::{AssignmentsOf, Role, User, Via},
    read_fields,
};

/// Gives a user roles on the caller's project, or takes them.
///
/// In every stage: the project is the caller's; the caller manages the roles that are named, and
/// all that the user has on the project, those by a group or from above too; the user exists.
/// With nothing to change the state is `complete`. The roles are changed in `submit`. It votes for
/// approval by the engine.
#[derive(Debug)]
pub struct EditUserRoles {
    people: People,
    fields: [Field; 4],
}

/// What an edit comes down to.
struct Edit {
    project: String,
    remove: bool,
    roles: Vec<Role>,
    user: User,
}

impl EditUserRoles {
    /// Edits with any of these roles.
    pub fn new<R: Into<String>>(people: People, roles: impl IntoIterator<Item = R>) -> Self {
        let choices = Some(roles.into_iter().map(Into::into).collect());
        Self {
            people,
            fields: [
                Field::new("user_id", Kind::Text { longest: 64 }),
                Field::new("project_id", Kind::Text { longest: 64 }),
                Field::new("roles", Kind::Names { choices }),
                Field::new("remove", Kind::Boolean).default(false),
            ],
        }
    }

    async fn check(&self, ctx: &Context<'_>) -> Result<Edit, Stop> {
        let people = &self.people;
        let names: Vec<String> = ctx.input("roles")?;
        let own = people.own_project(ctx, "project_id").await?;
        if !people.mapping.allows(&own.caller, &names) {
            return Err(invalid(
                "roles_not_manageable",
                "User does not have permission to edit role(s).",
            ));
        }
        let id: String = ctx.input("user_id")?;
        let Some(user) = people.store.user(&id).await? else {
            return Err(invalid("user_missing", "No user present with user_id."));
        };
        let project = own.project.id;
        let of = AssignmentsOf::UserOn {
            project: &project,
            user: &user.id,
        };
        let mut held = people.store.assignments(of).await?;
        // What another role implies goes with that one.
        held.retain(|it| it.via != Via::Implied);
        let held_names = held.iter().map(|it| &it.role.name);
        if !people.mapping.allows(&own.caller, held_names) {
            return Err(invalid(
                "user_not_manageable",
                "User does not have permission to edit all roles of the target user.",
            ));
        }
        let direct = held.into_iter().filter(|it| it.via == Via::Direct);
        let direct: Vec<Role> = direct.map(|it| it.role).collect();
        let remove: bool = ctx.input("remove")?;
        let roles = if remove {
            let held = names.iter().filter_map(|it| roles::find(&direct, it));
            held.cloned().collect()
        } else {
            let mut missing = people.roles(&names).await?;
            missing.retain(|it| !direct.contains(it));
            missing
        };
        Ok(Edit {
            project,
            remove,
            roles,
            user,
        })
    }

    async fn pre_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        ctx.vote(true);
        let edit = self.check(ctx).await?;
        let (state, note) = match (edit.roles.is_empty(), edit.remove) {
            (true, true) => ("complete", "User doesn't have roles to remove."),
            (true, false) => ("complete", "User already has roles."),
            (false, true) => ("default", "User has roles to remove."),
            (false, false) => ("default", "User is missing roles."),
        };
        ctx.set_state(state);
        ctx.note(note);
        Ok(())
    }

    async fn submit(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let Edit {
            project,
            remove,
            roles,
            user,
        } = self.check(ctx).await?;
        if ctx.state() == "complete" {
            return Ok(());
        }
        let roles = chosen(ctx, roles).await?;
        if !remove {
            return self.people.grant(ctx, &project, &user, &roles).await;
        }
        for role in &roles {
            let step = format!("revoke {}", role.id);
            // Revoking again is no failure, so there is nothing to look for.
            let act = async {
                let store = &self.people.store;
                Ok(store.revoke(&project, &user.id, &role.id).await?)
            };
            ctx.step(&step, async { Ok(None) }, act).await?;
        }
        let names: Vec<&str> = roles.iter().map(|it| &*it.name).collect();
        let (names, user) = (names.join(", "), &user.name);
        ctx.note(format!("User {user} has had roles {names} removed."));
        Ok(())
    }
}

impl Action for EditUserRoles {
    fn name(&self) -> &str {
        "EditUserRoles"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn validate(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, FieldErrors> {
        let data = read_fields(&self.fields, body)?;
        let roles = data.get("roles").and_then(Value::as_array);
        if roles.is_none_or(Vec::is_empty) {
            return Err(FieldErrors::of("roles", "This list may not be empty."));
        }
        Ok(data)
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
