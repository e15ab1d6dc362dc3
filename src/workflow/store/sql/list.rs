//! Pages of long lists.
//!
//! Only here are statements put together, from fixed pieces: a condition that is left out must
//! not be in the statement, or the database could not use the index that fits the others.

use sqlx::{Encode, QueryBuilder, Type};

use super::{Db, SqlStore, row};
use crate::workflow::{
    Notification, Task, TaskId, TaskState, Timestamp, Token,
    store::{NotificationQuery, Page, StoreError, TaskQuery},
};

/// A statement with its conditions.
pub(super) struct Conditions {
    pub(super) sql: QueryBuilder<Db>,
    joint: &'static str,
}

impl Conditions {
    pub(super) fn of(select: &'static str) -> Self {
        Self {
            sql: QueryBuilder::new(select),
            joint: " WHERE ",
        }
    }

    pub(super) fn add(&mut self, condition: &'static str) -> &mut QueryBuilder<Db> {
        self.sql.push(self.joint);
        self.joint = " AND ";
        self.sql.push(condition)
    }

    fn equal<'a, T>(&mut self, left: &'static str, value: Option<T>)
    where
        T: Encode<'a, Db> + Type<Db> + Send + 'static,
    {
        if let Some(value) = value {
            self.add(left).push_bind(value);
        }
    }

    /// The page's place, order and length. Of what was made at the same time, `id` decides.
    pub(super) fn page(mut self, page: &Page, id: &'static str) -> QueryBuilder<Db> {
        if let Some(after) = &page.after {
            self.add("(created_on, ").push(id).push(") < (");
            self.sql.push_bind(after.on.as_micros()).push(", ");
            self.sql.push_bind(after.id.clone()).push(")");
        }
        self.sql.push(" ORDER BY created_on DESC, ").push(id);
        self.sql.push(" DESC LIMIT ").push_bind(page.rows());
        self.sql
    }
}

impl SqlStore {
    pub(super) async fn read_task(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        let mut conditions = Conditions::of(TASKS);
        conditions.equal("id = ", Some(id.as_str().to_owned()));
        Ok(self.tasks_of(conditions.sql).await?.pop())
    }

    pub(super) async fn list_tasks(&self, wanted: &TaskQuery) -> Result<Vec<Task>, StoreError> {
        let mut conditions = Conditions::of(TASKS);
        conditions.equal("state = ", wanted.state.map(TaskState::as_str));
        conditions.equal("task_type = ", wanted.task_type.clone());
        conditions.equal("project_id = ", wanted.project_id.clone());
        self.tasks_of(conditions.page(&wanted.page, "id")).await
    }

    pub(super) async fn list_over(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        let mut conditions = Conditions::of(TASKS);
        conditions.add("state IN ('cancelled', 'completed')");
        let over = conditions.add("coalesce(completed_on, cancelled_on) < ");
        over.push_bind(before.as_micros());
        conditions
            .add("NOT EXISTS (SELECT 1 FROM job WHERE task_id = task.id AND dead_on IS NULL)");
        conditions.add(
            "NOT EXISTS (SELECT 1 FROM notification \
             WHERE task_id = task.id AND error AND acknowledged_on IS NULL)",
        );
        let mut sql = conditions.sql;
        sql.push(" ORDER BY coalesce(completed_on, cancelled_on) LIMIT ");
        sql.push_bind(i64::from(limit));
        self.tasks_of(sql).await
    }

    /// The chosen tasks and their actions, in one statement: between two the task might change.
    pub(super) async fn tasks_of(
        &self,
        mut chosen: QueryBuilder<Db>,
    ) -> Result<Vec<Task>, StoreError> {
        chosen.push(WITH_ACTIONS);
        let rows = chosen.build().fetch_all(&self.reader).await?;
        row::tasks(&rows)
    }

    pub(super) async fn list_tokens(&self, page: &Page) -> Result<Vec<Token>, StoreError> {
        let conditions = Conditions::of("SELECT * FROM token");
        let mut sql = conditions.page(page, "task_id");
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(row::token).collect()
    }

    pub(super) async fn list_notifications(
        &self,
        wanted: &NotificationQuery,
    ) -> Result<Vec<Notification>, StoreError> {
        let mut conditions = Conditions::of("SELECT * FROM notification");
        let task = wanted.task.as_ref().map(|it| it.as_str().to_owned());
        conditions.equal("task_id = ", task);
        conditions.equal("error = ", wanted.error);
        if let Some(acknowledged) = wanted.acknowledged {
            conditions.add(if acknowledged {
                "acknowledged_on IS NOT NULL"
            } else {
                "acknowledged_on IS NULL"
            });
        }
        let mut sql = conditions.page(&wanted.page, "id");
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(row::notification).collect()
    }
}

/// Begins the choice of tasks that [`WITH_ACTIONS`] ends.
pub(super) const TASKS: &str = "SELECT task.*, action.name AS action_name, action.data, \
     action.state AS action_state, action.valid, action.token_fields, action.auto_approve, \
     action.cache, action.done_run FROM (SELECT * FROM task";
const WITH_ACTIONS: &str = ") AS task JOIN action ON action.task_id = task.id \
     ORDER BY task.created_on DESC, task.id DESC, action.place";
