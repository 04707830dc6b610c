//! What the ledger holds afterwards: exactly what is still to be undone.

use super::{comment, joined, key_text};
use crate::catalogue::{literal, quote};
use crate::undo::facts::Facts;

/// Names the rows of an entity that were kept, and drops the keys, pre-images and id map of all others.
pub(in crate::undo) fn record(facts: &Facts, i: usize) -> String {
    let (entity, run) = (&facts.entities[i], facts.id);
    let (name, project) = (literal(&entity.name), literal(&facts.project));
    let rows = format!("pg_temp.landfall_rows_{i}");
    let kept = "u.landfall_state IN ('changed', 'needed')";
    let key = key_text(entity, "u");
    let arrays = joined(&entity.key, ",\n        ", |k| {
        format!(
            "coalesce(array_agg(u.{0}::{1} ORDER BY u.landfall_n)\n            \
             FILTER (WHERE NOT u.landfall_updated), '{{}}') AS {0}",
            quote(&k.name),
            k.form.element()
        )
    });
    let mut sql = comment(&format!("{}: the ledger keeps what is still to be undone.", entity.name));
    sql += &format!(
        "INSERT INTO landfall.kept (run, entity, key, why)\n    \
            SELECT {run}, {name}, {key}, u.landfall_state FROM {rows} AS u WHERE {kept}\n    \
            ON CONFLICT (run, entity, key) DO NOTHING;\n"
    );
    for (position, column) in entity.key.iter().enumerate() {
        sql += &format!(
            "UPDATE landfall.batch_keys AS b SET {} = k.{}\n    \
                FROM (SELECT u.landfall_batch AS landfall_batch, {arrays}\n        \
                FROM {rows} AS u WHERE {kept} GROUP BY u.landfall_batch) AS k\n    \
                WHERE b.batch = k.landfall_batch AND b.position = {position};\n",
            column.form.column(),
            quote(&column.name),
        );
    }
    sql += &format!(
        "DELETE FROM landfall.preimages AS p USING {rows} AS u WHERE p.ctid = u.landfall_at AND p.batch = \
            u.landfall_batch AND u.landfall_updated AND NOT ({kept});\n\
         DELETE FROM landfall.id_map AS m USING pg_temp.landfall_scope AS s\n    \
            WHERE m.project = {project} AND m.entity = {name} AND s.entity = {name}\n    \
            AND m.batch = s.batch AND NOT EXISTS (\n        \
                SELECT 1 FROM {rows} AS u WHERE {kept} AND {key} = m.key);\n\
         INSERT INTO pg_temp.landfall_left SELECT DISTINCT u.landfall_batch FROM {rows} AS u WHERE {kept};\n"
    );
    sql
}

/// Marks the batches of which nothing is left, and records this transaction, for each entity in which it
/// wrote, as a batch of no records. A marked batch takes this transaction's number as well, so that its
/// record goes on saying that it was written here ([`super::tables`]).
pub(in crate::undo) fn finish(run: i64) -> String {
    format!(
        "\n-- Batches of which nothing is left are through.\n\
         UPDATE landfall.batches AS b\n    \
            SET undone_at = now(), xids = b.xids || txid_current() % 4294967296\n    \
            FROM pg_temp.landfall_scope AS s WHERE b.id = s.batch\n    \
            AND NOT EXISTS (SELECT 1 FROM pg_temp.landfall_left AS l WHERE l.batch = b.id);\n\
         DELETE FROM landfall.batch_keys AS k USING pg_temp.landfall_scope AS s WHERE k.batch = s.batch\n    \
            AND NOT EXISTS (SELECT 1 FROM pg_temp.landfall_left AS l WHERE l.batch = s.batch);\n\
         INSERT INTO landfall.batches (run, entity, first_record, records, next_byte, fates,\n        \
                loaded, updated, adopted, xids, undone_at)\n    \
            SELECT {run}, u.entity,\n        \
                (SELECT least(min(b.first_record), 0) - 1 FROM landfall.batches AS b\n            \
                WHERE b.run = {run} AND b.entity = u.entity), 0, 0, '', 0, 0, 0,\n        \
                (SELECT array_agg(x.xid) FROM pg_temp.landfall_xids AS x WHERE x.undo), now()\n    \
            FROM pg_temp.landfall_undone AS u WHERE u.deleted + u.restored > 0;\n"
    )
}

/// A query for the batches that are not undone: number and entity. What was done to a service is none of this
/// database's.
pub(in crate::undo) fn batches_left(run: i64) -> String {
    format!(
        "SELECT b.id, b.entity FROM landfall.batches AS b JOIN landfall.entities AS e USING (run, entity) \
         WHERE b.run = {run} AND b.undone_at IS NULL AND e.service IS NULL"
    )
}

/// Sets the run's status by what is left of it.
pub(in crate::undo) fn settle(run: i64) -> String {
    format!(
        "UPDATE landfall.runs SET status = CASE WHEN EXISTS (SELECT 1 FROM landfall.batches\n    \
            WHERE run = {run} AND undone_at IS NULL) THEN 'partly_rolled_back' ELSE 'rolled_back' END\n    \
            WHERE id = {run};\n"
    )
}
