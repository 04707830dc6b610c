//! PostgreSQL as a destination: [`connect::destination::Destination`] over catalogue, loader, reader and
//! ledger.

use crate::address::Address;
use crate::catalogue::{self, quote, quote_list};
use crate::connect::{Session, fault};
#[cfg(feature = "embedded")]
use crate::embedded::Embedded;
use crate::ledger::{PgLedger, SignOfLife};
use crate::load::PgLoader;
use crate::load::trial::PgTrial;
use crate::settle::PgSettler;
use async_trait::async_trait;
use base::ids::RunId;
use base::limits::QUERY_SECONDS_MAX;
use base::{Fault, Problem};
use connect::destination::{
    Destination, DestinationInfo, LoadSpec, Loader, QueryRows, RowSink, Table, TableName, TrialSpec,
};
use connect::settle::{SettleSpec, Settler};
use connect::undo::{UndoProgress, UndoReport, UndoRequest};
use ledger::LedgerStore;
use std::sync::Arc;
use std::time::Duration;
use values::{Cells, PgType};

/// Where the server is.
#[derive(Clone)]
pub enum Home {
    /// A server of its own.
    Server(Box<Address>),
    /// The PostgreSQL inside the program, owned by this process.
    #[cfg(feature = "embedded")]
    Embedded(Arc<Embedded>),
    /// The PostgreSQL inside another landfall process, reached by its socket in this folder.
    #[cfg(feature = "embedded")]
    Attached(std::path::PathBuf),
}

impl Home {
    /// The PostgreSQL inside the program: this process becomes its owner, or reaches the one that is.
    #[cfg(feature = "embedded")]
    pub async fn embedded(dir: &std::path::Path, role: &str) -> Result<Self, Fault> {
        let settings = crate::embedded::Settings { command: role.to_owned(), ..Default::default() };
        Ok(Self::of(dir, crate::embedded::open_or_attach(dir, &settings, role).await?))
    }

    /// As [`Home::embedded`], for a command that writes.
    #[cfg(feature = "embedded")]
    pub async fn embedded_to_write(dir: &std::path::Path, role: &str) -> Result<Self, Fault> {
        let settings = crate::embedded::Settings { command: role.to_owned(), ..Default::default() };
        Ok(Self::of(dir, crate::embedded::open_to_write(dir, &settings, role).await?))
    }

    #[cfg(feature = "embedded")]
    fn of(dir: &std::path::Path, opened: crate::embedded::Opened) -> Self {
        match opened {
            crate::embedded::Opened::Owner(embedded, _) => Home::Embedded(Arc::new(embedded)),
            crate::embedded::Opened::Attached(_) => Home::Attached(dir.to_owned()),
        }
    }
}

/// A PostgreSQL destination.
pub struct PgDestination {
    home: Home,
    role: String,
    control: Arc<Session>,
    ledger: Arc<PgLedger>,
    info: DestinationInfo,
    query_max: Duration,
}

impl PgDestination {
    /// Connects. `role` is what the server shows of us: `landfall move`.
    pub async fn open(home: Home, project: &str, role: &str) -> Result<Self, Fault> {
        let control = Arc::new(session(&home, role).await?);
        let sign = match &home {
            Home::Server(_) => SignOfLife::Session,
            #[cfg(feature = "embedded")]
            Home::Embedded(embedded) => SignOfLife::Folder(embedded.dir().to_owned()),
            #[cfg(feature = "embedded")]
            Home::Attached(dir) => SignOfLife::Folder(dir.clone()),
        };
        let embedded = sign != SignOfLife::Session;
        let row = control
            .query_one(
                "SELECT current_setting('server_version'), current_user::text, current_database()::text",
                &[],
            )
            .await
            .map_err(|e| fault(&e, "ask the server who it is"))?;
        let version: String = row.get(0);
        let address = match &home {
            Home::Server(address) => address.shown(),
            #[cfg(feature = "embedded")]
            Home::Embedded(_) | Home::Attached(_) => "embedded".to_string(),
        };
        let info = DestinationInfo {
            address,
            version: version.split(' ').next().unwrap_or_default().to_owned(),
            embedded,
        };
        let ledger = Arc::new(PgLedger::new(project, Arc::clone(&control), sign));
        let query_max = Duration::from_secs(QUERY_SECONDS_MAX);
        Ok(Self { home, role: role.into(), control, ledger, info, query_max })
    }

    /// Bounds the time of people's queries otherwise than by [`QUERY_SECONDS_MAX`].
    #[must_use]
    pub fn query_within(mut self, limit: Duration) -> Self {
        self.query_max = limit;
        self
    }

