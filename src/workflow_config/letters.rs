//! The letters that actions send.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    workflow::Registry,
    workflow_messages::{Messages, Section},
};

/// As much of an action's table as says which letters it sends.
#[derive(Deserialize)]
struct Sender {
    #[serde(rename = "use")]
    factory: Option<String>,
    #[serde(default)]
    stages: BTreeMap<String, Letter>,
}

#[derive(Deserialize)]
struct Letter {
    template: String,
}

/// The letters that actions send, by the action and the stage.
pub(super) type Letters = Vec<(String, String, String)>;

/// What `[actions]` says of letters.
pub(super) fn read(top: &Section<'_>) -> Letters {
    let actions: BTreeMap<String, Value> = top.peek("actions").unwrap_or_default();
    let mut letters = Vec::new();
    for (name, table) in actions {
        let Ok(sender) = serde_json::from_value::<Sender>(table) else {
            continue;
        };
        if sender.factory.as_ref().unwrap_or(&name) == FACTORY {
            let stages = sender.stages.into_iter();
            letters.extend(stages.map(|(stage, it)| (name.clone(), stage, it.template)));
        }
    }
    letters
}

/// Tells of each letter that a task could not send.
pub(super) fn check(
    top: &mut Section<'_>,
    letters: &Letters,
    registry: &Registry,
    messages: Option<&Messages>,
) {
    for (action, stage, template) in letters {
        let has = |task_type: &str| messages.is_some_and(|it| it.has_letter(task_type, template));
        let mut types = registry.types().filter(|it| it.actions.contains(action));
        if let Some(without) = types.find(|it| !has(&it.name)) {
            let path = format!("actions.{action}.stages.{stage}.template");
            let of = &without.name;
            let message =
                format!("`[messages]` has no letter `{template}` for the task type `{of}`");
            top.elsewhere::<()>(&path, message);
        }
    }
}

const FACTORY: &str = "SendAdditionalEmail";
