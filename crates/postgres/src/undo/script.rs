//! The undo as a file for `psql -f`: the command's statements in one transaction.

use super::facts::{self, Facts};
use super::sql::{self, Test};
use crate::PgDestination;
use crate::catalogue::literal;
use base::Fault;
use base::ids::RunId;
use connect::undo::KEPT_NAMED_MAX;
use ledger::LedgerStore;

/// The script of a run, over the tables as they are now.
pub(crate) async fn undo_script(destination: &PgDestination, run: RunId) -> Result<String, Fault> {
    let ledger = destination.pg_ledger();
    if !ledger.is_prepared().await? {
        return Err(Fault::usage(format!("there is no run {run}")).hint("landfall runs lists them"));
    }
    let facts = facts::read(destination.control(), ledger.project_name(), run).await?;
    Ok(script(&facts))
}

/// The text.
fn script(facts: &Facts) -> String {
    let run = facts.id;
    let all: Vec<usize> = (0..facts.entities.len()).collect();
    let mut sql = header(facts);
    sql += "BEGIN;\n";
    sql += &sql::settings();
    sql += &guards(facts);
    sql += &sql::lock(facts, &all);
    sql += &sql::refusals(facts, Test::PLAIN);
    sql += "\n-- What this transaction works on: batches that are not undone, and the run's transactions.\n";
    sql += &sql::tables(run, true);
    sql += &format!(
        "INSERT INTO pg_temp.landfall_scope (batch, entity)\n    {};\n\
         DELETE FROM landfall.kept WHERE run = {run};\n",
        sql::batches_left(run)
    );
    for group in facts.groups() {
        sql += &sql::undo(facts, &group, Test::PLAIN);
    }
    sql += &sql::finish(run);
    sql += &sql::settle(run);
    sql += &format!(
        "\n-- What it came to.\n\
         SELECT entity, deleted, restored, kept_changed, kept_needed, gone\n    \
            FROM pg_temp.landfall_undone ORDER BY n;\n\
         SELECT entity, key, why AS kept_because FROM landfall.kept WHERE run = {run}\n    \
            ORDER BY entity, key LIMIT {KEPT_NAMED_MAX};\n\
         SELECT name AS run, status FROM landfall.runs WHERE id = {run};\n\
         COMMIT;\n"
    );
    sql
}

fn header(facts: &Facts) -> String {
    let (name, run) = (&facts.name, facts.id);
    let project = facts.project.replace(['\n', '\r'], " ");
    let mut tables: Vec<String> = facts.entities.iter().map(|e| e.table.replace(['\n', '\r'], " ")).collect();
    tables.sort_unstable();
    tables.dedup();
    format!(
        "-- Rollback of run {name} (number {run}) of the project {project}.\n\
         --\n\
         -- Undoes exactly what the run did: rows that it inserted are deleted, rows that it updated get\n\
         -- their earlier content back. Kept, and shown at the end, are rows that somebody changed since,\n\
         -- and rows that others refer to. Which rows there are stands in the schema landfall of the same\n\
         -- database; this file holds neither values nor ids of records.\n\
         --\n\
         -- Run it with\n\
         --     psql -v ON_ERROR_STOP=1 -f rollback_migration_{name}.sql \"$DATABASE_URL\"\n\
         --\n\
         -- One transaction: all of it or nothing. Until it ends nobody else can write to these tables, or\n\
         -- write rows that refer to them; reading goes on: {tables}.\n\
         -- A foreign key that refers to one of them makes it slow when its own columns have no index:\n\
         -- PostgreSQL looks for every deleted row there.\n\
         -- Run again it tries the rows that were kept, and changes nothing else.\n\
         -- `landfall rollback {name}` does the same in smaller transactions, and knows what was done \
         here.\n\n",
        tables = if tables.is_empty() { "none".to_owned() } else { tables.join(", ") },
    )
}

/// What must be as it was when the file was written, and nobody else at work.
fn guards(facts: &Facts) -> String {
    let (run, name, project) = (facts.id, literal(&facts.name), literal(&facts.project));
    let mut sql = String::from(
        "\n-- It must be this run's database, as this file knows it, and no landfall at work on it.\n",
    );
    sql += &sql::raise_if(
        &format!("(SELECT max(version) FROM landfall.meta) <> {}", ledger::SCHEMA_VERSION),
        "the ledger in this database is of another version than this file",
        "landfall report writes the file again",
    );
    sql += &sql::raise_if(
        &format!(
            "NOT EXISTS (SELECT 1 FROM landfall.runs\n        \
                WHERE id = {run} AND name = {name} AND project = {project})"
        ),
        &format!("this database holds no run {} (number {run}) of this project", facts.name),
        "connect to the database that the run wrote to",
    );
    sql += &sql::raise_if(
        &format!("NOT pg_try_advisory_xact_lock({}, hashtext({project}))", crate::ledger::LOCK_CLASS),
        "a landfall command is writing for this project",
        "wait for it to end, then try again",
    );
    for entity in &facts.entities {
        let table = literal(&entity.table);
        let known: Vec<String> = entity
            .referred
            .iter()
            .map(|r| format!("({}, {})", literal(&r.name).trim_start(), literal(&r.table).trim_start()))
            .collect();
        let now = format!(
            "pg_constraint AS c\n        \
                WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = to_regclass({})",
            table.trim_start()
        );
        let strange = match known.is_empty() {
            true => String::new(),
            false => format!(
                "\n        AND NOT EXISTS (SELECT 1 FROM (VALUES {}) AS v (name, from_table)\n        \
                    WHERE v.name = c.conname AND to_regclass(v.from_table) = c.conrelid)",
                known.join(", ")
            ),
        };
        sql += &sql::raise_if(
            &format!(
                "(SELECT count(*) FROM {now}) <> {} OR EXISTS (SELECT 1 FROM {now}{strange})",
                known.len()
            ),
            &format!("the foreign keys that refer to {} changed since this file was written", entity.table),
            "landfall report writes the file again",
        );
    }
    sql
}
