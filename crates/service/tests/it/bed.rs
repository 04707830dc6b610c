//! A ledger in a database of its own, a service in memory, and runs that load into it.

use crate::double::Double;
use base::ids::RunId;
use base::{Fault, SystemClock};
use connect::destination::{Batch, Destination, LoadSpec, Loaded, Mode, TableName, Turn};
use connect::undo::{UndoReport, UndoRequest};
use ledger::store::NewRun;
use ledger::{EntityRun, Fate, Fates, RunKind};
use postgres::address::Around;
use postgres::{Address, Home, PgDestination};
use service::ServiceDestination;
use std::sync::Arc;
use testkit::TestDatabase;
use tokio::sync::oneshot;
use values::{Cells, Context};

pub struct Bed {
    /// Kept as long as the ledger in it is used.
    _db: TestDatabase,
    pub double: Arc<Double>,
    home: Arc<PgDestination>,
    destination: ServiceDestination,
}

/// What a run loads: rows are lines, cells apart by `|`, `~` is NULL; the first cell is the source's id, the
/// others the columns behind the key.
#[derive(Clone, Copy)]
pub struct Load {
    pub run: i64,
    pub table: &'static str,
    pub mode: Mode,
    pub match_by: Option<&'static str>,
    pub rows: &'static str,
}

impl Load {
    pub const fn new(table: &'static str, rows: &'static str) -> Self {
        Load { run: 1, table, mode: Mode::Insert, match_by: None, rows }
    }
    pub const fn run(self, run: i64) -> Self {
        Load { run, ..self }
    }
    pub const fn mode(self, mode: Mode) -> Self {
        Load { mode, ..self }
    }
    pub const fn matched(self, by: &'static str) -> Self {
        Load { match_by: Some(by), ..self }
    }
}

impl Bed {
    pub async fn new() -> Self {
        let db = testkit::database().await;
        let address = Address::parse(&db.url, &Around::of(|_| None)).unwrap();
        let home = PgDestination::open(Home::Server(Box::new(address)), "p", "landfall test").await.unwrap();
        home.ledger().prepare().await.unwrap();
        home.ledger().take_lease("here", 1, "landfall test").await.unwrap();
        let (home, double) = (Arc::new(home), Arc::new(Double::default()));
        let effects = home.effects();
        let namespace = base::ids::project_namespace("p");
        let ledger = (Arc::clone(&home) as Arc<dyn Destination>, effects);
        let service = Arc::clone(&double) as Arc<dyn connect::service::Service>;
        let clock = Arc::new(SystemClock);
        let destination = ServiceDestination::new("svc", service, ledger, namespace, clock, 4);
        Self { _db: db, double, home, destination }
    }

    /// Loads in batches of four, from the first record that no batch accounts for; a line for each record.
    pub async fn load(&self, load: &Load) -> Result<Vec<String>, Fault> {
        let ledger = self.home.ledger();
        for run in ledger.runs().await?.len() as i64 + 1..=load.run {
            let started_at = format!("2026-01-02T03:04:{:02}Z", 4 + run).parse().unwrap();
            let facts = serde_json::Value::Null;
            ledger.create_run(&NewRun { started_at, kind: RunKind::Move, seed: 0, facts }).await?;
        }
        let name = TableName { destination: "svc".into(), schema: None, name: load.table.into() };
        let table = Arc::new(self.destination.tables(&[name]).await?.remove(0).unwrap());
        let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let lines: Vec<&str> = load.rows.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let begun = EntityRun {
            entity: load.table.into(),
            table: table.sql.clone(),
            key: table.primary_key.clone(),
            plan: String::new(),
            began_empty: false,
            defaults: Default::default(),
            key_base: None,
            source: lines.len() as u64,
            columns: columns[1..].to_vec(),
            service: Some("svc".into()),
            loaded: false,
        };
        ledger.begin_entity(RunId(load.run), &begun).await?;
        let data: Vec<usize> = (1..columns.len()).collect();
        let refers = |name: &&String| *name == "answers";
        let own = columns.iter().enumerate().filter(|(_, name)| refers(name)).map(|(i, _)| i);
        let own = own.collect::<Vec<_>>().into_iter();
        let spec = LoadSpec {
            late: Vec::new(),
            run: RunId(load.run),
            entity: load.table.into(),
            table: Arc::clone(&table),
            compared: data.clone(),
            updated: data,
            columns,
            key: vec![0],
            mode: load.mode,
            may_exist: true,
            id_map: true,
            keys_are_ours: false,
            match_by: load.match_by.map(String::from),
            own: own.collect(),
        };
        let mut loader = self.destination.loader(&spec).await?;
        let done = ledger.progress(RunId(load.run), load.table).await?.records as usize;
        for (n, chunk) in lines.chunks(4).enumerate().skip(done.div_ceil(4)) {
            let mut batch = self.batch(&spec, chunk, n as u64 * 4).await?;
            let (before, after) = (oneshot::channel(), oneshot::channel());
            before.0.send(()).unwrap();
            let loaded: Loaded = loader.load(&mut batch, Turn { before: before.1, after: after.0 }).await?;
            assert_eq!(loaded.fates.len(), chunk.len());
        }
        let mut said = Vec::new();
        for batch in ledger.batches(RunId(load.run), load.table, 0).await? {
            for n in 0..batch.fates.len() {
                said.push(word(batch.fates.get(n).unwrap()));
            }
        }
        Ok(said)
    }

