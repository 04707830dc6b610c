//! `migration_summary_TS.txt`: one page of plain text, at most [`WIDTH`] columns wide.

mod table;

use crate::model::{Check, CheckStatus, Entity, Finding, Level, Report, Verification};
use crate::verdict::verdict;
use crate::words::{self, bytes, clock, duration, moment, number, percent, rate};
use std::fmt::Write;
use table::{Align, Table};

/// Columns of the page.
const WIDTH: usize = 100;

/// Columns that the text under a headline is moved in.
const INDENT: usize = 2;

/// Ids named per check or finding; the JSON report has all that were kept.
const EXAMPLES_MAX: usize = 3;

/// The summary.
pub fn summary(report: &Report) -> String {
    let report = report.clone().seal();
    let mut page = Page::default();
    head(&mut page, &report);
    records(&mut page, &report);
    reasons(&mut page, &report);
    if let Some(verification) = &report.verification {
        verified(&mut page, &report, verification);
    } else {
        page.headline("VERIFICATION");
        page.paragraph("Nothing has been compared yet. landfall verify does it.");
    }
    checks(&mut page, &report);
    passwords(&mut page, &report);
    export(&mut page, &report);
    times(&mut page, &report);
    undo(&mut page, &report);
    go_on(&mut page, &report);
    page.text
}

/// The page as it grows.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn headline(&mut self, words: &str) {
        self.line("");
        self.line(words);
        self.line(&"-".repeat(WIDTH));
    }

    /// Text, broken between words.
    fn paragraph(&mut self, text: &str) {
        self.hanging("", text);
    }

    /// Text behind a mark; the lines after the first begin where the first one's text does.
    fn hanging(&mut self, mark: &str, text: &str) {
        let indent = INDENT + table::width(mark);
        for (place, part) in table::wrap(text, WIDTH.saturating_sub(indent)).iter().enumerate() {
            let lead = if place == 0 { format!("{:INDENT$}{mark}", "") } else { " ".repeat(indent) };
            self.line(&format!("{lead}{part}"));
        }
    }

    fn table(&mut self, table: &Table) {
        for line in table.lines(WIDTH, INDENT) {
            self.line(&line);
        }
    }

    /// Names in a column and texts beside them.
    fn facts(&mut self, facts: &[(&str, String)]) {
        let widest = facts.iter().map(|(name, _)| table::width(name)).max().unwrap_or_default();
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            self.hanging(&format!("{name:widest$}  "), text);
        }
    }
}

fn head(page: &mut Page, report: &Report) {
    let run = &report.run;
    let left = format!("LANDFALL  {}", table::plain(&run.project));
    let right = format!("run {}  {}", run.id, table::plain(&run.name));
    let gap = WIDTH.saturating_sub(table::width(&left) + table::width(&right));
    if gap > 1 {
        page.line(&format!("{left}{}{right}", " ".repeat(gap)));
    } else {
        for line in table::wrap(&left, WIDTH).iter().chain(&table::wrap(&right, WIDTH)) {
            page.line(line);
        }
    }
    page.line(&"=".repeat(WIDTH));
    page.line("");
    let verdict = verdict(report);
    page.line(&verdict.word.to_uppercase());
    page.line("");
    page.paragraph(&verdict.sentences.join(" "));
    if !verdict.alarms.is_empty() {
        page.line("");
        for alarm in &verdict.alarms {
            page.hanging("!! ", alarm);
        }
    }
    page.line("");
    let (seconds, ended) = match run.finished_at {
        Some(end) => (end.duration_since(run.started_at).as_secs_f64(), moment(end)),
        None => (0.0, "not yet".to_owned()),
    };
    page.facts(&[
        ("from", run.source.clone()),
        ("to", run.destination.clone()),
        ("environment", run.environment.clone().unwrap_or_default()),
        ("began", moment(run.started_at)),
        ("ended", ended),
        ("took", run.finished_at.map(|_| duration(seconds)).unwrap_or_default()),
        (
            "resumed",
            if run.resumed == 0 { String::new() } else { words::count(run.resumed, "time", "times") },
        ),
    ]);
}

fn records(page: &mut Page, report: &Report) {
    page.headline("RECORDS      source = loaded + updated + unchanged + skipped + rejected");
    if report.entities.is_empty() {
        page.paragraph("The run has no entities yet.");
        return;
    }
    let mut table = Table::new(
        &["entity", "source", "loaded", "updated", "unchanged", "skipped", "rejected", "sum", ""],
        &[
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Left,
        ],
    );
    let row = |name: &str, buckets: &crate::Buckets, says: &str| {
        let counts = [
            buckets.source,
            buckets.loaded,
            buckets.updated,
            buckets.unchanged,
            buckets.skipped,
            buckets.rejected,
        ];
        let mut cells = vec![name.to_owned()];
        cells.extend(counts.map(number));
        cells.push(number(buckets.sum()));
        cells.push(says.to_owned());
        cells
    };
    for (name, entity) in &report.entities {
        table.row(row(name, &entity.buckets(), agreement(report, name, entity)));
    }
    if report.entities.len() > 1 {
        table.rule();
        let says = match (report.disagreements().is_empty(), report.totals.left()) {
            (true, 0) => "agrees",
            (true, _) => "not done",
            (false, _) => "DISAGREES",
        };
        table.row(row("all", &report.totals, says));
    }
    page.table(&table);
}

