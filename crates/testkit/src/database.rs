//! A database per test, on one server per session.

use crate::doors;
use crate::postgres::{Options, Postgres};
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

/// Where the test runner tells the address of the session's server. Without it the tests of one process start
/// and share one of their own.
pub const SERVER_VARIABLE: &str = "LANDFALL_TEST_POSTGRES";

/// A backend leaves within milliseconds after its session; a busy machine takes longer.
const SESSION_END_MAX: Duration = Duration::from_secs(30);

/// An empty or prepared database of one test, dropped with everything in it at the end. Sessions that are
/// still open then are ended.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its address.
    pub url: String,
    /// A session in it, for the test's own questions.
    pub client: Client,
    task: JoinHandle<()>,
    name: String,
    server: Server,
}

#[derive(Debug, Clone)]
enum Server {
    /// Somebody else's, at this address; it stays.
    Session(String),
    /// Ours; it goes with the last test that uses it.
    Own(Arc<Postgres>),
}

/// An empty database. Panics with the reason when there is no server.
pub async fn database() -> TestDatabase {
    let server = server();
    from_template(server, "template0").await
}

/// A database in which `schema` was run. It is run once per session and content: every later database is a
/// copy, which is much quicker than running it again. Panics with PostgreSQL's words when it fails.
pub async fn database_with(schema: &str) -> TestDatabase {
    let server = server();
    let template = template(&server, schema).await;
    from_template(server, &template).await
}

impl TestDatabase {
    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One more session in it, of its own task, as long as the runtime lives.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await.0
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.task.abort();
        if matches!(&self.server, Server::Own(server) if Arc::strong_count(server) == 1) {
            return; // The whole server goes.
        }
        let (url, sql) =
            (self.server.url("postgres"), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A thread of its own, because the test's runtime cannot be entered from here.
        let dropped = std::thread::spawn(move || -> Result<(), String> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|f| f.to_string())?.block_on(async {
                let (client, connection) =
                    tokio_postgres::connect(&url, NoTls).await.map_err(|f| f.to_string())?;
                let task = tokio::spawn(connection);
                let outcome = client.batch_execute(&sql).await.map_err(|f| f.to_string());
                task.abort();
                outcome
            })
        });
        // A server that the test has killed takes no orders: nothing is left to drop then.
        let _ = dropped.join();
    }
}

impl Server {
    fn url(&self, database: &str) -> String {
        match self {
            Server::Session(url) => with_database(url, database),
            Server::Own(server) => server.url_for(database),
        }
    }
}

/// The session's server, or one that this process starts and shares.
fn server() -> Server {
    if let Some(url) =
        doors::variable(SERVER_VARIABLE).and_then(|v| v.into_string().ok()).filter(|v| !v.is_empty())
    {
        return Server::Session(url);
    }
    static OWN: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = own.upgrade() {
        return Server::Own(server);
    }
    match Postgres::start(&Options::default()) {
        Ok(server) => {
            let server = Arc::new(server);
            *own = Arc::downgrade(&server);
            Server::Own(server)
        }
        Err(fault) => panic!("no PostgreSQL for this test (`cargo xtask test` installs it): {fault}"),
    }
}

async fn from_template(server: Server, template: &str) -> TestDatabase {
    let name = format!("test_{:016x}", random());
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
    run(&server.url("postgres"), &sql).await;
    let url = server.url(&name);
    let (client, task) = connect(&url).await;
    TestDatabase { url, client, task, name, server }
}

/// The name of the database in which `schema` was run; made when it is not there.
async fn template(server: &Server, schema: &str) -> String {
    let hash = hash(schema);
    let (name, building) = (format!("template_{hash:016x}"), format!("building_{hash:016x}"));
    let (admin, task) = connect(&server.url("postgres")).await;
    // Tests run at once in several processes: one makes it, the others wait. The lock goes with the session.
    expect(admin.execute("SELECT pg_advisory_lock($1)", &[&hash.cast_signed()]).await);
    let there = expect(admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await);
    if there.is_none() {
        // Under another name until it is complete, so that a killed test leaves nothing that looks complete.
        expect(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)")).await);
        expect(admin.batch_execute(&format!("CREATE DATABASE {building} TEMPLATE template0")).await);
        run(&server.url(&building), schema).await;
        rename(&admin, &building, &name).await;
    }
    expect(admin.execute("SELECT pg_advisory_unlock($1)", &[&hash.cast_signed()]).await);
    task.abort();
    name
}

