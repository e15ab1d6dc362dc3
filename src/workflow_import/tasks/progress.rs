//! How far a task came, as far as its rows tell.

use serde_json::Value;

use super::Left;
use crate::workflow_import::source::{OldAction, OldTask};

/// How far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not approved.
    Asked,
    /// Approved, and nothing has come of that.
    Approved,
    /// Approved, and all that comes of an approval is done.
    Done,
}

/// What an action has done of what it does when it is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effects {
    All,
    None,
    Some,
}

/// The flag `approved` says that somebody wanted it: Adjutant sets it before the actions act, and
/// StackTask does so where nobody is asked. What has been done since can be told from the token,
/// which is issued last, and from what actions remember.
pub(super) fn of(old: &OldTask) -> Result<Progress, Left> {
    if !old.approved {
        return Ok(Progress::Asked);
    }
    if old.has_token {
        return Ok(Progress::Done);
    }
    let effects = |action: &OldAction| (action.name.clone(), effects(action));
    let all: Vec<_> = old.actions.iter().map(effects).collect();
    let valid = old.actions.iter().all(|it| it.valid);
    if valid && all.iter().all(|(_, it)| *it == Effects::All) {
        return Ok(Progress::Done);
    }
    let acted = |(action, it): &(String, Effects)| {
        let acts = *it == Effects::Some || (*it == Effects::All && has_effects(action));
        acts.then(|| action.clone())
    };
    match all.iter().find_map(acted) {
        Some(action) => Err(Left::HalfDone(action)),
        None => Ok(Progress::Approved),
    }
}

fn effects(action: &OldAction) -> Effects {
    let has = |key: &str| action.cache.get(key).is_some_and(|it| !it.is_null());
    let any = |start: &str| action.cache.keys().any(|it| it.starts_with(start));
    let of = |all: bool, some: bool| match (all, some) {
        (true, _) => Effects::All,
        (false, true) => Effects::Some,
        (false, false) => Effects::None,
    };
    match kind(&action.name) {
        // Adjutant makes the account with the project; StackTask makes it when the token comes.
        Kind::Signup => of(
            has("project_id") && (action.name == "NewProject" || has("roles_granted")),
            has("project_id") || has("user_id"),
        ),
        Kind::Project => of(has("project_id"), false),
        Kind::Network if wants_nothing(action) => Effects::All,
        Kind::Network => {
            // StackTask does not remember the interface.
            let last = if action.name == "DefaultProjectResources" {
                "router_id"
            } else {
                "port_id"
            };
            of(any(last), any("network_id"))
        }
        Kind::Once => of(action.state == "completed", false),
        Kind::Looks => Effects::All,
    }
}

/// What a class does when it is approved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Looks,
    /// A network with what belongs to it.
    Network,
    /// Something that can be done again, and a word when it is done.
    Once,
    /// A project.
    Project,
    /// A project, and perhaps its first user.
    Signup,
}

fn kind(class: &str) -> Kind {
    match class {
        "NewProject" | "NewProjectWithUserAction" => Kind::Signup,
        "NewProjectAction" => Kind::Project,
        "DefaultProjectResources"
        | "NewDefaultNetworkAction"
        | "NewProjectDefaultNetworkAction" => Kind::Network,
        "AddAdminToProject"
        | "AddDefaultUsersToProjectAction"
        | "SetProjectQuotaAction"
        | "UpdateProjectQuotasAction" => Kind::Once,
        _ => Kind::Looks,
    }
}

/// Whether doing it a second time would make something twice, or be refused.
fn has_effects(class: &str) -> bool {
    matches!(kind(class), Kind::Network | Kind::Project | Kind::Signup)
}

fn wants_nothing(action: &OldAction) -> bool {
    let mut keys = ["setup_network", "setup_resources"].into_iter();
    let wanted = keys.find_map(|key| action.data.get(key));
    wanted == Some(&Value::Bool(false))
}
