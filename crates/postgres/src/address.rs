//! Where a PostgreSQL server is and how to get in: `DATABASE_URL`, read as libpq reads it.
//!
//! Both forms of libpq's connection strings (PostgreSQL manual, 34.1.1) are taken: `postgresql://…` and
//! `host=… dbname=…`. A `+driver` in the scheme, as SQLAlchemy writes it, is dropped and remembered. No
//! message of this module shows a part of the text that could belong to a password.

mod dsn;
pub mod passfile;
mod settings;
mod url;

use base::{Fault, Secret};
use std::path::PathBuf;
use std::time::Duration;

pub use settings::KNOWN;

/// Seconds that one attempt to connect to one host may take, from the name's resolution to the end of the
/// login, unless `connect_timeout` says otherwise. libpq waits for ever; a move must not.
pub const CONNECT_SECONDS: u64 = 10;

/// The longest `connect_timeout` in seconds; `0`, for ever in libpq, means this.
pub const CONNECT_SECONDS_MAX: u64 = 600;

/// The port that PostgreSQL listens on when none is given.
pub const PORT: u16 = 5432;

/// Where Debian's and libpq's packages put the socket when no host is given.
const SOCKET_DIR: &str = "/var/run/postgresql";

/// What stands around the address: the environment and the home, handed in by the program.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// `PGUSER`, else the name of the user at the operating system.
    pub user: Option<String>,
    /// `PGPASSWORD`.
    pub password: Option<Secret>,
    /// `PGPASSFILE`; without it `.pgpass` in the home.
    pub passfile: Option<PathBuf>,
    /// The home, where `.pgpass` and `.postgresql/` are looked for.
    pub home: Option<PathBuf>,
}

impl Around {
    /// Reads what matters from an environment.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self {
            user: filled("PGUSER").or_else(|| filled("USER")).or_else(|| filled("LOGNAME")),
            password: filled("PGPASSWORD").map(Secret::new),
            passfile: filled("PGPASSFILE").map(PathBuf::from),
            home: filled("HOME").map(PathBuf::from),
        }
    }
}

/// One place where the server may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// How it is reached.
    pub place: Place,
    /// The port; also a part of the socket's name.
    pub port: u16,
}

/// How a host is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A name or an IP address.
    Net(String),
    /// The folder of a Unix socket.
    Folder(PathBuf),
}

impl Host {
    /// The socket, when it is one: `FOLDER/.s.PGSQL.PORT`.
    pub fn socket(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Net(_) => None,
            Place::Folder(folder) => Some(folder.join(format!(".s.PGSQL.{}", self.port))),
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::Net(name) if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            Place::Net(name) => write!(f, "{name}:{}", self.port),
            Place::Folder(folder) => write!(f, "{}:{}", folder.display(), self.port),
        }
    }
}

/// How much the transport must be worth (libpq's `sslmode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only when the server refuses to talk without.
    Allow,
    /// TLS when the server has it, else without; the certificate is not looked at.
    Prefer,
    /// TLS or nothing; the certificate is checked only when there is a root certificate file.
    Require,
    /// TLS, and the certificate must be signed by a trusted root.
    VerifyCa,
    /// And it must be the host's.
    VerifyFull,
}

/// Which certificates are trusted (`sslrootcert`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// `~/.postgresql/root.crt` when it is there, else those of the platform.
    Default,
    /// Those of the platform, whatever is in the home (`sslrootcert=system`).
    System,
    /// Those in a file.
    File(PathBuf),
}

/// Which of several servers is wanted (`target_session_attrs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The first that answers.
    Any,
    /// One where transactions may write.
    ReadWrite,
    /// One where they may not.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One that is.
    Standby,
    /// A standby, or any when there is none.
    PreferStandby,
}

/// Whether the login must be bound to the TLS channel (`channel_binding`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Never.
    Disable,
    /// When both sides can.
    Prefer,
    /// Or no login.
    Require,
}

/// A server and how to get in. Shows itself without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The places to try, in order; never empty.
    pub hosts: Vec<Host>,
    /// The role to log in as.
    pub user: String,
    /// The database.
    pub database: String,
    /// The password, unless it is to come from the password file.
    pub password: Option<Secret>,
    /// The password file.
    pub passfile: Option<PathBuf>,
    /// What the transport must be worth.
    pub ssl: SslMode,
    /// Which certificates are trusted.
    pub roots: Roots,
    /// The client's certificate (`sslcert`), PEM.
    pub certificate: Option<PathBuf>,
    /// Its key (`sslkey`), PEM.
    pub key: Option<PathBuf>,
    /// The folder for `root.crt`, `postgresql.crt` and `postgresql.key`: `~/.postgresql`.
    pub tls_home: Option<PathBuf>,
    /// Whether the login must be bound to the channel.
    pub binding: Binding,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The name to show in `pg_stat_activity`, when the address asks for one.
    pub application_name: Option<String>,
    /// Options for the server's session (`-c name=value`).
    pub options: Option<String>,
    /// Which of several servers is wanted.
    pub wanted: Wanted,
    /// The driver that stood in the scheme (`asyncpg`) and was dropped.
    pub dropped_driver: Option<String>,
}

impl Address {
    /// Reads `DATABASE_URL`.
    pub fn parse(text: &str, around: &Around) -> Result<Self, Fault> {
        let text = text.trim();
        let (given, driver) = match url::split(text) {
            Some((driver, rest)) => (url::parse(rest)?, driver),
            None if text.contains('=') && !text.contains("://") => (dsn::parse(text)?, None),
            None => return Err(unreadable("it is neither postgresql://… nor host=… dbname=…")),
        };
        let mut address = settings::build(&given, around)?;
        address.dropped_driver = driver;
        Ok(address)
    }

    /// Host, port, database and user, without the password: `db.example.org:5432/app as landfall`.
    pub fn shown(&self) -> String {
        format!("{}/{} as {}", self.place(), self.database, self.user)
    }

    /// The hosts and ports: `a:5432,b:5432`.
    pub fn place(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        hosts.join(",")
    }
}

/// A problem with the address itself.
fn unreadable(why: &str) -> Fault {
    Fault::usage(format!("DATABASE_URL cannot be read: {why}"))
        .hint("write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE")
}

/// The text contains what only an unescaped password brings there.
fn unescaped() -> Fault {
    unreadable("the user or password has a character that must be percent-encoded")
        .hint("write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25, a blank as %20")
}

#[cfg(test)]
mod tests;
