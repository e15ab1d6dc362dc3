//! Sets a user's password.

use serde_json::{Map, Value};

use super::{
    People,
    people::{has_email, is_enabled},
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, Kind,
    identity::{AssignmentsOf, User},
};

/// Sets a user's password to what the holder of the token submits.
///
/// In every stage: the user exists in the domain, is enabled, has this address (whatever the case
/// of its letters), and has none of the blacklisted roles anywhere, in whatever way. It asks for
/// `password`, and votes for approval by the engine.
///
/// | Setting | Default | Means |
/// |---|---|---|
/// | `blacklisted_roles` | `admin` | whoever has one of them, anywhere, cannot be reset |
#[derive(Debug)]
pub struct ResetUserPassword {
    people: People,
    blacklisted_roles: Vec<String>,
    fields: Vec<Field>,
    token_fields: [Field; 1],
}

impl ResetUserPassword {
    /// Resets of these people's passwords.
    #[must_use]
    pub fn new(people: People) -> Self {
        let fields = people.account_fields([
            Field::new("domain_name", Kind::Text { longest: 64 }).default(Value::Null)
        ]);
        Self {
            people,
            blacklisted_roles: vec!["admin".into()],
            fields,
            token_fields: [Field::new("password", Kind::Secret)],
        }
    }

    /// Sets the roles whose holders cannot be reset.
    #[must_use]
    pub fn blacklisted_roles<R>(mut self, roles: impl IntoIterator<Item = R>) -> Self
    where
        R: Into<String>,
    {
        self.blacklisted_roles = roles.into_iter().map(Into::into).collect();
        self
    }

    async fn check(&self, ctx: &Context<'_>) -> Result<User, Stop> {
        let store = &self.people.store;
        let domain = match ctx.input::<Option<String>>("domain_name")? {
            None => self.people.domain.clone(),
            Some(name) => match store.domain_by_name(&name).await? {
                Some(domain) => domain.id,
                None => return Err(invalid("domain_missing", "Domain does not exist.")),
            },
        };
        let account = self.people.account(ctx)?;
        let Some(user) = store.user_by_name(&domain, &account.name).await? else {
            return Err(invalid("user_missing", "No user present with username."));
        };
        is_enabled(&user)?;
        let assignments = store.assignments(AssignmentsOf::User(&user.id)).await?;
        let blacklisted = |name: &str| {
            let mut roles = self.blacklisted_roles.iter();
            roles.any(|it| it.eq_ignore_ascii_case(name))
        };
        if assignments.iter().any(|it| blacklisted(&it.role.name)) {
            return Err(invalid(
                "role_blacklisted",
                "Cannot reset users with blacklisted roles.",
            ));
        }
        has_email(&user, &account.email)?;
        Ok(user)
    }

    async fn act(&self, stage: &str, ctx: &mut Context<'_>) -> Result<(), Stop> {
        match stage {
            "pre_approve" => {
                ctx.vote(true);
                ctx.ask::<[&str; 0]>([]);
                self.check(ctx).await?;
                ctx.ask(["password"]);
                ctx.note("Existing user with matching email.");
            }
            "post_approve" => drop(self.check(ctx).await?),
            "submit" => {
                let user = self.check(ctx).await?;
                self.people.set_password(ctx, &user.id).await?;
                ctx.note(format!("User {} has changed password.", user.name));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Action for ResetUserPassword {
    fn name(&self) -> &str {
        "ResetUserPassword"
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
        Box::pin(async move { settle(self.act(stage, ctx).await) })
    }
}
