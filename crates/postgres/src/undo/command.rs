//! The undo as the command does it: a few batches to a transaction, under the lease.

use super::facts::{self, Facts, Group};
use super::sql::{self, REFUSED, Test};
use crate::PgDestination;
use crate::connect::{Session, fault};
use crate::ledger::PgLedger;
use base::{Class, Fault};
use connect::undo::{KEPT_NAMED_MAX, Kept, UndoProgress, UndoReport, UndoRequest, Undone, Why};
use ledger::{LedgerStore, RunStatus};
use std::collections::BTreeMap;
use tokio_postgres::{Error, SimpleQueryMessage};

/// Batches undone in one transaction: half a million rows, some seconds of work. Fewer would look at the
/// tables that refer to ours more often; more would lock everybody out for longer. Tables that refer to each
/// other in a circle, or to themselves, go in one transaction, because no part of them can be deleted before
/// another.
const BATCHES_MAX: usize = 8;

/// Undoes a run.
pub(crate) async fn undo(
    destination: &PgDestination,
    request: &UndoRequest,
    progress: &mut (dyn FnMut(UndoProgress) + Send),
) -> Result<UndoReport, Fault> {
    let ledger = destination.pg_ledger();
    let session = destination.session().await?;
    if !ledger.is_prepared().await? {
        return Err(Fault::usage(format!("there is no run {}", request.run)).hint("landfall runs lists them"));
    }
    let facts = facts::read(&session, ledger.project_name(), request.run).await?;
    if facts.status == RunStatus::RolledBack {
        return Ok(UndoReport {
            entities: Vec::new(),
            kept: Vec::new(),
            status: RunStatus::RolledBack,
            already: true,
            notes: Vec::new(),
        });
    }
    if !request.dry_run && ledger.epoch() == 0 {
        return Err(Fault::bug("a run is to be undone without the lease"));
    }
    let test = Test { content: request.changed_keys.is_some(), force: request.force };
    let work = Work { session, ledger, facts, test, changed: request.changed_keys.as_ref() };
    if request.dry_run { work.count_only().await } else { work.undo(progress).await }
}

struct Work<'a> {
    session: Session,
    ledger: &'a PgLedger,
    facts: Facts,
    test: Test,
    changed: Option<&'a BTreeMap<String, Vec<String>>>,
}

/// A batch that is not undone.
struct Batch {
    id: i64,
    entity: String,
    rows: u64,
}

