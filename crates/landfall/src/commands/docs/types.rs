//! `types.md`: which types of columns are loaded, and which texts each of them takes.

const HEAD: &str = "# Types

What a mapping gives is text; the column's type in the destination decides what the text must be. A text \
    either is
a value of the type or its record is rejected: nothing is rounded, cut, trimmed or made NULL. Columns of other
types (`inet`, `point`, ranges, composite types, …) cannot be loaded, which `landfall check` says.

| column | what it takes | what it refuses |
|---|---|---|
";

const TAIL: &str = "
NULL and the empty text are two things. Absent and JSON null are NULL; the empty text is a value of texts \
    and an
empty list, and no value of any other type. `nullif(field, '')` and `blank_to_null(field)` make NULL of it.

How verify compares: numbers by value, floats by their bits with −0 equal to 0, `citext` by its own `=`, \
    `char(n)`
without trailing blanks, `jsonb` as PostgreSQL's `=` does, everything else exactly.
";

/// The page.
pub fn page() -> String {
    let row = |(names, takes, refuses): &(&str, &str, &str)| format!("| {names} | {takes} | {refuses} |\n");
    let rows: String = ROWS.iter().map(row).collect();
    format!("{HEAD}{rows}{TAIL}")
}

const ROWS: &[(&str, &str, &str)] = &[
    (
        "`text`, `varchar(n)`, `char(n)`, `citext`",
        "any text, as it is: blanks, line ends and Unicode forms stay; n counts characters",
        "NUL and half of a surrogate pair (`bad_text`); more than n characters (`too_long`)",
    ),
    (
        "`smallint`, `integer`, `bigint`",
        "digits with a sign; `25.0` and `1e3` are whole",
        "`25.5`, blanks, separators of thousands; beyond the type (`out_of_range`)",
    ),
    (
        "`numeric`, `numeric(p,s)`",
        "decimal numbers, digit by digit; `25.500` fits two decimals; `NaN`, and `Infinity` without (p,s)",
        "more decimals than the column keeps; beyond p (`out_of_range`)",
    ),
    (
        "`real`, `double precision`",
        "decimal numbers, the nearest float; `NaN`, `Infinity`",
        "what would become infinite or zero (`out_of_range`)",
    ),
    ("`boolean`", "`true`, `false`, `yes`, `no`, `1`, `0`, in any case", "everything else"),
    ("`date`", "`2024-05-06`", "a date-time: the mapping must say in which zone"),
    (
        "`timestamptz`, `timestamp`",
        "ISO 8601 with a zone; without one if the source declares its `time_zone`; 12 or 13 digits as \
         milliseconds; `timestamp` gets UTC",
        "a date alone, other forms, times that the zone skips or has twice, finer than the column keeps",
    ),
    ("`time`", "`07:08`, `07:08:09.123456`", "`24:00`, a leap second, a zone"),
    (
        "`interval`",
        "ISO 8601 (`P1DT2H`), numbers with units (`90 minutes`), `HH:MM:SS`",
        "a number without a unit, fractions of days and longer units",
    ),
    ("`uuid`", "with or without hyphens and braces, in any case", "everything else"),
    ("`bytea`", "`\\x` and hex digits; `from_base64` makes it", "everything else"),
    (
        "`json`, `jsonb`",
        "JSON; numbers keep their digits, `json` its blanks",
        "a key twice in one object, half of a surrogate pair; `\\u0000` in `jsonb` (`bad_text`)",
    ),
    ("enum", "one of its labels, exactly", "everything else"),
    (
        "array of any of these",
        "a JSON list, PostgreSQL's own form (`{a,b}`), or text with commas: parts are trimmed, empty ones \
            dropped; \
         order and repeats count",
        "an element that its type refuses; nested lists of different lengths",
    ),
    (
        "domain over any of these",
        "what the type under it takes",
        "what its checks refuse (`check`), found by the server",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use values::{Kind, PgType};

    /// The beginning of the row that describes a kind; a new kind does not compile without one.
    fn described(kind: &Kind) -> Option<&'static str> {
        Some(match kind {
            Kind::Text | Kind::Varchar(_) | Kind::Bpchar(_) | Kind::Citext => "`text`, ",
            Kind::Int2 | Kind::Int4 | Kind::Int8 => "`smallint`, ",
            Kind::Numeric(_) => "`numeric`, ",
            Kind::Float4 | Kind::Float8 => "`real`, ",
            Kind::Bool => "`boolean`",
            Kind::Date => "`date`",
            Kind::Timestamp(_) | Kind::Timestamptz(_) => "`timestamptz`, ",
            Kind::Time(_) => "`time`",
            Kind::Interval => "`interval`",
            Kind::Uuid => "`uuid`",
            Kind::Bytea => "`bytea`",
            Kind::Json | Kind::Jsonb => "`json`, ",
            Kind::Enum(_) => "enum",
            Kind::Array(_) => "array",
            Kind::Domain { .. } => "domain",
            Kind::Other => return None,
        })
    }

    #[test]
    fn every_kind_that_is_loaded_has_a_row() {
        let text = || Box::new(PgType::simple(Kind::Text));
        let kinds = [
            Kind::Text,
            Kind::Int4,
            Kind::Numeric(None),
            Kind::Float8,
            Kind::Bool,
            Kind::Date,
            Kind::Timestamptz(None),
            Kind::Time(None),
            Kind::Interval,
            Kind::Uuid,
            Kind::Bytea,
            Kind::Jsonb,
            Kind::Enum(vec![]),
            Kind::Array(text()),
            Kind::Domain { base: text(), not_null: false },
        ];
        assert_eq!(kinds.len(), ROWS.len());
        for kind in kinds {
            let beginning = described(&kind).expect("a kind that is loaded");
            assert_eq!(ROWS.iter().filter(|row| row.0.starts_with(beginning)).count(), 1, "{beginning}");
            assert!(PgType::simple(kind).loadable(), "{beginning}");
        }
    }
}
