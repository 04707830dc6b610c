//! Where rows go to: the catalogue, loaders, readers, and the ledger beside the rows.
//!
//! Rows cross this port as wire bytes: each cell is encoded once ([`values`]) and the same bytes are loaded,
//! compared and hashed.

use crate::settle::{SettleSpec, Settler};
use crate::undo::{UndoProgress, UndoReport, UndoRequest};
use async_trait::async_trait;
use base::ids::RunId;
use base::{Fault, Problem};
use ledger::{Counts, Fates, LedgerStore, Reject};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use values::{Cells, PgType};

/// Who the destination is; holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationInfo {
    /// Where it is, without credentials: `localhost:5432/app as anna`, `embedded`.
    pub address: String,
    /// The server's version, `15.18`.
    pub version: String,
    /// Whether it is the PostgreSQL inside the program: one connection in all.
    pub embedded: bool,
}

/// A table as the project names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The destination's name in the project; empty: the only one.
    pub destination: String,
    /// PostgreSQL's schema; `None`: the search path decides.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let destination = Some(&self.destination).filter(|name| !name.is_empty());
        for part in [destination, self.schema.as_ref()].into_iter().flatten() {
            write!(f, "{part}.")?;
        }
        f.write_str(&self.name)
    }
}

/// A table from the destination's own catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name in the project of the destination that holds it; empty: the only one.
    pub destination: String,
    /// Whether it is a kind of things of a service, which makes their keys itself.
    pub given_key: bool,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Quoted and qualified, for SQL.
    pub sql: String,
    /// Its columns, in the table's order.
    pub columns: Vec<Column>,
    /// The columns of its primary key; empty: none.
    pub primary_key: Vec<String>,
    /// Foreign keys of this table.
    pub foreign_keys: Vec<ForeignKey>,
    /// Foreign keys of any table that refer to this one.
    pub referenced_by: Vec<ForeignKey>,
    /// Names of triggers that fire on insert or update of rows (not those of foreign keys).
    pub triggers: Vec<String>,
}

impl Table {
    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: PgType,
    /// Whether it refuses NULL (also by its domain).
    pub not_null: bool,
    /// Its default, as SQL.
    pub default: Option<String>,
    /// `GENERATED ALWAYS AS (…) STORED`: nobody writes it.
    pub generated: bool,
    /// The sequence that feeds it (serial or identity), qualified.
    pub sequence: Option<String>,
}

/// A foreign key: `table (columns)` refers to `to (to_columns)`; tables quoted and qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The table that refers.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that is referred to.
    pub to: String,
    /// Its columns.
    pub to_columns: Vec<String>,
}

/// What to do with a record whose row is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Same content: unchanged; other content: a reject.
    Insert,
    /// Other content is written over, unless somebody changed the row since a run wrote it.
    Update,
    /// Left alone.
    Skip,
}

impl Mode {
    /// The word in project files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Insert => "insert",
            Mode::Update => "update",
            Mode::Skip => "skip",
        }
    }
}

/// A column that a loader leaves open: its value is a reference inside a circle, and is written when all rows
/// of the circle are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Its position in the columns written.
    pub column: usize,
    /// What stands in the column until then.
    pub stand_in: StandIn,
}

/// What stands in a column that is written late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// NULL.
    Null,
    /// The row's own key: for a reference to the same table that takes no NULL.
    OwnKey,
}

/// How rows of one entity are written; the same for all its batches.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSpec {
    /// The run.
    pub run: RunId,
    /// The entity.
    pub entity: String,
    /// The table.
    pub table: Arc<Table>,
    /// The columns written, in the order of the cells of a row.
    pub columns: Vec<String>,
    /// Positions in `columns` of the key.
    pub key: Vec<usize>,
    /// Positions in `columns` that are compared with a row that is there (passwords may be left out).
    pub compared: Vec<usize>,
    /// Positions in `columns` written by an update; late ones are not among them.
    pub updated: Vec<usize>,
    /// What to do with rows that are there.
    pub mode: Mode,
    /// Whether the table may hold rows of these keys: if not, nothing is looked up.
    pub may_exist: bool,
    /// Whether the keys are written to the id map, because nothing derives them.
    pub id_map: bool,
    /// Whether only a run can have written a row of such a key (derived keys).
    pub keys_are_ours: bool,
    /// SQL over the table's columns that finds the row to adopt.
    pub match_by: Option<String>,
    /// Of a service: columns that may refer to records of the same entity by their source ids
    /// ([`crate::service::own_reference`]), because their keys are not known before they are made.
    pub own: Vec<usize>,
    /// Columns that are left open: batches hold their values, so that rows which are there can be compared,
    /// and a [`Settler`] writes them.
    pub late: Vec<Late>,
}

