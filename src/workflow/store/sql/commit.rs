//! Writing changes.

use sqlx::{QueryBuilder, Transaction, query};

use super::{
    Db, SqlStore, dialect,
    row::{kind_and_subject, number, text},
};
use crate::workflow::{
    Event, Job, Notification, NotificationId, Signature, Task, TaskId,
    store::{ByJob, Change, Committed, StoreError, Then, TokenChange},
};

type Tx = Transaction<'static, Db>;

impl SqlStore {
    pub(super) async fn write(&self, changes: &[Change]) -> Result<Committed, StoreError> {
        let mut tx = self.begin().await?;
        for change in changes {
            let written = write(&mut tx, change).await?;
            if written != Committed::Done {
                tx.rollback().await?;
                return Ok(written);
            }
        }
        tx.commit().await?;
        if changes.iter().any(|change| !change.jobs.is_empty()) {
            self.hint.notify_one();
        }
        Ok(Committed::Done)
    }

    pub(super) async fn write_settled(
        &self,
        by: &ByJob,
        notification: Option<&Notification>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if !settle_job(&mut tx, by).await? {
            return Ok(false);
        }
        if let Some(notification) = notification {
            insert_notification(&mut tx, notification).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Writes a change. The task comes first in every transaction and then its jobs, so that no two
/// wait for each other.
async fn write(tx: &mut Tx, change: &Change) -> Result<Committed, StoreError> {
    let task = &change.task;
    let written = write_task(tx, change).await?;
    if written != Committed::Done {
        return Ok(written);
    }
    if let Some(by) = &change.by_job
        && !settle_job(tx, by).await?
    {
        return Ok(Committed::LeaseLost);
    }
    for (place, _) in task.actions.iter().enumerate() {
        if change.is_new() || change.actions.contains(&place) {
            write_action(tx, task, place).await?;
        }
    }
    if change.drop_jobs {
        let sql = "DELETE FROM job WHERE task_id = $1 AND dead_on IS NULL \
             AND (kind = 'stage' OR (kind = 'mail' AND subject = 'token'))";
        query(sql).bind(task.id.as_str()).execute(&mut **tx).await?;
    }
    insert_jobs(tx, &change.jobs).await?;
    insert_events(tx, &change.events).await?;
    for notification in &change.notifications {
        insert_notification(tx, notification).await?;
    }
    if let Some((ids, by)) = &change.acknowledged {
        acknowledge(tx, &task.id, ids, by).await?;
    }
    if !write_token(tx, change).await? {
        return Ok(Committed::Stale);
    }
    if change.remove {
        remove(tx, task).await?;
    }
    Ok(Committed::Done)
}

/// Removes a task and what belongs to it, but for its events and the end of their trail.
async fn remove(tx: &mut Tx, task: &Task) -> Result<(), StoreError> {
    query("INSERT INTO purged (task_id, events, chain) VALUES ($1, $2, $3)")
        .bind(task.id.as_str())
        .bind(number(task.trail.length))
        .bind(&task.trail.hash)
        .execute(&mut **tx)
        .await?;
    for sql in [
        "DELETE FROM step WHERE task_id = $1",
        "DELETE FROM token WHERE task_id = $1",
        "DELETE FROM notification WHERE task_id = $1",
        "DELETE FROM job WHERE task_id = $1",
        "DELETE FROM action WHERE task_id = $1",
        "DELETE FROM task WHERE id = $1",
    ] {
        query(sql).bind(task.id.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Writes the task's own row, if it is new or as it was when the change was thought of.
async fn write_task(tx: &mut Tx, change: &Change) -> Result<Committed, StoreError> {
    let task = &change.task;
    let sql = if change.is_new() {
        "INSERT INTO task (id, task_type, state, stage, run, stages, requester, project_id, \
         hash_key, shared, created_on, opened_on, opened_by, approved_on, approved_by, \
         completed_on, cancelled_on, events, chain, revision) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20 + 1)"
    } else {
        // What a task is asked for as does not change, but every parameter has to be used.
        "UPDATE task SET state = $3, stage = $4, run = $5, hash_key = $9, shared = $10, \
         opened_on = $12, opened_by = $13, approved_on = $14, approved_by = $15, \
         completed_on = $16, cancelled_on = $17, events = $18, chain = $19, \
         revision = revision + 1, task_type = $2, stages = $6, requester = $7, project_id = $8, \
         created_on = $11 WHERE id = $1 AND revision = $20"
    };
    let signed = |it: &Option<Signature>| -> Result<_, StoreError> {
        let by = it.as_ref().map(|it| text(&it.by)).transpose()?;
        Ok((it.as_ref().map(|it| it.on.as_micros()), by))
    };
    let (opened_on, opened_by) = signed(&task.opened)?;
    let (approved_on, approved_by) = signed(&task.approved)?;
    let done = query(sql)
        .bind(task.id.as_str())
        .bind(&task.task_type)
        .bind(task.position.state.as_str())
        .bind(number(task.position.stage))
        .bind(i64::from(task.run))
        .bind(text(&task.stages)?)
        .bind(text(&task.requester)?)
        .bind(&task.project_id)
        .bind(&task.hash_key)
        .bind(text(&task.shared)?)
        .bind(task.created_on.as_micros())
        .bind(opened_on)
        .bind(opened_by)
        .bind(approved_on)
        .bind(approved_by)
        .bind(task.completed_on.map(|on| on.as_micros()))
        .bind(task.cancelled_on.map(|on| on.as_micros()))
        .bind(number(task.trail.length))
        .bind(&task.trail.hash)
        .bind(number(task.revision.saturating_sub(1)))
        .execute(&mut **tx)
        .await;
    match done {
        // Ids are random, so what exists already is an open task with this hash.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            Ok(Committed::Duplicate)
        }
        Err(error) => Err(error.into()),
        Ok(done) if done.rows_affected() == 0 => Ok(Committed::Stale),
        Ok(_) => Ok(Committed::Done),
    }
}

async fn write_action(tx: &mut Tx, task: &Task, place: usize) -> Result<(), StoreError> {
    let Some(action) = task.actions.get(place) else {
        return Ok(());
    };
    let sql = "INSERT INTO action (task_id, place, name, data, state, valid, token_fields, \
         auto_approve, cache, done_run) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (task_id, place) DO UPDATE SET data = $4, state = $5, valid = $6, \
         token_fields = $7, auto_approve = $8, cache = $9, done_run = $10";
    query(sql)
        .bind(task.id.as_str())
        .bind(number(place))
        .bind(&action.name)
        .bind(text(&action.data)?)
        .bind(&action.state)
        .bind(action.valid)
        .bind(text(&action.token_fields)?)
        .bind(action.auto_approve)
        .bind(text(&action.cache)?)
        .bind(i64::from(action.done_run))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes what becomes of the job that a change is made for, and whether it was still held.
async fn settle_job(tx: &mut Tx, by: &ByJob) -> Result<bool, StoreError> {
    let lease = &by.lease;
    let (sql, due_on, error) = match &by.then {
        Then::Done => (
            "DELETE FROM job WHERE id = $1 AND owner = $2 AND attempt = $3",
            None,
            None,
        ),
        Then::Kept(until) => (
            "UPDATE job SET due_on = $4 WHERE id = $1 AND owner = $2 AND attempt = $3",
            Some(until),
            None,
        ),
        Then::Retried { due_on, error } => (
            "UPDATE job SET owner = NULL, due_on = $4, last_error = $5 \
             WHERE id = $1 AND owner = $2 AND attempt = $3",
            Some(due_on),
            Some(error),
        ),
        Then::Dead { on, error } => (
            "UPDATE job SET owner = NULL, sealed = NULL, dead_on = $4, last_error = $5 \
             WHERE id = $1 AND owner = $2 AND attempt = $3",
            Some(on),
            Some(error),
        ),
    };
    let mut statement = query(sql)
        .bind(lease.job.as_str())
        .bind(&lease.owner)
        .bind(i64::from(lease.attempt));
    if let Some(due_on) = due_on {
        statement = statement.bind(due_on.as_micros());
    }
    if let Some(error) = error {
        statement = statement.bind(error);
    }
    Ok(statement.execute(&mut **tx).await?.rows_affected() == 1)
}

async fn insert_jobs(tx: &mut Tx, jobs: &[Job]) -> Result<(), StoreError> {
    let kinds: Result<Vec<_>, _> = jobs.iter().map(|it| kind_and_subject(&it.kind)).collect();
    let rows = jobs.iter().zip(kinds?);
    if jobs.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO job (id, task_id, kind, subject, sealed, due_on, attempt) ";
    let mut sql = QueryBuilder::<Db>::new(sql);
    sql.push_values(rows, |mut row, (job, (kind, subject))| {
        row.push_bind(job.id.as_str())
            .push_bind(job.task.as_str())
            .push_bind(kind)
            .push_bind(subject)
            .push_bind(&job.sealed)
            .push_bind(job.due_on.as_micros())
            .push("0");
    });
    sql.push(dialect::TELL_OF_WORK);
    sql.build().execute(&mut **tx).await?;
    Ok(())
}

async fn insert_events(tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
    let callers: Result<Vec<_>, _> = events.iter().map(|it| text(&it.by)).collect();
    let rows = events.iter().zip(callers?);
    if events.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO event (task_id, number, happened_on, kind, caller, details, hash) ";
    let mut sql = QueryBuilder::<Db>::new(sql);
    sql.push_values(rows, |mut row, (event, caller)| {
        row.push_bind(event.task.as_str())
            .push_bind(number(event.number))
            .push_bind(event.on.as_micros())
            .push_bind(&event.kind)
            .push_bind(caller)
            .push_bind(&event.details)
            .push_bind(&event.hash);
    });
    sql.build().execute(&mut **tx).await?;
    Ok(())
}

async fn insert_notification(tx: &mut Tx, it: &Notification) -> Result<(), StoreError> {
    let sql = "INSERT INTO notification (id, task_id, error, notes, created_on) \
         VALUES ($1, $2, $3, $4, $5)";
    query(sql)
        .bind(it.id.as_str())
        .bind(it.task.as_str())
        .bind(it.error)
        .bind(text(&it.notes)?)
        .bind(it.created_on.as_micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The first who takes note of something is the one who is remembered.
async fn acknowledge(
    tx: &mut Tx,
    task: &TaskId,
    ids: &[NotificationId],
    signature: &Signature,
) -> Result<(), StoreError> {
    let sql = "UPDATE notification SET acknowledged_on = $3, acknowledged_by = $4 \
         WHERE id = $1 AND task_id = $2 AND acknowledged_on IS NULL";
    for id in ids {
        query(sql)
            .bind(id.as_str())
            .bind(task.as_str())
            .bind(signature.on.as_micros())
            .bind(text(&signature.by)?)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Writes what becomes of the task's token, and whether that was possible.
async fn write_token(tx: &mut Tx, change: &Change) -> Result<bool, StoreError> {
    let task = change.task.id.as_str();
    let statement = match &change.token {
        TokenChange::Kept => return Ok(true),
        TokenChange::Released => query("UPDATE token SET used_on = NULL WHERE task_id = $1"),
        TokenChange::Removed => query("DELETE FROM token WHERE task_id = $1"),
        TokenChange::Used(on) => {
            let sql = "UPDATE token SET used_on = $2 WHERE task_id = $1 AND used_on IS NULL";
            let statement = query(sql).bind(task).bind(on.as_micros());
            return Ok(statement.execute(&mut **tx).await?.rows_affected() == 1);
        }
        TokenChange::Replaced(token) => {
            let sql = "INSERT INTO token (task_id, hash, created_on, expires) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (task_id) DO UPDATE \
                 SET hash = $2, created_on = $3, expires = $4, used_on = NULL";
            query(sql)
                .bind(task)
                .bind(&token.hash)
                .bind(token.created_on.as_micros())
                .bind(token.expires.as_micros())
                .execute(&mut **tx)
                .await?;
            return Ok(true);
        }
    };
    statement.bind(task).execute(&mut **tx).await?;
    Ok(true)
}
