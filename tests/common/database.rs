//! A database for each test: a SQLite file, and one on a PostgreSQL that lives as long as the
//! tests.
//!
//! The server is Debian's, started on a Unix socket in a temporary folder. `WAFFLEHAUS_POSTGRES`
//! names another one by the URL of an administrator. Without either the tests say loudly that
//! they are skipped; where `CI` is set they fail. Our own server does not wait for the disk unless
//! `WAFFLEHAUS_POSTGRES_FSYNC` is `on`: what is killed in tests is processes, not machines.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};

/// Where a database is.
#[derive(Debug)]
pub(crate) enum Database {
    Postgres { url: String },
    Sqlite { file: PathBuf },
}

impl Database {
    /// One of each kind, new and empty.
    pub(crate) async fn each() -> Vec<Self> {
        let mut each = vec![Self::sqlite()];
        each.extend(Self::postgres().await);
        each
    }

    pub(crate) fn sqlite() -> Self {
        let name = format!("wafflehaus-{}", uuid::Uuid::new_v4().simple());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Self::Sqlite {
            file: folder.join("tasks.db"),
        }
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let admin = server()?;
        let name = format!("wafflehaus_{}", uuid::Uuid::new_v4().simple());
        let mut connection = admin.connect().await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        connection.execute(AssertSqlSafe(create)).await.unwrap();
        connection.close().await.unwrap();
        let url = admin.clone().database(&name).to_url_lossy().to_string();
        Some(Self::Postgres { url })
    }

    /// As one word that another process can be told.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Postgres { url } => url.clone(),
            Self::Sqlite { file } => file.display().to_string(),
        }
    }

    /// Runs a statement past the store, and tells its error.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Postgres { url } => {
                let options: PgConnectOptions = url.parse().unwrap();
                let mut connection = options.connect().await.unwrap();
                connection.execute(sql).await.map(|it| it.rows_affected())
            }
            Self::Sqlite { file } => {
                let options = SqliteConnectOptions::new().filename(file);
                let mut connection = options.connect().await.unwrap();
                connection.execute(sql).await.map(|it| it.rows_affected())
            }
        };
        done.map_err(|error| error.to_string())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Sqlite { file } = self {
            fs::remove_dir_all(file.parent().unwrap()).ok();
        }
    }
}

/// A server of our own. It ends when the pipe to it does, so with this process, however that ends.
struct Server {
    options: PgConnectOptions,
    _shell: Child,
}

fn server() -> Option<&'static PgConnectOptions> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static GIVEN: OnceLock<Option<PgConnectOptions>> = OnceLock::new();
    let given = GIVEN.get_or_init(|| Some(env::var("WAFFLEHAUS_POSTGRES").ok()?.parse().unwrap()));
    if given.is_some() {
        return given.as_ref();
    }
    let own = SERVER.get_or_init(|| {
        let server = start();
        if server.is_none() {
            assert!(env::var_os("CI").is_none(), "there is no PostgreSQL");
            eprintln!("SKIPPED on PostgreSQL: there is none, and no WAFFLEHAUS_POSTGRES");
        }
        server
    });
    own.as_ref().map(|server| &server.options)
}

fn start() -> Option<Server> {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .collect();
    versions.sort_by_key(fs::DirEntry::file_name);
    let programs = versions.pop()?.path().join("bin");
    let user = Command::new("id").arg("-u").output().ok()?.stdout;
    // The server refuses to be run by root.
    let mut shell = if user == b"0\n" {
        let mut shell = Command::new("runuser");
        shell.args(["-u", "postgres", "--", "sh", "-c", SCRIPT]);
        shell
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]);
        shell
    };
    let mut shell = shell
        .env("PROGRAMS", programs)
        .env(
            "SYNC",
            env::var("WAFFLEHAUS_POSTGRES_FSYNC").unwrap_or("off".into()),
        )
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut folder = String::new();
    let output = shell.stdout.take()?;
    BufReader::new(output).read_line(&mut folder).ok()?;
    let folder = folder.trim();
    assert!(!folder.is_empty(), "PostgreSQL did not start");
    let options = PgConnectOptions::new_without_pgpass()
        .socket(folder)
        .username("postgres")
        .database("postgres");
    Some(Server {
        options,
        _shell: shell,
    })
}

/// Standard input is the pipe: when it ends, so does the server.
const SCRIPT: &str = r#"
folder=$(mktemp -d -t wafflehaus-postgres-XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
"$PROGRAMS/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-sync >/dev/null || exit 1
"$PROGRAMS/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=300 \
    -c fsync="$SYNC" -c shared_buffers=64MB >"$folder/log" 2>&1 </dev/null &
server=$!
for _ in $(seq 300); do
    "$PROGRAMS/pg_isready" -q -h "$folder" -U postgres && break
    sleep 0.1
done
echo "$folder"
cat >/dev/null
kill -INT $server
wait $server
"#;