/// The same in every process of a session.
fn hash(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Renames a database that nobody needs; the backend of a session that has just ended may live for a moment.
async fn rename(admin: &Client, from: &str, to: &str) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    expect(admin.execute(end, &[&from]).await);
    let left = async {
        let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 LIMIT 1";
        while expect(admin.query_opt(sql, &[&from]).await).is_some() {
            tokio::task::yield_now().await;
        }
    };
    if tokio::time::timeout(SESSION_END_MAX, left).await.is_err() {
        panic!("sessions of {from} did not end within {} s", SESSION_END_MAX.as_secs());
    }
    expect(admin.batch_execute(&format!("ALTER DATABASE {from} RENAME TO {to}")).await);
}

/// Runs SQL in a session of its own, which has ended when this returns.
async fn run(url: &str, sql: &str) {
    let (client, task) = connect(url).await;
    let outcome = client.batch_execute(sql).await;
    drop(client);
    let _ = task.await;
    expect(outcome);
}

async fn connect(url: &str) -> (Client, JoinHandle<()>) {
    let (client, connection) = expect(tokio_postgres::connect(url, NoTls).await);
    let task = tokio::spawn(async move {
        // The end of a session shows itself in the client's next call.
        let _ = connection.await;
    });
    (client, task)
}

#[track_caller]
fn expect<T>(outcome: Result<T, tokio_postgres::Error>) -> T {
    match outcome {
        Ok(value) => value,
        Err(fault) => match fault.as_db_error() {
            Some(detail) => panic!("PostgreSQL: {detail}"),
            None => panic!("PostgreSQL: {fault}"),
        },
    }
}

/// The address `url` with another database: `scheme://user@host:port/DATABASE?parameters`.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, p)| (a, Some(p)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let parameters = parameters.map(|p| format!("?{p}")).unwrap_or_default();
    format!("{}/{database}{parameters}", &address[..end])
}

/// A number that no other test has: the standard library seeds its hash maps from the system.
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_another_database_and_keeps_the_rest() {
        for (url, expected) in [
            ("postgresql://postgres@127.0.0.1:5/postgres", "postgresql://postgres@127.0.0.1:5/x"),
            ("postgres://a:b@h", "postgres://a:b@h/x"),
            ("postgres://h/old?host=/tmp/s&port=1", "postgres://h/x?host=/tmp/s&port=1"),
            ("postgresql:///old?host=/tmp", "postgresql:///x?host=/tmp"),
        ] {
            assert_eq!(with_database(url, "x"), expected, "{url}");
        }
    }

    /// Several things in one test, because outside a session each test process starts its own server.
    #[tokio::test]
    async fn databases_are_apart_prepared_once_and_dropped() {
        let schema = "CREATE TABLE a (n int); INSERT INTO a VALUES (1)";
        let (one, two, empty) = tokio::join!(database_with(schema), database_with(schema), database());
        one.client.batch_execute("INSERT INTO a VALUES (2)").await.unwrap();
        assert_eq!(count(&one.connect().await, "a").await, 2);
        assert_eq!(count(&two.client, "a").await, 1);
        assert_eq!(count(&empty.client, "pg_tables WHERE schemaname = 'public'").await, 0);

        let name = one.name().to_owned();
        drop(one);
        assert_eq!(count(&two.client, &format!("pg_database WHERE datname = '{name}'")).await, 0);
        let (template, building) =
            (format!("template_{:016x}", hash(schema)), format!("building_{:016x}", hash(schema)));
        assert_eq!(count(&two.client, &format!("pg_database WHERE datname = '{template}'")).await, 1);
        assert_eq!(count(&two.client, &format!("pg_database WHERE datname = '{building}'")).await, 0);
    }

    async fn count(client: &Client, what: &str) -> i64 {
        client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).await.unwrap().get(0)
    }

    #[tokio::test]
    #[should_panic(expected = "no_such_type")]
    async fn a_schema_that_fails_says_what_is_wrong_with_it() {
        database_with("CREATE TABLE t (c no_such_type)").await;
    }
}
