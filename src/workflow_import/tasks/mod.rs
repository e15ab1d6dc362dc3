//! What becomes of a task of StackTask or Adjutant.

mod actions;
mod copy;
mod names;
mod progress;

use serde_json::{Map, Value, json};

pub use copy::{Copied, CopyOptions, Line, Outcome, TokenWord, copy};

use progress::Progress;

use super::source::{OldTask, Unreadable};
use crate::workflow::{
    Adoption, Caller, EngineError, KeystoneUser, Reached, Registry, Signature, Task,
};

/// Why a task is left where it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Left {
    /// There is no such action.
    #[error("there is no action here for `{0}`")]
    Action(String),
    /// Accounts are made and found in one domain.
    #[error("it is about domain `{0}`, which is not the one that is configured")]
    Domain(String),
    /// The engine does not take it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What it has done already cannot be told from what it has not.
    #[error(
        "its approval stopped half-way, after `{0}` had begun to act: finish or cancel it there"
    )]
    HalfDone(String),
    /// Its id cannot be kept.
    #[error("its id is not 32 hexadecimal digits")]
    Id,
    /// There is something in it that would be lost.
    #[error("input `{field}` of `{action}` has no place here")]
    Input {
        /// The action, as it was called there.
        action: String,
        /// The input.
        field: String,
    },
    /// It has none.
    #[error("it has no actions")]
    NoActions,
    /// It would bring back somebody whom an administrator locked out.
    #[error("the account is disabled, and here that is not undone by a task")]
    Disabled,
    /// Nobody knows in whose name it would act.
    #[error("who asked for it cannot be told: `keystone_user` has no `user_id`")]
    Requester,
    /// Nobody here would be asked for that.
    #[error("`{action}` asks the holder of its token for `{field}`, which it does not here")]
    TokenField {
        /// The action, as it was called there.
        action: String,
        /// The field.
        field: String,
    },
    /// There is no such task type.
    #[error("there is no task type here for `{0}`")]
    Type(String),
    /// Its rows are not what they should be.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// Where tasks are to go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here<'a> {
    pub(super) registry: &'a Registry,
    /// The id of the domain of users and projects.
    pub(super) domain: &'a str,
}

/// The task as it is to be here. Nothing is asked or written.
pub(super) fn adoption(old: &OldTask, here: Here<'_>) -> Result<Adoption, Left> {
    let unknown = || Left::Type(old.task_type.clone());
    let task_type = names::task_type(&old.task_type, here.registry).ok_or_else(unknown)?;
    if old.actions.is_empty() {
        return Err(Left::NoActions);
    }
    let requester = requester(old)?;
    let progress = progress::of(old)?;
    let mut actions = Vec::with_capacity(old.actions.len());
    let mut shared = Map::new();
    let mut notes = old.notes.clone();
    for action in &old.actions {
        let name = names::action(&action.name, task_type, here.registry);
        let name = name.ok_or_else(|| Left::Action(action.name.clone()))?;
        for (of, _) in &mut notes {
            if of.as_ref() == Some(&action.name) {
                *of = Some(name.clone());
            }
        }
        if let Some(project) = action.cache.get("project_id") {
            shared.insert("project_id".into(), project.clone());
        }
        actions.push(actions::record(action, name, &requester, progress, here)?);
    }
    let id = old.id.parse().map_err(|_| Left::Id)?;
    let mut adoption = Adoption::new(id, &*task_type.name, requester, old.created_on);
    let signature = || {
        let on = old.approved_on.unwrap_or(old.created_on);
        Signature::new(approver(&old.approved_by), on)
    };
    adoption.reached = match progress {
        Progress::Asked => Reached::Asked,
        Progress::Approved => Reached::Approved(signature()),
        Progress::Done => Reached::Done(signature()),
    };
    adoption.actions = actions;
    adoption.shared = shared;
    adoption.notes = notes;
    adoption.notices.clone_from(&old.notices);
    adoption.origin = json!({
        "task": old.id,
        "task_type": old.task_type,
        "actions": old.actions.iter().map(|it| &it.name).collect::<Vec<_>>(),
        "approved_by": old.approved_by,
    });
    Ok(adoption)
}

fn requester(old: &OldTask) -> Result<Caller, Left> {
    let address = old.ip_address.as_ref().and_then(|it| it.parse().ok());
    let caller = if old.keystone_user.is_empty() {
        Caller::anonymous()
    } else {
        Caller::user(user(&old.keystone_user).ok_or(Left::Requester)?)
    };
    Ok(match address {
        Some(address) => caller.from_address(address),
        None => caller,
    })
}

/// Who approved. StackTask did not keep it, so it may have been any person.
fn approver(by: &Value) -> Caller {
    match by {
        Value::String(word) if word == "system" => Caller::system(),
        Value::Object(table) => user(table).map_or(Caller::anonymous(), Caller::user),
        _ => Caller::anonymous(),
    }
}

fn user(table: &Map<String, Value>) -> Option<KeystoneUser> {
    let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let roles = table
        .get("roles")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Some(KeystoneUser {
        user_id: text("user_id").filter(|it| !it.is_empty())?,
        username: text("username"),
        user_domain_id: text("user_domain_id"),
        project_id: text("project_id"),
        project_name: text("project_name"),
        project_domain_id: text("project_domain_id"),
        roles: roles.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// Whether it goes on with a token, which nobody has yet.
fn waits_for_token(task: &Task) -> bool {
    task.takes_token() && task.approved.is_some()
}
