//! Read-only SQL over the export (`source.ENTITY`), the mapping (`mapped.ENTITY`) and the destination
//! (`dest.TABLE`), all streamed.

use crate::compile::session;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use base::Fault;
use connect::destination::QueryRows;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider};
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use futures::StreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Batches on their way from a producer to a query.
const ON_THE_WAY: usize = 2;

/// Produces the batches of a table, all columns text, from the start; ends when nobody listens any more.
pub type Producer = Arc<dyn Fn(mpsc::Sender<Result<RecordBatch, Fault>>) + Send + Sync>;

/// The tables that a query may name.
#[derive(Default)]
pub struct Catalog {
    schemas: BTreeMap<String, Vec<(String, Vec<String>, Producer)>>,
}

impl Catalog {
    /// Adds a table whose columns are texts.
    pub fn add(&mut self, schema: &str, table: &str, columns: Vec<String>, producer: Producer) {
        self.schemas.entry(schema.to_owned()).or_default().push((table.to_owned(), columns, producer));
    }

    fn context(&self) -> Result<SessionContext, DataFusionError> {
        let context = session();
        let catalog = MemoryCatalogProvider::new();
        for (schema, tables) in &self.schemas {
            let provider = MemorySchemaProvider::new();
            for (name, columns, producer) in tables {
                let fields: Vec<Field> =
                    columns.iter().map(|c| Field::new(c, DataType::Utf8, true)).collect();
                let schema: SchemaRef = Arc::new(Schema::new(fields));
                let stream = Streamed { schema: Arc::clone(&schema), producer: Arc::clone(producer) };
                let table = StreamingTable::try_new(schema, vec![Arc::new(stream)])?;
                provider.register_table(name.clone(), Arc::new(table))?;
            }
            catalog.register_schema(schema, Arc::new(provider))?;
        }
        context.register_catalog("datafusion", Arc::new(catalog));
        Ok(context)
    }

    /// Runs a query; keeps the first `limit` rows and counts all.
    pub async fn query(&self, sql: &str, limit: usize) -> Result<QueryRows, Fault> {
        let context = self.context().map_err(|e| told(&e))?;
        let options = datafusion::prelude::SQLOptions::new().with_allow_ddl(false).with_allow_dml(false);
        let frame = context
            .sql_with_options(sql, options.with_allow_statements(false))
            .await
            .map_err(|e| told(&e))?;
        let mut found = QueryRows {
            columns: frame.schema().fields().iter().map(|f| f.name().clone()).collect(),
            ..QueryRows::default()
        };
        let mut stream = frame.execute_stream().await.map_err(|e| told(&e))?;
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|e| told(&e))?;
            found.total += batch.num_rows() as u64;
            for row in 0..batch.num_rows().min(limit.saturating_sub(found.rows.len())) {
                let shown = batch.columns().iter().map(|column| {
                    column
                        .is_valid(row)
                        .then(|| arrow::util::display::array_value_to_string(column, row).unwrap_or_default())
                });
                found.rows.push(shown.collect());
            }
        }
        Ok(found)
    }
}

fn told(error: &DataFusionError) -> Fault {
    let text = error.strip_backtrace();
    Fault::usage("the query cannot run").hint(text.lines().next().unwrap_or_default().to_owned())
}

struct Streamed {
    schema: SchemaRef,
    producer: Producer,
}

impl std::fmt::Debug for Streamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streamed").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl PartitionStream for Streamed {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (send, receive) = mpsc::channel(ON_THE_WAY);
        (self.producer)(send);
        let batches = futures::stream::unfold(receive, |mut receive| async move {
            let next = receive.recv().await?;
            Some((next.map_err(|fault| DataFusionError::Execution(fault.what)), receive))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// Whether a query names `source.…` or `mapped.…`, and so runs here and not in the database.
pub fn names_source(sql: &str) -> bool {
    qualified(sql).iter().any(|(qualifier, _)| qualifier == "source" || qualifier == "mapped")
}

/// The qualified names of a query, `qualifier.name`.
pub fn qualified(sql: &str) -> Vec<(String, String)> {
    let mut names = Vec::new();
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).with_unescape(false).tokenize() else {
        return names;
    };
    for window in tokens.windows(3) {
        if let [Token::Word(qualifier), Token::Period, Token::Word(name)] = window {
            names.push((qualifier.value.clone(), name.value.clone()));
        }
    }
    names
}

/// Rewrites `qualifier.name` where `to` gives another text, and leaves everything else as it stands.
pub fn rename_qualifiers(sql: &str, to: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).with_unescape(false).tokenize() else {
        return sql.to_owned();
    };
    let mut out = String::with_capacity(sql.len() + 16);
    let mut at = 0;
    while at < tokens.len() {
        if let [Token::Word(qualifier), Token::Period, Token::Word(name), ..] = &tokens[at..]
            && let Some(text) = to(&qualifier.value, &name.value)
        {
            out.push_str(&text);
            at += 3;
            continue;
        }
        out.push_str(&tokens[at].to_string());
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_qualifiers_are_renamed_and_texts_stay() {
        let to = |q: &str, n: &str| (q == "dest").then(|| format!("\"{n}\""));
        let sql = "SELECT b.id, 'dest.users' FROM dest.bookings b -- dest.x\nWHERE b.note = 'it''s'";
        let renamed = rename_qualifiers(sql, &to);
        assert_eq!(
            renamed,
            "SELECT b.id, 'dest.users' FROM \"bookings\" b -- dest.x\nWHERE b.note = 'it''s'"
        );
        assert!(names_source("SELECT 1 FROM source.users"));
        assert!(!names_source("SELECT 'source.users' FROM dest.users"));
    }
}
