//! From rows of the ledger's tables to its records.

use base::ids::RunId;
use base::{Fault, RejectCode};
use jiff::Timestamp;
use ledger::{Batch, Difference, DifferenceKind, EntityRun, Fates, Reject, Run, RunKind, RunStatus};
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// The columns of [`run`].
pub(super) const RUN: &str = "id, name, kind, status, (extract(epoch FROM started_at) * 1000000)::bigint, \
     (extract(epoch FROM finished_at) * 1000000)::bigint, resumed, seed, facts::text";

pub(super) fn run(row: &Row) -> Result<Run, Fault> {
    let status: String = row.get(3);
    let kind: String = row.get(2);
    let facts: String = row.get(8);
    Ok(Run {
        id: RunId(row.get(0)),
        name: row.get(1),
        kind: if kind == "replay" { RunKind::Replay } else { RunKind::Move },
        status: RunStatus::from_word(&status).ok_or_else(|| strange("a run's status", &status))?,
        started_at: micros(row.get(4))?,
        finished_at: row.get::<_, Option<i64>>(5).map(micros).transpose()?,
        resumed: u32::try_from(row.get::<_, i32>(6)).unwrap_or_default(),
        seed: row.get::<_, i64>(7).cast_unsigned(),
        facts: serde_json::from_str(&facts).map_err(|_| strange("a run's facts", "no JSON"))?,
    })
}

/// The columns of [`entity`].
pub(super) const ENTITY: &str =
    "entity, table_name, key, plan, began_empty, defaults::text, key_base, source, columns, service, loaded";

pub(super) fn entity(row: &Row) -> Result<EntityRun, Fault> {
    let defaults: String = row.get(5);
    Ok(EntityRun {
        entity: row.get(0),
        table: row.get(1),
        key: row.get(2),
        plan: row.get(3),
        began_empty: row.get(4),
        defaults: serde_json::from_str(&defaults).map_err(|_| strange("an entity's defaults", "no JSON"))?,
        key_base: row.get(6),
        source: row.get::<_, i64>(7).cast_unsigned(),
        columns: row.get(8),
        service: row.get(9),
        loaded: row.get(10),
    })
}

/// The columns of [`batch`].
pub(super) const BATCH: &str = "id, first_record, fates, next_byte, marks, linked";

pub(super) fn batch(row: &Row) -> Batch {
    Batch {
        id: row.get(0),
        first_record: row.get::<_, i64>(1).cast_unsigned(),
        fates: Fates(row.get(2)),
        next_byte: row.get::<_, i64>(3).cast_unsigned(),
        marks: row.get(4),
        linked: row.get(5),
    }
}

/// The columns of [`reject`].
pub(super) const REJECT: &str = "entity, record, source_id, field, value, code, reason";

pub(super) fn reject(row: &Row) -> Result<Reject, Fault> {
    let code: String = row.get(5);
    Ok(Reject {
        entity: row.get(0),
        record: row.get(1),
        source_id: row.get(2),
        field: row.get(3),
        value: row.get(4),
        code: RejectCode::from_word(&code).ok_or_else(|| strange("a reject's code", &code))?,
        reason: row.get(6),
    })
}

pub(super) fn difference(row: &Row) -> Result<Difference, Fault> {
    let kind: String = row.get(1);
    let fields: String = row.get(4);
    let kind = [DifferenceKind::Changed, DifferenceKind::Missing, DifferenceKind::Extra]
        .into_iter()
        .find(|k| k.word() == kind)
        .ok_or_else(|| strange("a difference's kind", &kind))?;
    Ok(Difference {
        entity: row.get(0),
        kind,
        source_id: row.get(2),
        key: row.get(3),
        fields: serde_json::from_str(&fields).map_err(|_| strange("a difference's fields", "no JSON"))?,
    })
}

/// `{"column": n}` as counts.
pub(super) fn counts(text: Option<String>) -> BTreeMap<String, u64> {
    text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
}

pub(super) fn micros(micros: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros).map_err(|_| strange("a time", "out of range"))
}

fn strange(what: &str, seen: &str) -> Fault {
    Fault::fail(format!("the ledger holds {what} that this version does not know ({seen})"))
        .hint("was it written by a newer landfall? `landfall --version` tells this one's")
}
