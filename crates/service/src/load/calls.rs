//! The calls of a batch: each intended in the ledger, made, and answered there.

use super::{Came, Looked, Row, ServiceLoader, Way};
use crate::row::only;
use crate::since;
use base::ids::record_id;
use base::{Class, Fault, RejectCode};
use connect::destination::Batch;
use connect::service::{Fields, Lost, Made, Refusal};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ledger::Fate;
use ledger::effects::{Action, Intent};
use std::collections::HashMap;

/// How often a call is made again whose answer was lost and whose thing is not there.
const TRIES_MAX: usize = 3;

/// A call that is to be made.
struct Call {
    row: Row,
    /// The fields to write, references resolved.
    fields: Fields,
    way: Way,
}

/// What a call came to.
enum Came1 {
    Made(String),
    Changed,
    Refused(Refusal),
}

impl ServiceLoader {
    /// Makes the calls of a batch; those that wait for a key of the same batch come after it.
    pub(super) async fn act(&self, batch: &mut Batch, looked: Looked, came: &mut Came) -> Result<(), Fault> {
        let Looked { rows, adopted, mut own } = looked;
        came.adopted = adopted;
        let mut waiting = Vec::new();
        for (row, way) in rows {
            match way {
                Way::Decided(fate, why) => {
                    batch.fates.decide(row.record, fate);
                    came.rejects.extend(why.map(|why| self.reject(batch, &row, why)));
                }
                Way::Done { key, action } => {
                    own.insert(row.source_id.clone(), key.clone());
                    self.done(batch, &row, action, key, came);
                }
                way => waiting.push((row, way)),
            }
        }
        while !waiting.is_empty() {
            let mut ready = Vec::new();
            let mut later = Vec::new();
            for (row, way) in waiting {
                match self.resolved(&row.fields, &own) {
                    Ok(fields) => ready.push(Call { row, fields, way }),
                    Err(_) => later.push((row, way)),
                }
            }
            if ready.is_empty() {
                return self.without_parent(batch, later, &own, came).await;
            }
            self.intend(batch, &ready).await?;
            let calls = stream::iter(ready.into_iter().map(|call| async move {
                let outcome = self.call(&call).await?;
                Ok::<_, Fault>((call, outcome))
            }));
            let answered: Vec<(Call, Came1)> =
                calls.buffer_unordered(self.service.calls_at_once().max(1)).try_collect().await?;
            for (call, outcome) in answered {
                match outcome {
                    Came1::Made(key) => {
                        own.insert(call.row.source_id.clone(), key.clone());
                        self.done(batch, &call.row, Action::Create, key, came);
                    }
                    Came1::Changed => batch.fates.decide(call.row.record, Fate::Updated),
                    Came1::Refused(why) => {
                        batch.fates.decide(call.row.record, Fate::Rejected(why.code));
                        came.rejects.push(self.reject(batch, &call.row, why));
                    }
                }
            }
            waiting = later;
        }
        Ok(())
    }

    fn done(&self, batch: &mut Batch, row: &Row, action: Action, key: String, came: &mut Came) {
        match action {
            Action::Create => {
                batch.fates.decide(row.record, Fate::Loaded);
                came.made.push((row.source_id.clone(), key));
            }
            Action::Update => batch.fates.decide(row.record, Fate::Updated),
        }
    }

    /// Rejects records whose parent of the same entity is not there.
    async fn without_parent(
        &self,
        batch: &mut Batch,
        rows: Vec<(Row, Way)>,
        own: &HashMap<String, String>,
        came: &mut Came,
    ) -> Result<(), Fault> {
        let missing = |row: &Row| -> (String, String) {
            let waits = self.refers(&row.fields).find(|(_, id)| !own.contains_key(*id));
            waits.map(|(column, id)| (column.to_owned(), id.to_owned())).unwrap_or_default()
        };
        let parents: Vec<(String, String)> = rows.iter().map(|(row, _)| missing(row)).collect();
        let ids: Vec<String> = parents.iter().map(|(_, id)| id.clone()).collect();
        let rejected = self.effects.rejected(self.spec.run, &self.spec.entity, &ids).await?;
        for (((row, _), (column, id)), rejected) in rows.iter().zip(&parents).zip(rejected) {
            let here = rows.iter().any(|(other, _)| other.source_id == *id)
                || came.rejects.iter().any(|reject| reject.source_id == *id);
            let (code, reason) = match rejected || here {
                true => (
                    RejectCode::ParentRejected,
                    format!("the {} it refers to was rejected", self.spec.entity),
                ),
                false => {
                    (RejectCode::ParentMissing, format!("the {} it refers to is not there", self.spec.entity))
                }
            };
            batch.fates.decide(row.record, Fate::Rejected(code));
            came.rejects.push(self.reject(batch, row, Refusal { column: column.clone(), code, reason }));
        }
        Ok(())
    }

