//! Several destinations as one: each table's calls go to the one that holds it, the ledger's to the one that
//! keeps it.

use async_trait::async_trait;
use base::ids::RunId;
use base::{Fault, Problem};
use connect::destination::{
    Bounds, Destination, DestinationInfo, LoadSpec, Loader, QueryRows, RowSink, Table, TableName, TrialSpec,
};
use connect::settle::{SettleSpec, Settler};
use connect::undo::{KEPT_NAMED_MAX, UndoProgress, UndoReport, UndoRequest};
use ledger::effects::EffectStore;
use ledger::{LedgerStore, RunStatus};
use std::collections::BTreeMap;
use std::sync::Arc;
use values::{Cells, PgType};

/// The destinations of a project by their names.
pub struct Several {
    all: BTreeMap<String, Arc<dyn Destination>>,
    /// The one that keeps the ledger; it may have no name in the project.
    home: Arc<dyn Destination>,
    effects: Arc<dyn EffectStore>,
}

impl Several {
    /// `services` by their names; `home` keeps the ledger, and is called `name` where rows go to it, too.
    pub fn new(
        services: BTreeMap<String, Arc<dyn Destination>>,
        (name, home): (Option<&str>, Arc<dyn Destination>),
        effects: Arc<dyn EffectStore>,
    ) -> Self {
        let mut all = services;
        if let Some(name) = name {
            all.insert(name.to_owned(), Arc::clone(&home));
        }
        Self { all, home, effects }
    }

    fn of(&self, name: &str) -> Result<&Arc<dyn Destination>, Fault> {
        self.all.get(name).ok_or_else(|| Fault::bug(format!("the destination {name:?} is not open")))
    }

    fn holding(&self, table: &Table) -> Result<&Arc<dyn Destination>, Fault> {
        self.of(&table.destination)
    }

    /// The names, each with its place, by their destinations.
    fn parted<'a>(&self, names: &'a [TableName]) -> BTreeMap<&'a str, (Vec<usize>, Vec<TableName>)> {
        let mut parts: BTreeMap<&str, (Vec<usize>, Vec<TableName>)> = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            let (places, part) = parts.entry(&name.destination).or_default();
            places.push(place);
            part.push(name.clone());
        }
        parts
    }
}

#[async_trait]
impl Destination for Several {
    fn info(&self) -> DestinationInfo {
        let home = self.home.info();
        let others = self.all.values().map(|d| d.info().address).filter(|a| *a != home.address);
        let address = std::iter::once(home.address.clone()).chain(others).collect::<Vec<_>>().join("; ");
        DestinationInfo { address, ..home }
    }

    fn ledger(&self) -> &dyn LedgerStore {
        self.home.ledger()
    }

    fn bounds(&self, table: &Table) -> Bounds {
        self.holding(table).map_or_else(|_| Bounds::default(), |d| d.bounds(table))
    }

    fn mails(&self, table: &Table, rows: u64) -> Option<u64> {
        self.holding(table).map_or(Some(0), |d| d.mails(table, rows))
    }

    async fn check(&self, tables: &[Arc<Table>]) -> Result<Vec<Problem>, Fault> {
        let mut problems = Vec::new();
        for (name, destination) in &self.all {
            let ours: Vec<Arc<Table>> = tables.iter().filter(|t| t.destination == *name).cloned().collect();
            if !ours.is_empty() {
                problems.extend(destination.check(&ours).await?);
            }
        }
        Ok(problems)
    }

    async fn tables(&self, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        let mut found = vec![None; names.len()];
        for (name, (places, part)) in self.parted(names) {
            let tables = self.of(name)?.tables(&part).await?;
            places.into_iter().zip(tables).for_each(|(place, table)| found[place] = table);
        }
        Ok(found)
    }

    async fn tables_after(&self, sql: &str, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        let mut found = vec![None; names.len()];
        for (name, (places, part)) in self.parted(names) {
            let tables = self.of(name)?.tables_after(sql, &part).await?;
            places.into_iter().zip(tables).for_each(|(place, table)| found[place] = table);
        }
        Ok(found)
    }

    async fn all_tables(&self) -> Result<Vec<TableName>, Fault> {
        let mut names = Vec::new();
        for (name, destination) in &self.all {
            let named = |t: TableName| TableName { destination: name.clone(), ..t };
            names.extend(destination.all_tables().await?.into_iter().map(named));
        }
        Ok(names)
    }

    async fn run_script(&self, sql: &str) -> Result<(), Fault> {
        self.home.run_script(sql).await
    }