/// How rows of one entity are tried.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialSpec {
    /// How they would be loaded.
    pub load: LoadSpec,
    /// The script that makes the tables, when they are not there yet.
    pub script: Option<String>,
    /// Foreign keys that lead to tables which the project does not move.
    pub guarded: Vec<ForeignKey>,
}

/// Records of the export, in order, and the rows of those that are to be written.
#[derive(Debug)]
pub struct Batch {
    /// Number of the first record in the export, from 0.
    pub first_record: u64,
    /// Where the export goes on after the batch, in bytes.
    pub next_byte: u64,
    /// A fate per record; the rows' are undecided.
    pub fates: Fates,
    /// For each row: its record, counted from the batch's first.
    pub records: Vec<u32>,
    /// For each row: the source's id.
    pub source_ids: Cells,
    /// For each row: its fields as binary COPY has them, one behind the other.
    pub wire: Vec<u8>,
    /// Where each row ends in `wire`.
    pub ends: Vec<usize>,
    /// The key columns' cells, a column each.
    pub keys: Vec<Cells>,
    /// Why records were rejected, those that the mapping found.
    pub rejects: Vec<Reject>,
    /// Keyed marks of cells that are not the same in another run (fresh password hashes), 16 bytes a record.
    pub marks: Option<Vec<u8>>,
    /// NULLs that took a default: column → how many.
    pub defaults_taken: BTreeMap<String, u64>,
}

impl Batch {
    /// A batch of no records, for keys of so many columns, with room for so many bytes of rows: a batch that
    /// grew into its size would leave twice of it behind.
    pub fn empty(key_columns: usize, room: usize) -> Self {
        Self {
            first_record: 0,
            next_byte: 0,
            fates: Fates(Vec::new()),
            records: Vec::new(),
            source_ids: Cells::new(),
            wire: Vec::with_capacity(room),
            ends: Vec::new(),
            keys: vec![Cells::new(); key_columns],
            rejects: Vec::new(),
            marks: None,
            defaults_taken: BTreeMap::new(),
        }
    }

    /// Forgets the records and keeps their memory, for a batch that begins at `first_record`.
    pub fn begin(&mut self, first_record: u64) {
        (self.first_record, self.next_byte) = (first_record, 0);
        self.fates.0.clear();
        self.records.clear();
        self.source_ids.clear();
        self.wire.clear();
        self.ends.clear();
        self.keys.iter_mut().for_each(Cells::clear);
        self.rejects.clear();
        self.marks = None;
        self.defaults_taken.clear();
    }

    /// The bytes of a row in `wire`.
    pub fn row(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.wire[start..self.ends[row]]
    }
    /// How many rows are to be written.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }
}

/// What a committed batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// The fate of every record of the batch.
    pub fates: Fates,
    /// The same, counted.
    pub counts: Counts,
    /// Lines that its rejects have in the ledger.
    pub reject_lines: u64,
    /// Records that adopted a row of the destination.
    pub adopted: u64,
}

/// Keeps commits in the order of the export when several connections load: a loader waits for `before` before
/// it commits, and tells `after` when it has.
#[derive(Debug)]
pub struct Turn {
    /// Resolves when all earlier batches are committed; an error means that one of them failed.
    pub before: oneshot::Receiver<()>,
    /// Told when this one is committed.
    pub after: oneshot::Sender<()>,
}

/// One connection that writes batches of one entity.
#[async_trait]
pub trait Loader: Send {
    /// Writes a batch and its ledger record in one transaction. Rows that break a constraint become rejects.
    /// What is left in the batch afterwards means nothing; its memory serves the next one.
    async fn load(&mut self, batch: &mut Batch, turn: Turn) -> Result<Loaded, Fault>;
}

/// What a destination allows of how a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Connections at once at most.
    pub connections: Option<usize>,
    /// Records in one commit at most.
    pub rows: Option<usize>,
}

