//! Filters as statements.
//!
//! Pieces of statements are constants of this crate; all that comes from a filter is bound.

use sqlx::{QueryBuilder, Row as _};

use super::{Db, SqlStore, dialect, list::Conditions, row};
use crate::workflow::{
    Event, Notification, Task, TaskId, Token,
    store::{
        Filter, Search, Slice, StoreError, StoreFuture,
        search::{Column, Kind, Operand, Part, Place, Related, Table, Test},
    },
};

type Sql = QueryBuilder<Db>;

impl SqlStore {
    async fn count_of(&self, filter: &Filter) -> Result<u64, StoreError> {
        let mut sql = chosen(
            match filter.table {
                Table::Action => "SELECT COUNT(*) FROM action",
                Table::Notification => "SELECT COUNT(*) FROM notification",
                Table::Task => "SELECT COUNT(*) FROM task",
                Table::Token => "SELECT COUNT(*) FROM token",
            },
            filter,
        );
        let row = sql.sql.build().fetch_one(&self.reader).await?;
        let count: i64 = row.try_get(0)?;
        Ok(count.try_into().unwrap_or_default())
    }

    async fn tasks_by(&self, filter: &Filter, slice: &Slice) -> Result<Vec<Task>, StoreError> {
        self.tasks_of(page(chosen(super::list::TASKS, filter), slice, "id"))
            .await
    }

    async fn tokens_by(&self, filter: &Filter, slice: &Slice) -> Result<Vec<Token>, StoreError> {
        let mut sql = page(chosen("SELECT * FROM token", filter), slice, "task_id");
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(row::token).collect()
    }

