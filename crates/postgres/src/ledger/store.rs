//! [`LedgerStore`] over PostgreSQL: single statements, so that no call needs a transaction of its own.

use super::{SCHEMA_SQL, lease, rows};
use crate::connect::{Session, fault};
use async_trait::async_trait;
use base::ids::RunId;
use base::{Class, Fault, RejectCode};
use jiff::{Timestamp, ToSpan};
use ledger::store::{BATCH_PAGE, NewRun, PAGE};
use ledger::{
    Batch, Difference, EntityRun, Fates, Lease, LedgerStore, Progress, ProjectRecord, Reject, Run, RunKind,
    RunStatus,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
#[cfg(feature = "embedded")]
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Seconds to look ahead for a TS that no other run has.
const NAMES_TRIED_MAX: i64 = 3_600;

/// The ledger of one project in a PostgreSQL database.
pub struct PgLedger {
    project: String,
    session: Arc<Session>,
    sign: SignOfLife,
    /// Held while we write, where the folder is the sign of life.
    #[cfg(feature = "embedded")]
    writer: Mutex<Option<crate::embedded::Lock>>,
    epoch: AtomicI64,
}

/// What shows that a writer is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignOfLife {
    /// An advisory lock of its session.
    Session,
    /// A lock in this folder, where all connections share one session (embedded).
    #[cfg(feature = "embedded")]
    Folder(std::path::PathBuf),
}

impl PgLedger {
    /// The ledger behind this session.
    pub fn new(project: &str, session: Arc<Session>, sign: SignOfLife) -> Self {
        Self {
            project: project.into(),
            session,
            sign,
            #[cfg(feature = "embedded")]
            writer: Mutex::default(),
            epoch: AtomicI64::new(0),
        }
    }

    fn shared_session(&self) -> bool {
        self.sign != SignOfLife::Session
    }

    /// Takes the lock in the folder, or says who has it.
    #[cfg(feature = "embedded")]
    fn lock_folder(&self, command: &str) -> Result<(), Fault> {
        let SignOfLife::Folder(dir) = &self.sign else { return Ok(()) };
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_none() {
            *writer = Some(crate::embedded::Lock::take_writer(dir, command)?);
        }
        Ok(())
    }

    /// The session, for single statements.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The project.
    pub(crate) fn project_name(&self) -> &str {
        &self.project
    }

    /// The epoch of our lease; 0: none.
    pub(crate) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::SeqCst)
    }

    async fn one_run(&self, id: i64) -> Result<Run, Fault> {
        let sql = format!("SELECT {} FROM landfall.runs WHERE id = $1", rows::RUN);
        let row = self.session.query_one(&sql, &[&id]).await.map_err(|e| fault(&e, "read a run"))?;
        rows::run(&row)
    }
}

#[async_trait]
impl LedgerStore for PgLedger {
    async fn is_prepared(&self) -> Result<bool, Fault> {
        let row = self
            .session
            .query_one("SELECT to_regclass('landfall.meta') IS NOT NULL", &[])
            .await
            .map_err(|e| fault(&e, "look for the ledger"))?;
        Ok(row.get(0))
    }

    async fn prepare(&self) -> Result<(), Fault> {
        if !self.is_prepared().await? {
            let script = format!("BEGIN;\n{SCHEMA_SQL}\nCOMMIT;");
            if let Err(error) = self.session.batch_execute(&script).await {
                let rolled_back = self.session.batch_execute("ROLLBACK").await;
                let mut told = fault(&error, "create the ledger (schema landfall)");
                if told.class == Class::Usage {
                    told = told.hint("let an owner run what `landfall db ledger-sql` prints, then try again");
                }
                return Err(if rolled_back.is_err() {
                    told.hint("the connection was lost as well")
                } else {
                    told
                });
            }
        }
        let row = self
            .session
            .query_one("SELECT version FROM landfall.meta", &[])
            .await
            .map_err(|e| fault(&e, "read the ledger's version"))?;
        let version: i32 = row.get(0);
        if version != ledger::SCHEMA_VERSION {
            return Err(Fault::usage(format!(
                "the ledger in this database has version {version}, this landfall writes version {}",
                ledger::SCHEMA_VERSION
            ))
            .hint("use the landfall that wrote it"));
        }
        Ok(())
    }

    async fn project(&self) -> Result<Option<ProjectRecord>, Fault> {
        let row = self
            .session
            .query_opt("SELECT namespace::text FROM landfall.projects WHERE name = $1", &[&self.project])
            .await
            .map_err(|e| fault(&e, "read the project's record"))?;
        row.map(|r| {
            let text: String = r.get(0);
            let namespace =
                Uuid::parse_str(&text).map_err(|_| Fault::fail("the ledger's namespace is no UUID"))?;
            Ok(ProjectRecord { name: self.project.clone(), namespace })
        })
        .transpose()
    }