    /// A further connection.
    pub async fn session(&self) -> Result<Session, Fault> {
        session(&self.home, &self.role).await
    }

    /// The control connection, for single statements.
    pub(crate) fn control(&self) -> &Session {
        &self.control
    }

    /// The part of the ledger that services need.
    pub fn effects(&self) -> Arc<dyn ledger::effects::EffectStore> {
        Arc::clone(&self.ledger) as Arc<dyn ledger::effects::EffectStore>
    }

    /// The ledger itself, for the undo.
    pub(crate) fn pg_ledger(&self) -> &PgLedger {
        &self.ledger
    }
}

/// A session at home.
pub(crate) async fn session(home: &Home, role: &str) -> Result<Session, Fault> {
    match home {
        Home::Server(address) => crate::connect::connect(address, role).await,
        #[cfg(feature = "embedded")]
        Home::Embedded(embedded) => embedded.connect(role).await,
        #[cfg(feature = "embedded")]
        Home::Attached(dir) => crate::embedded::attach(dir, role)
            .await?
            .ok_or_else(|| Fault::stop("the landfall process that owned the embedded database has ended")),
    }
}

#[async_trait]
impl Destination for PgDestination {
    fn info(&self) -> DestinationInfo {
        self.info.clone()
    }

    fn ledger(&self) -> &dyn LedgerStore {
        self.ledger.as_ref()
    }

    async fn check(&self, tables: &[Arc<Table>]) -> Result<Vec<Problem>, Fault> {
        crate::rights::check(self, tables).await
    }