    async fn notifications_by(
        &self,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Vec<Notification>, StoreError> {
        let mut sql = page(chosen("SELECT * FROM notification", filter), slice, "id");
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(row::notification).collect()
    }

    async fn read_last_completed(&self) -> Result<Option<Task>, StoreError> {
        let mut conditions = Conditions::of(super::list::TASKS);
        conditions.add("completed_on IS NOT NULL ORDER BY completed_on DESC LIMIT 1");
        Ok(self.tasks_of(conditions.sql).await?.pop())
    }

    async fn read_events_of(
        &self,
        tasks: &[TaskId],
        kinds: &[&str],
    ) -> Result<Vec<Event>, StoreError> {
        if tasks.is_empty() || kinds.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT * FROM event WHERE task_id IN (");
        let mut list = sql.separated(", ");
        for task in tasks {
            list.push_bind(task.as_str().to_owned());
        }
        sql.push(") AND kind IN (");
        let mut list = sql.separated(", ");
        for kind in kinds {
            list.push_bind((*kind).to_owned());
        }
        sql.push(") ORDER BY task_id, number");
        let rows = sql.build().fetch_all(&self.reader).await?;
        rows.iter().map(row::event).collect()
    }
}

fn page(conditions: Conditions, slice: &Slice, id: &'static str) -> Sql {
    let mut sql = conditions.page(&slice.page, id);
    sql.push(" OFFSET ").push_bind(i64::from(slice.skip));
    sql
}

/// The rows of which the filter holds.
fn chosen(select: &'static str, filter: &Filter) -> Conditions {
    let mut conditions = Conditions::of(select);
    for (column, test) in &filter.conditions {
        condition(conditions.add(""), column, test);
    }
    for related in &filter.related {
        exists(conditions.add(""), related);
    }
    conditions
}

/// Rows of another table. They are not joined: a row would come once for each of them.
fn exists(sql: &mut Sql, related: &Related) {
    let none = related.filter.is_none();
    sql.push(if none { "NOT EXISTS " } else { "EXISTS " });
    sql.push("(SELECT 1 FROM ").push(related.relation.join);
    if let Some(filter) = &related.filter {
        for (column, test) in &filter.conditions {
            condition(sql.push(" AND "), column, test);
        }
        for related in &filter.related {
            exists(sql.push(" AND "), related);
        }
    }
    sql.push(")");
}

fn condition(sql: &mut Sql, column: &Column, test: &Test) {
    let plain = column.sql.replace("{json}", dialect::JSON);
    match test {
        Test::IsNull(true) => drop(sql.push(plain).push(" IS NULL")),
        Test::IsNull(false) => drop(sql.push(plain).push(" IS NOT NULL")),
        Test::Never => drop(sql.push("1 = 0")),
        // So that an index of what the field is made of can be used.
        Test::Compare("=", Operand::Number(1)) if column.kind == Kind::Boolean => {
            sql.push(plain);
        }
        Test::Compare("=", Operand::Number(0)) if column.kind == Kind::Boolean => {
            sql.push("NOT ").push(plain);
        }
        Test::Among(list) if list.is_empty() => drop(sql.push("1 = 0")),
        Test::Among(list) => {
            sql.push(comparable(column, &plain, false)).push(" IN (");
            for (place, operand) in list.iter().enumerate() {
                sql.push(if place == 0 { "" } else { ", " });
                bind(sql, operand);
            }
            sql.push(")");
        }
        Test::Compare(operator, operand) => {
            sql.push(comparable(column, &plain, *operator != "="));
            sql.push(" ").push(*operator).push(" ");
            bind(sql, operand);
        }
        Test::Between(first, last) => {
            sql.push(comparable(column, &plain, true)).push(" BETWEEN ");
            bind(sql, first);
            sql.push(" AND ");
            bind(sql, last);
        }
        Test::Part(part, value) => {
            let value = *value;
            sql.push(part_of(*part, &plain))
                .push(" = ")
                .push_bind(value);
        }
        Test::Like(text) => {
            sql.push("LOWER(")
                .push(as_text(column, plain))
                .push(") = LOWER(");
            sql.push_bind(text.clone()).push(")");
        }
        Test::Match(pattern) => {
            sql.push(as_text(column, plain)).push(dialect::MATCHES);
            sql.push_bind(pattern.clone());
        }
        Test::Text { place, fold, text } => {
            let (left, right) = if *fold { ("LOWER(", ")") } else { ("", "") };
            let whole = format!("{left}{}{right}", as_text(column, plain));
            find(sql, *place, &whole, (left, right), text);
        }
    }
}

/// A text within another one, as it is written: `LIKE` would take some characters for others.
fn find(sql: &mut Sql, place: Place, whole: &str, around: (&str, &str), text: &str) {
    let bind = |sql: &mut Sql| {
        sql.push(around.0).push_bind(text.to_owned()).push(around.1);
    };
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    match place {
        Place::Anywhere => {
            sql.push(dialect::FIND).push("(").push(whole).push(", ");
            bind(sql);
            sql.push(") > 0");
        }
        Place::Start => {
            sql.push("substr(")
                .push(whole)
                .push(format!(", 1, {length}) = "));
            bind(sql);
        }
        Place::End => {
            sql.push(format!("(length({whole}) >= {length} AND substr({whole}, length({whole}) - {length} + 1) = "));
            bind(sql);
            sql.push(")");
        }
    }
}

fn bind(sql: &mut Sql, operand: &Operand) {
    match operand {
        Operand::Number(number) => drop(sql.push_bind(*number)),
        Operand::Text(text) => drop(sql.push_bind(text.clone())),
    }
}

/// A field as what it is compared with.
fn comparable(column: &Column, plain: &str, in_order: bool) -> String {
    match column.kind {
        Kind::Boolean => format!("(CASE WHEN {plain} THEN 1 WHEN NOT {plain} THEN 0 END)"),
        // The order of texts is that of their bytes, whatever the server's language.
        Kind::Text if in_order => format!("{plain}{}", dialect::BYTEWISE),
        _ => plain.to_owned(),
    }
}

fn as_text(column: &Column, plain: String) -> String {
    match column.kind {
        Kind::Text => plain,
        Kind::Time => dialect::TIME_TEXT.replace("{}", &plain),
        Kind::Boolean | Kind::Integer => {
            format!("CAST({} AS TEXT)", comparable(column, &plain, false))
        }
    }
}

/// A part of a time in microseconds. 1970 began on a Thursday.
fn part_of(part: Part, time: &str) -> String {
    match part {
        Part::Day => dialect::DAY.replace("{}", time),
        Part::Month => dialect::MONTH.replace("{}", time),
        Part::Hour => format!("({time} / 3600000000) % 24"),
        Part::Minute => format!("({time} / 60000000) % 60"),
        Part::Second => format!("({time} / 1000000) % 60"),
        Part::WeekDay => format!("({time} / 86400000000 + 4) % 7 + 1"),
    }
}

impl Search for SqlStore {
    fn count<'a>(&'a self, filter: &'a Filter) -> StoreFuture<'a, u64> {
        Box::pin(self.count_of(filter))
    }

    fn find_tasks<'a>(
        &'a self,
        filter: &'a Filter,
        slice: &'a Slice,
    ) -> StoreFuture<'a, Vec<Task>> {
        Box::pin(self.tasks_by(filter, slice))
    }

    fn find_tokens<'a>(
        &'a self,
        filter: &'a Filter,
        slice: &'a Slice,
    ) -> StoreFuture<'a, Vec<Token>> {
        Box::pin(self.tokens_by(filter, slice))
    }

    fn find_notifications<'a>(
        &'a self,
        filter: &'a Filter,
        slice: &'a Slice,
    ) -> StoreFuture<'a, Vec<Notification>> {
        Box::pin(self.notifications_by(filter, slice))
    }

    fn last_completed(&self) -> StoreFuture<'_, Option<Task>> {
        Box::pin(self.read_last_completed())
    }

    fn events_of<'a>(
        &'a self,
        tasks: &'a [TaskId],
        kinds: &'a [&'a str],
    ) -> StoreFuture<'a, Vec<Event>> {
        Box::pin(self.read_events_of(tasks, kinds))
    }
}
