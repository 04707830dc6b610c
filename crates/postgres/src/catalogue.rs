//! Tables, columns, types and constraints, from the destination's own catalogue.

use crate::connect::fault;
use base::Fault;
use connect::destination::{Column, ForeignKey, Table, TableName};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;
use values::{Kind, NumericSize, PgType};

/// The bytes that precede the declared length in a type modifier of varchar, char and numeric.
const TYPMOD_HEADER: i32 = 4;

/// pg_type.typtype.
const SORT_DOMAIN: i8 = b'd' as i8;
const SORT_ENUM: i8 = b'e' as i8;

/// The table of that name, or `None`.
pub async fn table(client: &Client, name: &TableName) -> Result<Option<Table>, Fault> {
    let quoted = quote_name(name);
    let row = client
        .query_opt(
            "SELECT c.oid, n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = \
            c.relnamespace \
             WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')",
            &[&quoted],
        )
        .await
        .map_err(|e| fault(&e, "read the catalogue"))?;
    let Some(row) = row else { return Ok(None) };
    let destination = name.destination.clone();
    let (oid, schema, name): (u32, String, String) = (row.get(0), row.get(1), row.get(2));
    let sql = format!("{}.{}", quote(&schema), quote(&name));
    Ok(Some(Table {
        destination,
        given_key: false,
        columns: columns(client, oid).await?,
        primary_key: primary_key(client, oid).await?,
        foreign_keys: foreign_keys(client, oid, "conrelid").await?,
        referenced_by: foreign_keys(client, oid, "confrelid").await?,
        triggers: triggers(client, oid).await?,
        schema,
        name,
        sql,
    }))
}

/// Every table outside the system's schemas and the ledger's.
pub async fn all_tables(client: &Client) -> Result<Vec<TableName>, Fault> {
    let rows = client
        .query(
            "SELECT n.nspname::text, c.relname::text, pg_table_is_visible(c.oid) FROM pg_class c \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', \
             'information_schema', 'landfall') AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2",
            &[],
        )
        .await
        .map_err(|e| fault(&e, "read the catalogue"))?;
    Ok(rows
        .iter()
        .map(|r| TableName {
            destination: String::new(),
            schema: (!r.get::<_, bool>(2)).then(|| r.get(0)),
            name: r.get(1),
        })
        .collect())
}

async fn columns(client: &Client, table: u32) -> Result<Vec<Column>, Fault> {
    let rows = client
        .query(
            "SELECT a.attname::text, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated <> '', \
                    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, \
                    pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), \
                    a.attname) \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = \
             c.relnamespace \
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
             WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            &[&table],
        )
        .await
        .map_err(|e| fault(&e, "read the catalogue"))?;
    let mut types = Types { client, known: BTreeMap::new() };
    let mut columns = Vec::with_capacity(rows.len());
    for row in rows {
        let ty = types.of(row.get(1), row.get(2)).await?;
        let domain_refuses = matches!(&ty.kind, Kind::Domain { not_null: true, .. });
        let sequence: Option<String> = row.get(6);
        columns.push(Column {
            name: row.get(0),
            not_null: row.get::<_, bool>(3) || domain_refuses,
            generated: row.get(4),
            default: row.get(5),
            sequence,
            ty,
        });
    }
    Ok(columns)
}

async fn primary_key(client: &Client, table: u32) -> Result<Vec<String>, Fault> {
    let rows = client
        .query(
            "SELECT a.attname::text FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS \
            k(attnum, n) \
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
             WHERE i.indrelid = $1 AND i.indisprimary ORDER BY k.n",
            &[&table],
        )
        .await
        .map_err(|e| fault(&e, "read the catalogue"))?;
    Ok(rows.iter().map(|r| r.get(0)).collect())
}

/// `side` is the column of pg_constraint that names our table.
async fn foreign_keys(client: &Client, table: u32, side: &str) -> Result<Vec<ForeignKey>, Fault> {
    let names = |keys: &str, relation: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.{keys}) WITH ORDINALITY AS \
            k(attnum, n) \
             JOIN pg_attribute a ON a.attrelid = c.{relation} AND a.attnum = k.attnum)"
        )
    };
    let quoted = |schema: &str, table: &str| {
        format!("format('\"%s\".\"%s\"', replace({schema}, '\"', '\"\"'), replace({table}, '\"', '\"\"'))")
    };
    let sql = format!(
        "SELECT c.conname::text, {}, {}, \
                {}, {} \
         FROM pg_constraint c JOIN pg_class r1 ON r1.oid = c.conrelid JOIN pg_namespace n1 ON n1.oid = \
         r1.relnamespace \
         JOIN pg_class r2 ON r2.oid = c.confrelid JOIN pg_namespace n2 ON n2.oid = r2.relnamespace \
         WHERE c.{side} = $1 AND c.contype = 'f' AND c.conparentid = 0 ORDER BY c.conname",
        quoted("n1.nspname", "r1.relname"),
        names("conkey", "conrelid"),
        quoted("n2.nspname", "r2.relname"),
        names("confkey", "confrelid"),
    );
    let rows = client.query(&sql, &[&table]).await.map_err(|e| fault(&e, "read the catalogue"))?;
    Ok(rows
        .iter()
        .map(|r| ForeignKey {
            name: r.get(0),
            table: r.get(1),
            columns: r.get(2),
            to: r.get(3),
            to_columns: r.get(4),
        })
        .collect())
}

async fn triggers(client: &Client, table: u32) -> Result<Vec<String>, Fault> {
    let rows = client
        .query(
            "SELECT tgname::text FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> \
            'D' ORDER BY 1",
            &[&table],
        )
        .await
        .map_err(|e| fault(&e, "read the catalogue"))?;
    Ok(rows.iter().map(|r| r.get(0)).collect())
}

