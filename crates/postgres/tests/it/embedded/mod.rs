//! The embedded server behind its multiplexer.

mod clients;
mod crash;
mod endless;
mod faces;

use postgres::connect::Session;
use postgres::embedded::{Embedded, Settings};
use std::time::Duration;
use tempfile::TempDir;

/// A server in a folder of its own, with short waits for clients that hold each other up on purpose.
pub struct Fixture {
    pub embedded: Embedded,
    _folder: TempDir,
}

pub fn settings() -> Settings {
    Settings { command: "landfall move".into(), inside_wait: Duration::from_secs(30), ..Settings::default() }
}

pub fn fixture() -> Fixture {
    fixture_with(&settings())
}

pub fn fixture_with(settings: &Settings) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open_with(&folder.path().join(".landfall"), settings).unwrap();
    Fixture { embedded, _folder: folder }
}

impl Fixture {
    pub async fn session(&self) -> Session {
        self.embedded.connect("landfall move").await.unwrap()
    }
}

pub async fn count(session: &Session, table: &str) -> i64 {
    session.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

/// The state of the error that the server gave.
pub fn state(error: &tokio_postgres::Error) -> String {
    error.code().map(|code| code.code().to_owned()).unwrap_or_else(|| error.to_string())
}
