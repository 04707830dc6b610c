//! The statements of an undo, for one entity of a run. They hold names of tables and columns and the run's
//! number, no value and no id of a record.

use crate::catalogue::{literal, quote, quote_list};
use base::Fault;
use base::ids::RunId;
use connect::destination::Table;
use ledger::EntityRun;
use values::Kind;

/// Undoes one entity of a run.
pub(super) struct Undo {
    run: RunId,
    pub(super) entity: String,
    key: Vec<String>,
    table: Table,
}

impl Undo {
    pub(super) fn new(run: RunId, entity: &EntityRun, table: Table) -> Result<Self, Fault> {
        if let Some(gone) = entity.key.iter().find(|k| table.column(k).is_none()) {
            return Err(Fault::usage(format!("the key column {gone} of {} is gone", table.sql)));
        }
        Ok(Self { run, entity: entity.entity.clone(), key: entity.key.clone(), table })
    }

    /// Whether rows of the table refer to rows of the same table.
    pub(super) fn refers_to_itself(&self) -> bool {
        self.table.referenced_by.iter().any(|f| f.table == f.to)
    }

    /// This entity's batches of the run.
    fn batches(&self) -> String {
        format!("b.run = {} AND b.entity = {}", self.run, literal(&self.entity))
    }

    /// The run's transactions, as xmin shows them.
    fn ours(&self, runs: &str) -> String {
        format!(
            "ARRAY(SELECT DISTINCT (x.n::text)::xid FROM landfall.batches b CROSS JOIN unnest(b.xids) AS \
            x(n) \
             WHERE b.entity = {} AND {runs})",
            literal(&self.entity)
        )
    }