impl Work<'_> {
    async fn undo(&self, progress: &mut (dyn FnMut(UndoProgress) + Send)) -> Result<UndoReport, Fault> {
        let run = self.facts.id;
        let batches = self.batches().await?;
        let brought = self.brought_here().await?;
        self.transaction(async {
            self.begin(true).await?;
            self.tell_changed(&self.all()).await?;
            self.execute(&sql::refusals(&self.facts, self.test), "look at what is to be undone").await?;
            let begins = format!(
                "UPDATE landfall.runs SET status = 'partly_rolled_back' WHERE id = {run}; \
                 DELETE FROM landfall.kept WHERE run = {run}"
            );
            self.execute(&begins, "begin to undo the run").await
        })
        .await?;
        let total = batches.iter().map(|b| b.rows).sum();
        let mut done = 0;
        let mut sums = BTreeMap::new();
        let groups = self.facts.groups();
        for group in &groups {
            let names: Vec<&str> =
                group.entities.iter().map(|i| self.facts.entities[*i].name.as_str()).collect();
            let ours: Vec<&Batch> = batches.iter().filter(|b| names.contains(&b.entity.as_str())).collect();
            let size = if group.cyclic { ours.len().max(1) } else { BATCHES_MAX };
            for chunk in ours.chunks(size) {
                let counted = self.chunk(group, chunk).await.map_err(|f| f.at(names.join(", ")))?;
                for (i, undone) in counted {
                    let sum: &mut Undone = sums.entry(i).or_default();
                    sum.add(&undone);
                }
                done += chunk.iter().map(|b| b.rows).sum::<u64>();
                progress(UndoProgress { entity: names.join(", "), done, total });
            }
        }
        self.transaction(async {
            self.begin(true).await?;
            self.execute(&sql::settle(run), "record that the run is undone").await
        })
        .await?;
        let row = self.session.query_one("SELECT status FROM landfall.runs WHERE id = $1", &[&run]).await;
        let status: String = row.map_err(|e| fault(&e, "read the run"))?.get(0);
        let kept = self
            .session
            .query(
                "SELECT entity, key, why FROM landfall.kept WHERE run = $1 ORDER BY entity, key LIMIT $2",
                &[&run, &(KEPT_NAMED_MAX as i64)],
            )
            .await
            .map_err(|e| fault(&e, "read which rows were kept"))?;
        let kept = kept.iter().map(|r| named(r.get(0), r.get(1), r.get(2))).collect();
        let status = RunStatus::from_word(&status).unwrap_or(RunStatus::PartlyRolledBack);
        Ok(self.report(&groups, &sums, kept, status, brought))
    }

    /// A few batches of a group, in one transaction with their ledger record.
    async fn chunk(&self, group: &Group, batches: &[&Batch]) -> Result<Vec<(usize, Undone)>, Fault> {
        let mut counted = Vec::new();
        let values: Vec<String> = batches
            .iter()
            .map(|b| format!("({}, {})", b.id, crate::catalogue::literal(&b.entity).trim_start()))
            .collect();
        let text = format!(
            "{}INSERT INTO pg_temp.landfall_scope (batch, entity) VALUES {};\n{}{}",
            sql::tables(self.facts.id, true),
            values.join(", "),
            sql::undo(&self.facts, group, self.test),
            sql::finish(self.facts.id)
        );
        self.transaction(async {
            self.begin(true).await?;
            self.execute(&sql::lock(&self.facts, &group.entities), "lock the tables").await?;
            self.tell_changed(&group.entities).await?;
            self.execute(&text, "undo rows").await?;
            counted = self.counted().await?;
            Ok(())
        })
        .await?;
        Ok(counted)
    }

    /// What an undo would come to. Everything happens in temporary tables and is rolled back.
    async fn count_only(&self) -> Result<UndoReport, Fault> {
        let brought = self.brought_here().await?;
        let groups = self.facts.groups();
        let mut text = sql::tables(self.facts.id, false);
        text += &format!(
            "INSERT INTO pg_temp.landfall_scope (batch, entity) {};\n",
            sql::batches_left(self.facts.id)
        );
        let mut seen = Vec::new();
        for group in &groups {
            for i in &group.entities {
                text += &sql::rows(&self.facts, *i, self.test);
            }
            seen.extend_from_slice(&group.entities);
            text += &sql::needed(&self.facts, group, &seen, true);
        }
        for i in self.all() {
            text += &sql::count(&self.facts, i);
        }
        self.begin(false).await?;
        let counted = async {
            self.tell_changed(&self.all()).await?;
            self.execute(&sql::refusals(&self.facts, self.test), "look at what is to be undone").await?;
            self.execute(&text, "count rows").await?;
            let kept = self.kept_in_temporary_tables().await?;
            Ok((self.counted().await?, kept))
        }
        .await;
        let ended = self.session.batch_execute("ROLLBACK").await.map_err(|e| fault(&e, "end the count"));
        let (counted, kept) = counted?;
        ended?;
        let sums: BTreeMap<usize, Undone> = counted.into_iter().collect();
        let all_through = sums.values().all(|u| u.kept() == 0);
        let status = if all_through { RunStatus::RolledBack } else { RunStatus::PartlyRolledBack };
        Ok(self.report(&groups, &sums, kept, status, brought))
    }

    fn report(
        &self,
        groups: &[Group],
        sums: &BTreeMap<usize, Undone>,
        kept: Vec<Kept>,
        status: RunStatus,
        brought: bool,
    ) -> UndoReport {
        let order = groups.iter().flat_map(|g| &g.entities);
        let entities: Vec<(String, Undone)> = order
            .map(|i| (self.facts.entities[*i].name.clone(), sums.get(i).copied().unwrap_or_default()))
            .collect();
        let mut notes = Vec::new();
        let changed = entities.iter().any(|(_, u)| u.kept_changed > 0);
        if brought && changed && !self.test.content {
            notes.push(
                "the ledger came here by a dump and restore, after which nothing tells who wrote a row, \
                 so rows are kept; --by-content compares values instead"
                    .to_owned(),
            );
        }
        for entity in self.facts.entities.iter().filter(|e| e.meddled) {
            if entities.iter().any(|(name, u)| *name == entity.name && u.restored > 0) {
                notes.push(format!(
                    "triggers of {} may have written to restored rows; only its owner can switch them off",
                    entity.table
                ));
            }
        }
        UndoReport { entities, kept, status, already: false, notes }
    }

    fn all(&self) -> Vec<usize> {
        (0..self.facts.entities.len()).collect()
    }

    async fn batches(&self) -> Result<Vec<Batch>, Fault> {
        let rows = self
            .session
            .query(
                "SELECT b.id, b.entity, (b.loaded + b.updated)::bigint \
                 FROM landfall.batches AS b JOIN landfall.entities AS e USING (run, entity) \
                 WHERE b.run = $1 AND b.undone_at IS NULL AND e.service IS NULL ORDER BY b.id DESC",
                &[&self.facts.id],
            )
            .await
            .map_err(|e| fault(&e, "read the batches"))?;
        let batch = |r: &tokio_postgres::Row| Batch {
            id: r.get(0),
            entity: r.get(1),
            rows: r.get::<_, i64>(2).cast_unsigned(),
        };
        Ok(rows.iter().map(batch).collect())
    }

    /// Whether a record of a batch does not carry the batch's own transaction, as after a dump and restore.
    async fn brought_here(&self) -> Result<bool, Fault> {
        let row = self
            .session
            .query_one(
                "SELECT EXISTS (SELECT 1 FROM landfall.batches AS b JOIN landfall.entities AS e \
                 USING (run, entity) WHERE b.run = $1 AND b.undone_at IS NULL AND e.service IS NULL \
                 AND NOT b.xmin::text::bigint = ANY (b.xids))",
                &[&self.facts.id],
            )
            .await;
        Ok(row.map_err(|e| fault(&e, "read the batches"))?.get(0))
    }

    /// BEGIN and the settings; with the lease's check when it is to write.
    async fn begin(&self, writes: bool) -> Result<(), Fault> {
        let doing = |e: Error| fault(&e, "begin to undo");
        if !writes {
            // One look at all tables; the temporary ones are writes to PostgreSQL.
            let text = format!("BEGIN ISOLATION LEVEL REPEATABLE READ;\n{}", sql::settings());
            return self.session.batch_execute(&text).await.map_err(doing);
        }
        let lease = crate::ledger::lease_check(self.ledger.project_name(), self.ledger.epoch());
        let text = format!("BEGIN;\n{}{lease}", sql::settings());
        let answers = self.session.simple_query(&text).await.map_err(doing)?;
        if answers.iter().any(|m| matches!(m, SimpleQueryMessage::Row(_))) {
            return Ok(());
        }
        Err(crate::ledger::lease_lost())
    }

    /// Commits when `steps` succeed, else rolls back.
    async fn transaction(&self, steps: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
        if let Err(fault) = steps.await {
            // The connection may be gone; the server rolls back what it has not committed.
            let _ = self.session.batch_execute("ROLLBACK").await;
            return Err(match fault.class {
                Class::Usage | Class::Bug => fault,
                _ => fault
                    .hint("what was committed is undone for good; the same command goes on with the rest"),
            });
        }
        self.session.batch_execute("COMMIT").await.map_err(|e| fault(&e, "commit"))
    }

    async fn execute(&self, text: &str, doing: &str) -> Result<(), Fault> {
        self.session.batch_execute(text).await.map_err(|error| told(&error, doing))
    }

    /// Puts the keys of changed rows where the statements look for them.
    async fn tell_changed(&self, entities: &[usize]) -> Result<(), Fault> {
        let Some(changed) = self.changed else { return Ok(()) };
        self.execute(sql::changed_table(), "compare by content").await?;
        for i in entities {
            let name = &self.facts.entities[*i].name;
            let Some(keys) = changed.get(name) else { continue };
            self.session
                .execute(
                    "INSERT INTO pg_temp.landfall_changed SELECT $1, unnest($2::text[])",
                    &[&name.as_str(), &keys],
                )
                .await
                .map_err(|e| fault(&e, "compare by content"))?;
        }
        self.execute("ANALYZE pg_temp.landfall_changed", "compare by content").await
    }

    async fn counted(&self) -> Result<Vec<(usize, Undone)>, Fault> {
        let rows = self
            .session
            .query(
                "SELECT n, deleted, restored, kept_changed, kept_needed, gone, forced \
                 FROM pg_temp.landfall_undone",
                &[],
            )
            .await
            .map_err(|e| fault(&e, "count rows"))?;
        let counted = rows.iter().map(|r| {
            let number = |i: usize| r.get::<_, i64>(i).cast_unsigned();
            let undone = Undone {
                deleted: number(1),
                restored: number(2),
                kept_changed: number(3),
                kept_needed: number(4),
                gone: number(5),
                forced: number(6),
            };
            (usize::try_from(r.get::<_, i32>(0)).unwrap_or_default(), undone)
        });
        Ok(counted.collect())
    }

    async fn kept_in_temporary_tables(&self) -> Result<Vec<Kept>, Fault> {
        let mut kept = Vec::new();
        for i in self.all() {
            let left = KEPT_NAMED_MAX.saturating_sub(kept.len());
            let sql = sql::kept(&self.facts, i, left);
            let rows =
                self.session.query(&sql, &[]).await.map_err(|e| fault(&e, "read which rows are kept"))?;
            let name = &self.facts.entities[i].name;
            kept.extend(rows.iter().map(|r| named(name.clone(), r.get(0), r.get(1))));
        }
        kept.sort_by(|a, b| (&a.entity, &a.key).cmp(&(&b.entity, &b.key)));
        Ok(kept)
    }
}

fn named(entity: String, key: String, why: &str) -> Kept {
    let why = if why == Why::Changed.word() { Why::Changed } else { Why::Needed };
    Kept { entity, key, why }
}

/// Our own refusals, and pre-images that do not fit their table any more, in words; else the driver's fault.
fn told(error: &Error, doing: &str) -> Fault {
    let Some(server) = error.as_db_error() else { return fault(error, doing) };
    match server.code().code() {
        REFUSED => {
            let refused = Fault::usage(server.message().to_owned());
            match server.hint() {
                Some(hint) => refused.hint(hint.to_owned()),
                None => refused,
            }
        }
        code if code.starts_with("22") => Fault::usage(
            "what the ledger holds of a row does not fit its table any more",
        )
        .hint(format!(
            "were the table's columns changed since the run? change them back for the time of the rollback \
                 (SQLSTATE {code})"
        )),
        _ => fault(error, doing),
    }
}
