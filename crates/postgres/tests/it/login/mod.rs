//! Logging in to a PostgreSQL of this machine.

mod faults;
mod ssl;

use base::Fault;
use postgres::address::{Address, Around};
use postgres::connect::{Session, connect};
use testkit::{Options, Postgres, Stop};

/// A home without anything in it, so that the tests do not depend on that of the person who runs them.
pub fn nobody() -> Around {
    Around { user: Some("postgres".into()), ..Around::default() }
}

pub async fn login(url: &str, around: &Around) -> Result<Session, Fault> {
    connect(&Address::parse(url, around)?, "landfall move").await
}

/// A server that lets in whom `rules` (`pg_hba.conf`) let in, made ready by `sql`. The rules come last to be
/// used: until then everybody may.
pub fn server(rules: &str, sql: &str) -> Postgres {
    let mut server = Postgres::start(&Options::default()).unwrap();
    server.psql("postgres", sql).unwrap();
    let file = server.socket().join("hba");
    std::fs::write(&file, rules).unwrap();
    alter(&server, "hba_file", file.to_str().unwrap());
    server.restart(Stop::Fast).unwrap();
    server
}

/// Changes a setting; it counts after a restart.
pub fn alter(server: &Postgres, name: &str, value: &str) {
    server.psql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'")).unwrap();
}

/// Host, port and the rest of an address: `tcp(&server, "user@localhost", "sslmode=require")`.
pub fn tcp(server: &Postgres, who: &str, parameters: &str) -> String {
    format!("postgresql://{who}:{}/postgres?{parameters}", server.port())
}
