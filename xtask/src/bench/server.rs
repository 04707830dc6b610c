//! The PostgreSQL that is measured against: private, with its default settings, fsync on.

use super::proc;
use crate::failure::Failure;
use std::process::Command;
use std::time::Duration;
use testkit::{Options, Postgres};

/// A server, and databases on it that begin alike.
#[derive(Debug)]
pub struct Server {
    postgres: Postgres,
    postmaster: i32,
}

impl Server {
    /// Starts one.
    pub fn start() -> Result<Self, Failure> {
        let postgres = Postgres::start(&Options::default().fsync(true)).map_err(Failure::failed)?;
        let file =
            postgres.psql("postgres", "SELECT pg_read_file('postmaster.pid')").map_err(Failure::failed)?;
        let postmaster = file.lines().next().and_then(|line| line.trim().parse().ok());
        let postmaster = postmaster.ok_or_else(|| Failure::failed("the server does not tell its number"))?;
        Ok(Self { postgres, postmaster })
    }

    /// The address of a database, over the Unix socket.
    pub fn url(&self, database: &str) -> String {
        self.postgres.socket_url_for(database)
    }

    /// The same over loopback, with a password that nobody asks for: some clients insist on one.
    pub fn tcp_url(&self, database: &str) -> String {
        format!("postgresql://postgres:any@127.0.0.1:{}/{database}", self.postgres.port())
    }

    /// `psql` on a database, over the Unix socket, with one command.
    pub fn psql(&self, database: &str, command: &str) -> Command {
        let mut psql = Command::new(self.postgres.program("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", command]);
        psql.env_clear().env("LC_ALL", "C.UTF-8");
        psql
    }

    /// `pgbench` on a database, over the Unix socket.
    pub fn pgbench(&self, database: &str) -> Command {
        let mut pgbench = Command::new(self.postgres.program("pgbench"));
        pgbench.env_clear().env("LC_ALL", "C.UTF-8").arg("-d").arg(self.url(database));
        pgbench
    }

    /// Runs SQL; gives the rows as lines.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, Failure> {
        self.postgres.psql(database, sql).map_err(|e| Failure::failed(format_args!("{sql}: {e}")))
    }

    /// One number.
    pub fn number(&self, database: &str, sql: &str) -> Result<u64, Failure> {
        let text = self.sql(database, sql)?;
        text.parse().map_err(|_| Failure::failed(format_args!("{sql}: {text:?} is no count")))
    }

    /// An empty database.
    pub fn create(&self, database: &str) -> Result<(), Failure> {
        self.copy(database, "template1")
    }

    /// A database with all that `template` holds. Everything is written to disk then, so that what is
    /// measured next does not pay for it.
    pub fn copy(&self, database: &str, template: &str) -> Result<(), Failure> {
        self.drop(database)?;
        self.sql("postgres", &format!("CREATE DATABASE {database} TEMPLATE {template}"))?;
        self.settle()
    }

    /// Removes a database, if it is there.
    pub fn drop(&self, database: &str) -> Result<(), Failure> {
        self.sql("postgres", &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).map(drop)
    }

    /// Writes everything to disk.
    pub fn settle(&self) -> Result<(), Failure> {
        self.sql("postgres", "CHECKPOINT").map(drop)
    }

    /// CPU time of all its processes so far.
    pub fn cpu(&self) -> Duration {
        proc::tree_cpu(self.postmaster)
    }

    /// What it calls itself: `15.14`.
    pub fn version(&self) -> Result<String, Failure> {
        let text = self.sql("postgres", "SHOW server_version")?;
        Ok(text.split_whitespace().next().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_what_its_template_holds_and_the_servers_work_is_counted() {
        let server = Server::start().unwrap();
        assert_eq!(server.sql("postgres", "SHOW fsync").unwrap(), "on");
        server.create("one").unwrap();
        server.sql("one", "CREATE TABLE t AS SELECT generate_series(1, 1000) n").unwrap();
        server.copy("two", "one").unwrap();
        let before = server.cpu();
        let sql = "SELECT count(*) FROM t a, t b, generate_series(1, 3)";
        assert_eq!(server.number("two", sql).unwrap(), 3_000_000);
        assert!(server.cpu() > before, "a session that has ended counts");
        server.copy("two", "one").unwrap();
        assert_eq!(server.number("two", "SELECT count(*) FROM t").unwrap(), 1000);
    }
}
