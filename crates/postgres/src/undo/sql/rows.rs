//! Which rows there are, and what is to become of each.

use super::{Test, comment, joined, key_equals, key_text};
use crate::catalogue::{literal, quote};
use crate::undo::facts::{Entity, Facts, Group, KeyColumn};

/// The temporary tables that all groups of a transaction share. What it writes itself counts as the run's:
/// rows that triggers touch while others are undone, and, in one transaction with them, rows that were
/// restored.
///
/// A batch whose own record does not carry its transaction was brought here by a dump: then the numbers of
/// transactions say nothing, even where they happen to agree.
pub(in crate::undo) fn tables(run: i64, writes: bool) -> String {
    let mut sql = format!(
        "CREATE TEMPORARY TABLE landfall_scope (batch bigint PRIMARY KEY, entity text NOT NULL)\n    \
            ON COMMIT DROP;\n\
         CREATE TEMPORARY TABLE landfall_left (batch bigint NOT NULL) ON COMMIT DROP;\n\
         CREATE TEMPORARY TABLE landfall_undone (n integer PRIMARY KEY, entity text NOT NULL,\n    \
            deleted bigint NOT NULL, restored bigint NOT NULL, kept_changed bigint NOT NULL,\n    \
            kept_needed bigint NOT NULL, gone bigint NOT NULL, forced bigint NOT NULL) ON COMMIT DROP;\n\
         CREATE TEMPORARY TABLE landfall_xids (xid bigint PRIMARY KEY, undo boolean NOT NULL)\n    \
            ON COMMIT DROP;\n\
         INSERT INTO pg_temp.landfall_xids (xid, undo) SELECT DISTINCT x, false\n    \
            FROM landfall.batches AS b CROSS JOIN LATERAL unnest(b.xids) AS x\n    \
            WHERE (b.run = {run} OR (b.run > {run} AND b.first_record < 0))\n        \
            AND b.xmin::text::bigint = ANY (b.xids);\n"
    );
    if writes {
        sql += "INSERT INTO pg_temp.landfall_xids (xid, undo)\n    \
                VALUES (txid_current() % 4294967296, true) ON CONFLICT (xid) DO UPDATE SET undo = true;\n";
    }
    sql + "ANALYZE pg_temp.landfall_xids;\n"
}

/// The table of keys whose rows count as changed.
pub(in crate::undo) fn changed_table() -> &'static str {
    "CREATE TEMPORARY TABLE landfall_changed (entity text NOT NULL, key text NOT NULL) ON COMMIT DROP;\n"
}

/// The keys of the rows that batches inserted and updated; `scope` is a table of batches in SQL. Of updated
/// rows also the pre-image, and where it stands.
pub(super) fn keys(entity: &Entity, scope: &str) -> String {
    let table = &entity.table;
    let mut arrays = Vec::with_capacity(entity.key.len());
    let mut joins = String::new();
    for (position, key) in entity.key.iter().enumerate() {
        arrays.push(format!("b{position}.{}", key.form.column()));
        joins += &format!(
            "    JOIN landfall.batch_keys AS b{position} ON b{position}.batch = s.batch \
             AND b{position}.position = {position}\n"
        );
    }
    let numbered = |(i, k): (usize, &KeyColumn)| format!("k.k{i}::{} AS {}", k.ty, quote(&k.name));
    let inserted: Vec<String> = entity.key.iter().enumerate().map(numbered).collect();
    let names: Vec<String> = (0..entity.key.len()).map(|i| format!("k{i}")).collect();
    let updated = joined(&entity.key, ", ", |k| format!("(p.image).{0} AS {0}", quote(&k.name)));
    format!(
        "    SELECT s.batch AS landfall_batch, k.n AS landfall_n, false AS landfall_updated,\n        \
            NULL::tid AS landfall_at, NULL::{table} AS landfall_image, {}\n    \
            FROM {scope} AS s\n{joins}    \
            CROSS JOIN LATERAL unnest({}) WITH ORDINALITY AS k({}, n)\n    \
         UNION ALL\n    \
         SELECT p.batch, 0, true, p.at, p.image, {updated}\n    \
            FROM (SELECT p.batch, p.ctid AS at, p.image::{table} AS image FROM {scope} AS s\n        \
                JOIN landfall.preimages AS p ON p.batch = s.batch OFFSET 0) AS p",
        inserted.join(", "),
        arrays.join(", "),
        names.join(", "),
    )
}

