//! Writing a batch: rows and ledger record in one transaction.
//!
//! A batch goes out as one binary COPY. Only when the server refuses a row is the transaction rolled back and
//! the batch written again in small pieces that name the rows at fault ([`isolate`]). Rows that may be there
//! already are looked up first ([`existing`]), rows to adopt are matched first ([`adopt`]).

mod adopt;
mod copy;
mod existing;
mod isolate;
mod record;
pub(crate) mod refused;
mod stage;
pub(crate) mod trial;
mod update;

use crate::catalogue::{quote, quote_list};
use crate::connect::{Session, fault};
use crate::ledger::PgLedger;
use async_trait::async_trait;
use base::Fault;
use connect::destination::{Batch, LoadSpec, Loaded, Loader, Mode, Turn};
use ledger::{Fate, Reject};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::{SimpleQueryMessage, Statement};
use values::PgType;

/// How long a batch holds its rows while earlier ones are not committed. Longer than a batch takes, so that
/// it is rarely written twice; short enough that nobody notices when two batches want one key.
const HOLD: Duration = Duration::from_secs(5);

/// One connection that writes one entity.
pub struct PgLoader {
    session: Session,
    ledger: Arc<PgLedger>,
    spec: LoadSpec,
    types: Vec<PgType>,
    copy: Statement,
    /// Transactions of runs that have written rows of this entity, as xmin shows them.
    our_xids: BTreeSet<i64>,
    /// Whether there is a ledger: not in a trial before the first run.
    has_ledger: bool,
    /// Whether the last batch had a row that the server refused: then the next one most likely has, too.
    expect_refusals: bool,
    refusals: refused::Constraints,
}

/// A batch on its way: what the transaction has come to.
struct Attempt {
    /// The batch's number in the ledger.
    id: i64,
    /// Its transaction, and those of its savepoints.
    xids: BTreeSet<i64>,
    /// The fates so far.
    fates: ledger::Fates,
    /// Rows that were inserted.
    inserted: Vec<u32>,
    /// Rows (by position) whose record adopted a row of the destination.
    adopted: Vec<u32>,
    /// Rows whose record adopted a row in an earlier run.
    adopted_before: BTreeSet<u32>,
    /// Rejects that the server caused.
    rejects: Vec<Reject>,
}

/// Why an attempt ended early.
enum Ended {
    /// The server refused a row: the batch is written again, piece by piece.
    Refused,
    /// Anything else.
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Ended::Fault(fault)
    }
}

impl PgLoader {
    /// Prepares a connection for an entity.
    pub(crate) async fn new(session: Session, ledger: Arc<PgLedger>, spec: LoadSpec) -> Result<Self, Fault> {
        let table = Arc::clone(&spec.table);
        Self::into(session, ledger, spec, &table.sql, true).await
    }