    async fn record_project(&self, project: &ProjectRecord) -> Result<(), Fault> {
        self.session
            .execute(
                "INSERT INTO landfall.projects (name, namespace) VALUES ($1, $2::text::uuid) ON CONFLICT DO \
                NOTHING",
                &[&project.name, &project.namespace.to_string()],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "record the project"))
    }

    async fn take_lease(&self, host: &str, pid: i32, command: &str) -> Result<Lease, Fault> {
        #[cfg(feature = "embedded")]
        self.lock_folder(command)?;
        let client: &tokio_postgres::Client = &self.session;
        let lease = lease::take(client, &self.project, (host, pid, command), self.shared_session()).await?;
        self.epoch.store(lease.epoch, Ordering::SeqCst);
        Ok(lease)
    }

    async fn heartbeat(&self) -> Result<(), Fault> {
        lease::heartbeat(&self.session, &self.project, self.epoch()).await
    }

    async fn release_lease(&self) -> Result<(), Fault> {
        self.epoch.store(0, Ordering::SeqCst);
        #[cfg(feature = "embedded")]
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        lease::release(&self.session, &self.project, self.shared_session()).await
    }

    async fn runs(&self) -> Result<Vec<Run>, Fault> {
        let sql = format!("SELECT {} FROM landfall.runs WHERE project = $1 ORDER BY id DESC", rows::RUN);
        let found = self.session.query(&sql, &[&self.project]).await;
        found.map_err(|e| fault(&e, "read the runs"))?.iter().map(rows::run).collect()
    }

    async fn create_run(&self, run: &NewRun) -> Result<Run, Fault> {
        let kind = match run.kind {
            RunKind::Move => "move",
            RunKind::Replay => "replay",
        };
        let facts = run.facts.to_string();
        for second in 0..NAMES_TRIED_MAX {
            let at = run.started_at + second.seconds();
            let row = self
                .session
                .query_opt(
                    "INSERT INTO landfall.runs (project, name, kind, status, started_at, seed, facts) \
                     VALUES ($1, $2, $3, 'open', to_timestamp($4::bigint / 1000000.0), $5, $6::text::jsonb) \
                     ON CONFLICT (project, name) DO NOTHING RETURNING id",
                    &[
                        &self.project,
                        &base::clock::stamp(at),
                        &kind,
                        &run.started_at.as_microsecond(),
                        &run.seed.cast_signed(),
                        &facts,
                    ],
                )
                .await
                .map_err(|e| fault(&e, "begin a run"))?;
            if let Some(row) = row {
                return self.one_run(row.get(0)).await;
            }
        }
        Err(Fault::fail("an hour of run names is taken; is the clock right?"))
    }

    async fn set_status(&self, run: RunId, status: RunStatus, at: Option<Timestamp>) -> Result<(), Fault> {
        self.session
            .execute(
                "UPDATE landfall.runs SET status = $2, \
                    finished_at = coalesce(to_timestamp($3::bigint / 1000000.0), finished_at) WHERE id = $1",
                &[&run.0, &status.word(), &at.map(Timestamp::as_microsecond)],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "record how far the run has come"))
    }

    async fn set_facts(&self, run: RunId, facts: &serde_json::Value) -> Result<(), Fault> {
        self.session
            .execute(
                "UPDATE landfall.runs SET facts = $2::text::jsonb WHERE id = $1",
                &[&run.0, &facts.to_string()],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "record the run's facts"))
    }

    async fn note_resumed(&self, run: RunId) -> Result<(), Fault> {
        self.session
            .execute("UPDATE landfall.runs SET resumed = resumed + 1 WHERE id = $1", &[&run.0])
            .await
            .map(drop)
            .map_err(|e| fault(&e, "record that the run goes on"))
    }

    async fn forget(&self, run: RunId) -> Result<(), Fault> {
        self.session
            .execute(
                "WITH b AS (SELECT id FROM landfall.batches WHERE run = $1), \
                      k AS (DELETE FROM landfall.batch_keys WHERE batch IN (SELECT id FROM b)), \
                      f AS (UPDATE landfall.effects SET state = 'forgotten', image = NULL \
                            WHERE run = $1 AND state = 'done') \
                 DELETE FROM landfall.preimages WHERE batch IN (SELECT id FROM b)",
                &[&run.0],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "drop the run's undo record"))
    }

    async fn entities(&self, run: RunId) -> Result<Vec<EntityRun>, Fault> {
        let sql = format!("SELECT {} FROM landfall.entities WHERE run = $1 ORDER BY position", rows::ENTITY);
        let found = self.session.query(&sql, &[&run.0]).await;
        found.map_err(|e| fault(&e, "read the run's entities"))?.iter().map(rows::entity).collect()
    }

    async fn begin_entity(&self, run: RunId, entity: &EntityRun) -> Result<EntityRun, Fault> {
        let defaults = serde_json::to_string(&entity.defaults).map_err(|e| Fault::bug(e.to_string()))?;
        self.session
            .execute(
                "INSERT INTO landfall.entities (run, entity, position, table_name, key, plan, began_empty, \
                defaults, key_base, source, columns, service) \
                 SELECT $1, $2, count(*)::int, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11 \
                 FROM landfall.entities WHERE run = $1 ON CONFLICT (run, entity) DO NOTHING",
                &[
                    &run.0,
                    &entity.entity,
                    &entity.table,
                    &entity.key,
                    &entity.plan,
                    &entity.began_empty,
                    &defaults,
                    &entity.key_base,
                    &entity.source.cast_signed(),
                    &entity.columns,
                    &entity.service,
                ],
            )
            .await
            .map_err(|e| fault(&e, "begin with an entity"))?;
        let sql = format!("SELECT {} FROM landfall.entities WHERE run = $1 AND entity = $2", rows::ENTITY);
        let row = self.session.query_one(&sql, &[&run.0, &entity.entity]).await;
        rows::entity(&row.map_err(|e| fault(&e, "begin with an entity"))?)
    }

    async fn entity_loaded(&self, run: RunId, entity: &str) -> Result<(), Fault> {
        self.session
            .execute(
                "UPDATE landfall.entities SET loaded = true WHERE run = $1 AND entity = $2",
                &[&run.0, &entity],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "record that an entity is loaded"))
    }

    async fn progress(&self, run: RunId, entity: &str) -> Result<Progress, Fault> {
        let mut progress = Progress::default();
        let sql = "SELECT fates, next_byte, defaults_taken::text, adopted, first_record FROM \
        landfall.batches \
                   WHERE run = $1 AND entity = $2 AND first_record >= $3 ORDER BY first_record LIMIT $4";
        loop {
            let from = progress.records.cast_signed();
            let page = self
                .session
                .query(sql, &[&run.0, &entity, &from, &(BATCH_PAGE as i64)])
                .await
                .map_err(|e| fault(&e, "read how far an entity has come"))?;
            if page.is_empty() {
                return Ok(progress);
            }
            for row in &page {
                let fates = Fates(row.get(0));
                ledger::invariants::follows(entity, progress.records, row.get::<_, i64>(4).cast_unsigned())?;
                progress.counts.merge(&ledger::invariants::all_decided(entity, progress.records, &fates)?);
                progress.records += fates.len() as u64;
                progress.next_byte = row.get::<_, i64>(1).cast_unsigned();
                progress.adopted += u64::try_from(row.get::<_, i32>(3)).unwrap_or_default();
                for (column, n) in rows::counts(row.get(2)) {
                    *progress.defaults_taken.entry(column).or_default() += n;
                }
            }
        }
    }

    async fn batches(&self, run: RunId, entity: &str, from_record: u64) -> Result<Vec<Batch>, Fault> {
        let sql = format!(
            "SELECT {} FROM landfall.batches WHERE run = $1 AND entity = $2 AND first_record + records > $3 \
             ORDER BY first_record LIMIT $4",
            rows::BATCH
        );
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&run.0, &entity, &from_record.cast_signed(), &(BATCH_PAGE as i64)];
        let found = self.session.query(&sql, &parameters).await;
        Ok(found.map_err(|e| fault(&e, "read batches"))?.iter().map(rows::batch).collect())
    }

    async fn replace_export_rejects(
        &self,
        run: RunId,
        entity: &str,
        rejects: &[Reject],
    ) -> Result<(), Fault> {
        let doing = "record rejects";
        self.session
            .execute(
                "DELETE FROM landfall.rejects WHERE run = $1 AND entity = $2 AND record < 0",
                &[&run.0, &entity],
            )
            .await
            .map_err(|e| fault(&e, doing))?;
        for page in rejects.chunks(PAGE) {
            insert_rejects(&self.session, run, page).await.map_err(|e| fault(&e, doing))?;
        }
        Ok(())
    }

    async fn rejects(&self, run: RunId, entity: Option<&str>, offset: u64) -> Result<Vec<Reject>, Fault> {
        let sql = format!(
            "SELECT {} FROM landfall.rejects r LEFT JOIN landfall.entities e USING (run, entity) \
             WHERE run = $1 AND ($2::text IS NULL OR entity = $2) \
             ORDER BY e.position, entity, record, field, reason OFFSET $3 LIMIT $4",
            rows::REJECT
        );
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&run.0, &entity, &offset.cast_signed(), &(PAGE as i64)];
        let found = self.session.query(&sql, &parameters).await;
        found.map_err(|e| fault(&e, "read rejects"))?.iter().map(rows::reject).collect()
    }

    async fn replace_differences(&self, run: RunId, entity: &str, found: &[Difference]) -> Result<(), Fault> {
        let doing = "record differences";
        let client: &tokio_postgres::Client = &self.session;
        client
            .execute("DELETE FROM landfall.differences WHERE run = $1 AND entity = $2", &[&run.0, &entity])
            .await
            .map_err(|e| fault(&e, doing))?;
        for page in found.chunks(PAGE) {
            let kinds: Vec<&str> = page.iter().map(|d| d.kind.word()).collect();
            let ids: Vec<&str> = page.iter().map(|d| d.source_id.as_str()).collect();
            let keys: Vec<&str> = page.iter().map(|d| d.key.as_str()).collect();
            let fields: Vec<String> = page.iter().map(|d| serde_json::json!(d.fields).to_string()).collect();
            client
                .execute(
                    "INSERT INTO landfall.differences (run, entity, kind, source_id, key, fields) \
                     SELECT $1, $2, k, s, y, f::jsonb FROM unnest($3::text[], $4::text[], $5::text[], \
                     $6::text[]) \
                     AS x(k, s, y, f)",
                    &[&run.0, &entity, &kinds, &ids, &keys, &fields],
                )
                .await
                .map_err(|e| fault(&e, doing))?;
        }
        Ok(())
    }

    async fn differences(&self, run: RunId, offset: u64) -> Result<Vec<Difference>, Fault> {
        let found = self
            .session
            .query(
                "SELECT entity, kind, source_id, key, fields::text FROM landfall.differences WHERE run = $1 \
                 ORDER BY entity, kind, source_id, key OFFSET $2 LIMIT $3",
                &[&run.0, &offset.cast_signed(), &(PAGE as i64)],
            )
            .await;
        found.map_err(|e| fault(&e, "read differences"))?.iter().map(rows::difference).collect()
    }
}