/// `landfall_rows_N`: the rows of an entity in scope.
pub(in crate::undo) fn rows(facts: &Facts, i: usize, test: Test) -> String {
    let entity = &facts.entities[i];
    let name = literal(&entity.name);
    let scope = format!("(SELECT batch FROM pg_temp.landfall_scope WHERE entity = {name})");
    let first = quote(&entity.key[0].name);
    let analysed = joined(&entity.key, ", ", |k| quote(&k.name));
    // Foreign keys may refer to other columns than the key's.
    let mut others: Vec<&String> = entity.referred.iter().flat_map(|r| &r.to).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|column| !entity.key.iter().any(|k| k.name == **column));
    let others: String = others.iter().map(|c| format!("t.{}, ", quote(c))).collect();
    let (ours, tell) = if test.content {
        (
            "c.key IS NULL",
            format!(
                "LEFT JOIN pg_temp.landfall_changed AS c ON c.entity = {name} AND c.key = {}",
                key_text(entity, "k")
            ),
        )
    } else {
        (
            "x.xid IS NOT NULL",
            "LEFT JOIN pg_temp.landfall_xids AS x ON x.xid = t.xmin::text::bigint".to_owned(),
        )
    };
    let changed = if test.force { "undo" } else { "changed" };
    let keys = keys(entity, &scope);
    format!(
        "{}CREATE TEMPORARY TABLE landfall_keys_{i} ON COMMIT DROP AS\n{keys};\n\
         ANALYZE pg_temp.landfall_keys_{i} ({analysed});\n\
         CREATE TEMPORARY TABLE landfall_rows_{i} ON COMMIT DROP AS\n    \
            SELECT k.*, {others}CASE WHEN t.{first} IS NULL THEN 'gone' WHEN {ours} THEN 'undo' \
            ELSE '{changed}' END AS landfall_state,\n        \
            t.{first} IS NOT NULL AND NOT ({ours}) AS landfall_other\n    \
            FROM pg_temp.landfall_keys_{i} AS k LEFT JOIN {} AS t ON {}\n    {tell};\n\
         ANALYZE pg_temp.landfall_rows_{i} ({analysed}, landfall_updated, landfall_state);\n",
        comment(&format!(
            "{}: the rows that the run wrote, and whether they are as it left them.",
            entity.name
        )),
        entity.table,
        key_equals(entity, "t", "k"),
    )
}

/// Keeps rows that others refer to, in any table; a reference from a row that is to be deleted as well does
/// not count. `beside`: the entities with rows that are still there and will not be. In a dry run rows that
/// will be restored do not count either: what they were before the run cannot refer to rows of the run.
pub(in crate::undo) fn needed(facts: &Facts, group: &Group, beside: &[usize], dry: bool) -> String {
    let mut updates = Vec::new();
    for i in &group.entities {
        for reference in &facts.entities[*i].referred {
            let equals: Vec<String> = reference
                .columns
                .iter()
                .zip(&reference.to)
                .map(|(column, to)| format!("r.{} = u.{}", quote(column), quote(to)))
                .collect();
            let mut going = String::new();
            for j in beside.iter().filter(|j| facts.entities[**j].oid == reference.oid) {
                let (equal, updated) = (
                    key_equals(&facts.entities[*j], "v", "r"),
                    if dry { "" } else { "NOT v.landfall_updated AND " },
                );
                going += &format!(
                    "\n        AND NOT EXISTS (SELECT 1 FROM pg_temp.landfall_rows_{j} AS v \
                     WHERE {updated}v.landfall_state = 'undo' AND {equal})"
                );
            }
            updates.push(format!(
                "UPDATE pg_temp.landfall_rows_{i} AS u SET landfall_state = 'needed'\n    \
                    WHERE NOT u.landfall_updated AND u.landfall_state = 'undo' AND EXISTS (\n        \
                    SELECT 1 FROM {} AS r WHERE {}{going});\n",
                reference.table,
                equals.join(" AND "),
            ));
        }
    }
    if updates.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = group.entities.iter().map(|i| facts.entities[*i].name.as_str()).collect();
    let said = comment(&format!("{}: rows that others refer to are kept.", names.join(", ")));
    if !group.cyclic {
        return said + &updates.concat();
    }
    // A row that is kept may refer to others of the group: again, until nothing more is kept.
    let counted: String =
        updates.iter().map(|u| format!("{u}GET DIAGNOSTICS n = ROW_COUNT;\nfound := found + n;\n")).collect();
    said + &super::block(&format!(
        "DECLARE\n    found bigint;\n    n bigint;\nBEGIN\nLOOP\nfound := 0;\n{counted}EXIT WHEN found = 0;\n\
         END LOOP;\nEND\n"
    ))
}

/// Counts what became of an entity's rows.
pub(in crate::undo) fn count(facts: &Facts, i: usize) -> String {
    let going = "landfall_state IN ('undo', 'restored')";
    format!(
        "INSERT INTO pg_temp.landfall_undone SELECT {i}, {},\n    \
            count(*) FILTER (WHERE NOT landfall_updated AND {going}),\n    \
            count(*) FILTER (WHERE landfall_updated AND {going}),\n    \
            count(*) FILTER (WHERE landfall_state = 'changed'),\n    \
            count(*) FILTER (WHERE landfall_state = 'needed'),\n    \
            count(*) FILTER (WHERE landfall_state = 'gone'),\n    \
            count(*) FILTER (WHERE landfall_other AND {going})\n    \
            FROM pg_temp.landfall_rows_{i};\n",
        literal(&facts.entities[i].name)
    )
}

/// A query for the first rows of an entity that are kept: key and why.
pub(in crate::undo) fn kept(facts: &Facts, i: usize, most: usize) -> String {
    format!(
        "SELECT {}, u.landfall_state FROM pg_temp.landfall_rows_{i} AS u \
         WHERE u.landfall_state IN ('changed', 'needed') ORDER BY 1 LIMIT {most}",
        key_text(&facts.entities[i], "u")
    )
}