    async fn tables(&self, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            tables.push(catalogue::table(&self.control, name).await?);
        }
        Ok(tables)
    }

    async fn all_tables(&self) -> Result<Vec<TableName>, Fault> {
        catalogue::all_tables(&self.control).await
    }

    async fn run_script(&self, sql: &str) -> Result<(), Fault> {
        let session = self.session().await?;
        let outcome = script(&session, &format!("BEGIN;\n{sql}\n;COMMIT;"), sql).await;
        if outcome.is_err() {
            // A script that failed has left its transaction open.
            let _ = session.batch_execute("ROLLBACK").await;
        }
        outcome
    }

    async fn tables_after(&self, sql: &str, names: &[TableName]) -> Result<Vec<Option<Table>>, Fault> {
        let session = self.session().await?;
        let outcome = async {
            script(&session, &format!("BEGIN;\n{sql}\n;"), sql).await?;
            let mut tables = Vec::with_capacity(names.len());
            for name in names {
                tables.push(catalogue::table(&session, name).await?);
            }
            Ok(tables)
        }
        .await;
        session.batch_execute("ROLLBACK").await.map_err(|e| fault(&e, "end a look at the schema script"))?;
        outcome
    }

    async fn evaluate(&self, defaults: &[(String, PgType)]) -> Result<Vec<Option<String>>, Fault> {
        let mut values = Vec::with_capacity(defaults.len());
        for (default, ty) in defaults {
            let sql = format!("SELECT (({default})::{})::text", ty.name);
            let texts = self.utc_texts(&sql).await?;
            values.push(texts.into_iter().next().flatten());
        }
        Ok(values)
    }

    async fn is_empty(&self, table: &Table) -> Result<bool, Fault> {
        let there = self.control.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table.sql]).await;
        if !there.map_err(|e| fault(&e, "look for the table").at(&table.sql))?.get::<_, bool>(0) {
            return Ok(true);
        }
        let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", table.sql);
        let row = self.control.query_one(&sql, &[]).await;
        Ok(row.map_err(|e| fault(&e, "look into the table").at(&table.sql))?.get(0))
    }

    async fn count(&self, table: &Table) -> Result<u64, Fault> {
        let row = self.control.query_one(&format!("SELECT count(*) FROM {}", table.sql), &[]).await;
        Ok(row.map_err(|e| fault(&e, "count rows").at(&table.sql))?.get::<_, i64>(0).cast_unsigned())
    }

    async fn reserve_keys(&self, table: &Table, column: &str, count: u64) -> Result<i64, Fault> {
        let sequence = table.column(column).and_then(|c| c.sequence.clone()).ok_or_else(|| {
            Fault::usage(format!("{}.{column} is a number that no sequence feeds", table.sql))
                .hint("map the key column in landfall.toml")
        })?;
        // The block begins behind both the sequence and the rows, and the sequence is left beyond it, at
        // once.
        let sql = format!(
            "SELECT b, setval($1::text::regclass, b + greatest($2::bigint, 1)) FROM (SELECT greatest( \
                (SELECT coalesce(max({}), 0) FROM {})::bigint, nextval($1::text::regclass) - 1, 0) AS b) AS \
                x",
            quote(column),
            table.sql
        );
        let row = self.control.query_one(&sql, &[&sequence, &count.cast_signed()]).await;
        Ok(row.map_err(|e| fault(&e, "reserve numbers").at(&table.sql))?.get(0))
    }

    async fn loader(&self, spec: &LoadSpec) -> Result<Box<dyn Loader>, Fault> {
        let session = self.session().await?;
        Ok(Box::new(PgLoader::new(session, Arc::clone(&self.ledger), spec.clone()).await?))
    }

    async fn trial(&self, spec: &TrialSpec) -> Result<Box<dyn Loader>, Fault> {
        let session = self.session().await?;
        Ok(Box::new(PgTrial::new(session, Arc::clone(&self.ledger), spec.clone()).await?))
    }

    async fn settler(&self, spec: &SettleSpec) -> Result<Box<dyn Settler>, Fault> {
        let session = self.session().await?;
        Ok(Box::new(PgSettler::new(session, Arc::clone(&self.ledger), spec.clone())?))
    }

    async fn scan(&self, table: &Table, columns: &[String], sink: &mut dyn RowSink) -> Result<(), Fault> {
        let session = self.session().await?;
        let sql =
            format!("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)", quote_list(columns, ""), table.sql);
        crate::read::copy_out(&session, &sql, columns.len(), sink).await.map_err(|f| f.at(&table.sql))
    }

    async fn fetch(
        &self,
        table: &Table,
        key: &[String],
        keys: &[Cells],
        columns: &[String],
        sink: &mut dyn RowSink,
    ) -> Result<(), Fault> {
        crate::read::fetch(&self.control, table, key, keys, columns, sink).await
    }

    async fn exist(&self, table: &Table, key: &[String], keys: &[Cells]) -> Result<Vec<bool>, Fault> {
        crate::read::exist(&self.control, table, key, keys).await
    }

    async fn mapped_ids(&self, entity: &str, source_ids: &[String]) -> Result<Vec<Option<String>>, Fault> {
        if !self.ledger.is_prepared().await? {
            return Ok(vec![None; source_ids.len()]);
        }
        let rows = self
            .control
            .query(
                "SELECT m.key FROM unnest($3::text[]) WITH ORDINALITY AS s(id, n) LEFT JOIN landfall.id_map \
                m \
                 ON m.project = $1 AND m.entity = $2 AND m.source_id = s.id ORDER BY s.n",
                &[&self.ledger.project_name(), &entity, &source_ids],
            )
            .await
            .map_err(|e| fault(&e, "read the id map"))?;
        Ok(rows.iter().map(|r| r.get(0)).collect())
    }

    async fn query_rows(&self, sql: &str, limit: usize) -> Result<QueryRows, Fault> {
        let session = self.session().await?;
        crate::read::query_rows(&session, sql, limit, self.query_max).await
    }

    async fn undo(
        &self,
        request: &UndoRequest,
        progress: &mut (dyn FnMut(UndoProgress) + Send),
    ) -> Result<UndoReport, Fault> {
        crate::undo::undo(self, request, progress).await
    }

    async fn undo_script(&self, run: RunId) -> Result<String, Fault> {
        crate::undo::undo_script(self, run).await
    }
}

/// Runs a script of the project; a fault names its line.
async fn script(session: &Session, whole: &str, sql: &str) -> Result<(), Fault> {
    let Err(error) = session.batch_execute(whole).await else { return Ok(()) };
    let mut told = fault(&error, "run the schema script");
    let Some(server) = error.as_db_error() else { return Err(told) };
    if let Some(tokio_postgres::error::ErrorPosition::Original(at)) = server.position() {
        let before = (*at as usize).saturating_sub("BEGIN;\n".len() + 1);
        let line = sql.chars().take(before).filter(|c| *c == '\n').count() + 1;
        told = told.at(format!("line {line}"));
    }
    // The script is the project's own; what the server says of it holds no record.
    Err(told.hint(server.message().to_owned()))
}

impl PgDestination {
    /// The first row's columns as text, in UTC and ISO form.
    async fn utc_texts(&self, sql: &str) -> Result<Vec<Option<String>>, Fault> {
        let rows = self.query_rows(sql, 1).await?;
        Ok(rows.rows.into_iter().next().unwrap_or_default())
    }
}