/// Rejects as arrays, a column each, for `unnest`.
pub(super) struct RejectColumns<'a> {
    pub(super) records: Vec<i64>,
    pub(super) ids: Vec<&'a str>,
    pub(super) fields: Vec<&'a str>,
    pub(super) values: Vec<Option<String>>,
    pub(super) codes: Vec<&'a str>,
    pub(super) reasons: Vec<&'a str>,
}

impl<'a> RejectColumns<'a> {
    pub(super) fn of(rejects: &'a [Reject]) -> Self {
        // A NUL cannot stand in the ledger either; it is shown as JSON shows it.
        let value = |r: &Reject| r.value.as_ref().map(|v| v.replace('\0', "\\u0000"));
        Self {
            records: rejects.iter().map(|r| r.record).collect(),
            ids: rejects.iter().map(|r| r.source_id.as_str()).collect(),
            fields: rejects.iter().map(|r| r.field.as_str()).collect(),
            values: rejects.iter().map(value).collect(),
            codes: rejects.iter().map(|r| RejectCode::word(r.code)).collect(),
            reasons: rejects.iter().map(|r| r.reason.as_str()).collect(),
        }
    }
}

/// Writes rejects, at most a page at a time.
pub(crate) async fn insert_rejects(
    client: &tokio_postgres::Client,
    run: RunId,
    rejects: &[Reject],
) -> Result<(), tokio_postgres::Error> {
    let columns = RejectColumns::of(rejects);
    let entities: Vec<&str> = rejects.iter().map(|r| r.entity.as_str()).collect();
    client
        .execute(
            "INSERT INTO landfall.rejects (run, entity, record, source_id, field, value, code, reason) \
             SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], \
             $7::text[], \
                                      $8::text[])",
            &[
                &run.0,
                &entities,
                &columns.records,
                &columns.ids,
                &columns.fields,
                &columns.values,
                &columns.codes,
                &columns.reasons,
            ],
        )
        .await
        .map(drop)
}

/// Column → count, as JSON for the ledger; `None` when nothing was counted.
pub(crate) fn counts_json(counts: &BTreeMap<String, u64>) -> Option<String> {
    (!counts.is_empty()).then(|| serde_json::json!(counts).to_string())
}