    async fn evaluate(&self, defaults: &[(String, PgType)]) -> Result<Vec<Option<String>>, Fault> {
        self.home.evaluate(defaults).await
    }

    async fn is_empty(&self, table: &Table) -> Result<bool, Fault> {
        self.holding(table)?.is_empty(table).await
    }

    async fn count(&self, table: &Table) -> Result<u64, Fault> {
        self.holding(table)?.count(table).await
    }

    async fn reserve_keys(&self, table: &Table, column: &str, count: u64) -> Result<i64, Fault> {
        self.holding(table)?.reserve_keys(table, column, count).await
    }

    async fn loader(&self, spec: &LoadSpec) -> Result<Box<dyn Loader>, Fault> {
        self.holding(&spec.table)?.loader(spec).await
    }

    async fn trial(&self, spec: &TrialSpec) -> Result<Box<dyn Loader>, Fault> {
        self.holding(&spec.load.table)?.trial(spec).await
    }

    async fn settler(&self, spec: &SettleSpec) -> Result<Box<dyn Settler>, Fault> {
        self.holding(&spec.load.table)?.settler(spec).await
    }

    async fn scan(&self, table: &Table, columns: &[String], sink: &mut dyn RowSink) -> Result<(), Fault> {
        self.holding(table)?.scan(table, columns, sink).await
    }

    async fn fetch(
        &self,
        table: &Table,
        key: &[String],
        keys: &[Cells],
        columns: &[String],
        sink: &mut dyn RowSink,
    ) -> Result<(), Fault> {
        self.holding(table)?.fetch(table, key, keys, columns, sink).await
    }

    async fn exist(&self, table: &Table, key: &[String], keys: &[Cells]) -> Result<Vec<bool>, Fault> {
        self.holding(table)?.exist(table, key, keys).await
    }

    async fn mapped_ids(&self, entity: &str, source_ids: &[String]) -> Result<Vec<Option<String>>, Fault> {
        self.home.mapped_ids(entity, source_ids).await
    }

    async fn query_rows(&self, sql: &str, limit: usize) -> Result<QueryRows, Fault> {
        self.home.query_rows(sql, limit).await
    }

    /// Services first, because they are what others refer to last and what may fail on the way; the rest, and
    /// the run's status, in the ledger's own database.
    async fn undo(
        &self,
        request: &UndoRequest,
        progress: &mut (dyn FnMut(UndoProgress) + Send),
    ) -> Result<UndoReport, Fault> {
        let ledger = self.ledger();
        let run = ledger.runs().await?.into_iter().find(|run| run.id == request.run);
        let through = run.is_some_and(|run| run.status == RunStatus::RolledBack);
        let mut used: Vec<String> = Vec::new();
        for entity in ledger.entities(request.run).await?.into_iter().rev() {
            used.extend(entity.service.filter(|name| !used.contains(name)));
        }
        let mut services = Vec::new();
        for name in used.iter().filter(|_| !through) {
            let service = self.of(name).map_err(|_| {
                Fault::usage(format!("the run wrote to {name}, and the project has no such destination"))
                    .hint(format!("add [destination.{name}] again, as it was"))
            })?;
            services.push(service.undo(request, progress).await?);
        }
        let mut report = self.home.undo(request, progress).await?;
        for part in services.into_iter().rev() {
            let named = |k: &connect::undo::Kept| (k.entity.clone(), k.key.clone(), k.why.word().to_owned());
            let kept: Vec<_> = part.kept.iter().map(named).collect();
            if !kept.is_empty() && !request.dry_run {
                self.effects.keep(request.run, &kept).await?;
            }
            if part.status == RunStatus::PartlyRolledBack {
                report.status = RunStatus::PartlyRolledBack;
            }
            report.entities.splice(0..0, part.entities);
            report.kept.extend(part.kept);
            report.notes.extend(part.notes);
        }
        report.kept.truncate(KEPT_NAMED_MAX);
        Ok(report)
    }

    async fn undo_script(&self, run: RunId) -> Result<String, Fault> {
        let script = self.home.undo_script(run).await?;
        let entities = self.ledger().entities(run).await?;
        let elsewhere: Vec<String> = entities
            .iter()
            .filter(|e| e.service.is_some())
            .map(|e| format!("{} ({})", e.entity, e.table))
            .collect();
        if elsewhere.is_empty() {
            return Ok(script);
        }
        let list = elsewhere.join(", ").replace(['\n', '\r'], " ");
        Ok(format!(
            "-- Not in here, because no SQL reaches it: {list}.\n-- `landfall rollback` undoes it.\n{script}"
        ))
    }
}
