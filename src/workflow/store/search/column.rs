//! The fields of each table, and how they are found in the database.

use super::InvalidFilter;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workflow::store) enum Table {
    Action,
    Notification,
    Task,
    Token,
}

/// A field.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::workflow::store) struct Column {
    pub(in crate::workflow::store) name: &'static str,
    /// In SQL. `{json}` casts a text to JSON.
    pub(in crate::workflow::store) sql: &'static str,
    pub(in crate::workflow::store) kind: Kind,
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workflow::store) enum Kind {
    Boolean,
    Integer,
    Text,
    /// Microseconds since 1970.
    Time,
}

/// The way to another table.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::workflow::store) struct Relation {
    pub(in crate::workflow::store) name: &'static str,
    pub(in crate::workflow::store) table: Table,
    /// Which rows there, in SQL.
    pub(in crate::workflow::store) join: &'static str,
}

impl Table {
    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Action => ACTION,
            Self::Notification => NOTIFICATION,
            Self::Task => TASK,
            Self::Token => TOKEN,
        }
    }

    pub(super) const fn relations(self) -> &'static [Relation] {
        match self {
            Self::Action => OF_ACTION,
            Self::Notification => OF_NOTIFICATION,
            Self::Task => OF_TASK,
            Self::Token => OF_TOKEN,
        }
    }

    pub(super) fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|it| it.name == name)
    }

    pub(super) fn relation(self, name: &str) -> Option<&'static Relation> {
        self.relations().iter().find(|it| it.name == name)
    }

    /// That it has no field of this name.
    pub(super) fn has_no(self, name: &str) -> InvalidFilter {
        let columns = self.columns().iter().map(|it| it.name);
        let names = columns.chain(self.relations().iter().map(|it| it.name));
        let mut choices: Vec<_> = names.filter(|it| *it != "pk").collect();
        choices.sort_unstable();
        choices.dedup();
        InvalidFilter::Field {
            name: name.to_owned(),
            choices: choices.join(", "),
        }
    }
}

impl Kind {
    /// Django's name for a field of this kind.
    pub(super) const fn django(self) -> &'static str {
        match self {
            Self::Boolean => "BooleanField",
            Self::Integer => "IntegerField",
            Self::Text => "CharField",
            Self::Time => "DateTimeField",
        }
    }
}

const fn boolean(name: &'static str, sql: &'static str) -> Column {
    column(name, sql, Kind::Boolean)
}

const fn text(name: &'static str, sql: &'static str) -> Column {
    column(name, sql, Kind::Text)
}

const fn time(name: &'static str, sql: &'static str) -> Column {
    column(name, sql, Kind::Time)
}

const fn column(name: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql, kind }
}

const fn relation(name: &'static str, table: Table, join: &'static str) -> Relation {
    Relation { name, table, join }
}

const TASK: &[Column] = &[
    text("pk", "task.id"),
    text("uuid", "task.id"),
    text("hash_key", "task.hash_key"),
    text("ip_address", "(task.requester{json} ->> 'address')"),
    text("keystone_user", "task.requester"),
    text("project_id", "task.project_id"),
    text("task_type", "task.task_type"),
    text(
        "action_notes",
        "(SELECT string_agg(event.details, ' ') FROM event WHERE event.task_id = task.id \
         AND event.kind = 'note' AND (event.details{json} ->> 'action') IS NOT NULL)",
    ),
    text(
        "task_notes",
        "(SELECT string_agg(event.details, ' ') FROM event WHERE event.task_id = task.id \
         AND event.kind = 'note' AND (event.details{json} ->> 'action') IS NULL)",
    ),
    boolean("cancelled", "(task.state = 'cancelled')"),
    boolean("approved", "(task.approved_on IS NOT NULL)"),
    text("approved_by", "task.approved_by"),
    boolean("completed", "(task.state = 'completed')"),
    time("created_on", "task.created_on"),
    time("approved_on", "task.approved_on"),
    time("completed_on", "task.completed_on"),
];

const OF_TASK: &[Relation] = &[
    relation(
        "action",
        Table::Action,
        "action WHERE action.task_id = task.id",
    ),
    relation(
        "notification",
        Table::Notification,
        "notification WHERE notification.task_id = task.id",
    ),
    relation("token", Table::Token, "token WHERE token.task_id = task.id"),
];

const TOKEN: &[Column] = &[
    text("pk", "token.hash"),
    text("token", "token.hash"),
    text("task", "token.task_id"),
    text("task_id", "token.task_id"),
    time("created_on", "token.created_on"),
    time("expires", "token.expires"),
];

const OF_TOKEN: &[Relation] = &[relation(
    "task",
    Table::Task,
    "task WHERE task.id = token.task_id",
)];

const NOTIFICATION: &[Column] = &[
    text("pk", "notification.id"),
    text("uuid", "notification.id"),
    text("task", "notification.task_id"),
    text("task_id", "notification.task_id"),
    text("notes", "notification.notes"),
    boolean("error", "notification.error"),
    boolean("acknowledged", "(notification.acknowledged_on IS NOT NULL)"),
    time("created_on", "notification.created_on"),
];

const OF_NOTIFICATION: &[Relation] = &[relation(
    "task",
    Table::Task,
    "task WHERE task.id = notification.task_id",
)];

const ACTION: &[Column] = &[
    text("pk", "(action.task_id || '-' || action.place)"),
    text("id", "(action.task_id || '-' || action.place)"),
    text("action_name", "action.name"),
    text("action_data", "action.data"),
    text("cache", "action.cache"),
    text("state", "action.state"),
    boolean("valid", "action.valid"),
    boolean("need_token", "(action.token_fields <> '[]')"),
    boolean("auto_approve", "action.auto_approve"),
    column("order", "action.place", Kind::Integer),
    time(
        "created",
        "(SELECT task.created_on FROM task WHERE task.id = action.task_id)",
    ),
    text("task", "action.task_id"),
    text("task_id", "action.task_id"),
];

const OF_ACTION: &[Relation] = &[relation(
    "task",
    Table::Task,
    "task WHERE task.id = action.task_id",
)];
