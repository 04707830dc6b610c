//! A database with a ledger, runs that load rows into it, and the two ways to undo them.

use crate::login::nobody;
use base::Fault;
use base::ids::RunId;
use connect::destination::{Batch, Destination, LoadSpec, Mode, Table, TableName, Turn};
use connect::undo::{UndoReport, UndoRequest};
use ledger::store::NewRun;
use ledger::{EntityRun, Fates, LedgerStore, RunKind};
use postgres::{Address, Home, PgDestination};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use testkit::TestDatabase;
use tokio::sync::oneshot;
use values::{Cells, Context};

/// What a run loads into a table: one batch for each text of rows. A row is a line, its cells are apart by
/// `|`, `~` is NULL and `¶` a line feed.
#[derive(Clone, Copy)]
pub struct Load {
    /// The run, from 1.
    pub run: i64,
    pub entity: &'static str,
    pub table: &'static str,
    pub columns: &'static str,
    pub batches: &'static [&'static str],
    pub mode: Mode,
    /// Whether keys go to the id map.
    pub id_map: bool,
    pub match_by: Option<&'static str>,
}

impl Load {
    /// Rows that run 1 inserts into the table of the entity's name.
    pub const fn new(entity: &'static str, columns: &'static str, batches: &'static [&'static str]) -> Self {
        Load {
            run: 1,
            entity,
            table: entity,
            columns,
            batches,
            mode: Mode::Insert,
            id_map: false,
            match_by: None,
        }
    }

    pub const fn updates(self) -> Self {
        Load { mode: Mode::Update, ..self }
    }

    pub const fn run(self, run: i64) -> Self {
        Load { run, ..self }
    }

    pub const fn into(self, table: &'static str) -> Self {
        Load { table, ..self }
    }

    pub const fn numbered(self) -> Self {
        Load { id_map: true, ..self }
    }

    pub const fn matched(self, by: &'static str) -> Self {
        Load { match_by: Some(by), ..self }
    }
}

pub struct Bed {
    pub db: TestDatabase,
    pub destination: PgDestination,
}

impl Bed {
    /// A database in which `sql` was run, with an empty ledger and the lease taken.
    pub async fn new(sql: &str) -> Self {
        let db = testkit::database().await;
        db.client.batch_execute(sql).await.unwrap();
        let bed = Self::over(db).await;
        bed.ledger().prepare().await.unwrap();
        bed.take_lease().await;
        bed
    }

    /// Over a database that may hold a ledger.
    pub async fn over(db: TestDatabase) -> Self {
        let address = Address::parse(&db.url, &nobody()).unwrap();
        let destination =
            PgDestination::open(Home::Server(Box::new(address)), "p", "landfall test").await.unwrap();
        Self { db, destination }
    }

    pub async fn take_lease(&self) {
        self.ledger().take_lease("here", 1, "landfall test").await.unwrap();
    }

    pub fn ledger(&self) -> &dyn LedgerStore {
        self.destination.ledger()
    }

    pub async fn sql(&self, sql: &str) {
        self.db.client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {:?}", e.as_db_error()));
    }

