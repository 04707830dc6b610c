//! [`Destination`] over a service and the database that keeps its ledger.

use crate::load::ServiceLoader;
use crate::read;
use crate::trial::ServiceTrial;
use async_trait::async_trait;
use base::ids::RunId;
use base::{Clock, Fault, Problem};
use connect::destination::{
    Bounds, Destination, DestinationInfo, LoadSpec, Loader, QueryRows, RowSink, Table, TableName, TrialSpec,
};
use connect::service::Service;
use connect::settle::{SettleSpec, Settler};
use connect::undo::{UndoProgress, UndoReport, UndoRequest};
use ledger::LedgerStore;
use ledger::effects::EffectStore;
use std::sync::Arc;
use uuid::Uuid;
use values::{Cells, PgType};

/// A service as a destination.
pub struct ServiceDestination {
    pub(crate) name: String,
    pub(crate) service: Arc<dyn Service>,
    /// Where the ledger is.
    home: Arc<dyn Destination>,
    pub(crate) effects: Arc<dyn EffectStore>,
    namespace: Uuid,
    clock: Arc<dyn Clock>,
    /// Records in one commit: what is looked up again at most when a run is interrupted.
    batch: usize,
}

impl ServiceDestination {
    /// The service called `name` in the project file, its ledger at `home`; `batch` records to a commit.
    pub fn new(
        name: &str,
        service: Arc<dyn Service>,
        (home, effects): (Arc<dyn Destination>, Arc<dyn EffectStore>),
        namespace: Uuid,
        clock: Arc<dyn Clock>,
        batch: usize,
    ) -> Self {
        Self { name: name.to_owned(), service, home, effects, namespace, clock, batch: batch.max(1) }
    }

    /// Its tables, named for this project: `community.members`.
    pub(crate) async fn catalogue(&self) -> Result<Vec<Table>, Fault> {
        let mut tables = self.service.tables().await?;
        for table in &mut tables {
            table.destination.clone_from(&self.name);
            table.sql = format!("{}.{}", self.name, table.name);
            table.given_key = true;
            for reference in &mut table.foreign_keys {
                reference.table.clone_from(&table.sql);
                reference.to = format!("{}.{}", self.name, reference.to);
            }
        }
        Ok(tables)
    }

    fn service_loader(&self, spec: &LoadSpec) -> Result<ServiceLoader, Fault> {
        let (service, effects) = (Arc::clone(&self.service), Arc::clone(&self.effects));
        let (home, clock) = (Arc::clone(&self.home), Arc::clone(&self.clock));
        ServiceLoader::new(spec, service, home, effects, self.namespace, clock)
    }

    /// The namespace of the marks that calls carry.
    pub(crate) fn namespace(&self) -> Uuid {
        self.namespace
    }

    /// The texts of key cells.
    fn key_texts(table: &Table, keys: &[Cells]) -> Result<Vec<String>, Fault> {
        let [cells] = keys else { return Err(Fault::bug(format!("{} has one key column", table.sql))) };
        let text = |cell: Option<&[u8]>| String::from_utf8_lossy(cell.unwrap_or_default()).into_owned();
        Ok(cells.iter().map(text).collect())
    }
}

#[async_trait]
impl Destination for ServiceDestination {
    fn info(&self) -> DestinationInfo {
        DestinationInfo { address: self.service.address(), version: String::new(), embedded: false }
    }

    fn ledger(&self) -> &dyn LedgerStore {
        self.home.ledger()
    }

    fn bounds(&self, _: &Table) -> Bounds {
        // Calls overlap inside a batch; batches follow each other.
        Bounds { connections: Some(1), rows: Some(self.batch) }
    }

    fn mails(&self, table: &Table, rows: u64) -> Option<u64> {
        self.service.mails(&table.name, rows)
    }

    async fn check(&self, tables: &[Arc<Table>]) -> Result<Vec<Problem>, Fault> {
        let names: Vec<String> = tables.iter().map(|t| t.name.clone()).collect();
        self.service.check(&names).await
    }

    async fn tables(&self, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        let all = self.catalogue().await?;
        let find = |name: &TableName| all.iter().find(|t| t.name == name.name).cloned();
        Ok(names.iter().map(find).collect())
    }

