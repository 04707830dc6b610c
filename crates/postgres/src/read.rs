//! Rows out of the destination: whole tables, rows by key, results of read-only queries.

use crate::catalogue::{quote, quote_list};
use crate::connect::{Session, fault};
use crate::wire::{CellArray, Raw, put_row};
use base::Fault;
use connect::destination::{QueryRows, RowSink, Table};
use futures::TryStreamExt;
use std::time::Duration;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::types::ToSql;
use values::Cells;
use values::copy::RowReader;

/// What a server with timers gets on top to end a query itself, which leaves its session usable.
const TIMER_GRACE: Duration = Duration::from_secs(2);

/// Streams a binary `COPY … TO STDOUT`.
pub(crate) async fn copy_out(
    session: &Session,
    sql: &str,
    columns: usize,
    sink: &mut dyn RowSink,
) -> Result<(), Fault> {
    let doing = |e: tokio_postgres::Error| fault(&e, "read rows");
    let stream = session.copy_out(sql).await.map_err(doing)?;
    let mut stream = std::pin::pin!(stream);
    let mut reader = RowReader::new(columns);
    let malformed = |_| Fault::fail("the server sent a malformed COPY");
    while let Some(chunk) = stream.try_next().await.map_err(doing)? {
        reader.feed(&chunk);
        while let Some(row) = reader.next_row().map_err(malformed)? {
            sink.row(row.bytes())?;
        }
    }
    reader.finish().map_err(malformed)
}

/// Keys as array parameters and the table expression over them.
fn key_parameters<'a>(
    table: &Table,
    key: &[String],
    keys: &'a [Cells],
) -> Result<(Vec<CellArray<'a>>, String), Fault> {
    let mut arrays = Vec::with_capacity(key.len());
    let mut unnested = Vec::with_capacity(key.len());
    for (i, (name, cells)) in key.iter().zip(keys).enumerate() {
        let column =
            table.column(name).ok_or_else(|| Fault::bug(format!("{} has no column {name}", table.sql)))?;
        unnested.push(format!("${}::{}[]", i + 1, column.ty.name));
        arrays.push(CellArray { cells, rows: None, element: column.ty.oid });
    }
    Ok((arrays, format!("unnest({})", unnested.join(", "))))
}

fn key_equals(key: &[String]) -> String {
    key.iter().map(|n| format!("t.{0} = k.{0}", quote(n))).collect::<Vec<_>>().join(" AND ")
}

/// Rows with these keys.
pub(crate) async fn fetch(
    session: &Session,
    table: &Table,
    key: &[String],
    keys: &[Cells],
    columns: &[String],
    sink: &mut dyn RowSink,
) -> Result<(), Fault> {
    let (arrays, unnested) = key_parameters(table, key, keys)?;
    let sql = format!(
        "SELECT {} FROM {} AS t JOIN {unnested} AS k({}) ON {}",
        quote_list(columns, "t."),
        table.sql,
        quote_list(key, ""),
        key_equals(key)
    );
    let doing = |e: tokio_postgres::Error| fault(&e, "read rows").at(&table.sql);
    let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|a| a as _).collect();
    let stream = session.query_raw(&sql, parameters).await.map_err(doing)?;
    let mut stream = std::pin::pin!(stream);
    let mut bytes = Vec::new();
    while let Some(row) = stream.try_next().await.map_err(doing)? {
        let fields: Vec<Option<&[u8]>> = (0..columns.len()).map(|i| row.get::<_, Raw<'_>>(i).0).collect();
        bytes.clear();
        put_row(&mut bytes, &fields).map_err(|_| Fault::bug("a row that COPY cannot carry"))?;
        sink.row(&bytes)?;
    }
    Ok(())
}

/// Which of these keys have a row.
pub(crate) async fn exist(
    session: &Session,
    table: &Table,
    key: &[String],
    keys: &[Cells],
) -> Result<Vec<bool>, Fault> {
    let (arrays, unnested) = key_parameters(table, key, keys)?;
    let sql = format!(
        "SELECT k.landfall_n FROM {unnested} WITH ORDINALITY AS k({}, landfall_n) JOIN {} AS t ON {}",
        quote_list(key, ""),
        table.sql,
        key_equals(key)
    );
    let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|a| a as _).collect();
    let rows = session.query(&sql, &parameters).await;
    let mut there = vec![false; keys.first().map_or(0, Cells::len)];
    for row in rows.map_err(|e| fault(&e, "look up rows").at(&table.sql))? {
        if let Some(flag) = usize::try_from(row.get::<_, i64>(0) - 1).ok().and_then(|i| there.get_mut(i)) {
            *flag = true;
        }
    }
    Ok(there)
}

/// A query of people, in a read-only transaction that is bounded in time; texts are ISO and UTC.
///
/// A server that knows no timers (the embedded one) does not end the query; then nobody waits for it any
/// longer, and the fault is one that stops the command.
pub(crate) async fn query_rows(
    session: &Session,
    sql: &str,
    limit: usize,
    within: Duration,
) -> Result<QueryRows, Fault> {
    let begin = format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL TimeZone = 'UTC'; \
         SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'",
        within.as_millis()
    );
    session.batch_execute(&begin).await.map_err(|e| fault(&e, "begin a query"))?;
    let Ok(outcome) = tokio::time::timeout(within + TIMER_GRACE, run(session, sql, limit)).await else {
        return Err(Fault::stop(format!(
            "the query took longer than {} s, and the server did not end it",
            within.as_secs()
        ))
        .hint("make it cheaper; the PostgreSQL inside the program cannot end a statement, a server can"));
    };
    let ended = session.batch_execute("ROLLBACK").await.map_err(|e| fault(&e, "end a query"));
    let rows = outcome?;
    ended?;
    Ok(rows)
}

async fn run(session: &Session, sql: &str, limit: usize) -> Result<QueryRows, Fault> {
    let doing = |e: tokio_postgres::Error| {
        let told = fault(&e, "run the query");
        // The query is the person's own, and so is what the server says of its words.
        match e.as_db_error() {
            Some(server)
                if !server.code().code().starts_with("22") && !server.code().code().starts_with("23") =>
            {
                told.hint(server.message().to_owned())
            }
            _ => told,
        }
    };
    // An extended query takes one statement only, so that nobody leaves the read-only transaction.
    let statement = session.prepare(sql).await.map_err(doing)?;
    // In a read-only transaction COPY still writes files on the server and runs programs there.
    if statement.columns().is_empty() {
        return Err(Fault::usage("only a query can be asked here: one that returns columns")
            .hint("psql with the database's address does the rest"));
    }
    let columns: Vec<String> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
    let mut found = QueryRows { columns, ..QueryRows::default() };
    let stream = session.simple_query_raw(sql).await.map_err(doing)?;
    let mut stream = std::pin::pin!(stream);
    while let Some(message) = stream.try_next().await.map_err(doing)? {
        if let SimpleQueryMessage::Row(row) = message {
            if found.rows.len() < limit {
                found.rows.push((0..row.len()).map(|i| row.get(i).map(String::from)).collect());
            }
            found.total += 1;
        }
    }
    Ok(found)
}
