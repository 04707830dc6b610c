//! Every text of [`crate::cases`] against the server: bytes, printed form, equality, and the way in and
//! out by COPY.

use crate::cases::{Column, SCHEMA, columns};
use crate::server::Server;
use bytes::Bytes;
use futures::{SinkExt, StreamExt, pin_mut};
use tokio_postgres::Client;
use values::{Cells, Context, Kind, PgType, copy};

/// What the server makes of a text: wire bytes and printed form; NULL when it takes it for no value.
pub const ATTEMPT: &str = "
    CREATE FUNCTION attempt(t text, type text, OUT wire bytea, OUT shown text) LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('SELECT %s(v), v::text FROM (SELECT $1::%s AS v) x',
            (SELECT typsend FROM pg_type WHERE oid = type::regtype), type) INTO wire, shown USING t;
    EXCEPTION WHEN OTHERS THEN
        wire := NULL; shown := NULL;
    END $$;
";

/// [`ATTEMPT`] for many texts in one query.
pub async fn attempts(client: &Client, sql: &str, texts: &[String]) -> Vec<Option<(Vec<u8>, String)>> {
    let query = "SELECT a.wire, a.shown
        FROM unnest($1::text[]) WITH ORDINALITY u(t, n), LATERAL attempt(t, $2) a ORDER BY n";
    let rows = client.query(query, &[&texts, &sql]).await.expect(sql);
    let wire = |row: &tokio_postgres::Row| Some((row.get::<_, Option<Vec<u8>>>(0)?, row.get(1)));
    rows.iter().map(wire).collect()
}

/// The column's type as the catalogue has it, which is how the program meets it.
async fn resolve(client: &Client, column: &Column) -> PgType {
    client.batch_execute(&format!("CREATE TABLE cells (n int4, v {})", column.sql)).await.expect(column.sql);
    let query = "SELECT a.atttypid, format_type(a.atttypid, a.atttypmod), t.typelem, t.typbasetype
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE attrelid = 'cells'::regclass AND attname = 'v'";
    let row = client.query_one(query, &[]).await.expect(column.sql);
    let simple = PgType::simple(column.kind.clone());
    let (oid, name): (u32, String) = (row.get(0), row.get(1));
    let own = matches!(column.kind, Kind::Domain { .. });
    if simple.oid != 0 && !own {
        assert_eq!(simple.oid, oid, "{}", column.sql);
        if !matches!(column.kind, Kind::Interval) {
            assert_eq!((simple.name.as_str(), column.sql), (name.as_str(), name.as_str()));
        }
    }
    let kind = match column.kind.clone() {
        Kind::Array(element) => Kind::Array(Box::new(PgType { oid: row.get(2), ..*element })),
        kind => kind,
    };
    PgType { oid, name, kind }
}

/// Collects what disagrees, so that one run shows all of it.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, mine: &T, server: &T, what: &str) {
        if mine != server {
            let cut = |text: String| text.chars().take(300).collect::<String>();
            self.0.push(format!(
                "{what}: {} but the server has {}",
                cut(format!("{mine:?}")),
                cut(format!("{server:?}"))
            ));
        }
    }
}

#[tokio::test]
async fn the_server_agrees_with_every_cell() {
    let server = Server::start().await;
    let client = &server.client;
    client.batch_execute(&format!("{SCHEMA}{ATTEMPT}")).await.expect("the schema");
    let mut findings = Findings::default();
    for column in columns() {
        let ty = resolve(client, &column).await;
        assert!(ty.loadable(), "{}", column.sql);
        one_column(client, &column, &ty, &mut findings).await;
        client.batch_execute("DROP TABLE cells").await.expect("drop");
    }
    assert!(findings.0.is_empty(), "{}", findings.0.join("\n"));
}

