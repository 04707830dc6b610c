//! The second pass over a circle: references are written once their rows are there, and rows whose parents
//! were refused are taken back.

use crate::destination::LoadSpec;
use async_trait::async_trait;
use base::Fault;
use ledger::{Fate, Fates, Reject};
use values::Cells;

/// How an entity of a circle is settled.
#[derive(Debug, Clone, PartialEq)]
pub struct SettleSpec {
    /// How its rows were loaded.
    pub load: LoadSpec,
    /// Late columns of the circle whose foreign keys lead to the entity's table.
    pub referring: Vec<Referring>,
}

/// A late column that refers to an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referring {
    /// The entity that it belongs to.
    pub entity: String,
    /// That entity's table, quoted and qualified.
    pub table: String,
    /// The column.
    pub column: String,
    /// What stands in it while it is open: the row's own key in this column; `None`: NULL.
    pub own_key: Option<String>,
}

/// Rows of one batch of the ledger.
#[derive(Debug, Default)]
pub struct SettleRows {
    /// The batch's number in the ledger.
    pub batch: i64,
    /// Number of its first record in the export.
    pub first_record: u64,
    /// The fates of its records.
    pub fates: Fates,
    /// For each row: its record, counted from the batch's first, in ascending order.
    pub records: Vec<u32>,
    /// For each row: the source's id.
    pub source_ids: Vec<String>,
    /// The key columns' cells, a column each.
    pub keys: Vec<Cells>,
}

/// Settles the batches of one entity, each call a transaction with its ledger record.
#[async_trait]
pub trait Settler: Send {
    /// Writes the late columns of rows (a column of cells each, in the order of the spec) and marks the batch
    /// as linked. A row that the destination refuses becomes a reject and is taken back; how many did.
    async fn link(&mut self, rows: SettleRows, cells: Vec<Cells>) -> Result<u64, Fault>;
    /// Takes rows back: those that the batch inserted are deleted, those that it updated restored, others
    /// left alone. `fates` says what became of each record instead, `rejects` why.
    async fn take_back(
        &mut self,
        rows: SettleRows,
        fates: Vec<Fate>,
        rejects: Vec<Reject>,
    ) -> Result<(), Fault>;
}
