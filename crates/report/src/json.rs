//! The report for machines.

use crate::model::Report;
use serde_json::Value;

/// `migration_report_TS.json`: indented, ends with a line feed.
pub fn json(report: &Report) -> String {
    let sealed = report.clone().seal();
    let mut text = serde_json::to_string_pretty(&sealed)
        .unwrap_or_else(|error| unreachable!("the keys are texts and the numbers finite: {error}"));
    text.push('\n');
    text
}

/// The JSON Schema of [`json`].
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}