async fn one_column(client: &Client, column: &Column, ty: &PgType, findings: &mut Findings) {
    let (cx, sql) = (Context::default(), column.sql);
    let texts = column.same.iter().map(|t| (t, t)).chain(column.other.iter().map(|(t, s)| (t, s)));
    let (mine, asked): (Vec<&String>, Vec<String>) = texts.map(|(t, s)| (t, s.clone())).unzip();
    let answers = attempts(client, sql, &asked).await;
    let (mut cells, mut wires) = (Cells::new(), Vec::new());
    for (text, answer) in mine.iter().zip(&answers) {
        let what: String = format!("{sql} {text:?}").chars().take(120).collect();
        let (wire, shown) =
            answer.as_ref().unwrap_or_else(|| panic!("{what}: the server takes it for no value"));
        if let Err(bad) = cells.push_with(|out| ty.encode(text, &cx, out)) {
            panic!("{what}: {bad}");
        }
        let bytes = cells.get(cells.len() - 1).unwrap_or_default();
        // The server fills char(n) with blanks; here they stay as they came.
        let padded = sql.starts_with("character(");
        if !padded {
            findings.same(&bytes.to_vec(), wire, &what);
        }
        findings.same(&ty.equal(bytes, wire), &true, &format!("{what} equal"));
        findings.same(&ty.show(wire).as_ref(), &Ok(shown), &format!("{what} shown"));
        if !padded {
            findings.same(&ty.show(bytes).as_ref(), &Ok(shown), &format!("{what} shown of mine"));
        }
        // What is shown is never read as something else; the server's own spelling of far years, of a time in
        // a column without zone and of truth in arrays (`t`) is not read at all.
        let mut again = Vec::new();
        let own =
            matches!(ty.kind, Kind::Date | Kind::Timestamp(_) | Kind::Timestamptz(_)) || sql == "boolean[]";
        match ty.encode(shown, &cx, &mut again) {
            Ok(()) => findings.same(&ty.equal(&again, wire), &true, &format!("{what} read again")),
            Err(bad) if !own => {
                findings.same(&bad.to_string(), &String::new(), &format!("{what} read again"))
            }
            Err(_) => {}
        }
        wires.push(wire.clone());
    }
    equality(client, ty, sql, &asked, &wires, findings).await;
    in_and_out(client, ty, &cells, &wires, findings).await;
}

/// All pairs of a column.
async fn equality(
    client: &Client,
    ty: &PgType,
    sql: &str,
    asked: &[String],
    wires: &[Vec<u8>],
    findings: &mut Findings,
) {
    let cast = if sql == "json" { "::text" } else { "" };
    let query = format!(
        "WITH c AS MATERIALIZED (SELECT t::{sql}{cast} AS v, n
            FROM unnest($1::text[]) WITH ORDINALITY u(t, n))
        SELECT array_agg(a.v = b.v ORDER BY a.n, b.n) FROM c a, c b"
    );
    let equal: Vec<bool> = client.query_one(&query, &[&asked]).await.expect(sql).get(0);
    let canonical = |wire: &[u8]| {
        let mut out = Vec::new();
        ty.canonical(wire, &mut out).expect("what the server sends");
        out
    };
    let forms: Vec<Vec<u8>> = wires.iter().map(|wire| canonical(wire)).collect();
    for (at, server) in equal.iter().enumerate() {
        let (a, b) = (at / wires.len(), at % wires.len());
        let what = || format!("{sql} {:.60} = {:.60}", asked[a], asked[b]);
        if ty.equal(&wires[a], &wires[b]) != *server || (forms[a] == forms[b]) != *server {
            findings.same(&!server, server, &what());
        }
        if ty.bytes_are_canonical() && (wires[a] == wires[b]) != *server {
            findings.same(&!server, server, &format!("{} by bytes", what()));
        }
    }
}

/// What is encoded here goes in by COPY and comes back as the server's own bytes.
async fn in_and_out(client: &Client, ty: &PgType, cells: &Cells, wires: &[Vec<u8>], findings: &mut Findings) {
    let (mut numbers, mut values, mut data) = (Cells::new(), cells.clone(), copy::HEADER.to_vec());
    (0..=cells.len()).for_each(|n| numbers.push(&(n as i32).to_be_bytes()));
    // A domain may refuse a NULL.
    let nullable = !matches!(ty.kind, Kind::Domain { not_null: true, .. });
    if nullable {
        values.push_null();
    }
    (0..values.len()).for_each(|row| copy::append_row(&mut data, &[&numbers, &values], row));
    data.extend_from_slice(&copy::TRAILER);
    let sink = client.copy_in::<_, Bytes>("COPY cells FROM STDIN BINARY").await.expect("COPY");
    pin_mut!(sink);
    for chunk in data.chunks(10_000) {
        sink.send(Bytes::copy_from_slice(chunk)).await.expect("sent");
    }
    match sink.finish().await {
        Ok(rows) => assert_eq!(rows as usize, values.len()),
        Err(error) => {
            return findings.same(
                &format!("{} refused: {:?}", ty.name, error.as_db_error()),
                &String::new(),
                "COPY",
            );
        }
    }
    let out =
        client.copy_out("COPY (SELECT n, v FROM cells ORDER BY n) TO STDOUT BINARY").await.expect("COPY");
    pin_mut!(out);
    let (mut reader, mut row) = (copy::RowReader::new(2), 0);
    while let Some(chunk) = out.next().await {
        reader.feed(&chunk.expect("a chunk"));
        while let Some(fields) = reader.next_row().expect("a row") {
            let server = wires.get(row).map(Vec::as_slice);
            findings.same(&fields.get(1), &server, &format!("{} row {row} by COPY", ty.name));
            row += 1;
        }
    }
    reader.finish().expect("all of it");
    assert_eq!(row, values.len());
}