/// What the line of an entity says about its sum.
fn agreement(report: &Report, name: &str, entity: &Entity) -> &'static str {
    if report.disagreements().iter().any(|found| found.entity == name && found.what != "compared") {
        "DISAGREES"
    } else if entity.accounted() && (entity.finished || !report.status.may_have_more()) {
        "agrees"
    } else {
        "not done"
    }
}

fn reasons(page: &mut Page, report: &Report) {
    let mut rejects = Table::new(&["rejected", "code", "", "records"], &REASON_COLUMNS);
    let mut skips = Table::new(&["skipped", "reason", "", "records"], &REASON_COLUMNS);
    let mut defaults = Table::new(&["default taken", "column", "", "records"], &REASON_COLUMNS);
    for (name, entity) in &report.entities {
        for (code, n) in &entity.rejected_by_code {
            rejects.row(vec![name.clone(), code.word().into(), words::code(*code).into(), number(*n)]);
        }
        for (reason, n) in &entity.skipped_by_reason {
            skips.row(vec![name.clone(), reason.word().into(), words::reason(*reason).into(), number(*n)]);
        }
        for (column, n) in &entity.defaults_taken {
            let why = "NULL in the source, required in the destination".into();
            defaults.row(vec![name.clone(), column.clone(), why, number(*n)]);
        }
    }
    let tables = [rejects, skips, defaults];
    if tables.iter().all(Table::is_empty) {
        return;
    }
    page.headline("REASONS");
    for (place, table) in tables.iter().filter(|table| !table.is_empty()).enumerate() {
        if place > 0 {
            page.line("");
        }
        page.table(table);
    }
    if report.totals.rejected > 0 {
        page.line("");
        page.paragraph(&format!("Every bad cell is in {}.", report.run.file_name("migration_errors", "csv")));
    }
}

const REASON_COLUMNS: [Align; 4] = [Align::Left, Align::Left, Align::Left, Align::Right];

fn verified(page: &mut Page, report: &Report, verification: &Verification) {
    page.headline("VERIFICATION      every record, every mapped column, compared through the mapping");
    let mut table = Table::new(
        &["entity", "compared", "equal", "differing", "missing", "extra", "foreign", "excluded"],
        &[
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ],
    );
    let row = |name: &str, c: &crate::Compared| {
        let mut cells = vec![name.to_owned()];
        let counts = [c.compared, c.equal, c.differing, c.missing, c.extra, c.foreign_rows, c.excluded];
        cells.extend(counts.map(number));
        cells
    };
    for (name, found) in &verification.entities {
        table.row(row(name, &found.counts));
    }
    if verification.entities.len() > 1 {
        table.rule();
        table.row(row("all", &verification.totals));
    }
    page.table(&table);
    page.line("");
    let not_compared = report.not_compared();
    if not_compared > 0 {
        page.hanging(
            "!! ",
            &format!(
                "{} in the destination, not compared.",
                words::count(not_compared, "record is", "records are")
            ),
        );
    }
    let mut facts = Vec::new();
    let columns: Vec<String> = verification
        .entities
        .iter()
        .flat_map(|(name, found)| found.differences_by_field.iter().map(move |(column, n)| (name, column, n)))
        .map(|(name, column, n)| format!("{name}.{column} {}", number(*n)))
        .collect();
    facts.push(("differing columns", columns.join(", ")));
    let references = verification.references_checked();
    let orphans = verification.orphans();
    facts.push((
        "references",
        if references == 0 {
            String::new()
        } else {
            format!("{} followed, {} nowhere", number(references), words::count(orphans, "leads", "lead"))
        },
    ));
    facts.push(("samples", verification.samples().join("; ")));
    let tried = verification.password_sample;
    facts.push((
        "passwords tried",
        tried.map(|s| format!("{} of {} opened", number(s.matched), number(s.tried))).unwrap_or_default(),
    ));
    facts.push(("compared at", moment(verification.finished_at)));
    page.facts(&facts);
}

fn checks(page: &mut Page, report: &Report) {
    if report.checks.is_empty() && report.findings.is_empty() {
        return;
    }
    page.headline("CHECKS AND FINDINGS");
    for check in &report.checks {
        page.hanging(check_mark(check), &check_words(check));
    }
    for finding in report.findings.iter().filter(|finding| finding.count > 0) {
        let mark = if finding.level == Level::Error { "[ERROR]  " } else { "[warn]   " };
        page.hanging(mark, &finding_words(finding));
    }
}

fn check_mark(check: &Check) -> &'static str {
    match (check.status, check.level) {
        (CheckStatus::Passed, _) => "[ok]     ",
        (_, Level::Error) => "[FAILED] ",
        (_, Level::Warn) => "[warn]   ",
    }
}

