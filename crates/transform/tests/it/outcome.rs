//! What a mapping makes of the records of a case, by the path that a move takes: compile, resolve the
//! references, map.

use crate::case::{Case, FIELDS, Target};
use arrow::array::{Array, ArrayRef, FixedSizeBinaryBuilder, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use base::ids::{project_namespace, record_id};
use plan::{ColumnMapping, Key, KeyKind, Mapping, Origin};
use std::sync::Arc;
use transform::{EntityKeys, Mapped, Mapper, ParentFate, Resolved, Verdict};
use values::{Context, Kind, PgType};

/// The project whose ids the cases show.
const PROJECT: &str = "slt";
/// The id of every record of `accounts`.
const ACCOUNT: &str = "7";

/// `users` has derived ids, `accounts` numbers.
struct Entities;

impl EntityKeys for Entities {
    fn uuid_key(&self, entity: &str) -> Option<bool> {
        match entity {
            "users" => Some(true),
            "accounts" => Some(false),
            _ => None,
        }
    }

    fn names(&self) -> Vec<String> {
        vec!["users".into(), "accounts".into()]
    }
}

/// What became of each record, as the files write it; or why the expression cannot be used.
pub fn outcomes(case: &Case) -> Result<Vec<String>, String> {
    let fields: Vec<String> = ["_id"].iter().chain(&FIELDS).map(ToString::to_string).collect();
    let mapping = mapping(case, &fields);
    let mapper = transform::compile(&mapping, &fields, &Entities).map_err(|problems| {
        let word = |p: &transform::MappingProblem| match &p.hint {
            Some(hint) => format!("{}; {hint}", p.message),
            None => p.message.clone(),
        };
        problems.iter().map(word).collect::<Vec<_>>().join("\n")
    })?;
    let batch = batch(case, &fields);
    let answers = answers(&mapper, &batch)?;
    let context = match &case.target {
        Target::Column(column) => column.context.clone(),
        Target::Where => Context::default(),
    };
    let mapped = mapper
        .map(&batch, &answers, &project_namespace(PROJECT), &context)
        .map_err(|fault| fault.to_string())?;
    Ok((0..batch.num_rows()).map(|row| outcome(case, &mapping, &mapped, row)).collect())
}

fn mapping(case: &Case, fields: &[String]) -> Mapping {
    let origin = || Some(Origin { sql: case.sql.clone(), span: None });
    let key = ColumnMapping {
        column: "id".into(),
        ty: PgType::simple(Kind::Uuid),
        not_null: true,
        default: None,
        origin: None,
        password: false,
    };
    let column = |target: &crate::types::Column| ColumnMapping {
        column: "it".into(),
        ty: target.ty.clone(),
        not_null: target.not_null,
        default: target.default.clone(),
        origin: origin(),
        password: transform::compile::is_password(&case.sql, fields),
    };
    let (columns, filter) = match &case.target {
        Target::Column(target) => (vec![key, column(target)], None),
        Target::Where => (vec![key], origin()),
    };
    Mapping {
        entity: "cases".into(),
        key_field: "_id".into(),
        key: Key { columns: vec!["id".into()], kind: KeyKind::Derived },
        columns,
        filter,
    }
}

/// The records; one of NULLs when the case has none, for an expression without fields.
fn batch(case: &Case, fields: &[String]) -> RecordBatch {
    let rows = case.records.len().max(1);
    let schema = Schema::new(fields.iter().map(|f| Field::new(f, DataType::Utf8, true)).collect::<Vec<_>>());
    let ids: StringArray = (0..rows).map(|row| Some(format!("r{row}"))).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids)];
    for field in 0..FIELDS.len() {
        let value = |row: usize| case.records.get(row).and_then(|(_, values)| values[field].clone());
        columns.push(Arc::new((0..rows).map(value).collect::<StringArray>()));
    }
    RecordBatch::try_new(Arc::new(schema), columns).expect("columns of one length")
}

/// `rejected`, `skipped` and `missing` are what their names say; every other record is there.
fn answers(mapper: &Mapper, batch: &RecordBatch) -> Result<Vec<Resolved>, String> {
    let asked = mapper.asked(batch).map_err(|fault| fault.to_string())?;
    let answer = |(entity, ids): (&str, StringArray)| {
        let fate = |id: Option<&str>| match id {
            Some("rejected") => ParentFate::Rejected,
            Some("skipped") => ParentFate::Skipped,
            Some("limited") => ParentFate::BeyondLimit,
            Some("missing") => ParentFate::Missing,
            _ => ParentFate::There,
        };
        let there = |id: &Option<&str>| fate(*id) == ParentFate::There;
        let fates = ids.iter().map(fate).collect();
        let ids: ArrayRef = if Entities.uuid_key(entity) == Some(true) {
            let namespace = project_namespace(PROJECT);
            let mut uuids = FixedSizeBinaryBuilder::with_capacity(ids.len(), 16);
            for id in &ids {
                match id.filter(|id| there(&Some(id))) {
                    Some(id) => uuids.append_value(record_id(&namespace, entity, id)).expect("16 bytes"),
                    None => uuids.append_null(),
                }
            }
            Arc::new(uuids.finish())
        } else {
            Arc::new(
                ids.iter()
                    .map(|id| id.filter(|id| there(&Some(id))).map(|_| ACCOUNT))
                    .collect::<StringArray>(),
            )
        };
        Resolved { ids, fates }
    };
    Ok(mapper.references().iter().map(|r| r.entity.as_str()).zip(asked).map(answer).collect())
}

fn outcome(case: &Case, mapping: &Mapping, mapped: &Mapped, row: usize) -> String {
    match mapped.verdicts[row] {
        Verdict::Skip(reason) => return format!("skip {reason}"),
        Verdict::Reject(_) => {
            let bad = mapped.bad.iter().filter(|bad| bad.record == row);
            let words: Vec<_> = bad.map(|bad| format!("reject {}: {}", bad.code, bad.reason)).collect();
            return words.join(" + ");
        }
        Verdict::Carry => {}
    }
    let Target::Column(column) = &case.target else { return "carry".into() };
    let position = mapping.columns.len() - 1;
    if let Some(passwords) = &mapped.passwords {
        let password = passwords.is_valid(row).then(|| passwords.value(row));
        return format!("password {}", visible(password));
    }
    let cell = mapped.columns[position].get(row);
    let shown = cell.map(|bytes| column.ty.show(bytes).expect("bytes of the type"));
    let taken = mapped.defaulted[position].iter().any(|taken| *taken as usize == row);
    format!("{}{}", if taken { "default " } else { "" }, visible(shown.as_deref()))
}

/// A text as it is, in quotes when one could not see it otherwise.
pub fn visible(text: Option<&str>) -> String {
    match text {
        None => "NULL".into(),
        Some(text) => {
            let plain = !text.is_empty()
                && text != "NULL"
                && text.trim() == text
                && !text.starts_with('"')
                && !text.contains(|c: char| c.is_control());
            if plain { text.into() } else { format!("{text:?}") }
        }
    }
}