    fn on(&self, left: &str, right: &str) -> String {
        let equal = |k: &String| format!("{left}.{0} = {right}.{0}", quote(k));
        self.key.iter().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// The arrays of the key's columns, in the form that the ledger keeps them.
    fn keys(&self) -> String {
        let mut tables = String::new();
        let mut arrays = Vec::new();
        for (i, name) in self.key.iter().enumerate() {
            let ty = self.table.column(name).map(|c| (&c.ty.kind, c.ty.name.as_str()));
            let form = match ty {
                Some((Kind::Uuid, _)) => format!("k{i}.uuids"),
                Some((Kind::Int2 | Kind::Int4 | Kind::Int8, name)) => format!("k{i}.ints::{name}[]"),
                Some((_, name)) => format!("k{i}.texts::{name}[]"),
                None => "NULL".into(),
            };
            arrays.push(form);
            tables.push_str(&format!(
                " JOIN landfall.batch_keys k{i} ON k{i}.batch = b.id AND k{i}.position = {i}"
            ));
        }
        format!(
            "SELECT {} FROM landfall.batches b{tables} CROSS JOIN unnest({}) AS u({}) WHERE {}",
            quote_list(&self.key, "u."),
            arrays.join(", "),
            quote_list(&self.key, ""),
            self.batches()
        )
    }

    /// Makes the table of keys that the run inserted and that are still to undo: all of a batch that is not
    /// undone, and those that an earlier rollback kept. `ours`: nobody has changed the row since.
    pub(super) fn candidates(&self, force: bool) -> String {
        let ours = if force { "true".into() } else { self.is_ours("t") };
        let kept = format!(
            "SELECT 1 FROM landfall.kept x WHERE x.run = {} AND x.entity = {} AND x.key = concat_ws(',', {})",
            self.run,
            literal(&self.entity),
            quote_list(&self.key, "u.")
        );
        let keys = self.keys();
        format!(
            "DROP TABLE IF EXISTS pg_temp.landfall_undo; \
             CREATE TEMP TABLE landfall_undo ON COMMIT DROP AS \
             SELECT {key}, t.xmin IS NOT NULL AS there, t.xmin IS NOT NULL AND {ours} AS ours \
             FROM ({keys} AND (b.undone_at IS NULL OR EXISTS ({kept}))) AS c LEFT JOIN {table} AS t ON {on}; \
             ANALYZE pg_temp.landfall_undo",
            key = quote_list(&self.key, "c."),
            table = self.table.sql,
            on = self.on("t", "c"),
        )
    }

    fn is_ours(&self, row: &str) -> String {
        format!("{row}.xmin = ANY ({})", self.ours(&format!("b.run = {}", self.run)))
    }

    /// Rows of other tables (or other rows of this one) that refer to `t`.
    fn needed(&self) -> String {
        let mut needed = String::new();
        for (i, f) in self.table.referenced_by.iter().enumerate() {
            let pairs = f.columns.iter().zip(&f.to_columns);
            let mut on: Vec<String> =
                pairs.map(|(from, to)| format!("r{i}.{} = t.{}", quote(from), quote(to))).collect();
            if f.table == f.to {
                // A row that refers to itself does not need itself.
                on.push(format!("NOT ({})", self.on(&format!("r{i}"), "t")));
            }
            needed.push_str(&format!(
                " AND NOT EXISTS (SELECT 1 FROM {} AS r{i} WHERE {})",
                f.table,
                on.join(" AND ")
            ));
        }
        needed
    }

    /// Deletes candidates that are ours and that nothing needs.
    pub(super) fn delete(&self) -> String {
        format!(
            "DELETE FROM {} AS t USING pg_temp.landfall_undo AS u WHERE {} AND u.ours{}",
            self.table.sql,
            self.on("t", "u"),
            self.needed()
        )
    }

    /// Restores rows that the run updated, and drops the pre-images that are restored.
    pub(super) fn restore(&self, force: bool) -> String {
        let columns: Vec<String> =
            self.table.columns.iter().filter(|c| !c.generated).map(|c| c.name.clone()).collect();
        let set: Vec<String> = columns.iter().map(|c| format!("{0} = (p.r).{0}", quote(c))).collect();
        let on: Vec<String> = self.key.iter().map(|k| format!("t.{0} = (p.r).{0}", quote(k))).collect();
        let ours = if force { "true".to_owned() } else { self.is_ours("t") };
        format!(
            "WITH restored AS (UPDATE {table} AS t SET {set} FROM (SELECT i.image::{table} AS r, i.ctid AS \
            place \
                FROM landfall.preimages i JOIN landfall.batches b ON b.id = i.batch WHERE {batches}) AS p \
                WHERE {on} AND {ours} RETURNING p.place) \
             DELETE FROM landfall.preimages WHERE ctid IN (SELECT place FROM restored)",
            table = self.table.sql,
            set = set.join(", "),
            batches = self.batches(),
            on = on.join(" AND "),
        )
    }

    /// Rows kept because they were changed, because they are needed, all candidates, and updated rows that
    /// are kept.
    pub(super) fn count(&self) -> String {
        format!(
            "SELECT count(*) FILTER (WHERE NOT u.ours AND t.xmin IS NOT NULL), \
                    count(*) FILTER (WHERE u.ours AND t.xmin IS NOT NULL), count(*), \
                    (SELECT count(*) FROM landfall.preimages i JOIN landfall.batches b ON b.id = i.batch \
                    WHERE {}) \
             FROM pg_temp.landfall_undo AS u LEFT JOIN {} AS t ON {}",
            self.batches(),
            self.table.sql,
            self.on("t", "u")
        )
    }

    /// Writes into the ledger what was kept, and that the batches are undone. Rows that are restored are
    /// again what an earlier run wrote, so that run's batches own this transaction, too.
    pub(super) fn mark(&self) -> String {
        let entity = literal(&self.entity);
        let run = self.run;
        format!(
            "DELETE FROM landfall.kept WHERE run = {run} AND entity = {entity}; \
             INSERT INTO landfall.kept (run, entity, key, why) SELECT {run}, {entity}, concat_ws(',', \
             {key}), \
                CASE WHEN u.ours THEN 'needed' ELSE 'changed' END \
                FROM pg_temp.landfall_undo AS u JOIN {table} AS t ON {on} ON CONFLICT DO NOTHING; \
             DELETE FROM landfall.id_map m USING landfall.batches b WHERE m.batch = b.id AND {batches} \
                AND (m.adopted OR NOT EXISTS (SELECT 1 FROM landfall.kept x WHERE x.run = {run} \
                AND x.entity = {entity} AND x.key = m.key)); \
             UPDATE landfall.batches AS b SET xids = b.xids || (txid_current() % 4294967296) FROM \
             landfall.runs r \
                WHERE r.id = b.run AND r.project = (SELECT project FROM landfall.runs WHERE id = {run}) \
                AND b.entity = {entity} AND b.run < {run} AND b.undone_at IS NULL; \
             UPDATE landfall.batches AS b SET undone_at = now() WHERE {batches} AND b.undone_at IS NULL",
            key = quote_list(&self.key, "u."),
            table = self.table.sql,
            on = self.on("t", "u"),
            batches = self.batches(),
        )
    }

    /// Names of later runs, not rolled back, that have updated rows of this one.
    pub(super) fn later_updates(&self) -> String {
        format!(
            "SELECT DISTINCT r.name FROM ({keys}) AS c JOIN {table} AS t ON {on} \
             JOIN (SELECT l.name, (x.n::text)::xid AS xid FROM landfall.batches b JOIN landfall.runs l ON \
             l.id = b.run \
                   CROSS JOIN unnest(b.xids) AS x(n) WHERE b.entity = {entity} AND b.run > {run} AND \
                   b.updated > 0 \
                   AND l.status <> 'rolled_back') AS r ON t.xmin = r.xid LIMIT 1",
            keys = self.keys(),
            table = self.table.sql,
            on = self.on("t", "c"),
            entity = literal(&self.entity),
            run = self.run,
        )
    }
}

/// The script: the command's statements in one transaction.
pub(super) fn script(name: &str, run: RunId, undos: &[Undo]) -> String {
    let mut out = format!(
        "-- Undoes run {name} of landfall: what `landfall rollback {name}` does, in one transaction.\n\
         --\n\
         --   psql -v ON_ERROR_STOP=1 \"$DATABASE_URL\" -f rollback_migration_{name}.sql\n\
         --\n\
         -- It deletes the rows that the run inserted and restores those that it updated. A row that \
         somebody changed\n\
         -- since is kept, and so is a row that another row refers to; the ledger (landfall.kept) names \
         them. Run twice,\n\
         -- it changes nothing. It holds no value and no id of a record: both are read from the ledger's \
         tables.\n\
         \\set ON_ERROR_STOP on\n\
         BEGIN;\n\
         SET LOCAL statement_timeout = 0;\n"
    );
    for undo in undos {
        let entity = &undo.entity;
        let body = |sql: String| sql.replace("; ", ";\n    ");
        out.push_str(&format!(
            "\nDO $landfall$\nDECLARE later text; n bigint; deleted bigint := 0; restored bigint; kept \
            bigint;\nBEGIN\n    \
             IF (SELECT status FROM landfall.runs WHERE id = {run}) = 'rolled_back' THEN\n        \
             RAISE NOTICE '{entity}: rolled back already'; RETURN;\n    END IF;\n    \
             later := ({later});\n    \
             IF later IS NOT NULL THEN\n        \
             RAISE EXCEPTION 'run % has updated rows of {entity} that this run wrote: roll that one back \
             first', later;\n    \
             END IF;\n    \
             {candidates};\n    \
             LOOP\n        {delete};\n        GET DIAGNOSTICS n = ROW_COUNT;\n        deleted := deleted + \
             n;\n        \
             EXIT WHEN n = 0;\n    END LOOP;\n    \
             {restore};\n    GET DIAGNOSTICS restored = ROW_COUNT;\n    \
             {mark};\n    \
             SELECT count(*) INTO kept FROM landfall.kept WHERE run = {run} AND entity = {literal};\n    \
             RAISE NOTICE '{entity}: % deleted, % restored, % kept', deleted, restored, kept;\n\
             END $landfall$;\n",
            later = undo.later_updates(),
            candidates = body(undo.candidates(false)),
            delete = undo.delete(),
            restore = undo.restore(false),
            mark = body(undo.mark()),
            literal = literal(entity),
        ));
    }
    out.push_str(&format!(
        "\nUPDATE landfall.runs SET status = CASE WHEN EXISTS (SELECT 1 FROM landfall.kept WHERE run = \
        {run}) OR EXISTS (\n    \
         SELECT 1 FROM landfall.preimages i JOIN landfall.batches b ON b.id = i.batch WHERE b.run = \
         {run})\n    \
         THEN 'partly_rolled_back' ELSE 'rolled_back' END WHERE id = {run};\nCOMMIT;\n"
    ));
    out
}
