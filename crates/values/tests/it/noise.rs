//! Noise: whatever comes in, nothing panics, a failure leaves no trace, and what is taken can be shown.

use values::{Context, Kind, NumericSize, PgType};

/// A small generator (xorshift64*), so that every run sees the same noise.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

const SEEDS: [&str; 28] = [
    "2024-05-06T07:08:09.123Z",
    "2024-05-06 07:08:09+02:00",
    "2024-05-06",
    "1700000000000",
    "-4713-11-24T00:00:00Z",
    "+294276-12-31T23:59:59Z",
    "07:08:09.123456",
    "P1Y2M3DT4H5M6.5S",
    "1 year 2 mons -3 days 04:05:06.5 ago",
    "123456.789",
    "-1.5e-300",
    "1e131071",
    "NaN",
    "-Infinity",
    "7c1959b1-9577-53eb-8f13-1172aea512c0",
    "\\xdeadbeef",
    "{\"a\":[1,2.50,{\"b\":null}],\"c\":\"\\ud83d\\udc4d\"}",
    "[[1,2],[3,4]]",
    "{{a,\"b\"},{NULL,d}}",
    "[\"a\",null,true]",
    "a, b ,,c",
    "true",
    "no",
    "32767",
    "9223372036854775807",
    "Grüße 👍🏽",
    "",
    "[0:1]={1,2}",
];

fn kinds() -> Vec<PgType> {
    let size = |precision, scale| Kind::Numeric(Some(NumericSize { precision, scale }));
    let scalars = vec![
        Kind::Bool,
        Kind::Int2,
        Kind::Int4,
        Kind::Int8,
        Kind::Numeric(None),
        size(10, 2),
        size(3, -2),
        size(3, 5),
        Kind::Float4,
        Kind::Float8,
        Kind::Text,
        Kind::Varchar(Some(5)),
        Kind::Bpchar(Some(5)),
        Kind::Citext,
        Kind::Uuid,
        Kind::Bytea,
        Kind::Date,
        Kind::Time(Some(3)),
        Kind::Timestamp(None),
        Kind::Timestamptz(Some(3)),
        Kind::Interval,
        Kind::Json,
        Kind::Jsonb,
        Kind::Enum(vec!["true".into(), String::new()]),
        Kind::Other,
    ];
    let list = |kind: &Kind| Kind::Array(Box::new(PgType::simple(kind.clone())));
    let lists = [Kind::Text, Kind::Int4, Kind::Jsonb].map(|kind| list(&kind));
    let domain = Kind::Domain { base: Box::new(PgType::simple(Kind::Int4)), not_null: true };
    scalars.into_iter().chain(lists).chain([domain]).map(PgType::simple).collect()
}

#[test]
fn no_bytes_make_a_kind_panic() {
    let (mut noise, cx) = (Noise(0x0DDB_1A5E_5BAD_5EED), Context::default());
    let kinds = kinds();
    let mut cells: Vec<Vec<u8>> = vec![vec![]];
    for text in SEEDS {
        for ty in &kinds {
            let mut out = Vec::new();
            if ty.encode(text, &cx, &mut out).is_ok() && out.len() < 1000 {
                cells.push(out);
            }
        }
    }
    for _ in 0..20_000 {
        let mut cell = cells[noise.below(cells.len())].clone();
        for _ in 0..noise.below(4) {
            match noise.below(3) {
                0 if !cell.is_empty() => {
                    let at = noise.below(cell.len());
                    cell[at] = [0, 1, 0x7F, 0x80, 0xC0, 0xD0, 0xFF][noise.below(7)];
                }
                1 => cell.truncate(noise.below(cell.len() + 1)),
                _ => cell.push(noise.below(256) as u8),
            }
        }
        for ty in &kinds {
            let mut form = Vec::new();
            let (shown, canonical) = (ty.show(&cell), ty.canonical(&cell, &mut form));
            // What has a form is equal to itself, and to what has the same form.
            assert!(ty.equal(&cell, &cell));
            assert!(
                canonical.is_ok() || shown.is_err() || ty.name == "jsonb" || ty.name.ends_with("[]"),
                "{} {cell:?}",
                ty.name
            );
        }
    }
}
