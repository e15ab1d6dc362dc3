//! Tasks as they were in the other system.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::record::{Record, Unreadable};
use crate::workflow::Timestamp;

/// An open task of StackTask or Adjutant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OldTask {
    /// Its id.
    pub id: String,
    /// The name of its type.
    pub task_type: String,
    /// Who asked for it; empty for nobody in particular.
    pub keystone_user: Map<String, Value>,
    /// Where it was asked for from, which only StackTask kept.
    pub ip_address: Option<String>,
    /// When it was asked for.
    pub created_on: Timestamp,
    /// Whether it was approved.
    pub approved: bool,
    /// When.
    pub approved_on: Option<Timestamp>,
    /// By whom: a user, the text `system`, or nothing.
    pub approved_by: Value,
    /// Its actions in their order.
    pub actions: Vec<OldAction>,
    /// What was said about it, with the action that said it, if one did.
    pub notes: Vec<(Option<String>, String)>,
    /// What operators have not taken note of, and whether it is an error.
    pub notices: Vec<(bool, String)>,
    /// Whether a token was issued and not used, be it expired.
    pub has_token: bool,
}

/// An action of such a task.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OldAction {
    /// The name of its class.
    pub name: String,
    /// Its inputs.
    pub data: Map<String, Value>,
    /// What it remembered.
    pub cache: Map<String, Value>,
    /// The word that it set for itself.
    pub state: String,
    /// Whether it found itself valid.
    pub valid: bool,
    /// Whether it needs a token.
    pub need_token: bool,
    /// How it voted on automatic approval, which StackTask did not ask.
    pub auto_approve: Option<bool>,
}

/// What belongs to tasks, until each of them takes its own.
pub(super) struct Rows {
    actions: BTreeMap<String, Vec<Result<OldAction, Unreadable>>>,
    tokens: BTreeSet<String>,
    notices: BTreeMap<String, Vec<(bool, String)>>,
}

type Columns = Map<String, Value>;

impl Rows {
    pub(super) fn new(actions: Vec<Columns>, tokens: Vec<Columns>, notices: Vec<Columns>) -> Self {
        let mut this = Self {
            actions: BTreeMap::new(),
            tokens: BTreeSet::new(),
            notices: BTreeMap::new(),
        };
        for row in actions {
            let record = Record::new(row);
            if let Ok(task) = record.text("task_id") {
                let of = this.actions.entry(task.to_owned()).or_default();
                of.push(OldAction::read(&record));
            }
        }
        for row in tokens {
            let task = Record::new(row).text("task_id").map(str::to_owned);
            this.tokens.extend(task);
        }
        for row in notices {
            let record = Record::new(row);
            if let (Ok(task), Ok(error)) = (record.text("task_id"), record.flag("error")) {
                let notes = record.document("notes").unwrap_or_default();
                let of = this.notices.entry(task.to_owned()).or_default();
                of.push((error, said(&notes)));
            }
        }
        this
    }

    pub(super) fn task(&mut self, row: &Record) -> Result<OldTask, Unreadable> {
        let id = row.text("uuid")?.to_owned();
        let actions: Result<_, _> = self
            .actions
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .collect();
        Ok(OldTask {
            task_type: row.text("task_type")?.to_owned(),
            keystone_user: row.table("keystone_user")?,
            ip_address: row.maybe("ip_address")?.map(str::to_owned),
            created_on: row.time("created_on")?,
            approved: row.flag("approved")?,
            approved_on: row.maybe_time("approved_on")?,
            approved_by: row.document("approved_by")?,
            actions: actions?,
            notes: notes(row)?,
            notices: self.notices.remove(&id).unwrap_or_default(),
            has_token: self.tokens.contains(&id),
            id,
        })
    }
}

impl OldAction {
    fn read(row: &Record) -> Result<Self, Unreadable> {
        Ok(Self {
            name: row.text("action_name")?.to_owned(),
            data: row.table("action_data")?,
            cache: row.table("cache")?,
            state: row.text("state")?.to_owned(),
            valid: row.flag("valid")?,
            need_token: row.flag("need_token")?,
            auto_approve: row.maybe_flag("auto_approve")?,
        })
    }
}

/// The notes of actions, and then those of the task.
fn notes(row: &Record) -> Result<Vec<(Option<String>, String)>, Unreadable> {
    let mut all = Vec::new();
    for (action, notes) in row.table("action_notes")? {
        let notes = notes.as_array().cloned().unwrap_or_default();
        all.extend(notes.iter().map(|it| (Some(action.clone()), plain(it))));
    }
    let own = row.document("task_notes")?;
    let own = own.as_array().into_iter().flatten();
    all.extend(own.map(|it| (None, plain(it))));
    Ok(all)
}

/// What a notification says: `{"notes": […]}` or `{"errors": …}`.
fn said(notes: &Value) -> String {
    let lists = ["notes", "errors"]
        .into_iter()
        .filter_map(|key| notes.get(key));
    let texts: Vec<String> = lists
        .flat_map(|it| match it {
            Value::Array(texts) => texts.iter().map(plain).collect(),
            other => vec![plain(other)],
        })
        .collect();
    if texts.is_empty() {
        plain(notes)
    } else {
        texts.join(" ")
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