    /// The same for rows that go into another table of that shape.
    async fn into(
        session: Session,
        ledger: Arc<PgLedger>,
        spec: LoadSpec,
        table: &str,
        has_ledger: bool,
    ) -> Result<Self, Fault> {
        let types = spec
            .columns
            .iter()
            .map(|name| spec.table.column(name).map(|c| c.ty.clone()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Fault::bug(format!("{}: a column that its table has not", spec.entity)))?;
        let sql = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", quote_list(&spec.columns, ""));
        let copy = session.prepare(&sql).await.map_err(|e| fault(&e, "prepare the load"))?;
        let our_xids = if spec.may_exist && has_ledger {
            existing::xids_of_runs(&session, &ledger, &spec).await?
        } else {
            BTreeSet::new()
        };
        let refusals = refused::Constraints::default();
        let expect_refusals = false;
        Ok(Self { session, ledger, spec, types, copy, our_xids, has_ledger, expect_refusals, refusals })
    }

    /// Begins the transaction of a batch.
    async fn begin(&self, batch: &Batch) -> Result<Attempt, Fault> {
        let numbers = "nextval(pg_get_serial_sequence('landfall.batches', 'id'))";
        let (xid, id) = begin(&self.session, &self.ledger, numbers).await?;
        Ok(Attempt {
            id,
            xids: BTreeSet::from([xid]),
            fates: batch.fates.clone(),
            inserted: Vec::new(),
            adopted: Vec::new(),
            adopted_before: BTreeSet::new(),
            rejects: Vec::new(),
        })
    }

    async fn rollback(&self) -> Result<(), Fault> {
        self.session.batch_execute("ROLLBACK").await.map_err(|e| fault(&e, "roll a batch back"))
    }

    /// Everything inside the transaction; `piecewise` isolates rows that the server refuses.
    async fn write(
        &mut self,
        batch: &mut Batch,
        attempt: &mut Attempt,
        piecewise: bool,
    ) -> Result<(), Ended> {
        if self.spec.id_map || self.spec.match_by.is_some() {
            self.take_mapped_keys(batch, attempt).await?;
        }
        if self.spec.match_by.is_some() {
            self.adopt(batch, attempt).await?;
        }
        let mut insert: Vec<u32> = (0..u32::try_from(batch.rows()).unwrap_or(u32::MAX)).collect();
        insert.retain(|row| attempt.fates.get(record(batch, *row)).is_none());
        if self.spec.may_exist || !attempt.adopted.is_empty() {
            let found = self.classify(batch, attempt, &insert).await?;
            if !found.update.is_empty() {
                self.update(batch, attempt, &found.update, piecewise).await?;
            }
            insert = found.absent;
        }
        let open = self.open_rows(batch)?;
        if piecewise {
            self.insert_piecewise(batch, &open, attempt, &insert).await?;
        } else {
            self.insert(batch, &open, attempt, insert).await?;
        }
        self.write_record(batch, attempt).await?;
        Ok(())
    }

    async fn insert(
        &mut self,
        batch: &Batch,
        open: &copy::Rows<'_>,
        attempt: &mut Attempt,
        rows: Vec<u32>,
    ) -> Result<(), Ended> {
        if rows.is_empty() {
            return Ok(());
        }
        match self.copy_rows(open, &rows).await {
            Ok(()) => {
                for row in &rows {
                    attempt.fates.decide(record(batch, *row), Fate::Loaded);
                }
                attempt.inserted = rows;
                Ok(())
            }
            Err(error) if refused::is_about_a_row(&error) => Err(Ended::Refused),
            Err(error) => Err(fault(&error, "load a batch").at(&self.spec.entity).into()),
        }
    }

    /// `t."a" = k."a" AND …` for the key's columns.
    fn key_equals(&self, left: &str, right: &str) -> String {
        let key = self.key_names();
        key.iter()
            .map(|name| format!("{left}.{0} = {right}.{0}", quote(name)))
            .collect::<Vec<_>>()
            .join(" AND ")
    }

    fn key_names(&self) -> Vec<String> {
        self.spec.key.iter().map(|i| self.spec.columns[*i].clone()).collect()
    }

    /// `unnest($1::uuid[], …) AS k("id", …)`, numbered from `first`.
    fn key_table(&self, first: usize) -> String {
        let arrays: Vec<String> = self
            .spec
            .key
            .iter()
            .enumerate()
            .map(|(i, position)| format!("${}::{}[]", first + i, self.types[*position].name))
            .collect();
        format!("unnest({}) AS k({})", arrays.join(", "), quote_list(&self.key_names(), ""))
    }
}

/// BEGIN and the lease's check; the transaction's number as xmin shows it, and that of an expression.
pub(crate) async fn begin(
    session: &Session,
    ledger: &PgLedger,
    expression: &str,
) -> Result<(i64, i64), Fault> {
    let sql = format!(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET CONSTRAINTS ALL IMMEDIATE; {}; SELECT txid_current() % 4294967296, {expression}",
        crate::ledger::lease_check(ledger.project_name(), ledger.epoch())
    );
    let answers = session.simple_query(&sql).await.map_err(|e| fault(&e, "begin a batch"))?;
    let rows: Vec<_> = answers
        .iter()
        .filter_map(|m| match m {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        })
        .collect();
    let [_lease, numbers] = rows.as_slice() else { return Err(crate::ledger::lease_lost()) };
    let number = |i: usize| numbers.get(i).and_then(|t| t.parse::<i64>().ok());
    match (number(0), number(1)) {
        (Some(xid), Some(id)) => Ok((xid, id)),
        _ => Err(Fault::fail("the server told no transaction number")),
    }
}

/// The record of a row, counted from the batch's first.
fn record(batch: &Batch, row: u32) -> usize {
    batch.records[row as usize] as usize
}

#[async_trait]
impl Loader for PgLoader {
    async fn load(&mut self, batch: &mut Batch, mut turn: Turn) -> Result<Loaded, Fault> {
        let mut piecewise = self.expect_refusals;
        let mut our_turn = false;
        // A batch that is written again has the keys of adopted rows already, and nothing else tells them.
        let mut adopted = Vec::new();
        let attempt = loop {
            // What the server refuses must be judged by what earlier batches have committed: pieces wait for
            // their turn.
            if piecewise && !our_turn {
                our_turn = self.wait(&mut turn).await?;
            }
            let mut attempt = self.begin(batch).await?;
            attempt.adopted = adopted;
            let written = self.write(batch, &mut attempt, piecewise).await;
            adopted = attempt.adopted.clone();
            match written {
                Ok(()) if our_turn => break attempt,
                // An earlier batch that waits for a key which this one holds would wait for ever: after a
                // while the rows are given up, and written again in turn.
                Ok(()) => match tokio::time::timeout(HOLD, &mut turn.before).await {
                    Ok(Ok(())) => break attempt,
                    Ok(Err(_)) => {
                        self.rollback().await?;
                        return Err(earlier_failed(&self.spec.entity));
                    }
                    Err(_) => {
                        self.rollback().await?;
                        our_turn = self.wait(&mut turn).await?;
                    }
                },
                Err(Ended::Refused) => {
                    self.rollback().await?;
                    piecewise = true;
                }
                Err(Ended::Fault(fault)) => {
                    // The connection may be gone; the server rolls back what it has not committed.
                    let _ = self.rollback().await;
                    return Err(fault);
                }
            }
        };
        self.session.batch_execute("COMMIT").await.map_err(|e| fault(&e, "commit a batch"))?;
        let _ = turn.after.send(());
        self.expect_refusals = piecewise && !attempt.rejects.is_empty();
        self.our_xids.extend(&attempt.xids);
        let counts = ledger::invariants::all_decided(&self.spec.entity, batch.first_record, &attempt.fates)?;
        Ok(Loaded {
            reject_lines: (batch.rejects.len() + attempt.rejects.len()) as u64,
            adopted: attempt.adopted.len() as u64,
            fates: attempt.fates,
            counts,
        })
    }
}

impl PgLoader {
    /// Waits until all earlier batches are committed.
    async fn wait(&self, turn: &mut Turn) -> Result<bool, Fault> {
        match (&mut turn.before).await {
            Ok(()) => Ok(true),
            Err(_) => Err(earlier_failed(&self.spec.entity)),
        }
    }
}

fn earlier_failed(entity: &str) -> Fault {
    Fault::stop(format!("{entity}: an earlier batch failed"))
}

/// Whether a mode writes over rows that are there.
fn writes_over(mode: Mode) -> bool {
    mode == Mode::Update
}