    async fn tables_after(&self, _: &str, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        self.tables(names).await
    }

    async fn all_tables(&self) -> Result<Vec<TableName>, Fault> {
        let name = |t: Table| TableName { destination: self.name.clone(), schema: None, name: t.name };
        Ok(self.catalogue().await?.into_iter().map(name).collect())
    }

    async fn run_script(&self, _: &str) -> Result<(), Fault> {
        Err(Fault::usage(format!("{} is a service; it runs no SQL script", self.name))
            .hint("remove `schema` from its section"))
    }

    async fn evaluate(&self, defaults: &[(String, PgType)]) -> Result<Vec<Option<String>>, Fault> {
        match defaults {
            [] => Ok(Vec::new()),
            _ => Err(Fault::bug("a service has no defaults to evaluate")),
        }
    }

    async fn is_empty(&self, table: &Table) -> Result<bool, Fault> {
        Ok(self.service.count(&table.name).await? == Some(0))
    }

    async fn count(&self, table: &Table) -> Result<u64, Fault> {
        if let Some(count) = self.service.count(&table.name).await? {
            return Ok(count);
        }
        let mut count = Counting(0);
        read::scan(&*self.service, table, &table.primary_key, &mut count).await?;
        Ok(count.0)
    }

    async fn reserve_keys(&self, table: &Table, _: &str, _: u64) -> Result<i64, Fault> {
        Err(Fault::bug(format!("{} makes its keys itself", table.sql)))
    }

    async fn loader(&self, spec: &LoadSpec) -> Result<Box<dyn Loader>, Fault> {
        Ok(Box::new(self.service_loader(spec)?))
    }

    async fn trial(&self, spec: &TrialSpec) -> Result<Box<dyn Loader>, Fault> {
        Ok(Box::new(ServiceTrial::new(self.service_loader(&spec.load)?)))
    }

    async fn settler(&self, spec: &SettleSpec) -> Result<Box<dyn Settler>, Fault> {
        Err(Fault::bug(format!("{}: a service writes nothing late", spec.load.entity)))
    }

    async fn scan(&self, table: &Table, columns: &[String], sink: &mut dyn RowSink) -> Result<(), Fault> {
        read::scan(&*self.service, table, columns, sink).await
    }

    async fn fetch(
        &self,
        table: &Table,
        _: &[String],
        keys: &[Cells],
        columns: &[String],
        sink: &mut dyn RowSink,
    ) -> Result<(), Fault> {
        let keys = Self::key_texts(table, keys)?;
        read::fetch(&*self.service, table, &keys, columns, sink).await
    }

    async fn exist(&self, table: &Table, _: &[String], keys: &[Cells]) -> Result<Vec<bool>, Fault> {
        let keys = Self::key_texts(table, keys)?;
        let mut there = Vec::with_capacity(keys.len());
        for page in keys.chunks(read::READ_AT_ONCE) {
            let found = self.service.read(&table.name, page, &table.primary_key).await?;
            there.extend(found.iter().map(Option::is_some));
        }
        Ok(there)
    }

    async fn mapped_ids(&self, entity: &str, source_ids: &[String]) -> Result<Vec<Option<String>>, Fault> {
        self.home.mapped_ids(entity, source_ids).await
    }

    async fn query_rows(&self, _: &str, _: usize) -> Result<QueryRows, Fault> {
        Err(Fault::usage(format!(
            "{} is a service; SQL over it goes through landfall's own engine",
            self.name
        )))
    }

    async fn undo(
        &self,
        request: &UndoRequest,
        progress: &mut (dyn FnMut(UndoProgress) + Send),
    ) -> Result<UndoReport, Fault> {
        crate::undo(self, request, progress).await
    }

    async fn undo_script(&self, _: RunId) -> Result<String, Fault> {
        Err(Fault::bug("the undo of a service is no SQL script"))
    }
}

/// Counts rows.
struct Counting(u64);

impl RowSink for Counting {
    fn row(&mut self, _: &[u8]) -> Result<(), Fault> {
        self.0 += 1;
        Ok(())
    }
}
