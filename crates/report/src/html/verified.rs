//! What the comparison found, and some records side by side.

use crate::html::bars::share;
use crate::html::text::{Shown, clean, shown};
use crate::html::{DIFFERENCES_SHOWN_MAX, SAMPLES_SHOWN_MAX};
use crate::model::{Compared, DifferenceKind, Extras, Report};
use crate::words::{self, moment, number};

/// The section.
pub(super) struct Verification {
    pub done: bool,
    pub lead: String,
    pub rows: Vec<Row>,
    pub all: Option<Row>,
    pub facts: Vec<String>,
    pub fields: Vec<Field>,
    pub differences: Vec<Difference>,
    pub shown: String,
}

/// A line of the comparison.
pub(super) struct Row {
    pub name: String,
    pub compared: String,
    pub equal: String,
    pub odd: Vec<Cell>,
    pub says: &'static str,
    pub state: &'static str,
}

/// A count that should be nothing, or is only to be known.
pub(super) struct Cell {
    pub text: String,
    pub class: &'static str,
}

/// A column that differs, and in how many rows.
pub(super) struct Field {
    pub name: String,
    pub width: String,
    pub count: String,
}

/// A record that differs.
pub(super) struct Difference {
    pub entity: String,
    pub source_id: String,
    pub id: String,
    pub kind: &'static str,
    pub fields: Vec<(String, String)>,
}

impl Verification {
    pub(super) fn new(report: &Report, extras: &Extras) -> Self {
        let Some(found) = &report.verification else {
            return Self {
                done: false,
                lead: "Nothing has been compared yet. This compares every record:".to_owned(),
                rows: Vec::new(),
                all: None,
                facts: Vec::new(),
                fields: Vec::new(),
                differences: Vec::new(),
                shown: String::new(),
            };
        };
        let different = found.totals.different();
        let lead = match (found.totals.compared, different) {
            (0, 0) => "There was no record to compare.".to_owned(),
            (n, 0) => format!(
                "{} compared, every mapped column. No difference was found.",
                words::count(n, "record", "records")
            ),
            (n, d) => format!(
                "{} compared, every mapped column. {} not as it should be.",
                words::count(n, "record", "records"),
                words::count(d, "row is", "rows are")
            ),
        };
        let rows: Vec<Row> =
            found.entities.iter().map(|(name, found)| Row::new(name, &found.counts)).collect();
        let all = (rows.len() > 1).then(|| Row::new("all", &found.totals));
        let differences: Vec<Difference> =
            extras.differences.iter().take(DIFFERENCES_SHOWN_MAX).map(difference).collect();
        let named = differences.len() as u64;
        let shown = if named >= different {
            format!(
                "{}, and {} listed.",
                words::count(named, "row is not as it should be", "rows are not as they should be"),
                if named == 1 { "it is" } else { "all are" }
            )
        } else {
            format!("{} of {}; landfall verify --all FILE names every one.", number(named), number(different))
        };
        Self {
            done: true,
            lead,
            rows,
            all,
            facts: facts(report, found),
            fields: fields(found),
            differences,
            shown,
        }
    }
}

impl Row {
    fn new(name: &str, counts: &Compared) -> Self {
        let bad = |n: u64| Cell { text: number(n), class: if n == 0 { "none" } else { "bad" } };
        let known = |n: u64| Cell { text: number(n), class: if n == 0 { "none" } else { "" } };
        let (says, state) = match (counts.different(), counts.compared) {
            (0, 0) => ("nothing compared", "open"),
            (0, _) => ("equal", "good"),
            _ => ("different", "bad"),
        };
        Self {
            name: clean(name),
            compared: number(counts.compared),
            equal: number(counts.equal),
            odd: vec![
                bad(counts.differing),
                bad(counts.missing),
                bad(counts.extra),
                known(counts.foreign_rows),
                known(counts.excluded),
            ],
            says,
            state,
        }
    }
}

