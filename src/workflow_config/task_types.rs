//! The task types: StackTask's, and others.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{cloud::Cloud, whole::whole};
use crate::{
    nearest::none_such,
    workflow::{Duplicates, Gate, Stages, TaskType},
    workflow_messages::Section,
};

/// A task type as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    actions: Option<Vec<String>>,
    additional_actions: Vec<String>,
    approval: Option<Opening>,
    stages: Option<Stages>,
    duplicates: Option<Duplicates>,
    token_seconds: Option<NonZeroU32>,
    attempts: Option<NonZeroU32>,
}

/// What opens `post_approve`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Opening {
    Approval,
    AutoApproval,
    Vote,
}

/// A task type that is there unless somebody says otherwise.
struct BuiltIn {
    name: &'static str,
    action: &'static str,
    approval: Opening,
    duplicates: Duplicates,
    /// Whether there has to be a region for it.
    regional: bool,
}

/// What `[task_types]` says.
#[derive(Default)]
pub(super) struct TaskTypes {
    pub(super) types: Vec<TaskType>,
    /// The names of those that have a mistake.
    pub(super) broken: BTreeSet<String>,
    /// All actions that are named, those of broken types too, and where.
    pub(super) named: Vec<(String, String)>,
}

pub(super) fn read(top: &mut Section<'_>, cloud: &Cloud) -> TaskTypes {
    let given: Map<String, Value> = top.peek(KEY).unwrap_or_default();
    let off = |name: &str| given.get(name) == Some(&Value::Bool(false));
    let mut this = TaskTypes::default();
    let mut written: BTreeMap<String, Option<Written>> = BTreeMap::new();
    if let Some(section) = top.section(KEY) {
        section.each(|name, table| {
            for key in ["actions", "additional_actions"] {
                let actions: Vec<String> = table.peek(key).unwrap_or_default();
                let named = actions.into_iter().enumerate();
                let path = |at| format!("{KEY}.{name}.{key}.{at}");
                this.named
                    .extend(named.map(|(at, action)| (path(at), action)));
            }
            written.insert(name.to_owned(), whole(table));
        });
    }
    for built_in in &BUILT_IN {
        let missing = !given.contains_key(built_in.name);
        let wanted = !built_in.regional || !cloud.regions.is_empty();
        if missing && wanted {
            written.insert(built_in.name.to_owned(), Some(Written::default()));
        }
    }
    for (name, written) in written {
        match written.and_then(|it| task_type(top, &name, it)) {
            Some(it) => this.types.push(it),
            None => drop(this.broken.insert(name)),
        }
    }
    for name in given.keys().filter(|it| off(it) && built_in(it).is_none()) {
        let path = format!("{KEY}.{name}");
        top.elsewhere::<()>(&path, none_such("built-in task type", name, names()));
    }
    this
}

fn task_type(top: &mut Section<'_>, name: &str, written: Written) -> Option<TaskType> {
    let known = built_in(name);
    let own = known.map(|it| vec![it.action.to_owned()]);
    let Some(mut actions) = written.actions.or(own) else {
        let other = none_such("built-in task type", name, names());
        let path = format!("{KEY}.{name}.actions");
        return top.elsewhere(&path, format!("this is missing, and {other}"));
    };
    actions.extend(written.additional_actions);
    let mut it = TaskType::new(name, actions);
    match (written.stages, written.approval) {
        (Some(_), Some(_)) => {
            let message = "the gates of `stages` say what is approved";
            return top.elsewhere(&format!("{KEY}.{name}.approval"), message);
        }
        (Some(stages), None) => it.stages = stages,
        (None, approval) => {
            if let Some(approval) = approval.or(known.map(|it| it.approval)) {
                it.stages = Stages::ordinary(approval.into());
            }
        }
    }
    if let Some(duplicates) = written.duplicates.or(known.map(|it| it.duplicates)) {
        it.duplicates = duplicates;
    }
    if let Some(seconds) = written.token_seconds {
        it.token_seconds = seconds.get();
    }
    if let Some(attempts) = written.attempts {
        it.attempts = attempts.get();
    }
    Some(it)
}

fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|it| it.name == name)
}

fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|it| it.name)
}

impl From<Opening> for Gate {
    fn from(approval: Opening) -> Self {
        match approval {
            Opening::Approval => Self::Approval,
            Opening::AutoApproval => Self::AutoApproval,
            Opening::Vote => Self::Vote,
        }
    }
}

/// A type on whose action an admin has no say.
const fn voted(name: &'static str, action: &'static str, duplicates: Duplicates) -> BuiltIn {
    BuiltIn {
        name,
        action,
        approval: Opening::Vote,
        duplicates,
        regional: false,
    }
}

/// Of a type that needs regions.
const fn regional(mut it: BuiltIn) -> BuiltIn {
    it.regional = true;
    it
}

static BUILT_IN: [BuiltIn; 8] = [
    regional(voted("clear_project", "BlankSlate", Duplicates::Block)),
    BuiltIn {
        name: "create_project",
        action: "NewProjectWithUser",
        approval: Opening::Approval,
        duplicates: Duplicates::Block,
        regional: false,
    },
    voted("edit_roles", "EditUserRoles", Duplicates::Block),
    voted("force_password", "ResetUserPassword", Duplicates::Cancel),
    voted("invite_user", "NewUser", Duplicates::Block),
    voted("reset_password", "ResetUserPassword", Duplicates::Cancel),
    voted("update_email", "UpdateUserEmail", Duplicates::Cancel),
    regional(voted("update_quota", "UpdateQuota", Duplicates::Block)),
];

pub(super) const KEY: &str = "task_types";
