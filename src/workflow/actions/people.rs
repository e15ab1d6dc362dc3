//! Whom actions deal with, and what is common to those that do.

use std::sync::Arc;

use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    RolesMapping, roles,
    stop::{Stop, invalid},
};
use crate::workflow::{
    ActionError, Caller, CloudError, Context, Field, Kind,
    identity::{AssignmentsOf, CreateUser, IdentityStore, Project, Role, UpdateUser, User, Via},
};

/// Whether users have names of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Usernames {
    /// A user's name is its address: there is no field `username`.
    #[default]
    Email,
    /// There is a field `username`.
    Own,
}

/// The users and projects that actions deal with. Clones are the same.
///
/// | Setting | Default | Means |
/// |---|---|---|
/// | `domain` | `default` | the id of the domain of users and projects |
/// | `mapping` | [StackTask's](RolesMapping::default) | who manages which roles |
/// | `usernames` | `Email` | whether users have names of their own |
#[derive(Clone, Debug)]
#[must_use]
pub struct People {
    pub(super) store: Arc<dyn IdentityStore>,
    pub(super) domain: String,
    pub(super) mapping: RolesMapping,
    pub(super) usernames: Usernames,
}

/// A project that its caller manages.
pub(super) struct Own {
    pub(super) project: Project,
    /// The caller as Keystone knows it now.
    pub(super) user: User,
    /// The caller, with those of its roles that it still has there.
    pub(super) caller: Caller,
}

/// An account that is asked for.
pub(super) struct Account {
    pub(super) email: String,
    pub(super) name: String,
}

/// An account that this task has made, and in which run of the stage.
#[derive(Deserialize, Serialize)]
struct Made {
    id: String,
    run: u32,
}

impl People {
    /// Those in this store.
    pub fn new(store: Arc<dyn IdentityStore>) -> Self {
        Self {
            store,
            domain: "default".into(),
            mapping: RolesMapping::default(),
            usernames: Usernames::default(),
        }
    }

    /// Sets the id of the domain of users and projects.
    pub fn domain(mut self, id: impl Into<String>) -> Self {
        self.domain = id.into();
        self
    }