fn check_words(check: &Check) -> String {
    let mut text = check.name.clone();
    match check.status {
        CheckStatus::Passed => {}
        CheckStatus::Failed => {
            let _ = write!(text, ": {}", words::count(check.rows, "row", "rows"));
        }
        CheckStatus::CouldNotRun => text.push_str(": could not be run, which counts as failed"),
    }
    if let Some(why) = check.why.as_deref().filter(|why| !why.is_empty()) {
        let _ = write!(text, " ({why})");
    }
    text + &examples(&check.examples)
}

fn finding_words(finding: &Finding) -> String {
    let entity = finding.entity.as_deref().map(|entity| format!("{entity}: ")).unwrap_or_default();
    let n = words::count(finding.count, "record", "records");
    format!("{entity}{}, {n}{}", finding.name, examples(&finding.examples))
}

fn examples(ids: &[String]) -> String {
    if ids.is_empty() {
        return String::new();
    }
    let shown = ids.iter().take(EXAMPLES_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("; for example {shown}")
}

fn passwords(page: &mut Page, report: &Report) {
    let Some(found) = &report.passwords else { return };
    page.headline("PASSWORDS");
    let reasons: Vec<String> =
        found.by_reason.iter().map(|(reason, n)| format!("{reason} {}", number(*n))).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    page.facts(&[
        ("kept as they are", number(found.kept)),
        ("hashed", number(found.hashed)),
        ("need a reset mail", format!("{}{why}", number(found.unusable))),
    ]);
    if found.unusable > 0 {
        page.paragraph(&format!("They are listed in {}.", report.run.file_name("password_resets", "csv")));
    }
}

fn export(page: &mut Page, report: &Report) {
    let export = &report.export;
    page.headline("EXPORT");
    let proof = match (export.without_manifest, report.export_proven()) {
        (true, _) => "no proof of completeness: the files came without a manifest",
        (false, true) => "proven for every entity",
        (false, false) => "not proven",
    };
    let declared = match (export.declared_before, export.declared_after) {
        (None, None) => String::new(),
        (before, after) => format!(
            "{} before, {} after",
            before.map_or("unknown".into(), number),
            after.map_or("unknown".into(), number)
        ),
    };
    let drift = format!(
        "{} appeared, {} changed, {} vanished",
        number(export.appeared),
        number(export.changed),
        number(export.vanished)
    );
    page.facts(&[
        ("completeness", proof.to_owned()),
        ("the source declared", declared),
        ("while it ran", drift),
        ("edited since", export.edited.join(", ")),
    ]);
    for (name, entity) in &report.entities {
        for remark in entity.completeness.iter().flat_map(|evidence| &evidence.remarks) {
            page.hanging("- ", &format!("{name}: {remark}"));
        }
    }
    for left in &export.left_behind {
        page.hanging("- ", &format!("stays behind: {}", left.line()));
    }
}

fn times(page: &mut Page, report: &Report) {
    if report.phases.is_empty() {
        return;
    }
    page.headline("TIMES");
    let columns =
        [Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right];
    let heads = ["phase", "entity", "began (UTC)", "took", "records", "rate", "bytes"];
    let mut table = Table::new(&heads, &columns);
    for phase in &report.phases {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let per_second = if phase.seconds > 0.0 { phase.records as f64 / phase.seconds } else { 0.0 };
        table.row(vec![
            phase.name.clone(),
            phase.entity.clone().unwrap_or_default(),
            clock(phase.started_at),
            duration(phase.seconds),
            number(phase.records),
            rate(per_second),
            if phase.bytes == 0 { String::new() } else { bytes(phase.bytes) },
        ]);
    }
    page.table(&table);
}

fn undo(page: &mut Page, report: &Report) {
    let Some(rollback) = &report.rollback else { return };
    page.headline("ROLLBACK");
    page.facts(&[
        ("deleted", number(rollback.deleted)),
        ("restored", number(rollback.restored)),
        ("kept", number(rollback.kept)),
        ("gone already", number(rollback.gone)),
        ("forced", number(rollback.forced)),
    ]);
}

fn go_on(page: &mut Page, report: &Report) {
    page.headline("HOW TO GO ON");
    let run = &report.run;
    let share = percent(report.totals.arrived(), report.totals.source);
    let undo = match &report.rollback {
        Some(rollback) if rollback.kept == 0 => String::new(),
        _ => format!(
            "landfall rollback {} --dry-run shows what would be undone; {} does the same with psql -f",
            run.id,
            run.file_name("rollback_migration", "sql")
        ),
    };
    page.facts(&[
        ("arrived", if report.totals.source == 0 { String::new() } else { share }),
        ("saved", report.saved.clone()),
        ("pending", report.pending.clone()),
        ("continue", report.how_to_go_on.clone()),
        ("undo", undo),
    ]);
    page.line("");
    page.paragraph(&format!("landfall {}", run.landfall));
}
