//! What could not be carried, and why.

use crate::html::REJECTS_SHOWN_MAX;
use crate::html::bars::share;
use crate::html::text::{Shown, clean, shown};
use crate::model::{Extras, Report};
use crate::words::{self, number};
use base::RejectCode;
use std::collections::BTreeMap;

/// The section.
pub(super) struct Rejects {
    pub bars: Vec<Bar>,
    pub rows: Vec<Row>,
    pub lead: String,
    pub shown: String,
    pub masked: bool,
}

/// A code and how often it came.
pub(super) struct Bar {
    pub code: &'static str,
    pub meaning: &'static str,
    pub width: String,
    pub count: String,
    pub where_: String,
}

/// A line of the errors file.
pub(super) struct Row {
    pub entity: String,
    pub source_id: String,
    pub field: String,
    pub value: Shown,
    pub code: &'static str,
    pub reason: String,
}

impl Rejects {
    pub(super) fn new(report: &Report, extras: &Extras) -> Self {
        let rejected = report.totals.rejected;
        let file = clean(&report.run.file_name("migration_errors", "csv"));
        let all = extras.rejects_shown.len();
        let rows = extras.rejects_shown.iter().take(REJECTS_SHOWN_MAX).map(|reject| Row {
            entity: clean(&reject.entity),
            source_id: clean(&reject.source_id),
            field: clean(&reject.field),
            value: shown(reject.value.as_deref(), extras.values),
            code: reject.code.word(),
            reason: clean(&reject.reason),
        });
        let lead = if rejected == 0 {
            "No record was rejected.".to_owned()
        } else {
            format!(
                "{} could not be carried. Nothing was guessed, rounded or cut: fix the source or the \
                 mapping, and try {} again with",
                words::count(rejected, "record", "records"),
                if rejected == 1 { "it" } else { "them" }
            )
        };
        let shown = if all > REJECTS_SHOWN_MAX {
            format!("The first {} lines; {file} has every one.", number(REJECTS_SHOWN_MAX as u64))
        } else {
            format!("{}; {file} has every one.", words::count(all as u64, "line", "lines"))
        };
        let masked = extras.values == crate::Values::Masked;
        Self { bars: bars(report), rows: rows.collect(), lead, shown, masked }
    }
}

fn bars(report: &Report) -> Vec<Bar> {
    let mut by_code: BTreeMap<RejectCode, (u64, Vec<String>)> = BTreeMap::new();
    for (name, entity) in &report.entities {
        for (code, n) in entity.rejected_by_code.iter().filter(|(_, n)| **n > 0) {
            let entry = by_code.entry(*code).or_default();
            entry.0 = entry.0.saturating_add(*n);
            entry.1.push(format!("{} {}", clean(name), number(*n)));
        }
    }
    let mut codes: Vec<_> = by_code.into_iter().collect();
    codes.sort_by_key(|(code, (n, _))| (std::cmp::Reverse(*n), *code));
    let most = codes.first().map(|(_, (n, _))| *n).unwrap_or_default();
    let bar = |(code, (n, entities)): (RejectCode, (u64, Vec<String>))| Bar {
        code: code.word(),
        meaning: words::code(code),
        width: share(n, most),
        count: number(n),
        where_: entities.join(", "),
    };
    codes.into_iter().map(bar).collect()
}
