//! A PostgreSQL server for tests: private, in a folder of its own, gone when the test program ends, however it ends.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{ConnectOptions as _, Executor as _, postgres::PgConnectOptions};

use crate::postgres_programs::{self, VARIABLE};

/// Makes a database cluster, starts and stops the server as it is told, and tidies up when nobody tells it anything any
/// more: the system closes its input when the test program is gone. PostgreSQL refuses to run as root, so root hands
/// over to another user. It listens on a socket in its folder alone: no port is taken.
const KEEPER: &str = r#"
bin=$1
folder=$(mktemp -d) || exit 1
exec 3>&1 >"$folder/keeper.log" 2>&1
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    user=nobody
    id -u postgres >/dev/null 2>&1 && user=postgres
    chown -R "$user" "$folder"
    as() { setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME="$folder" "$@"; }
fi
cd "$folder"
settings="-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c full_page_writes=off"
settings="$settings -c shared_buffers=32MB -c max_connections=400"
start() { as "$bin/pg_ctl" -D "$folder/cluster" -l "$folder/server.log" -o "$settings" -w -t 60 start 3>&-; }
stop() { as "$bin/pg_ctl" -D "$folder/cluster" -m immediate -w stop 3>&-; }
tell() { if "$@"; then echo "done $folder" >&3; else tail -n 5 "$folder"/*.log | tr '\n' ' ' >&3; echo >&3; fi; }
begin() {
    as "$bin/initdb" -D "$folder/cluster" -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions 3>&- && start
}
tell begin
while read -r word; do
    case $word in
        start) tell start ;;
        stop) tell stop ;;
    esac
done
stop
cd /
rm -rf "$folder"
"#;

/// Why there is no server, or no database in it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The programs are not installed.
    #[error(
        "PostgreSQL is missing: run `make setup`, install Debian's postgresql, or name the folder of initdb in {VARIABLE}"
    )]
    Missing,
    /// The server did not do it.
    #[error("PostgreSQL did not do it: {0}")]
    Server(String),
    /// The shell that keeps it could not be run.
    #[error("the keeper of PostgreSQL: {0}")]
    Keeper(#[from] io::Error),
    /// A statement failed.
    #[error(transparent)]
    Statement(#[from] sqlx::Error),
}

/// A running server.
#[derive(Debug)]
pub struct PostgresServer {
    keeper: Mutex<Keeper>,
    folder: PathBuf,
    databases: AtomicU32,
}

#[derive(Debug)]
struct Keeper {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl PostgresServer {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn start() -> Result<Self, PostgresError> {
        let programs =
            postgres_programs::folder(&["initdb", "pg_ctl"]).ok_or(PostgresError::Missing)?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", KEEPER, "offpay-postgres"])
            .arg(programs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // A group of its own: Ctrl-C in the terminal leaves it the time to tidy up.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        };
        let mut keeper = Keeper {
            child,
            input: Some(input),
            output: BufReader::new(output),
        };
        let folder = keeper.answer()?;
        Ok(Self {
            keeper: Mutex::new(keeper),
            folder,
            databases: AtomicU32::new(0),
        })
    }

    /// The one that all tests of this program share; started at the first call. Not to be stopped.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn shared() -> Result<&'static Self, PostgresError> {
        static SHARED: OnceLock<Result<PostgresServer, String>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start().map_err(|error| error.to_string()))
            .as_ref()
            .map_err(|error| PostgresError::Server(error.clone()))
    }

    /// Makes an empty database, and gives its URL.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub async fn new_database(&self) -> Result<String, PostgresError> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let mut connection = PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .username("postgres")
            .database("postgres")
            .connect()
            .await?;
        // Numbers alone: nothing to escape.
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE test_{number}"));
        connection.execute(statement).await?;
        let folder = self.folder.display().to_string().replace('/', "%2F");
        Ok(format!("postgres://postgres@{folder}/test_{number}"))
    }

    /// Stops it at once, as a crash does. Connections break; the data stays.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn stop(&self) -> Result<(), PostgresError> {
        self.tell("stop")
    }

    /// Starts it again.
    ///
    /// # Errors
    ///
    /// [`PostgresError`].
    pub fn start_again(&self) -> Result<(), PostgresError> {
        self.tell("start")
    }

    fn tell(&self, word: &str) -> Result<(), PostgresError> {
        let mut keeper = self
            .keeper
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(input) = &mut keeper.input {
            writeln!(input, "{word}")?;
        }
        keeper.answer().map(|_| ())
    }
}

impl Keeper {
    fn answer(&mut self) -> Result<PathBuf, PostgresError> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        match line.trim().strip_prefix("done ") {
            Some(folder) => Ok(folder.into()),
            None => Err(PostgresError::Server(line.trim().to_owned())),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.input.take());
        // It stops the server and removes the folder; nobody is left to tell if it cannot.
        let _ = self.child.wait();
    }
}
