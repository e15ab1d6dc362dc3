//! Reading the open tasks out of a database of StackTask or Adjutant.

mod old;
mod record;

use std::{collections::BTreeSet, path::Path};

use serde_json::{Map, Value};
use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, Row as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow},
};

pub use old::{OldAction, OldTask};
use record::Record;
pub use record::Unreadable;

/// A database whose tasks cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It cannot be opened or read. A URL is not repeated: there may be a password in it.
    #[error("the database cannot be read: {0}")]
    Database(sqlx::Error),
    /// It is of a kind that is not read.
    #[error(
        "expected a SQLite file, or a URL that begins with `postgres://`; for MySQL, copy the database into one of these first"
    )]
    Kind,
    /// There are no tables of tasks in it.
    #[error("there are no tasks of StackTask or Adjutant in the database: `{0}` is missing")]
    NoTable(&'static str),
    /// This build reads no PostgreSQL.
    #[error("this build knows no PostgreSQL")]
    NoPostgres,
}

/// What there is in a database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Old {
    /// The tasks that have not ended, the oldest first, or why one cannot be read.
    pub open: Vec<Result<OldTask, Unreadable>>,
    /// How many have ended.
    pub ended: u64,
}

/// A connection that only reads.
enum Connection {
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgConnection),
    Sqlite(SqliteConnection),
}

impl Old {
    /// Reads all open tasks, in one transaction that only reads. All of them are in memory then.
    /// Tokens are not read, only that there are some.
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    pub async fn read(database: &str) -> Result<Self, SourceError> {
        let mut connection = Connection::open(database).await?;
        let tables: BTreeSet<String> = connection
            .rows(TABLES, TABLES_OF_POSTGRES)
            .await?
            .into_iter()
            .filter_map(|it| it.into_iter().next())
            .filter_map(|(_, name)| name.as_str().map(str::to_owned))
            .collect();
        let is = |name: &str| tables.contains(name);
        // Adjutant moved its tasks in 2019.
        let tasks = match (is("tasks_task"), is("api_task")) {
            (true, _) => "tasks_task",
            (false, true) => "api_task",
            (false, false) => return Err(SourceError::NoTable("tasks_task")),
        };
        for name in ["actions_action", "api_token", "api_notification"] {
            if !is(name) {
                return Err(SourceError::NoTable(name));
            }
        }
        let in_task = if tasks == "tasks_task" {
            &OPEN
        } else {
            &OPEN_BEFORE_2019
        };
        let mut read = Vec::with_capacity(in_task.len());
        for statement in in_task {
            read.push(connection.all(statement).await?);
        }
        connection.close().await;
        let mut read = read.into_iter();
        let mut next = || read.next().unwrap_or_default();
        let (tasks, actions, tokens, notices, ended) = (next(), next(), next(), next(), next());
        let mut all = old::Rows::new(actions, tokens, notices);
        let open = tasks.into_iter().map(|task| all.task(&Record::new(task)));
        Ok(Self {
            open: open.collect(),
            ended: ended
                .first()
                .map_or(0, |it| Record::new(it.clone()).count()),
        })
    }
}

impl Connection {
    async fn open(database: &str) -> Result<Self, SourceError> {
        let scheme = database.split_once("://").map(|(scheme, _)| scheme);
        let mut this = match scheme {
            None => {
                let options = SqliteConnectOptions::new()
                    .filename(Path::new(database))
                    .read_only(true);
                Self::Sqlite(options.connect().await?)
            }
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => {
                let options: sqlx::postgres::PgConnectOptions = database.parse()?;
                Self::Postgres(options.connect().await?)
            }
            #[cfg(not(feature = "postgres"))]
            Some("postgres" | "postgresql") => return Err(SourceError::NoPostgres),
            Some(_) => return Err(SourceError::Kind),
        };
        match &mut this {
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .execute(connection)
                    .await?;
            }
            Self::Sqlite(connection) => {
                sqlx::query("BEGIN").execute(connection).await?;
            }
        }
        Ok(this)
    }

    async fn all(&mut self, statement: &Statement) -> Result<Vec<Map<String, Value>>, SourceError> {
        self.rows(statement.sqlite, statement.postgres).await
    }

    /// The rows of a statement, each by the names of its columns. Those of SQLite are all text.
    async fn rows(
        &mut self,
        sqlite: &'static str,
        postgres: &'static str,
    ) -> Result<Vec<Map<String, Value>>, SourceError> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => {
                let rows: Vec<String> = sqlx::query_scalar(postgres).fetch_all(connection).await?;
                let rows = rows.iter().map(|it| serde_json::from_str(it));
                let rows: Result<Vec<_>, _> = rows.collect();
                rows.map_err(|error| SourceError::Database(sqlx::Error::decode(error)))
            }
            Self::Sqlite(connection) => {
                let _ = postgres;
                let rows = sqlx::query(sqlite).fetch_all(connection).await?;
                let rows: Result<Vec<_>, _> = rows.iter().map(by_column).collect();
                Ok(rows?)
            }
        }
    }

    async fn close(self) {
        // What was read is read, whatever becomes of the connection.
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => drop(connection.close().await),
            Self::Sqlite(connection) => drop(connection.close().await),
        }
    }
}

fn by_column(row: &SqliteRow) -> Result<Map<String, Value>, sqlx::Error> {
    let mut all = Map::new();
    for column in row.columns() {
        let at = column.ordinal();
        let value = match row.try_get_raw(at)?.is_null() {
            true => Value::Null,
            false => row.try_get_unchecked::<String, _>(at)?.into(),
        };
        all.insert(column.name().to_owned(), value);
    }
    Ok(all)
}

impl From<sqlx::Error> for SourceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// A statement as each of the two databases is asked it: PostgreSQL makes JSON of its rows.
struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! statement {
    ($($part:literal),*) => {
        Statement {
            sqlite: concat!($($part),*),
            postgres: concat!("SELECT row_to_json(it)::text FROM (", $($part,)* ") AS it"),
        }
    };
}

macro_rules! open {
    ($task:literal) => {
        [
            statement!(
                "SELECT * FROM ",
                $task,
                " WHERE NOT completed AND NOT cancelled ",
                "ORDER BY created_on, uuid"
            ),
            statement!(
                "SELECT action.* FROM actions_action AS action JOIN ",
                $task,
                " AS task ",
                "ON task.uuid = action.task_id WHERE NOT completed AND NOT cancelled ",
                "ORDER BY action.task_id, action.\"order\", action.id"
            ),
            // Not the token itself: nobody here has to know it.
            statement!("SELECT task_id FROM api_token"),
            statement!(
                "SELECT task_id, error, notes FROM api_notification WHERE NOT acknowledged ",
                "ORDER BY created_on, uuid"
            ),
            statement!(
                "SELECT count(*) AS number FROM ",
                $task,
                " WHERE completed OR cancelled"
            ),
        ]
    };
}

const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";
const TABLES_OF_POSTGRES: &str = "SELECT json_build_object('name', tablename)::text \
     FROM pg_tables WHERE schemaname = ANY (current_schemas(false))";
static OPEN: [Statement; 5] = open!("tasks_task");
static OPEN_BEFORE_2019: [Statement; 5] = open!("api_task");