/// Takes a table's rows as they stream out.
pub trait RowSink: Send {
    /// Takes a row in binary COPY form: a count of fields (2 bytes), then each field's length (4 bytes, −1:
    /// NULL) and bytes.
    fn row(&mut self, row: &[u8]) -> Result<(), Fault>;
}

/// A configured destination.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Who it is.
    fn info(&self) -> DestinationInfo;
    /// The ledger beside the rows.
    fn ledger(&self) -> &dyn LedgerStore;
    /// What it allows of how a table is written.
    fn bounds(&self, _: &Table) -> Bounds {
        Bounds { connections: self.info().embedded.then_some(1), rows: None }
    }
    /// Mails and notices to people that so many new rows of a table would cause; `None`: nobody can say.
    fn mails(&self, _: &Table, _rows: u64) -> Option<u64> {
        Some(0)
    }
    /// Rights, row-level security, pooling address: every problem for these tables.
    async fn check(&self, tables: &[Arc<Table>]) -> Result<Vec<Problem>, Fault>;
    /// The tables of those names, in their order; `None` for one that is not there.
    async fn tables(&self, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault>;
    /// The tables as they would be after a script, which is rolled back: nothing is written.
    async fn tables_after(&self, sql: &str, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault>;
    /// Every table that the role can see outside the system's schemas and the ledger's.
    async fn all_tables(&self) -> Result<Vec<TableName>, Fault>;
    /// Runs a script in one transaction.
    async fn run_script(&self, sql: &str) -> Result<(), Fault>;
    /// The values of default expressions, as text, evaluated once.
    async fn evaluate(&self, defaults: &[(String, PgType)]) -> Result<Vec<Option<String>>, Fault>;
    /// Whether the table holds no row, or is not there yet.
    async fn is_empty(&self, table: &Table) -> Result<bool, Fault>;
    /// How many rows the table holds.
    async fn count(&self, table: &Table) -> Result<u64, Fault>;
    /// Reserves `count` values of the key's sequence: the value before the first.
    async fn reserve_keys(&self, table: &Table, column: &str, count: u64) -> Result<i64, Fault>;
    /// A connection for one entity.
    async fn loader(&self, spec: &LoadSpec) -> Result<Box<dyn Loader>, Fault>;
    /// A loader that says what would become of batches, and leaves nothing behind.
    async fn trial(&self, spec: &TrialSpec) -> Result<Box<dyn Loader>, Fault>;
    /// A connection that writes the late columns of one entity.
    async fn settler(&self, spec: &SettleSpec) -> Result<Box<dyn Settler>, Fault>;
    /// Streams columns of every row of a table, in any order.
    async fn scan(&self, table: &Table, columns: &[String], sink: &mut dyn RowSink) -> Result<(), Fault>;
    /// Streams columns of the rows with these keys (a column of cells each), in any order.
    async fn fetch(
        &self,
        table: &Table,
        key: &[String],
        keys: &[Cells],
        columns: &[String],
        sink: &mut dyn RowSink,
    ) -> Result<(), Fault>;
    /// Of these keys, those whose rows are there: a flag for each.
    async fn exist(&self, table: &Table, key: &[String], keys: &[Cells]) -> Result<Vec<bool>, Fault>;
    /// The keys in the id map: for each source id its key as text, or `None`.
    async fn mapped_ids(&self, entity: &str, source_ids: &[String]) -> Result<Vec<Option<String>>, Fault>;
    /// Runs a query that must return no rows, read-only and bounded in time; up to `limit` first columns as
    /// text and the number of rows.
    async fn query_rows(&self, sql: &str, limit: usize) -> Result<QueryRows, Fault>;
    /// Undoes a run in transactions of several batches, newest first, each with its ledger record; one that
    /// is interrupted goes on where it stopped. The caller holds the lease (a dry run needs none).
    async fn undo(
        &self,
        request: &UndoRequest,
        progress: &mut (dyn FnMut(UndoProgress) + Send),
    ) -> Result<UndoReport, Fault>;
    /// SQL that does the same in one transaction, for `psql -f`. It holds no value and no id of a record.
    async fn undo_script(&self, run: RunId) -> Result<String, Fault>;
}

/// The result of a read-only query, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryRows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows there are in all.
    pub total: u64,
}
