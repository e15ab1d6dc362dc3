//! Where tasks are kept.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    workflow::store::{Migrated, SqliteStore, Store, StoreError},
    workflow_messages::Section,
};

/// A database. A URL is not printed: there may be a password in it.
#[derive(Clone)]
pub(super) enum Database {
    Postgres { url: SecretString, connections: u32 },
    Sqlite(PathBuf),
}

impl Database {
    pub(super) fn read(top: &mut Section<'_>, folder: &Path) -> Option<Self> {
        let keys = ["database", "database_file", "database_env"];
        let given = keys.into_iter().any(|key| top.has(key));
        let database = top.secret(keys);
        let limited = top.has("database_connections");
        let connections = top.value("database_connections").unwrap_or(CONNECTIONS);
        if connections == 0 {
            return top.wrong("database_connections", "this must not be 0");
        }
        if !given {
            return top.wrong("database", "this is missing");
        }
        let database = database?;
        let text = database.expose_secret();
        let Some((scheme, _)) = text.split_once("://") else {
            if limited {
                let message = "a SQLite file has no number of connections";
                return top.wrong("database_connections", message);
            }
            return Some(Self::Sqlite(folder.join(text)));
        };
        match scheme {
            "postgres" | "postgresql" if cfg!(feature = "postgres") => Some(Self::Postgres {
                url: database,
                connections,
            }),
            "postgres" | "postgresql" => top.wrong("database", "this build knows no PostgreSQL"),
            _ => top.wrong(
                "database",
                "expected a file for SQLite, or a URL that begins with `postgres://`",
            ),
        }
    }

    /// Opens it, with its tables brought up to date.
    pub(super) async fn open(&self) -> Result<(Arc<dyn Store>, Migrated), StoreError> {
        match self {
            Self::Sqlite(file) => {
                let store = SqliteStore::open(file).await?;
                let migrated = store.migrated();
                Ok((Arc::new(store), migrated))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { url, connections } => {
                let url = url.expose_secret();
                let store = crate::workflow::store::PostgresStore::connect(url, *connections);
                let store = store.await?;
                let migrated = store.migrated();
                Ok((Arc::new(store), migrated))
            }
            #[cfg(not(feature = "postgres"))]
            Self::Postgres { .. } => Err(StoreError::Unusable("unknown to this build".into())),
        }
    }
}

/// `PostgreSQL`, or the file.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres { .. } => f.write_str("PostgreSQL"),
            Self::Sqlite(file) => write!(f, "{}", file.display()),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

const CONNECTIONS: u32 = 16;