    /// Writes down what is about to be done.
    async fn intend(&self, batch: &Batch, calls: &[Call]) -> Result<(), Fault> {
        let intents: Vec<Intent> = calls
            .iter()
            .map(|call| {
                let (action, key, image) = match &call.way {
                    Way::Change { key, image, .. } => {
                        (Action::Update, Some(key.clone()), Some(image.clone()))
                    }
                    _ => (Action::Create, None, None),
                };
                let record = batch.first_record + call.row.record as u64;
                Intent { record, source_id: call.row.source_id.clone(), action, key, image }
            })
            .collect();
        self.effects.intend(self.spec.run, &self.spec.entity, &intents).await
    }

    async fn call(&self, call: &Call) -> Result<Came1, Fault> {
        match &call.way {
            Way::Change { key, columns, .. } => self.change(call, key, columns).await,
            Way::Lost { since } => self.make(call, Some(*since)).await,
            _ => self.make(call, None).await,
        }
    }

    /// Makes a thing, or finds the one that an earlier call made.
    async fn make(&self, call: &Call, lost: Option<Timestamp>) -> Result<Came1, Fault> {
        let (table, row) = (&self.spec.table.name, &call.row);
        let mark = record_id(&self.namespace, &self.spec.entity, &row.source_id).to_string();
        let mut lost = lost;
        let mut last = None;
        for _ in 0..TRIES_MAX {
            if let Some(intended) = lost {
                let looking = Lost { fields: Some(&call.fields), mark: &mark, since: since(intended) };
                if let Some(key) = self.service.find(table, &looking).await? {
                    return self.answered(call, key).await;
                }
            }
            let began = self.clock.now();
            match self.service.create(table, &call.fields, &mark).await? {
                Made::Done(key) => return self.answered(call, key).await,
                Made::Refused(why) => {
                    self.effects.withdrawn(self.spec.run, &self.spec.entity, &row.source_id).await?;
                    return Ok(Came1::Refused(why));
                }
                Made::Unknown(fault) => {
                    last = Some(fault);
                    lost = lost.or(Some(began));
                }
            }
        }
        Err(gave_up(last, &self.spec.entity))
    }

    async fn answered(&self, call: &Call, key: String) -> Result<Came1, Fault> {
        let content = self.compared.hash(&call.fields)?;
        let (run, entity) = (self.spec.run, &self.spec.entity);
        self.effects.done(run, entity, &call.row.source_id, &key, content).await?;
        Ok(Came1::Made(key))
    }

    /// Writes columns of a thing.
    async fn change(&self, call: &Call, key: &str, columns: &[String]) -> Result<Came1, Fault> {
        let (run, entity, id) = (self.spec.run, &self.spec.entity, &call.row.source_id);
        let fields = only(&call.fields, columns);
        let mut last = None;
        for _ in 0..TRIES_MAX {
            match self.service.update(&self.spec.table.name, key, &fields).await? {
                Made::Done(key) => {
                    let content = self.compared.hash(&call.fields)?;
                    self.effects.done(run, entity, id, &key, content).await?;
                    return Ok(Came1::Changed);
                }
                Made::Refused(why) => {
                    self.effects.withdrawn(run, entity, id).await?;
                    return Ok(Came1::Refused(why));
                }
                // Written twice, it is the same.
                Made::Unknown(fault) => last = Some(fault),
            }
        }
        Err(gave_up(last, entity))
    }
}

/// The fault of a call whose answer was lost again and again.
fn gave_up(last: Option<Fault>, entity: &str) -> Fault {
    let fault = last.unwrap_or_else(|| Fault::bug("no call was made"));
    Fault { class: Class::Stop, ..fault }
        .at(entity)
        .hint("landfall move    looks whether the call was done before it makes it again")
}
