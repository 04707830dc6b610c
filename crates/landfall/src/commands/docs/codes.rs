//! `codes.md`: why a record was not carried, and what to do about it.

use base::{RejectCode, SkipReason};

/// The page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for code in RejectCode::ALL {
        let (happened, remedy) = rejected(*code);
        page.push_str(&format!("| `{code}` | {happened} | {remedy} |\n"));
    }
    page.push_str("\n## Skipped\n\n| reason | what happened |\n|---|---|\n");
    for reason in SkipReason::ALL {
        page.push_str(&format!("| `{reason}` | {} |\n", skipped(*reason)));
    }
    page.push_str(FINDINGS);
    page
}

const HEAD: &str = "# Codes

Every record of the export is in exactly one bucket: `source = loaded + updated + unchanged + skipped +
rejected`. What could not be carried is *rejected*, by code; what was left out on purpose is *skipped*, by
reason. The errors file has a line for each bad cell, with entity, source id, column, value, code and reason;
`landfall rejects` lists them without values.

After the data or the mapping was mended, `landfall move` tries again what is not there yet.

## Rejected

| code | what happened | what to do |
|---|---|---|
";

const FINDINGS: &str = "
## Findings

A finding names what is odd about records that *were* carried, or about the run; it is no reject. Its
level decides whether the exit status becomes 3 (`error`) or not (`warn`).

| finding | level |
|---|---|
| a `[[check]]` of the project file returned rows, or could not run | the check's own |
| rows that no run wrote stand in a table that was not empty when the run began | `warn` |
| the export was edited after it was finished, or has no manifest and so no proof of completeness | `warn` |

## Differences

What verify finds when it compares the export, through the mapping, with the destination, field by field.

| kind | what it means |
|---|---|
| `changed` | the row is there and holds something else; its columns are named, with a hint |
| `missing` | the record was carried and its row is not there |
| `extra` | a row that no record explains, in a table that was empty when the run began |
";

fn rejected(code: RejectCode) -> (&'static str, &'static str) {
    match code {
        RejectCode::NoKey => (
            "the record has no value for the entity's `key`",
            "choose another `key`, or leave such records out with `where`",
        ),
        RejectCode::KeyTwice => (
            "several records share the key and differ, and nothing says which is the newest",
            "name the field that says so: `version = \"FIELD\"`",
        ),
        RejectCode::ExistsDifferent => (
            "the destination holds a row of that key with other content, or one that somebody changed \
                since a run wrote it",
            "`mode = \"update\"` writes over rows that nobody else changed, `mode = \"skip\"` leaves them",
        ),
        RejectCode::MatchMany => (
            "`match` found more than one row",
            "make the rows of the destination unique by that value, or write a narrower `match`",
        ),
        RejectCode::ParentRejected => {
            ("the record refers to one that was rejected", "mend that one first: the reason names its entity")
        }
        RejectCode::ParentMissing => (
            "the record refers to one that is neither in the export nor in the destination",
            "`ref_or(…, NULL)` where the reference may be lost, or leave the record out with `where`",
        ),
        RejectCode::WhereUnknown => (
            "`where` gave NULL, or failed for this record",
            "say what NULL means: `coalesce(field, '…') = '…'`",
        ),
        RejectCode::BadText => (
            "a NUL or half of a surrogate pair, which no text of PostgreSQL holds",
            "mend it in the source; found at export, the value stands escaped in `ENTITY.rejects.ndjson`",
        ),
        RejectCode::BadValue => (
            "the value is not one of the column's type, or the expression fails for it",
            "nothing is guessed, rounded or cut: say in the mapping what is meant (`round`, `nullif`, \
                `recode`, `local_time`, …)",
        ),
        RejectCode::TooLong => (
            "the text is longer than the column takes",
            "make the column longer, or cut with `substr(field, 1, n)` when that is right",
        ),
        RejectCode::OutOfRange => (
            "the number or date lies outside what the column takes",
            "make the column wider, or mend the value",
        ),
        RejectCode::NotNull => (
            "no value for a column that takes no NULL and has no default",
            "give one: `coalesce(field, '…')`, or a default to the column",
        ),
        RejectCode::Unique => (
            "a unique key of the destination is taken, by an earlier record or by a row that was there",
            "`match` adopts a row that was there; otherwise make the value unique",
        ),
        RejectCode::Check => (
            "a check constraint of the table or of a domain says no",
            "mend the value or map it: the reason names the constraint",
        ),
        RejectCode::ForeignKey => (
            "a foreign key of the destination finds no row",
            "map the column with `ref`, or load the other table first",
        ),
        RejectCode::Exclusion => (
            "an exclusion constraint of the destination says no",
            "mend the record: the reason names the constraint",
        ),
    }
}

fn skipped(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Where => "`where` is false for it",
        SkipReason::Limit => "it lies behind `--max-records`",
        SkipReason::Exists => {
            "its row is there already, and `mode = \"skip\"`, or `match` without `mode = \"update\"`, \
                leaves it alone"
        }
        SkipReason::Duplicate => "same key and content as an earlier record of the export",
        SkipReason::Superseded => "a newer record of the same key, by `version`, is in the export",
        SkipReason::ParentSkipped => "it refers to a record that was left out by a filter or a limit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_line() {
        let page = page();
        let words = RejectCode::ALL.iter().map(|code| code.word());
        for word in words.chain(SkipReason::ALL.iter().map(|reason| reason.word())) {
            assert_eq!(page.matches(&format!("\n| `{word}` | ")).count(), 1, "{word}");
        }
    }
}