    /// References: `@kind/id` is the key that the id map has for a record, `^id` a record of the same entity.
    async fn batch(&self, spec: &LoadSpec, lines: &[&str], first_record: u64) -> Result<Batch, Fault> {
        let mut batch = Batch::empty(1, 0);
        batch.begin(first_record);
        batch.fates = Fates::undecided(lines.len());
        for (n, line) in lines.iter().enumerate() {
            let cells: Vec<&str> = line.split('|').collect();
            assert_eq!(cells.len(), spec.columns.len(), "{line}");
            let mut columns: Vec<Cells> = vec![Cells::new(); cells.len()];
            columns[0].push_null();
            for ((cells, text), name) in columns.iter_mut().zip(&cells).zip(&spec.columns).skip(1) {
                let ty = &spec.table.column(name).unwrap().ty;
                let text = match (*text, text.strip_prefix('@'), text.strip_prefix('^')) {
                    ("~", ..) => {
                        cells.push_null();
                        continue;
                    }
                    (_, Some(reference), _) => {
                        let (entity, id) = reference.split_once('/').unwrap();
                        let found = self.destination.mapped_ids(entity, &[id.to_owned()]).await?;
                        found.into_iter().next().flatten().unwrap_or_else(|| panic!("no key of {reference}"))
                    }
                    (_, _, Some(id)) => connect::service::own_reference(id),
                    (text, ..) => text.to_owned(),
                };
                cells.push_with(|out| ty.encode(&text, &Context::default(), out)).unwrap();
            }
            let columns: Vec<&Cells> = columns.iter().collect();
            values::copy::append_row(&mut batch.wire, &columns, 0);
            batch.ends.push(batch.wire.len());
            batch.records.push(n as u32);
            batch.source_ids.push(cells[0].as_bytes());
            batch.keys[0].push_null();
        }
        Ok(batch)
    }

    /// Undoes a run; entities as `people: 2 deleted`, and what was kept.
    pub async fn undo(&self, run: i64, dry_run: bool, force: bool) -> Result<String, Fault> {
        let request = UndoRequest { run: RunId(run), dry_run, force, changed_keys: None };
        let report: UndoReport = self.destination.undo(&request, &mut |_| {}).await?;
        let mut said = Vec::new();
        for (entity, u) in &report.entities {
            let numbers = [
                (u.deleted, "deleted"),
                (u.restored, "restored"),
                (u.kept_changed, "changed"),
                (u.kept_needed, "needed"),
                (u.gone, "gone"),
                (u.forced, "forced"),
            ];
            let numbers = numbers.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
            said.push(format!("{entity}: {}", numbers.collect::<Vec<_>>().join(", ")));
        }
        said.push(report.status.word().to_owned());
        Ok(said.join("; "))
    }

    /// The reasons of rejects.
    pub async fn rejects(&self, run: i64) -> Vec<String> {
        let found = self.home.ledger().rejects(RunId(run), None, 0).await.unwrap();
        found.iter().map(|r| format!("{} {} {}", r.source_id, r.field, r.reason)).collect()
    }
}

fn word(fate: Fate) -> String {
    match fate {
        Fate::Loaded => "loaded".into(),
        Fate::Updated => "updated".into(),
        Fate::Unchanged => "unchanged".into(),
        Fate::Skipped(reason) => format!("skipped {}", reason.word()),
        Fate::Rejected(code) => code.word().to_owned(),
    }
}
