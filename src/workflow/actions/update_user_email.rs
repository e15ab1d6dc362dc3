//! Changes the caller's address.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    People, Usernames,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, CloudError, Context, Field, Kind,
    identity::{UpdateUser, User},
};

/// Changes the caller's address to one that the caller proves to read, and with it the name, if
/// names are addresses ([`Usernames`]).
///
/// In every stage: the caller is an enabled user of the domain, and the new name is nobody else's.
/// The token is mailed to the new address and asks for `confirm`; `submit` changes the user. If the
/// address is that already the state is `complete`, and nothing is asked for. It votes for approval
/// by the engine.
#[derive(Debug)]
pub struct UpdateUserEmail {
    people: People,
    fields: [Field; 1],
    token_fields: [Field; 1],
}

impl UpdateUserEmail {
    /// Changes of these people's addresses.
    #[must_use]
    pub fn new(people: People) -> Self {
        Self {
            people,
            fields: [Field::new(NEW, Kind::Email)],
            token_fields: [Field::new("confirm", Kind::Accepted)],
        }
    }

    /// The caller, and what is to become of it, if anything is.
    async fn check(&self, ctx: &Context<'_>) -> Result<(User, Option<UpdateUser>), Stop> {
        let people = &self.people;
        let user = people.caller(ctx).await?;
        if user.domain_id != people.domain {
            let note = "Domain id does not match keystone user domain.";
            return Err(invalid("domain_mismatch", note));
        }
        let email: String = ctx.input(NEW)?;
        let mut is_new = user.email.as_ref() != Some(&email);
        let mut change = UpdateUser::new().email(&*email);
        if people.usernames == Usernames::Email {
            let named = people.store.user_by_name(&user.domain_id, &email).await?;
            if named.is_some_and(|it| it.id != user.id) {
                return Err(taken());
            }
            is_new |= user.name != email;
            change = change.name(email);
        }
        Ok((user, is_new.then_some(change)))
    }

    async fn pre_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        ctx.vote(true);
        ctx.ask::<[&str; 0]>([]);
        if self.check(ctx).await?.1.is_some() {
            ctx.set_state("default");
            ctx.ask(["confirm"]);
        } else {
            ctx.set_state("complete");
            ctx.note("The user has that address already.");
        }
        Ok(())
    }

    async fn submit(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let (user, change) = self.check(ctx).await?;
        // Without a token nobody has proven to read what is sent there.
        if ctx.state() != "default" {
            return Ok(());
        }
        let mut refused = None;
        let act = async {
            if let Some(change) = &change {
                let done = self.people.store.update_user(&user.id, change).await;
                done.inspect_err(|error| refused = refusal(error))?;
            }
            Ok(())
        };
        // Changing it again is no failure, so there is nothing to look for.
        let done = ctx.step("update email", async { Ok(None) }, act).await;
        if let Some(refused) = refused {
            return Err(refused);
        }
        done?;
        ctx.note(format!("User {} has changed address.", user.name));
        Ok(())
    }
}

impl Action for UpdateUserEmail {
    fn name(&self) -> &str {
        "UpdateUserEmail"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.token_fields
    }

    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        data.get(NEW)?.as_str().map(str::to_owned)
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

/// Why Keystone does not take the change, if that is for the user to mend.
fn refusal(error: &CloudError) -> Option<Stop> {
    match error {
        CloudError::Conflict { .. } => Some(taken()),
        CloudError::Refused { status, .. } if *status == StatusCode::BAD_REQUEST => {
            Some(invalid("refused", "Keystone does not accept the address."))
        }
        _ => None,
    }
}

fn taken() -> Stop {
    invalid("name_taken", "The address is that of another user.")
}

/// The field of the new address.
const NEW: &str = "new_email";