    /// The first column of all rows, as text, apart by a blank.
    pub async fn ask(&self, sql: &str) -> String {
        let rows = self.db.client.query(&format!("SELECT x::text FROM ({sql}) AS q(x)"), &[]).await;
        let rows = rows.unwrap_or_else(|e| panic!("{sql}: {:?}", e.as_db_error()));
        rows.iter()
            .map(|r| r.get::<_, Option<&str>>(0).unwrap_or("~").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Loads, one batch after the other; runs begin as they are named.
    pub async fn load(&self, load: &Load) {
        let begun = self.ledger().runs().await.unwrap().len() as i64;
        for run in begun + 1..=load.run {
            let started_at = format!("2026-01-02T03:04:{:02}Z", 4 + run).parse().unwrap();
            let facts = serde_json::Value::Null;
            let new = NewRun { started_at, kind: RunKind::Move, seed: 0, facts };
            assert_eq!(self.ledger().create_run(&new).await.unwrap().id, RunId(run));
        }
        let name = TableName { destination: String::new(), schema: None, name: load.table.into() };
        let table = Arc::new(self.destination.tables(&[name]).await.unwrap().remove(0).unwrap());
        let columns: Vec<String> = load.columns.split(',').map(String::from).collect();
        let key: Vec<usize> =
            table.primary_key.iter().map(|name| columns.iter().position(|c| c == name).unwrap()).collect();
        let begun = EntityRun {
            entity: load.entity.into(),
            table: table.sql.clone(),
            key: table.primary_key.clone(),
            plan: String::new(),
            began_empty: false,
            defaults: Default::default(),
            key_base: None,
            source: 0,
            columns: Vec::new(),
            service: None,
            loaded: false,
        };
        self.ledger().begin_entity(RunId(load.run), &begun).await.unwrap();
        let spec = LoadSpec {
            late: Vec::new(),
            run: RunId(load.run),
            entity: load.entity.into(),
            table: Arc::clone(&table),
            compared: (0..columns.len()).collect(),
            updated: (0..columns.len()).filter(|i| !key.contains(i)).collect(),
            columns,
            key,
            mode: load.mode,
            may_exist: true,
            id_map: load.id_map,
            keys_are_ours: false,
            match_by: load.match_by.map(String::from),
            own: Vec::new(),
        };
        let mut loader = self.destination.loader(&spec).await.unwrap();
        let mut first_record = 0;
        for text in load.batches {
            let mut batch = batch(&table, &spec, text, first_record);
            first_record += batch.rows() as u64;
            let (before, after) = (oneshot::channel(), oneshot::channel());
            before.0.send(()).unwrap();
            loader.load(&mut batch, Turn { before: before.1, after: after.0 }).await.unwrap();
        }
    }

    /// Every row outside the ledger as text, sorted: a quick look whether something changed.
    pub async fn rows(&self) -> String {
        let tables = "SELECT oid::regclass FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = 'public'::regnamespace ORDER BY 1";
        let tables =
            self.db.client.query(&format!("SELECT x::text FROM ({tables}) AS q(x)"), &[]).await.unwrap();
        let mut rows = String::new();
        for table in &tables {
            let table: &str = table.get(0);
            let sql = format!(
                "SELECT '{{}}' || string_agg((t.*)::text, '; ' ORDER BY (t.*)::text) FROM {table} AS t"
            );
            rows += &self.ask(&sql.replace("{}", &table.replace('\'', "''"))).await;
            rows.push('\n');
        }
        rows
    }

    /// Every row outside the ledger, as `pg_dump` writes them, sorted; without what sequences have given.
    pub fn dump(&self) -> String {
        let dump =
            run(tool("pg_dump").args(["--data-only", "--exclude-schema=landfall", "-d", &self.db.url]), "");
        let noise = ["--", "\\", "SET ", "SELECT pg_catalog."];
        let mut lines: Vec<&str> =
            dump.lines().filter(|l| !l.is_empty() && !noise.iter().any(|n| l.starts_with(n))).collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    /// What the ledger still holds to be undone, and the status.
    pub async fn left(&self, run: i64) -> String {
        let batches = format!("FROM landfall.batches WHERE run = {run} AND undone_at IS NULL");
        self.ask(&format!(
            "SELECT concat_ws(' ', status, 'batches', (SELECT count(*) {batches}), \
                'keys', (SELECT coalesce(sum(cardinality(coalesce(uuids::text[], ints::text[], texts))), 0) \
                         FROM landfall.batch_keys WHERE position = 0 AND batch IN \
                            (SELECT id FROM landfall.batches WHERE run = {run})), \
                'images', (SELECT count(*) FROM landfall.preimages WHERE batch IN \
                            (SELECT id FROM landfall.batches WHERE run = {run})), \
                'kept', (SELECT count(*) FROM landfall.kept WHERE run = {run})) \
             FROM landfall.runs WHERE id = {run}"
        ))
        .await
    }
}

fn batch(table: &Table, spec: &LoadSpec, text: &str, first_record: u64) -> Batch {
    let mut cells: Vec<Cells> = spec.columns.iter().map(|_| Cells::new()).collect();
    let mut source_ids = Cells::new();
    let mut count = 0;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let fields: Vec<&str> = line.split('|').collect();
        assert_eq!(fields.len(), spec.columns.len(), "{line}");
        for ((cells, name), field) in cells.iter_mut().zip(&spec.columns).zip(&fields) {
            match *field {
                "~" => cells.push_null(),
                text => {
                    let mut bytes = Vec::new();
                    let ty = &table.column(name).unwrap().ty;
                    ty.encode(&text.replace('¶', "\n"), &Context::default(), &mut bytes).unwrap();
                    cells.push(&bytes);
                }
            }
        }
        source_ids.push(format!("s{}", fields[spec.key[0]]).as_bytes());
        count += 1;
    }
    let mut wire = Vec::new();
    let all: Vec<&Cells> = cells.iter().collect();
    let ends = (0..count).map(|row| {
        values::copy::append_row(&mut wire, &all, row);
        wire.len()
    });
    let ends = ends.collect();
    Batch {
        first_record,
        next_byte: 0,
        fates: Fates::undecided(count),
        records: (0..count as u32).collect(),
        source_ids,
        wire,
        ends,
        keys: spec.key.iter().map(|i| cells[*i].clone()).collect(),
        rejects: Vec::new(),
        marks: None,
        defaults_taken: Default::default(),
    }
}

fn tool(name: &str) -> Command {
    let mut command = Command::new(testkit::postgres::binaries().unwrap().join(name));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
    command
}

/// What a program prints; panics with what it complains about.
fn run(command: &mut Command, input: &str) -> String {
    try_run(command, input).unwrap_or_else(|complaint| panic!("{complaint}"))
}

fn try_run(command: &mut Command, input: &str) -> Result<String, String> {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // A program that ends early does not read all of it.
    let _ = writer.join().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A copy of a database by dump and restore.
pub fn dumped_into(from: &TestDatabase, to: &TestDatabase) {
    let dump = run(tool("pg_dump").args(["-d", &from.url]), "");
    run(tool("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &to.url]), &dump);
}

/// Undoes by the command.
pub async fn command(bed: &Bed, run: i64) -> Result<UndoReport, Fault> {
    bed.destination.undo(&request(run), &mut |_| ()).await
}

pub fn request(run: i64) -> UndoRequest {
    UndoRequest { run: RunId(run), dry_run: false, force: false, changed_keys: None }
}

/// Undoes by the file, as a person with `psql` does it. Gives what it prints, or complains about.
pub async fn file(bed: &Bed, run: i64) -> Result<String, String> {
    let script = bed.destination.undo_script(RunId(run)).await.unwrap();
    // The session that holds the lease is at work only in between; the file looks for one that is.
    bed.ledger().release_lease().await.unwrap();
    let printed = psql(bed, &script);
    bed.take_lease().await;
    printed
}

pub fn psql(bed: &Bed, script: &str) -> Result<String, String> {
    let folder = testkit::scratch();
    folder.write("undo.sql", script);
    let path = folder.join("undo.sql");
    let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &bed.db.url, "-f"];
    try_run(tool("psql").args(arguments).arg(path), "")
}

/// A report in one line: `users 2 deleted 1 needed, jobs …; rolled_back`.
pub fn shown(report: &UndoReport) -> String {
    if report.already {
        return "already".into();
    }
    let entities = report.entities.iter().map(|(name, u)| {
        let mut text = name.clone();
        for (n, what) in [
            (u.deleted, "deleted"),
            (u.restored, "restored"),
            (u.kept_changed, "changed"),
            (u.kept_needed, "needed"),
            (u.gone, "gone"),
            (u.forced, "forced"),
        ] {
            if n > 0 {
                text += &format!(" {n} {what}");
            }
        }
        text
    });
    format!("{}; {}", entities.collect::<Vec<_>>().join(", "), report.status.word())
}
