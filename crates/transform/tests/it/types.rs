//! The columns that cases name, by the names that PostgreSQL gives their types.

use jiff::tz::TimeZone;
use values::{Context, Kind, NumericSize, PgType};

/// A column of the destination.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its type.
    pub ty: PgType,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// The wire bytes of its default.
    pub default: Option<Vec<u8>>,
    /// What the source says about its texts.
    pub context: Context,
}

/// Reads `TYPE [not null] [default TEXT] [in ZONE]`.
pub fn column(text: &str) -> Result<Column, String> {
    let (text, zone) = match text.split_once(" in ") {
        Some((text, zone)) => (text, Some(TimeZone::get(zone).map_err(|e| e.to_string())?)),
        None => (text, None),
    };
    let (text, default) = match text.split_once(" default ") {
        Some((text, default)) => (text, Some(default)),
        None => (text, None),
    };
    let (text, not_null) = match text.strip_suffix(" not null") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (ty, context) = (of_name(text)?, Context { time_zone: zone });
    // As the catalogue has it: a domain that refuses NULL makes its columns refuse it.
    let not_null = not_null || matches!(ty.kind, Kind::Domain { not_null: true, .. });
    let encoded = |text: &str| {
        let mut bytes = Vec::new();
        ty.encode(text, &context, &mut bytes).map(|()| bytes).map_err(|bad| bad.to_string())
    };
    let default = default.map(encoded).transpose()?;
    Ok(Column { ty, not_null, default, context })
}

/// The type of a name. `mood` is an enum, `price` and `tags` are domains.
fn of_name(name: &str) -> Result<PgType, String> {
    if let Some(element) = name.strip_suffix("[]") {
        return Ok(PgType::simple(Kind::Array(Box::new(of_name(element)?))));
    }
    let (word, arguments) = match name.split_once('(') {
        Some((word, rest)) => (word, rest.trim_end_matches(')').split(',').collect()),
        None => (name, Vec::new()),
    };
    let argument = |at: usize| arguments.get(at).map(|text: &&str| text.trim().parse::<i16>()).transpose();
    let wrong = |_| format!("{name}: not a number in the brackets");
    let (first, second) = (argument(0).map_err(wrong)?, argument(1).map_err(wrong)?);
    let digits = first.map(|n| n as u8);
    let kind = match word {
        "text" => Kind::Text,
        "varchar" => Kind::Varchar(first.map(|n| n as u32)),
        "char" => Kind::Bpchar(first.map(|n| n as u32)),
        "citext" => Kind::Citext,
        "boolean" => Kind::Bool,
        "smallint" => Kind::Int2,
        "integer" => Kind::Int4,
        "bigint" => Kind::Int8,
        "numeric" => {
            let size = |precision| NumericSize { precision, scale: second.unwrap_or_default() };
            Kind::Numeric(first.map(|precision| size(precision as u16)))
        }
        "real" => Kind::Float4,
        "double precision" => Kind::Float8,
        "date" => Kind::Date,
        "time" => Kind::Time(digits),
        "timestamp" => Kind::Timestamp(digits),
        "timestamptz" => Kind::Timestamptz(digits),
        "interval day to hour" => {
            return Ok(PgType { name: name.into(), ..PgType::simple(Kind::Interval) });
        }
        "interval" => return Ok(PgType { name: name.into(), ..PgType::simple(Kind::Interval) }),
        "uuid" => Kind::Uuid,
        "json" => Kind::Json,
        "jsonb" => Kind::Jsonb,
        "bytea" => Kind::Bytea,
        "mood" => Kind::Enum(vec!["sad".into(), "ok".into(), "it's fine".into(), "Ünïcode".into()]),
        "price" => Kind::Domain { base: Box::new(of_name("numeric(8,2)")?), not_null: true },
        "tags" => Kind::Domain { base: Box::new(of_name("text[]")?), not_null: false },
        "point" => Kind::Other,
        _ => return Err(format!("{name} is not a type of these cases")),
    };
    Ok(PgType::simple(kind))
}
