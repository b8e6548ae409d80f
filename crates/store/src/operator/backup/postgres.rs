//! Copies of a database on a server, made and brought back by PostgreSQL's own programs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr as _,
};

use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use url::Url;

use super::{BackupError, Holds, Restored, begin, check_version, finish, holds, prepare};
use crate::{
    operator::{Database, connect},
    postgres_programs,
};

/// What pg_dump's custom form begins with.
const MAGIC: &[u8] = b"PGDMP";

pub(super) async fn back_up(url: &str, to: &Path) -> Result<Holds, BackupError> {
    let dump = Program::find("pg_dump")?;
    let list = Program::find("pg_restore")?;
    let mut connection = open(url).await?;
    // pg_dump reads what this transaction sees: so what is told is what is in the copy.
    let mut tx = connection
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .map_err(BackupError::Database)?;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()")
        .fetch_one(&mut *tx)
        .await
        .map_err(BackupError::Database)?;
    let holds = holds!(tx);
    let copy = begin(to)?;
    let arguments = [
        "--format=custom".to_owned(),
        "--no-owner".to_owned(),
        "--no-privileges".to_owned(),
        format!("--snapshot={snapshot}"),
        format!("--file={}", copy.display()),
    ];
    dump.run(Some(url), &arguments).await?;
    tx.commit().await.map_err(BackupError::Database)?;
    // That it can be read is seen now, and not when it is needed.
    list.run(None, &["--list".to_owned(), copy.display().to_string()])
        .await?;
    finish(&copy, to)?;
    Ok(holds)
}

pub(super) async fn restore(
    url: &str,
    from: &Path,
    complete: bool,
) -> Result<Restored, BackupError> {
    let program = Program::find("pg_restore")?;
    let begins = std::fs::File::open(from).and_then(|mut file| {
        let mut begin = [0; 5];
        std::io::Read::read_exact(&mut file, &mut begin).map(|()| begin)
    });
    if begins.map_err(super::failed(from))? != MAGIC {
        return Err(BackupError::NotABackup);
    }
    let mut connection = open(url).await?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
         AND n.nspname NOT LIKE 'pg_toast%'",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(BackupError::Database)?;
    connection.close().await.map_err(BackupError::Database)?;
    if tables > 0 {
        return Err(BackupError::NotEmpty);
    }
    let known = connect::newest_postgres();
    check_version(version(&program, from).await?, known)?;
    let arguments = [
        "--single-transaction".to_owned(),
        "--exit-on-error".to_owned(),
        "--no-owner".to_owned(),
        "--no-privileges".to_owned(),
        from.display().to_string(),
    ];
    program.run(Some(url), &arguments).await?;
    let mut connection = open(url).await?;
    let holds = holds!(&mut connection);
    connection.close().await.map_err(BackupError::Database)?;
    let database = Database::open(url).await?;
    let restored = prepare(&database, holds, known, complete).await;
    database.close().await;
    restored
}

async fn open(url: &str) -> Result<sqlx::PgConnection, BackupError> {
    PgConnectOptions::from_str(url)
        .map_err(BackupError::Database)?
        .connect()
        .await
        .map_err(BackupError::Database)
}

/// The version of the tables in a copy, before anything of it is in a database.
async fn version(program: &Program, from: &Path) -> Result<i64, BackupError> {
    let arguments = [
        "--data-only".to_owned(),
        "--table=_sqlx_migrations".to_owned(),
        "--file=-".to_owned(),
        from.display().to_string(),
    ];
    let said = program.run(None, &arguments).await?;
    newest(&said).ok_or(BackupError::NotABackup)
}

/// The highest number that rows of `COPY … FROM stdin` begin with.
fn newest(script: &str) -> Option<i64> {
    script
        .lines()
        .skip_while(|line| !line.starts_with("COPY "))
        .skip(1)
        .take_while(|line| *line != "\\.")
        .filter_map(|line| line.split('\t').next()?.parse().ok())
        .max()
}

/// One of PostgreSQL's programs.
struct Program {
    name: &'static str,
    path: PathBuf,
}

impl Program {
    fn find(name: &'static str) -> Result<Self, BackupError> {
        let folder = postgres_programs::folder(&[name]);
        let folder = folder.ok_or(BackupError::NoProgram { program: name })?;
        Ok(Self {
            name,
            path: folder.join(name),
        })
    }

    /// Runs it, on a database or on none; what it printed. A password goes through its environment, which others cannot
    /// see, and not through its arguments, which they can.
    async fn run(&self, url: Option<&str>, arguments: &[String]) -> Result<String, BackupError> {
        let mut command = Command::new(&self.path);
        command.args(arguments).stdin(Stdio::null());
        if let Some(url) = url {
            let mut url = Url::parse(url).map_err(|_| BackupError::Scheme)?;
            if let Some(password) = url.password() {
                let password = percent_encoding::percent_decode_str(password);
                command.env("PGPASSWORD", password.decode_utf8_lossy().as_ref());
                // Cannot fail: it had one.
                let _ = url.set_password(None);
            }
            command.arg(format!("--dbname={url}"));
        }
        let program = self.name;
        let ran = tokio::task::spawn_blocking(move || command.output())
            .await
            .map_err(|error| BackupError::Program {
                program,
                said: error.to_string(),
            })?
            .map_err(super::failed(&self.path))?;
        if ran.status.success() {
            return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&ran.stderr);
        let mut last: Vec<&str> = said.lines().rev().take(5).collect();
        last.reverse();
        Err(BackupError::Program {
            program,
            said: last.join("; "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_a_dump() {
        let script = "SET x = 1;\n\nCOPY public._sqlx_migrations (version, description) FROM stdin;\n\
                      1\tfoundation\n12\tadmin\n3\tchain\n\\.\n\n99\tno row\n";
        assert_eq!(newest(script), Some(12));
        assert_eq!(newest("-- nothing\n"), None);
    }
}
