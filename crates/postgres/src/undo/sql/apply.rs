//! Rows deleted and restored.

use super::{block, comment, key_equals};
use crate::catalogue::{literal, quote, quote_list};
use crate::undo::facts::{Entity, Facts, Group};

/// A row that a constraint or a trigger does not let back.
const REFUSED_BY: &str = "integrity_constraint_violation OR raise_exception";

/// Gives updated rows their earlier content back, the oldest one in scope; those that a constraint refuses
/// stay `undo`. First all at once; when that is refused, row by row, again and again while it gets further,
/// because rows may have handed unique values to each other.
///
/// A trigger that changes rows before they are written (`updated_at = now()`) would change what the row held:
/// those are switched off meanwhile, where the role may. What fires after a row is written stays on.
pub(in crate::undo) fn restore(facts: &Facts, i: usize) -> String {
    let entity = &facts.entities[i];
    let table = &entity.table;
    let rows = format!("pg_temp.landfall_rows_{i}");
    let open = "u.landfall_updated AND u.landfall_state = 'undo'";
    if entity.restored.is_empty() {
        return String::new();
    }
    let set: Vec<String> =
        entity.restored.iter().map(|c| quote(c)).map(|c| format!("{c} = (u.landfall_image).{c}")).collect();
    let set = set.join(", ");
    let key = key_list(entity, "u.");
    let (same, older) = (key_equals(entity, "t", "u"), key_equals(entity, "o", "u"));
    let oldest = format!("ORDER BY {key}, u.landfall_batch");
    let text = format!(
        "DECLARE
    silenced name[];
    trigger_name name;
    one record;
    before bigint;
    left_over bigint;
BEGIN
    SELECT count(*) INTO left_over FROM {rows} AS u WHERE {open};
    IF left_over = 0 THEN RETURN; END IF;
    SELECT array_agg(tgname) INTO silenced FROM pg_trigger WHERE tgrelid = {regclass}::regclass
        AND NOT tgisinternal AND tgenabled = 'O' AND tgtype & 19 = 19;
    IF silenced IS NOT NULL AND NOT pg_has_role(
        (SELECT relowner FROM pg_class WHERE oid = {regclass}::regclass), 'USAGE') THEN
        RAISE NOTICE 'triggers of {named} may write to restored rows; only its owner can switch them off';
        silenced := NULL;
    END IF;
    FOREACH trigger_name IN ARRAY coalesce(silenced, ARRAY[]::name[]) LOOP
        EXECUTE format('ALTER TABLE {named} DISABLE TRIGGER %I', trigger_name);
    END LOOP;
    BEGIN
        UPDATE {table} AS t SET {set}
            FROM (SELECT DISTINCT ON ({key}) u.* FROM {rows} AS u WHERE {open} {oldest}) AS u WHERE {same};
        UPDATE {rows} AS u SET landfall_state = 'restored' WHERE {open};
    EXCEPTION WHEN {REFUSED_BY} THEN
        LOOP
            before := left_over;
            FOR one IN SELECT DISTINCT ON ({key}) u.ctid AS at FROM {rows} AS u WHERE {open} {oldest} LOOP
                BEGIN
                    UPDATE {table} AS t SET {set} FROM {rows} AS u WHERE u.ctid = one.at AND {same};
                    UPDATE {rows} AS u SET landfall_state = 'restored' WHERE u.ctid = one.at;
                EXCEPTION WHEN {REFUSED_BY} THEN
                    NULL;
                END;
            END LOOP;
            UPDATE {rows} AS u SET landfall_state = 'restored' WHERE {open} AND EXISTS (
                SELECT 1 FROM {rows} AS o
                WHERE o.landfall_updated AND o.landfall_state = 'restored' AND {older}
                AND o.landfall_batch <= u.landfall_batch);
            SELECT count(*) INTO left_over FROM {rows} AS u WHERE {open};
            EXIT WHEN left_over = 0 OR left_over = before;
        END LOOP;
    END;
    FOREACH trigger_name IN ARRAY coalesce(silenced, ARRAY[]::name[]) LOOP
        EXECUTE format('ALTER TABLE {named} ENABLE TRIGGER %I', trigger_name);
    END LOOP;
    INSERT INTO pg_temp.landfall_xids (xid, undo) SELECT DISTINCT t.xmin::text::bigint, true FROM {table} AS t
        JOIN {rows} AS u ON {same} WHERE u.landfall_updated AND u.landfall_state = 'restored'
        ON CONFLICT (xid) DO UPDATE SET undo = true;
END
",
        regclass = literal(table).trim_start(),
        // Inside a format string of SQL.
        named = table.replace('\'', "''").replace('%', "%%"),
    );
    comment(&format!("{}: updated rows get their earlier content back.", entity.name)) + &block(&text)
}

/// Deletes the rows of a group in one statement, at the end of which foreign keys are checked. Rows that are
/// still there after it, because a trigger would not let them go, are kept.
pub(in crate::undo) fn remove(facts: &Facts, group: &Group) -> String {
    let open = "NOT u.landfall_updated AND u.landfall_state = 'undo'";
    let (mut wanted, mut deletes, mut counts, mut stayed) = (vec![], vec![], vec![], String::new());
    for i in &group.entities {
        let entity = &facts.entities[*i];
        let (table, same) = (&entity.table, key_equals(entity, "t", "u"));
        wanted.push(format!("(SELECT count(*) FROM pg_temp.landfall_rows_{i} AS u WHERE {open})"));
        deletes.push(format!(
            "d{i} AS (DELETE FROM {table} AS t USING pg_temp.landfall_rows_{i} AS u\n        \
             WHERE {open} AND {same} RETURNING 1)"
        ));
        counts.push(format!("(SELECT count(*) FROM d{i})"));
        stayed += &format!(
            "        UPDATE pg_temp.landfall_rows_{i} AS u SET landfall_state = 'needed'\n            \
             WHERE {open} AND EXISTS (SELECT 1 FROM {table} AS t WHERE {same});\n"
        );
    }
    let names: Vec<&str> = group.entities.iter().map(|i| facts.entities[*i].name.as_str()).collect();
    let text = format!(
        "DECLARE\n    wanted bigint := {};\n    n bigint;\nBEGIN\n    WITH {}\n    SELECT {} INTO n;\n    \
         IF n <> wanted THEN\n{stayed}    END IF;\nEND\n",
        wanted.join(" + "),
        deletes.join(", "),
        counts.join(" + "),
    );
    comment(&format!("{}: inserted rows are deleted.", names.join(", "))) + &block(&text)
}

/// Rows that could not be restored are kept.
pub(in crate::undo) fn stuck(i: usize) -> String {
    format!(
        "UPDATE pg_temp.landfall_rows_{i} SET landfall_state = 'needed' WHERE landfall_updated \
         AND landfall_state = 'undo';\n"
    )
}

fn key_list(entity: &Entity, of: &str) -> String {
    let names: Vec<String> = entity.key.iter().map(|k| k.name.clone()).collect();
    quote_list(&names, of)
}
