//! Texts that are values, kind by kind: what the server makes of them is the expectation.

use crate::cases_composed::{arrays, json};
use crate::cases_times::{intervals, times};
use values::{Kind, NumericSize, PgType};

/// A column and the texts that it takes.
pub struct Column {
    /// Its type in SQL.
    pub sql: &'static str,
    /// Its kind here.
    pub kind: Kind,
    /// Texts that PostgreSQL reads in the same way.
    pub same: Vec<String>,
    /// Texts that PostgreSQL reads differently or not at all, and what it has to read instead.
    pub other: Vec<(String, String)>,
}

/// What must be there before the columns.
pub const SCHEMA: &str = "
    CREATE EXTENSION citext;
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine', 'Ünïcode', '');
    CREATE DOMAIN price AS numeric(8,2) CHECK (VALUE >= 0) NOT NULL;
    CREATE DOMAIN tags AS text[];
";

/// A column and its cases.
pub fn column(sql: &'static str, kind: Kind, same: &[&str], other: &[(&str, &str)]) -> Column {
    let own = |text: &&str| (*text).to_owned();
    let pair = |(text, server): &(&str, &str)| ((*text).to_owned(), (*server).to_owned());
    Column { sql, kind, same: same.iter().map(own).collect(), other: other.iter().map(pair).collect() }
}

/// `numeric(precision,scale)`.
pub fn size(precision: u16, scale: i16) -> Kind {
    Kind::Numeric(Some(NumericSize { precision, scale }))
}

/// All columns.
pub fn columns() -> Vec<Column> {
    [plain(), numbers(), times(), intervals(), json(), arrays()].into_iter().flatten().collect()
}

fn plain() -> Vec<Column> {
    let texts = &[
        "",
        " ",
        "abc",
        "  padded  ",
        "Zoë ✓ 👍🏽",
        "line\r\nline\ttab",
        "\u{1}\u{7f}",
        "e\u{301}",
        "NULL",
        "\\N",
        "ABC",
    ];
    vec![
        column(
            "boolean",
            Kind::Bool,
            &["true", "false", "TRUE", "False", "yes", "no", "YES", "No", "1", "0"],
            &[],
        ),
        column("text", Kind::Text, texts, &[]),
        column("character varying", Kind::Varchar(None), texts, &[]),
        column(
            "character varying(4)",
            Kind::Varchar(Some(4)),
            &["", "abcd", "ab  ", "    ", "ëëëë", "👍👍👍👍"],
            &[],
        ),
        column(
            "character(4)",
            Kind::Bpchar(Some(4)),
            &["", "ab", "ab  ", "abcd", "    ", "ëë", "👍", " ab", "a\t", "AB"],
            &[],
        ),
        column("bpchar", Kind::Bpchar(None), &["", "ab", "ab  ", "abcdefgh", "    "], &[]),
        column("citext", Kind::Citext, &["", "Abc", "aBC", "abc", "abd", "ÄÖÜ", "äöü", " abc"], &[]),
        column(
            "uuid",
            Kind::Uuid,
            &[
                "7c1959b1-9577-53eb-8f13-1172aea512c0",
                "7C1959B1-9577-53EB-8F13-1172AEA512C0",
                "7c1959b1957753eb8f131172aea512c0",
                "{7c1959b1-9577-53eb-8f13-1172aea512c0}",
                "{7C1959B1957753EB8F131172AEA512C0}",
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ],
            &[],
        ),
        column("bytea", Kind::Bytea, &["\\x", "\\x00", "\\xDEADbeef", "\\x0102030405060708090a"], &[]),
        column(
            "mood",
            Kind::Enum(["sad", "ok", "it's fine", "Ünïcode", ""].map(String::from).to_vec()),
            &["sad", "ok", "it's fine", "Ünïcode", ""],
            &[],
        ),
    ]
}