    /// Sets who manages which roles.
    pub fn mapping(mut self, mapping: RolesMapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Sets whether users have names of their own.
    pub const fn usernames(mut self, usernames: Usernames) -> Self {
        self.usernames = usernames;
        self
    }

    /// The fields of an [`Account`], before these.
    pub(super) fn account_fields(&self, others: impl IntoIterator<Item = Field>) -> Vec<Field> {
        let mut fields = vec![Field::new("email", Kind::Email)];
        if self.usernames == Usernames::Own {
            fields.push(Field::new("username", Kind::Text { longest: 255 }));
        }
        fields.extend(others);
        fields
    }

    pub(super) fn account(&self, ctx: &Context<'_>) -> Result<Account, Stop> {
        let email: String = ctx.input("email")?;
        let name = match self.usernames {
            Usernames::Email => email.clone(),
            Usernames::Own => ctx.input("username")?,
        };
        Ok(Account { email, name })
    }

    /// The caller as a user that may still act.
    pub(super) async fn caller(&self, ctx: &Context<'_>) -> Result<User, Stop> {
        let user = match ctx.requester().keystone_user() {
            Some(user) => self.store.user(&user.user_id).await?,
            None => None,
        };
        let user = user.ok_or_else(|| invalid("user_missing", "The caller is not known."))?;
        is_enabled(&user)?;
        Ok(user)
    }

    /// The project that is asked for by this field, which must be the caller's, who must manage
    /// it.
    pub(super) async fn own_project(&self, ctx: &Context<'_>, field: &str) -> Result<Own, Stop> {
        let asked: String = ctx.input(field)?;
        let told = ctx.requester().keystone_user();
        let told = told.filter(|it| it.project_id.as_ref() == Some(&asked));
        let mut told = told.cloned().ok_or_else(|| {
            let note = "Project id does not match keystone user project.";
            invalid("project_mismatch", note)
        })?;
        let project = self.project(&asked).await?;
        let user = self.caller(ctx).await?;
        // A task may wait for days: what the caller was then it need not be now.
        let of = AssignmentsOf::UserOn {
            project: &project.id,
            user: &user.id,
        };
        let held = self.store.assignments(of).await?;
        let holds = |role: &String| held.iter().any(|it| roles::same(&it.role.name, role));
        told.roles.retain(holds);
        let caller = Caller::user(told);
        if !self.mapping.manages(&caller) {
            let note = "The caller does not manage the project.";
            return Err(invalid("caller_not_manager", note));
        }
        Ok(Own {
            project,
            user,
            caller,
        })
    }

    async fn project(&self, id: &str) -> Result<Project, Stop> {
        let project = self.store.project(id).await?;
        project
            .filter(|it| it.enabled)
            .ok_or_else(|| invalid("project_missing", "Project does not exist."))
    }

    /// The project that an action before this one has made.
    pub(super) async fn new_project(&self, ctx: &Context<'_>) -> Result<Project, Stop> {
        match ctx.shared().get("project_id").and_then(Value::as_str) {
            Some(id) => self.project(id).await,
            None => Err(invalid("project_missing", "No project_id given.")),
        }
    }

    /// The roles with these names.
    pub(super) async fn roles(&self, names: &[String]) -> Result<Vec<Role>, Stop> {
        let known = self.store.roles().await?;
        let role = |name: &String| {
            let role = roles::find(&known, name).cloned();
            role.ok_or_else(|| invalid("role_missing", format!("Role `{name}` does not exist.")))
        };
        names.iter().map(role).collect()
    }

    /// The roles that a user was given on a project.
    pub(super) async fn direct(&self, project: &str, user: &str) -> Result<Vec<Role>, CloudError> {
        let of = AssignmentsOf::UserOn { project, user };
        let all = self.store.assignments(of).await?.into_iter();
        let direct = all.filter(|it| it.via == Via::Direct);
        Ok(direct.map(|it| it.role).collect())
    }

    /// Gives roles, each in a step.
    pub(super) async fn grant(
        &self,
        ctx: &mut Context<'_>,
        project: &str,
        user: &User,
        roles: &[Role],
    ) -> Result<(), Stop> {
        for role in roles {
            let step = format!("grant {} to {} on {project}", role.id, user.id);
            // Granting again is no failure, so there is nothing to look for.
            let act = async { Ok(self.store.grant(project, &user.id, &role.id).await?) };
            ctx.step(&step, async { Ok(None) }, act).await?;
        }
        let names: Vec<&str> = roles.iter().map(|it| &*it.name).collect();
        let (names, user) = (names.join(", "), &user.name);
        ctx.note(format!("User {user} has been given roles {names}."));
        Ok(())
    }

    /// The user of this account, if there is one that can be given something.
    pub(super) async fn target(
        &self,
        domain: &str,
        account: &Account,
    ) -> Result<Option<User>, Stop> {
        let user = self.store.user_by_name(domain, &account.name);
        let Some(user) = user.await? else {
            return Ok(None);
        };
        has_email(&user, &account.email)?;
        is_enabled(&user)?;
        Ok(Some(user))
    }

    /// Makes the user of an account with the password that was submitted.
    pub(super) async fn create_user(
        &self,
        ctx: &Context<'_>,
        domain: &str,
        account: &Account,
    ) -> Result<User, Stop> {
        let origin = origin(ctx);
        let run = ctx.run_number();
        let mut refused = false;
        let new = CreateUser::new(&*account.name, domain, password(ctx)?)
            .email(&*account.email)
            .origin(&*origin);
        let look = async {
            let found = self.store.user_by_name(domain, &account.name).await?;
            let own = found.filter(|it| it.origin.as_ref() == Some(&origin));
            // Not known is with which password, so it is set again.
            Ok(own.map(|it| Made { id: it.id, run: 0 }))
        };
        let act = async {
            let user = self.store.create_user(&new).await;
            let user = user.inspect_err(|error| refused = is_bad_request(error))?;
            Ok(Made { id: user.id, run })
        };
        let made = ctx.step("create user", look, act).await;
        let made: Made = made.map_err(|error| unless_refused(error, refused))?;
        if made.run != run {
            self.set_password(ctx, &made.id).await?;
        }
        let user = self.store.user(&made.id).await?;
        user.ok_or_else(|| invalid("user_missing", "The new user is gone."))
    }

    /// Sets the password that was submitted.
    pub(super) async fn set_password(&self, ctx: &Context<'_>, user: &str) -> Result<(), Stop> {
        let change = UpdateUser::new().password(password(ctx)?);
        // Another run brings another password.
        let step = format!("set password, run {}", ctx.run_number());
        let mut refused = false;
        let act = async {
            let done = self.store.update_user(user, &change).await;
            done.inspect_err(|error| refused = is_bad_request(error))?;
            Ok(())
        };
        let done = ctx.step(&step, async { Ok(None) }, act).await;
        done.map_err(|error| unless_refused(error, refused))
    }
}

/// The roles to change, as they were when the stage first came here: what a crash left half-way
/// would else be missing from the rest of it.
pub(super) async fn chosen(ctx: &Context<'_>, roles: Vec<Role>) -> Result<Vec<Role>, Stop> {
    let act = async { Ok(roles) };
    Ok(ctx.step("choose roles", async { Ok(None) }, act).await?)
}

/// By what this task knows again what it has made.
pub(super) fn origin(ctx: &Context<'_>) -> String {
    format!("wafflehaus task {}", ctx.task_id())
}

pub(super) fn has_email(user: &User, email: &str) -> Result<(), Stop> {
    let known = user.email.as_deref().unwrap_or_default();
    // Mail goes to what was asked for, so only letters that every mail server takes for the same
    // may differ: the Kelvin sign in lower case is a k, and a mailbox of somebody else.
    if known.eq_ignore_ascii_case(email) {
        return Ok(());
    }
    Err(invalid(
        "email_mismatch",
        "Found matching username, but email did not match. Reporting as invalid.",
    ))
}

pub(super) fn is_enabled(user: &User) -> Result<(), Stop> {
    let enabled = user.enabled.then_some(());
    enabled.ok_or_else(|| invalid("user_disabled", "The user is disabled."))
}

/// All else in such a request was accepted before: what is bad is the password.
fn is_bad_request(error: &CloudError) -> bool {
    matches!(error, CloudError::Refused { status, .. } if *status == StatusCode::BAD_REQUEST)
}

fn unless_refused(error: ActionError, refused: bool) -> Stop {
    if refused {
        return invalid("password_refused", "The password is not acceptable.");
    }
    error.into()
}

fn password(ctx: &Context<'_>) -> Result<SecretString, Stop> {
    let submitted = ctx.submitted("password").and_then(Value::as_str);
    let missing = || invalid("password_missing", "No password was submitted.");
    submitted.map(SecretString::from).ok_or_else(missing)
}
