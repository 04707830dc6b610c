//! Nanoseconds per cell of each kind: `cargo run --release -p landfall-values --example cells`.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::hint::black_box;
use std::time::Instant;
use values::{Cells, Context, Kind, NumericSize, PgType, copy};

/// Cells of a column.
const ROWS: usize = 8_192;
/// Times that a column is filled; the fastest counts, because the machine may be shared.
const ROUNDS: usize = 40;

/// Nanoseconds per cell of the fastest round.
fn fastest(mut round: impl FnMut()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        round();
        start.elapsed().as_nanos() as f64 / ROWS as f64
    });
    times.fold(f64::INFINITY, f64::min)
}

/// A name, the type, and the text of a row.
type Column = (&'static str, Kind, fn(usize) -> String);

fn main() {
    let money = Kind::Numeric(Some(NumericSize { precision: 10, scale: 2 }));
    let list = Kind::Array(Box::new(PgType::simple(Kind::Text)));
    let columns: Vec<Column> = vec![
        ("text, 74 characters", Kind::Text, |n| {
            format!("{n:05} {}", "Grüße aus Köln und Umgebung, bis bald; ".repeat(2))
        }),
        ("varchar(255)", Kind::Varchar(Some(255)), |n| format!("person{n}@example.com")),
        ("bool", Kind::Bool, |n| if n % 3 == 0 { "true" } else { "false" }.into()),
        ("int4", Kind::Int4, |n| (n * 7919 % 100_000).to_string()),
        ("int8", Kind::Int8, |n| (n * 1_000_003).to_string()),
        ("numeric(10,2)", money, |n| format!("{}.{:02}", n % 10_000, n % 100)),
        ("numeric", Kind::Numeric(None), |n| format!("{}.{:05}", n * 1_000_003, n % 100_000)),
        ("float8", Kind::Float8, |n| format!("{}.{n}", n % 180)),
        ("uuid", Kind::Uuid, |n| format!("7c1959b1-9577-53eb-8f13-{n:012x}")),
        ("timestamptz, usual", Kind::Timestamptz(None), |n| {
            format!(
                "2024-{:02}-{:02}T{:02}:{:02}:09.{:03}Z",
                n % 12 + 1,
                n % 28 + 1,
                n % 24,
                n % 60,
                n % 1000
            )
        }),
        ("timestamptz, offset", Kind::Timestamptz(None), |n| {
            format!("2024-{:02}-{:02} {:02}:{:02}:09+02:00", n % 12 + 1, n % 28 + 1, n % 24, n % 60)
        }),
        ("timestamptz, digits", Kind::Timestamptz(None), |n| (1_700_000_000_000 + n * 977).to_string()),
        ("date", Kind::Date, |n| format!("2024-{:02}-{:02}", n % 12 + 1, n % 28 + 1)),
        ("interval", Kind::Interval, |n| format!("{} days 0{}:30:00", n % 40, n % 10)),
        ("bytea", Kind::Bytea, |n| format!("\\x{n:032x}")),
        ("jsonb, small object", Kind::Jsonb, |n| {
            format!("{{\"name\":\"A {n}\",\"id\":{n},\"tags\":[\"x\",\"y\"]}}")
        }),
        ("json, small object", Kind::Json, |n| {
            format!("{{\"name\":\"A {n}\",\"id\":{n},\"tags\":[\"x\",\"y\"]}}")
        }),
        ("text[] from JSON", list.clone(), |n| format!("[\"a{n}\",\"b\",\"c\"]")),
        ("text[] from commas", list, |n| format!("a{n}, b, c")),
    ];
    println!("{:<24}{:>12}{:>12}{:>12}", "ns per cell", "encode", "equal", "canonical");
    let cx = Context::default();
    for (name, kind, text) in columns {
        let ty = PgType::simple(kind);
        let texts: Vec<String> = (0..ROWS).map(text).collect();
        let mut cells = Cells::new();
        let encode = fastest(|| {
            cells.clear();
            for text in &texts {
                if let Err(bad) = cells.push_with(|out| ty.encode(text, &cx, out)) {
                    println!("{name}: {bad}");
                }
            }
        });
        let other = cells.clone();
        let equal = fastest(|| {
            let same = (0..ROWS).filter(|n| match (cells.get(*n), other.get(*n)) {
                (Some(a), Some(b)) => ty.equal(a, b),
                _ => false,
            });
            assert_eq!(black_box(same.count()), ROWS);
        });
        let mut out = Vec::new();
        let canonical = fastest(|| {
            out.clear();
            for cell in cells.iter().flatten() {
                black_box(ty.canonical(cell, &mut out).is_ok());
            }
        });
        println!("{name:<24}{encode:>12.1}{equal:>12.1}{canonical:>12.1}");
    }
    rows();
}

/// The framing of rows of ten columns.
fn rows() {
    let mut column = Cells::new();
    (0..ROWS).for_each(|n| column.push(format!("value {n}").as_bytes()));
    let columns = [&column; 10];
    let mut out = Vec::new();
    let write = fastest(|| {
        out.clear();
        out.extend_from_slice(&copy::HEADER);
        (0..ROWS).for_each(|row| copy::append_row(&mut out, &columns, row));
        out.extend_from_slice(&copy::TRAILER);
    });
    let read = fastest(|| {
        let (mut reader, mut rows) = (copy::RowReader::new(10), 0);
        for chunk in out.chunks(65_536) {
            reader.feed(chunk);
            while let Ok(Some(row)) = reader.next_row() {
                rows += usize::from(black_box(row.get(9)).is_some());
            }
        }
        assert_eq!(rows, ROWS);
    });
    println!("copy, per row of 10: write {write:.1}, read {read:.1}");
}
