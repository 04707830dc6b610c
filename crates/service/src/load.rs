//! Loading: what the ledger and the service know of the records of a batch, the calls that are still to be
//! made, and the batch's record.

mod calls;
mod look;

use crate::row::Shape;
use async_trait::async_trait;
use base::{Clock, Fault};
use connect::destination::{Batch, Destination, LoadSpec, Loaded, Loader, Turn};
use connect::service::{Fields, Lookup, Service};
use ledger::Reject;
use ledger::effects::{EffectBatch, EffectStore};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) use look::{Looked, Way};

/// Writes batches of one entity.
pub(crate) struct ServiceLoader {
    spec: LoadSpec,
    /// All columns of a row.
    shape: Shape,
    /// The columns by which content is told.
    compared: Shape,
    /// The columns that an update may write.
    updated: Vec<String>,
    /// The columns that may refer to records of the same entity.
    own: Vec<String>,
    lookup: Option<Lookup>,
    service: Arc<dyn Service>,
    home: Arc<dyn Destination>,
    effects: Arc<dyn EffectStore>,
    namespace: Uuid,
    clock: Arc<dyn Clock>,
}

/// A record that is to be there.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its place in the batch.
    pub(crate) record: usize,
    pub(crate) source_id: String,
    /// Its columns but the key.
    pub(crate) fields: Fields,
}

/// What became of a batch's records.
#[derive(Default)]
struct Came {
    made: Vec<(String, String)>,
    adopted: Vec<(String, String)>,
    rejects: Vec<Reject>,
}

impl ServiceLoader {
    /// For an entity.
    pub(crate) fn new(
        spec: &LoadSpec,
        service: Arc<dyn Service>,
        home: Arc<dyn Destination>,
        effects: Arc<dyn EffectStore>,
        namespace: Uuid,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let named = |positions: &[usize]| -> Vec<String> {
            let data = positions.iter().filter(|i| !spec.key.contains(i));
            data.map(|i| spec.columns[*i].clone()).collect()
        };
        let lookup = spec.match_by.as_deref().map(|sql| matching(spec, &*service, sql)).transpose()?;
        Ok(Self {
            shape: Shape::of(&spec.table, &spec.columns)?,
            compared: Shape::of(&spec.table, &named(&spec.compared))?,
            updated: named(&spec.updated),
            own: named(&spec.own),
            spec: spec.clone(),
            lookup,
            service,
            home,
            effects,
            namespace,
            clock,
        })
    }

    /// The records of a batch that are to be there.
    pub(crate) fn rows(&self, batch: &Batch) -> Result<Vec<Row>, Fault> {
        (0..batch.rows())
            .map(|row| {
                let mut fields = self.shape.fields(batch.row(row))?;
                for key in &self.spec.table.primary_key {
                    fields.remove(key);
                }
                let source_id = batch.source_ids.get(row).unwrap_or_default();
                Ok(Row {
                    record: batch.records[row] as usize,
                    source_id: String::from_utf8_lossy(source_id).into_owned(),
                    fields,
                })
            })
            .collect()
    }

    /// The reject of a record.
    pub(crate) fn reject(&self, batch: &Batch, row: &Row, why: connect::service::Refusal) -> Reject {
        Reject {
            entity: self.spec.entity.clone(),
            record: (batch.first_record + row.record as u64).cast_signed(),
            source_id: row.source_id.clone(),
            value: row.fields.get(&why.column).cloned().flatten(),
            field: why.column,
            code: why.code,
            reason: why.reason,
        }
    }
}

/// The look-up that `match` asks for: `COLUMN`, or `lower(COLUMN)` where letters' case does not count.
fn matching(spec: &LoadSpec, service: &dyn Service, sql: &str) -> Result<Lookup, Fault> {
    let text = sql.trim();
    let folded = text.strip_prefix("lower(").and_then(|rest| rest.strip_suffix(')')).map(str::trim);
    let wanted = Lookup { column: folded.unwrap_or(text).to_owned(), folds_case: folded.is_some() };
    let known = service.lookups(&spec.table.name);
    if known.contains(&wanted) {
        return Ok(wanted);
    }
    let shown = |l: &Lookup| match l.folds_case {
        true => format!("match = \"lower({})\"", l.column),
        false => format!("match = \"{}\"", l.column),
    };
    let list: Vec<String> = known.iter().map(shown).collect();
    let fault = Fault::usage(format!("{}: {} cannot be looked up by {text}", spec.entity, spec.table.sql));
    Err(match list.is_empty() {
        true => fault.hint("remove `match`; this kind of thing cannot be looked up at all"),
        false => fault.hint(list.join(", or ")),
    })
}

#[async_trait]
impl Loader for ServiceLoader {
    async fn load(&mut self, batch: &mut Batch, turn: Turn) -> Result<Loaded, Fault> {
        turn.before.await.map_err(|_| Fault::stop("an earlier batch failed"))?;
        let looked = self.look(self.rows(batch)?).await?;
        let mut came = Came::default();
        self.act(batch, looked, &mut came).await?;
        came.rejects.append(&mut batch.rejects);
        let record = EffectBatch {
            run: self.spec.run,
            entity: &self.spec.entity,
            first_record: batch.first_record,
            next_byte: batch.next_byte,
            fates: &batch.fates,
            made: &came.made,
            adopted: &came.adopted,
            rejects: &came.rejects,
        };
        let counts = self.effects.commit(&record).await?;
        // Nobody waits behind the last batch.
        let _ = turn.after.send(());
        Ok(Loaded {
            fates: batch.fates.clone(),
            counts,
            reject_lines: came.rejects.len() as u64,
            adopted: came.adopted.len() as u64,
        })
    }
}
