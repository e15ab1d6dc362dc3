//! Rows as what they stand for.

use std::{borrow::Cow, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{ColumnIndex, Decode, Row as _, Type};

use super::{Db, Row};
use crate::workflow::{
    ActionRecord, Event, Job, JobKind, Mail, Notification, Position, Signature, Task, TaskState,
    Timestamp, Token, Trail,
    store::{StepKey, StepRecord, StoreError},
};

pub(super) fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))
}

pub(super) fn number(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub(super) fn column<'r, T>(row: &'r Row, name: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Db> + Type<Db>,
    &'static str: ColumnIndex<Row>,
{
    // sqlx's own text would quote the value.
    row.try_get(name).map_err(|_| StoreError::Corrupt(name))
}

fn whole<T: TryFrom<i64>>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let value: i64 = column(row, name)?;
    T::try_from(value).map_err(|_| StoreError::Corrupt(name))
}

fn json<T: DeserializeOwned>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let value: String = column(row, name)?;
    serde_json::from_str(&value).map_err(|_| StoreError::Corrupt(name))
}

pub(super) fn parsed<T: FromStr>(row: &Row, name: &'static str) -> Result<T, StoreError> {
    let value: String = column(row, name)?;
    value.parse().map_err(|_| StoreError::Corrupt(name))
}

fn time(row: &Row, name: &'static str) -> Result<Timestamp, StoreError> {
    column(row, name).map(Timestamp::from_micros)
}

fn maybe_time(row: &Row, name: &'static str) -> Result<Option<Timestamp>, StoreError> {
    let value: Option<i64> = column(row, name)?;
    Ok(value.map(Timestamp::from_micros))
}

fn signature(
    row: &Row,
    on: &'static str,
    by: &'static str,
) -> Result<Option<Signature>, StoreError> {
    let Some(on) = maybe_time(row, on)? else {
        return Ok(None);
    };
    Ok(Some(Signature {
        by: json(row, by)?,
        on,
    }))
}

/// The tasks of rows of which each has one action, those of a task one after another.
pub(super) fn tasks(rows: &[Row]) -> Result<Vec<Task>, StoreError> {
    let mut tasks: Vec<Task> = Vec::new();
    for row in rows {
        let action = action(row)?;
        match tasks.last_mut() {
            Some(task) if task.id.as_str() == column::<&str>(row, "id")? => {
                task.actions.push(action);
            }
            _ => tasks.push(task(row, action)?),
        }
    }
    Ok(tasks)
}

fn task(row: &Row, first: ActionRecord) -> Result<Task, StoreError> {
    let state = TaskState::of(column(row, "state")?).ok_or(StoreError::Corrupt("state"))?;
    Ok(Task {
        id: parsed(row, "id")?,
        task_type: column(row, "task_type")?,
        stages: json(row, "stages")?,
        position: Position::at(state, whole(row, "stage")?),
        run: whole(row, "run")?,
        requester: json(row, "requester")?,
        project_id: column(row, "project_id")?,
        hash_key: column(row, "hash_key")?,
        shared: json(row, "shared")?,
        created_on: time(row, "created_on")?,
        opened: signature(row, "opened_on", "opened_by")?,
        approved: signature(row, "approved_on", "approved_by")?,
        completed_on: maybe_time(row, "completed_on")?,
        cancelled_on: maybe_time(row, "cancelled_on")?,
        actions: vec![first],
        trail: trail(row)?,
        revision: whole(row, "revision")?,
    })
}

pub(super) fn trail(row: &Row) -> Result<Trail, StoreError> {
    Ok(Trail {
        length: whole(row, "events")?,
        hash: column(row, "chain")?,
    })
}

fn action(row: &Row) -> Result<ActionRecord, StoreError> {
    Ok(ActionRecord {
        name: column(row, "action_name")?,
        data: json(row, "data")?,
        state: column(row, "action_state")?,
        valid: column(row, "valid")?,
        token_fields: json(row, "token_fields")?,
        auto_approve: column(row, "auto_approve")?,
        cache: json(row, "cache")?,
        done_run: whole(row, "done_run")?,
    })
}

pub(super) fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        task: parsed(row, "task_id")?,
        number: whole(row, "number")?,
        on: time(row, "happened_on")?,
        kind: column(row, "kind")?,
        by: json(row, "caller")?,
        details: column(row, "details")?,
        hash: column(row, "hash")?,
    })
}

pub(super) fn step(row: &Row) -> Result<StepRecord, StoreError> {
    let result: Option<String> = column(row, "result")?;
    Ok(StepRecord {
        key: StepKey {
            task: parsed(row, "task_id")?,
            action: whole(row, "place")?,
            stage: column(row, "stage")?,
            step: column(row, "name")?,
        },
        begun_on: time(row, "begun_on")?,
        done: maybe_time(row, "done_on")?.zip(result),
    })
}

pub(super) fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        task: parsed(row, "task_id")?,
        hash: column(row, "hash")?,
        created_on: time(row, "created_on")?,
        expires: time(row, "expires")?,
        used_on: maybe_time(row, "used_on")?,
    })
}

pub(super) fn notification(row: &Row) -> Result<Notification, StoreError> {
    Ok(Notification {
        id: parsed(row, "id")?,
        task: parsed(row, "task_id")?,
        error: column(row, "error")?,
        notes: json(row, "notes")?,
        created_on: time(row, "created_on")?,
        acknowledged: signature(row, "acknowledged_on", "acknowledged_by")?,
    })
}

pub(super) fn job(row: &Row) -> Result<Job, StoreError> {
    let kind = match (column::<&str>(row, "kind")?, column(row, "subject")?) {
        ("stage", None) => JobKind::Stage,
        ("mail", Some(letter)) if letter.starts_with('{') => JobKind::Letter(
            serde_json::from_str(letter).map_err(|_| StoreError::Corrupt("subject"))?,
        ),
        ("notification", Some(_)) => JobKind::Notification(parsed(row, "subject")?),
        ("mail", Some("completed")) => JobKind::Mail(Mail::Completed),
        ("mail", Some("initial")) => JobKind::Mail(Mail::Initial),
        ("mail", Some("token")) => JobKind::Mail(Mail::Token),
        _ => return Err(StoreError::Corrupt("kind")),
    };
    Ok(Job {
        id: parsed(row, "id")?,
        task: parsed(row, "task_id")?,
        kind,
        sealed: column(row, "sealed")?,
        due_on: time(row, "due_on")?,
        attempt: whole(row, "attempt")?,
        dead: column(row, "dead")?,
    })
}

/// How a kind of job is kept.
pub(super) fn kind_and_subject(
    kind: &JobKind,
) -> Result<(&'static str, Option<Cow<'_, str>>), StoreError> {
    Ok(match kind {
        JobKind::Letter(letter) => ("mail", Some(text(letter)?.into())),
        JobKind::Mail(mail) => ("mail", Some(mail.as_str().into())),
        JobKind::Notification(id) => ("notification", Some(id.as_str().into())),
        JobKind::Stage => ("stage", None),
    })
}
