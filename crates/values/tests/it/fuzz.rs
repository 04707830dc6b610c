//! The converters of cells, fuzzed: what is taken is stable, and what is not leaves no trace.

use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use testkit::Fuzz;
use values::{Context, Kind, NumericSize, PgType, Why};

const NUMBER_PIECES: &[&str] = &[
    "+",
    "-",
    ".",
    "e",
    "E-",
    "0",
    "00000000",
    "9999999999",
    "1e131071",
    "NaN",
    "Infinity",
    "-inf",
    "true",
    "no",
    ",",
    "_",
];

const TIME_PIECES: &[&str] = &[
    "T",
    "Z",
    " ",
    ":",
    "-",
    "+",
    ".",
    "+02:00",
    "-0330",
    "2024-02-29",
    "00:00:60",
    "24:00",
    " BC",
    "P",
    "PT",
    "1Y",
    "1.5",
    " days",
    " mons",
    " ago",
    "infinity",
    "epoch",
    "1700000000000",
    "294276-12-31",
    "-4713-11-24",
];

const COMPOSED_PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "null",
    "NULL",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\ud83d\\ude00",
    "[[",
    "]]",
    "\"a\":",
    "1.50",
    "-0",
    "1e5",
    " ",
    "\\\\",
    "\\\"",
    "[0:1]=",
    "\t",
];

#[test]
fn no_text_breaks_the_numbers_or_gives_an_unstable_one() {
    let size = |precision, scale| Kind::Numeric(Some(NumericSize { precision, scale }));
    let kinds = vec![
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
    ];
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/numbers");
    run(&Fuzz { name: "numbers", corpus, pieces: NUMBER_PIECES }, kinds);
}

#[test]
fn no_text_breaks_the_times_or_gives_an_unstable_one() {
    let kinds = vec![
        Kind::Date,
        Kind::Time(None),
        Kind::Time(Some(2)),
        Kind::Timestamp(None),
        Kind::Timestamptz(None),
        Kind::Timestamptz(Some(3)),
        Kind::Interval,
    ];
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/times");
    run(&Fuzz { name: "times", corpus, pieces: TIME_PIECES }, kinds);
}

#[test]
fn no_text_breaks_lists_json_and_texts_or_gives_an_unstable_one() {
    let list = |kind| Kind::Array(Box::new(PgType::simple(kind)));
    let kinds = vec![
        Kind::Json,
        Kind::Jsonb,
        list(Kind::Text),
        list(Kind::Int4),
        list(Kind::Numeric(None)),
        list(Kind::Timestamptz(None)),
        list(Kind::Jsonb),
        list(Kind::Bytea),
        Kind::Text,
        Kind::Varchar(Some(5)),
        Kind::Bpchar(Some(5)),
        Kind::Citext,
        Kind::Uuid,
        Kind::Bytea,
        Kind::Enum(vec!["sad".into(), "ok".into(), "it's fine".into()]),
    ];
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/composed");
    run(&Fuzz { name: "composed", corpus, pieces: COMPOSED_PIECES }, kinds);
}

fn run(fuzz: &Fuzz, kinds: Vec<Kind>) {
    let types: Vec<PgType> = kinds.into_iter().map(PgType::simple).collect();
    let zones = [None, Some(TimeZone::UTC), TimeZone::get("Europe/Berlin").ok()];
    let contexts = zones.map(|time_zone| Context { time_zone });
    fuzz.run(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let outcome = |ty: &PgType| contexts.each_ref().map(|context| cell(ty, &text, context));
        types.iter().map(outcome).collect::<Vec<_>>()
    });
}

/// One cell; why it is none, or the digits and marks that its text has.
fn cell(ty: &PgType, text: &str, context: &Context) -> Result<BTreeSet<char>, String> {
    let mut bytes = vec![7];
    if let Err(bad) = ty.encode(text, context, &mut bytes) {
        assert_eq!(bytes, [7], "half a cell is left behind");
        assert!(bad.why.to_string().len() < 200, "a reason is a sentence");
        return Err(kind(&bad.why));
    }
    let bytes = &bytes[1..];
    let shown = ty.show(bytes).expect("what was encoded can be shown");
    let mut form = Vec::new();
    ty.canonical(bytes, &mut form).expect("what was encoded can be compared");
    assert!(ty.equal(bytes, bytes));
    let mut again = Vec::new();
    let utc = Context { time_zone: Some(TimeZone::UTC) };
    match ty.encode(&shown, &utc, &mut again) {
        Ok(()) => {
            assert!(ty.equal(bytes, &again), "{}: {shown:?} is another value than the one it shows", ty.name);
            assert_eq!(ty.show(&again).as_ref(), Ok(&shown), "{}", ty.name);
        }
        Err(bad) => assert!(one_way(&shown), "{}: {shown:?} is shown but not taken: {bad}", ty.name),
    }
    Ok(shown.chars().filter(char::is_ascii_punctuation).collect())
}

/// PostgreSQL shows years before Christ and behind 9999 in ways that no source writes.
fn one_way(shown: &str) -> bool {
    let far = |part: &str| part.len() > 4 && part.bytes().all(|b| b.is_ascii_digit());
    shown.contains(" BC") || shown.split(|c: char| !c.is_ascii_digit()).any(far)
}

/// The reason without its numbers.
fn kind(why: &Why) -> String {
    why.to_string().chars().filter(|c| !c.is_ascii_digit()).collect()
}