fn facts(report: &Report, found: &crate::Verification) -> Vec<String> {
    let mut out = Vec::new();
    let not_compared = report.not_compared();
    if not_compared > 0 {
        let n = words::count(not_compared, "record is", "records are");
        out.push(format!("{n} in the destination and not compared."));
    }
    if found.references_checked() > 0 {
        out.push(format!(
            "{} followed; {} nowhere.",
            words::count(found.references_checked(), "reference", "references"),
            match found.orphans() {
                0 => "none leads".to_owned(),
                n => words::count(n, "leads", "lead"),
            }
        ));
        for (name, entity) in &found.entities {
            for reference in entity.references.iter().filter(|reference| reference.orphans > 0) {
                out.push(format!(
                    "{}.{} → {}: {} nowhere.",
                    clean(name),
                    clean(&reference.column),
                    clean(&reference.to),
                    words::count(reference.orphans, "value leads", "values lead")
                ));
            }
        }
    }
    out.extend(found.samples().into_iter().map(|sample| clean(&format!("Samples: {sample}."))));
    if let Some(sample) = found.password_sample {
        out.push(format!(
            "{} of {} tried against the hash that was written opened it.",
            number(sample.matched),
            words::count(sample.tried, "password", "passwords")
        ));
    }
    if found.totals.foreign_rows > 0 {
        let n = words::count(found.totals.foreign_rows, "row was", "rows were");
        out.push(format!("{n} in the tables that no run wrote."));
    }
    out.push(format!("Compared at {}.", moment(found.finished_at)));
    out
}

fn fields(found: &crate::Verification) -> Vec<Field> {
    let mut all: Vec<(String, u64)> = found
        .entities
        .iter()
        .flat_map(|(name, entity)| {
            entity.differences_by_field.iter().map(move |(column, n)| (format!("{name}.{column}"), *n))
        })
        .filter(|(_, n)| *n > 0)
        .collect();
    all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let most = all.first().map(|(_, n)| *n).unwrap_or_default();
    all.into_iter()
        .map(|(name, n)| Field { name: clean(&name), width: share(n, most), count: number(n) })
        .collect()
}

fn difference(found: &crate::Difference) -> Difference {
    Difference {
        entity: clean(&found.entity),
        source_id: clean(&found.source_id),
        id: clean(&found.id),
        kind: match found.kind {
            DifferenceKind::Changed => "differs",
            DifferenceKind::Missing => "missing",
            DifferenceKind::Extra => "extra",
        },
        fields: found.fields.iter().map(|field| (clean(&field.column), clean(&field.hint))).collect(),
    }
}

/// Records side by side.
pub(super) struct Samples {
    pub records: Vec<Record>,
    pub left_out: String,
    pub masked: bool,
}

/// A record, both sides.
pub(super) struct Record {
    pub entity: String,
    pub source_id: String,
    pub destination_id: String,
    pub equal: bool,
    pub says: String,
    pub fields: Vec<Side>,
}

/// A column, both sides.
pub(super) struct Side {
    pub column: String,
    pub expression: String,
    pub source: Shown,
    pub destination: Shown,
    pub equal: bool,
}

impl Samples {
    pub(super) fn new(extras: &Extras) -> Self {
        let record = |sample: &crate::Sample| {
            let different = sample.fields.iter().filter(|field| !field.equal).count() as u64;
            Record {
                entity: clean(&sample.entity),
                source_id: clean(&sample.source_id),
                destination_id: clean(&sample.destination_id),
                equal: different == 0,
                says: match different {
                    0 => "equal".to_owned(),
                    n => words::count(n, "column differs", "columns differ"),
                },
                fields: sample
                    .fields
                    .iter()
                    .map(|field| Side {
                        column: clean(&field.column),
                        expression: clean(&field.source_expression),
                        source: shown(field.source_text.as_deref(), extras.values),
                        destination: shown(field.destination_text.as_deref(), extras.values),
                        equal: field.equal,
                    })
                    .collect(),
            }
        };
        let left_out = extras.samples.len().saturating_sub(SAMPLES_SHOWN_MAX) as u64;
        Self {
            records: extras.samples.iter().take(SAMPLES_SHOWN_MAX).map(record).collect(),
            left_out: if left_out == 0 {
                String::new()
            } else {
                format!("{} not shown here.", words::count(left_out, "more sample is", "more samples are"))
            },
            masked: extras.values == crate::Values::Masked,
        }
    }
}