fn numbers() -> Vec<Column> {
    let numeric = [
        "0",
        "-0",
        "0.000",
        "-0.0",
        "1",
        "-1",
        "+1",
        "10000",
        "9999",
        "99999999",
        "100000000",
        "12345.6789",
        "0.1",
        "0.0001",
        "0.00001",
        "0.00000000001",
        "1.0",
        "1.00",
        "1.50",
        "00012.3400",
        ".5",
        "5.",
        "-.5",
        "1e3",
        "1.5e3",
        "2.50E-1",
        "1E+2",
        "1e-3",
        "1.50e1",
        "10e-1",
        "0e5",
        "0e-5",
        "1e0",
        "1e131071",
        "1e-16383",
        "-9.99e-16381",
        "123456789012345678901234567890",
        "0.123456789012345678901234567890",
        "10000.0001",
        "1000000000000.0000000000001",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "+infinity",
        "0.0000",
        "40000",
        "4e4",
        "0.00004",
    ];
    let mut unbounded = column("numeric", Kind::Numeric(None), &numeric, &[]);
    let long = format!("{}.{}", "9".repeat(131_072), "1".repeat(16_383));
    unbounded.same.extend([long, format!("0.{}1", "0".repeat(16_382)), format!("{}7", "0".repeat(140_000))]);
    let money = [
        "0",
        "-0",
        "1",
        "1.5",
        "1.50",
        "25.500",
        "25.5000000000000000",
        "-99999999.99",
        "99999999.99",
        "1e3",
        "2.5e-1",
        "1e7",
        "NaN",
        ".05",
        "000000000000000000001.10",
        "0e99",
    ];
    let small = ["1", "-1", "0", "+7", "007", "32767", "-32768"];
    let whole = [
        ("25.0", "25"),
        ("1e3", "1000"),
        ("2.50E1", "25"),
        ("-0", "0"),
        ("2500e-2", "25"),
        ("32767.000", "32767"),
    ];
    let floats = [
        "0",
        "-0",
        "0.0",
        "1",
        "-1.5",
        "0.1",
        "1e5",
        "1e6",
        "123456",
        "1234567",
        "0.0001",
        "0.00001",
        "1.17549435e-38",
        "1e-40",
        "3.4028235e38",
        "16777216",
        "16777217",
        "33554432",
        "0.3",
        "1e10",
        "9.999999e9",
        "NaN",
        "Infinity",
        "-Infinity",
        "8388608.5",
        "1.4e-45",
        "2.8e-45",
        "7.038531e-26",
        "4.7223665e21",
        "67108864",
        "1e-4",
        "9.99e-5",
        "999999",
        "1000000",
    ];
    let doubles = [
        "0",
        "-0",
        "-0.0",
        "1",
        "-1.5",
        "0.1",
        "0.30000000000000004",
        "1e14",
        "1e15",
        "1e16",
        "123456789012345",
        "1234567890123456",
        "9007199254740991",
        "9007199254740993",
        "0.0001",
        "0.00001",
        "1e23",
        "9.5e-3",
        "5e-324",
        "4.9e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1e-300",
        "5.684341886080802e-14",
        "2.9802322387695312e-8",
        "9.313225746154785e-10",
        "NaN",
        "nan",
        "Infinity",
        "-infinity",
        "1.1e1",
        "100",
        "123.456",
        "1e22",
        "1e21",
        "8.98846567431158e307",
        "144115188075855870",
    ];
    vec![
        column("smallint", Kind::Int2, &small, &whole),
        column(
            "integer",
            Kind::Int4,
            &["0", "1", "-2147483648", "2147483647", "+5", "0000000000000000000000012"],
            &whole,
        ),
        column(
            "bigint",
            Kind::Int8,
            &["0", "-9223372036854775808", "9223372036854775807", "123456789012345678"],
            &whole,
        ),
        unbounded,
        column("numeric(10,2)", size(10, 2), &money, &[]),
        column("numeric(5,0)", size(5, 0), &["0", "12345", "-99999", "12.0", "1e4", "0.000"], &[]),
        column(
            "numeric(2,-3)",
            size(2, -3),
            &["0", "1000", "99000", "-5000", "1e3", "99e3", "12000.000"],
            &[],
        ),
        column("numeric(3,5)", size(3, 5), &["0", "0.00999", "-0.00001", "1e-5", "0.001230", "9.99e-3"], &[]),
        column("numeric(1000,1000)", size(1000, 1000), &["0", "0.5", "1e-1000", "-1e-500"], &[]),
        column(
            "price",
            Kind::Domain { base: Box::new(PgType::simple(size(8, 2))), not_null: true },
            &["0", "12.50", "999999.99"],
            &[],
        ),
        column("real", Kind::Float4, &floats, &[]),
        column("double precision", Kind::Float8, &doubles, &[]),
    ]
}
