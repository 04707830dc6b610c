//! Why a run is not undone: questions to the ledger that end the transaction.

use super::rows::keys;
use super::{Test, block, comment, key_equals, key_text};
use crate::catalogue::literal;
use crate::undo::facts::Facts;

/// The SQLSTATE of a refusal. Its message holds names and numbers of runs, tables and columns only.
pub(in crate::undo) const REFUSED: &str = "LF001";

/// Refuses a run whose undo record is incomplete, or whose rows a later run wrote over.
pub(in crate::undo) fn refusals(facts: &Facts, test: Test) -> String {
    let mut sql = comment("The record of what is to be undone must be complete.");
    sql += &complete(facts);
    for i in 0..facts.entities.len() {
        sql += &forms(facts, i);
        sql += &later(facts, i, test);
    }
    sql
}

/// A block that raises when `condition` holds.
pub(in crate::undo) fn raise_if(condition: &str, message: &str, hint: &str) -> String {
    block(&format!(
        "BEGIN\n    IF {condition} THEN\n        {}    END IF;\nEND\n",
        raise(literal(message).trim_start(), hint)
    ))
}

fn raise(message: &str, hint: &str) -> String {
    format!(
        "RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = {message},\n            HINT = {};\n",
        literal(hint).trim_start()
    )
}

/// Batches that wrote rows have keys or pre-images, unless somebody dropped them.
fn complete(facts: &Facts) -> String {
    let condition = format!(
        "EXISTS (SELECT 1 FROM landfall.batches AS b WHERE b.run = {} AND b.undone_at IS NULL AND (\n        \
            (b.loaded > 0 AND NOT EXISTS (\n            \
                SELECT 1 FROM landfall.batch_keys AS k WHERE k.batch = b.id)) OR\n        \
            (b.loaded = 0 AND b.updated > 0 AND NOT EXISTS (\n            \
                SELECT 1 FROM landfall.preimages AS p WHERE p.batch = b.id))))",
        facts.id
    );
    raise_if(
        &condition,
        &format!("the undo record of run {} was dropped", facts.name),
        "landfall runs --forget did that; without it a rollback is not possible",
    )
}

/// Keys stand in the array that the column's type asks for.
fn forms(facts: &Facts, i: usize) -> String {
    let entity = &facts.entities[i];
    let mut sql = String::new();
    for (position, column) in entity.key.iter().enumerate() {
        let condition = format!(
            "EXISTS (SELECT 1 FROM landfall.batch_keys AS k\n        \
                JOIN landfall.batches AS b ON b.id = k.batch WHERE b.run = {} AND b.entity = {}\n        \
                AND k.position = {position} AND k.{} IS NULL)",
            facts.id,
            literal(&entity.name),
            column.form.column()
        );
        sql += &raise_if(
            &condition,
            &format!("{}: the type of {}.{} changed since the run", entity.name, entity.table, column.name),
            "give the column its earlier type for the time of the rollback",
        );
    }
    sql
}

/// Rows that a later run, not undone, wrote over. Its transaction tells, or, where only runs and undos have
/// written since, that it still has a pre-image. With `force` and by content that alone tells.
fn later(facts: &Facts, i: usize, test: Test) -> String {
    let (entity, run) = (&facts.entities[i], facts.id);
    let table = &entity.table;
    let scope = format!(
        "(SELECT id AS batch FROM landfall.batches WHERE run = {run} AND entity = {} AND undone_at IS NULL)",
        literal(&entity.name)
    );
    let ours = keys(entity, &scope);
    let same = key_equals(entity, "t", "k");
    let later = format!(
        "(SELECT b.id, b.run, b.xids FROM landfall.batches AS b\n        \
            JOIN landfall.entities AS e USING (run, entity)\n        \
            WHERE b.run > {run} AND b.undone_at IS NULL AND b.loaded + b.updated > 0 AND e.table_name = {})",
        literal(table).trim_start()
    );
    let image_keys = super::joined(&entity.key, ", ", |k| {
        format!("(p.image).{0} AS {0}", crate::catalogue::quote(&k.name))
    });
    let (by_xid, untouched) = match test {
        Test { content: false, force } => (
            format!(
                "    SELECT max(l.run) INTO newest\n        \
                    FROM (\n{ours}\n    ) AS k JOIN {table} AS t ON {same}\n        \
                    JOIN (SELECT DISTINCT x AS xid, b.run\n            \
                        FROM {later} AS b CROSS JOIN unnest(b.xids) AS x) AS l\n            \
                        ON l.xid = t.xmin::text::bigint;\n"
            ),
            match force {
                true => String::new(),
                false => " WHERE t.xmin::text::bigint IN (\n            \
                    SELECT x FROM landfall.batches AS b CROSS JOIN unnest(b.xids) AS x)"
                    .to_owned(),
            },
        ),
        Test { content: true, force } => (
            String::new(),
            match force {
                true => String::new(),
                false => format!(
                    " WHERE NOT EXISTS (\n            \
                        SELECT 1 FROM pg_temp.landfall_changed AS c WHERE c.entity = {} AND c.key = {})",
                    literal(&entity.name),
                    key_text(entity, "k")
                ),
            },
        ),
    };
    let text = format!(
        "DECLARE\n    newest bigint;\nBEGIN\n    \
            IF NOT EXISTS (SELECT 1 FROM {later} AS b) THEN RETURN; END IF;\n\
         {by_xid}    IF newest IS NULL THEN\n    \
            SELECT max(l.run) INTO newest FROM (\n{ours}\n    ) AS k JOIN {table} AS t ON {same}\n        \
            JOIN (SELECT p.run, {image_keys} FROM (\n            \
                SELECT b.run, p.image::{table} AS image FROM {later} AS b\n                \
                JOIN landfall.preimages AS p ON p.batch = b.id OFFSET 0) AS p) AS l\n            \
                ON {}{untouched};\n    \
            END IF;\n    \
         IF newest IS NOT NULL THEN\n        {}    END IF;\nEND\n",
        key_equals(entity, "k", "l"),
        raise(
            &format!(
                "{} || (SELECT name FROM landfall.runs WHERE id = newest) || {}",
                literal(&format!("{}: rows of run {} were written over by run ", entity.name, facts.name))
                    .trim_start(),
                literal(", which is not undone").trim_start()
            ),
            "undo the later run first",
        )
    );
    block(&text)
}