/// Types by their oids, asked once each.
struct Types<'a> {
    client: &'a Client,
    known: BTreeMap<u32, TypeRow>,
}

#[derive(Clone)]
struct TypeRow {
    sort: i8,
    base: u32,
    base_modifier: i32,
    element: u32,
    not_null: bool,
    is_array: bool,
    schema: String,
    name: String,
    labels: Vec<String>,
}

impl Types<'_> {
    async fn of(&mut self, oid: u32, modifier: i32) -> Result<PgType, Fault> {
        // A domain's base and an array's element lead to at most a handful of types; a loop would be a broken
        // catalogue.
        let mut chain = vec![(oid, modifier)];
        let mut seen = BTreeSet::new();
        while let Some((next, _)) = chain.last().copied() {
            if !seen.insert(next) {
                return Err(Fault::fail(format!("the catalogue's type {next} contains itself")));
            }
            let row = self.row(next).await?;
            match (row.sort, row.is_array) {
                (SORT_DOMAIN, _) => chain.push((row.base, row.base_modifier)),
                (_, true) => chain.push((row.element, chain[chain.len() - 1].1)),
                _ => break,
            }
        }
        let mut inner: Option<PgType> = None;
        for (oid, modifier) in chain.into_iter().rev() {
            let name = self.format(oid, modifier).await?;
            let row = self.row(oid).await?;
            let kind = match inner.take() {
                None => plain_kind(&row, modifier),
                Some(base) if row.sort == SORT_DOMAIN => {
                    Kind::Domain { base: Box::new(base), not_null: row.not_null }
                }
                Some(element) => Kind::Array(Box::new(element)),
            };
            inner = Some(PgType { oid, name, kind });
        }
        inner.ok_or_else(|| Fault::bug("a type without a chain"))
    }

    async fn format(&self, oid: u32, modifier: i32) -> Result<String, Fault> {
        let row = self
            .client
            .query_one("SELECT format_type($1, $2)", &[&oid, &modifier])
            .await
            .map_err(|e| fault(&e, "read the catalogue"))?;
        Ok(row.get(0))
    }

    async fn row(&mut self, oid: u32) -> Result<TypeRow, Fault> {
        if let Some(row) = self.known.get(&oid) {
            return Ok(row.clone());
        }
        let row = self
            .client
            .query_one(
                "SELECT t.typtype, t.typbasetype, t.typtypmod, t.typelem, t.typnotnull, \
                        t.typcategory = 'A' AND t.typlen = -1, n.nspname::text, t.typname::text, \
                        ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY \
                        enumsortorder) \
                 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1",
                &[&oid],
            )
            .await
            .map_err(|e| fault(&e, "read the catalogue"))?;
        let row = TypeRow {
            sort: row.get(0),
            base: row.get(1),
            base_modifier: row.get(2),
            element: row.get(3),
            not_null: row.get(4),
            is_array: row.get(5),
            schema: row.get(6),
            name: row.get(7),
            labels: row.get(8),
        };
        self.known.insert(oid, row.clone());
        Ok(row)
    }
}

fn plain_kind(row: &TypeRow, modifier: i32) -> Kind {
    if row.sort == SORT_ENUM {
        return Kind::Enum(row.labels.clone());
    }
    if row.name == "citext" {
        return Kind::Citext;
    }
    if row.schema != "pg_catalog" {
        return Kind::Other;
    }
    let length = (modifier >= TYPMOD_HEADER).then(|| (modifier - TYPMOD_HEADER).unsigned_abs());
    let precision = u8::try_from(modifier).ok();
    match row.name.as_str() {
        "bool" => Kind::Bool,
        "int2" => Kind::Int2,
        "int4" => Kind::Int4,
        "int8" => Kind::Int8,
        "numeric" => Kind::Numeric(numeric_size(modifier)),
        "float4" => Kind::Float4,
        "float8" => Kind::Float8,
        "text" => Kind::Text,
        "varchar" => Kind::Varchar(length),
        "bpchar" => Kind::Bpchar(length),
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytea,
        "date" => Kind::Date,
        "time" => Kind::Time(precision),
        "timestamp" => Kind::Timestamp(precision),
        "timestamptz" => Kind::Timestamptz(precision),
        // A restricted interval (`interval day`) would cut what does not fit; it is not offered.
        "interval" if modifier == -1 => Kind::Interval,
        "json" => Kind::Json,
        "jsonb" => Kind::Jsonb,
        _ => Kind::Other,
    }
}

/// numeric.c: precision in the upper 16 bits, scale in the lower 11, signed since PostgreSQL 15.
fn numeric_size(modifier: i32) -> Option<NumericSize> {
    if modifier < TYPMOD_HEADER {
        return None;
    }
    let packed = modifier - TYPMOD_HEADER;
    let scale = ((packed & 0x7ff) ^ 1024) - 1024;
    Some(NumericSize {
        precision: u16::try_from((packed >> 16) & 0xffff).ok()?,
        scale: i16::try_from(scale).ok()?,
    })
}

/// An identifier, quoted.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Identifiers, quoted and joined by commas, each behind `prefix` (`t.`).
pub fn quote_list(names: &[String], prefix: &str) -> String {
    names.iter().map(|n| format!("{prefix}{}", quote(n))).collect::<Vec<_>>().join(", ")
}

/// A text constant.
pub fn literal(text: &str) -> String {
    if text.contains('\\') {
        return format!(" E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A table's name as written in the project file, quoted for `to_regclass`.
pub fn quote_name(name: &TableName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}
