//! The verdict: how the run stands, in words that someone who is no engineer understands.

use crate::model::{Buckets, Check, CheckStatus, Level, Report, Rollback, Status};
use crate::words::{count, is, number, was};

/// How the verdict feels. Missing evidence is never good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Everything arrived, was compared, and is equal.
    Good,
    /// There is something to look at.
    Look,
    /// It failed, or its counts do not agree.
    Bad,
    /// It is not at its end.
    Open,
    /// It was undone.
    Undone,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it feels.
    pub tone: Tone,
    /// The status in words.
    pub word: &'static str,
    /// What happened, one to a few short sentences.
    pub sentences: Vec<String>,
    /// Counts that do not agree, one sentence each; empty when all do.
    pub alarms: Vec<String>,
}

/// Judges a report by its facts: a status that claims more than they show is not believed.
pub fn verdict(report: &Report) -> Verdict {
    let alarms = alarms(report);
    let tone = tone(report, alarms.is_empty());
    let mut sentences = Vec::new();
    if !alarms.is_empty() {
        sentences
            .push("The counts of this run do not agree: do not rely on it before that is explained.".into());
    }
    match report.status {
        Status::Stopped => {
            sentences.push("The run stopped part-way; what it has done is safe, and it can go on.".into());
        }
        Status::Failed => sentences.push("The run failed.".into()),
        Status::Open => sentences.push("The run is not at its end yet.".into()),
        Status::RolledBack | Status::PartlyRolledBack => sentences.push(undone(report.rollback.as_ref())),
        Status::Done | Status::DoneWithFindings => {}
    }
    if matches!(tone, Tone::Undone) {
        let Buckets { source, .. } = report.buckets();
        let arrived = report.buckets().arrived();
        sentences.push(format!("Before that, {} of {} had arrived.", number(arrived), records(source)));
    } else {
        moved(report, &mut sentences);
    }
    Verdict { tone, word: report.status.words(), sentences, alarms }
}

fn records(n: u64) -> String {
    count(n, "record", "records")
}

fn alarms(report: &Report) -> Vec<String> {
    let sentence = |found: crate::Disagreement| {
        format!(
            "{}: {} is {}, but {} make {}; {} unaccounted for.",
            found.entity,
            found.what,
            number(found.count),
            found.parts,
            number(found.sum),
            number(found.gap())
        )
    };
    report.disagreements().into_iter().map(sentence).collect()
}

fn tone(report: &Report, agrees: bool) -> Tone {
    if !agrees || report.status == Status::Failed {
        return Tone::Bad;
    }
    match report.status {
        Status::RolledBack => Tone::Undone,
        Status::PartlyRolledBack | Status::DoneWithFindings => Tone::Look,
        Status::Stopped | Status::Open => Tone::Open,
        Status::Done if evidence_is_whole(report) => Tone::Good,
        Status::Done | Status::Failed => Tone::Look,
    }
}

/// Nothing rejected, all compared and equal, no check failed, and the export proven.
fn evidence_is_whole(report: &Report) -> bool {
    let equal = report.verification.as_ref().is_some_and(|verification| {
        verification.entities.values().all(|found| found.counts.different() == 0)
            && verification.orphans() == 0
            && verification.password_sample.is_none_or(|sample| sample.matched == sample.tried)
    });
    let errors = report.findings.iter().any(|finding| finding.level == Level::Error && finding.count > 0);
    equal
        && !errors
        && report.buckets().rejected == 0
        && report.not_compared() == 0
        && failed_checks(report).next().is_none()
        && report.export_proven()
}

fn failed_checks(report: &Report) -> impl Iterator<Item = &Check> {
    let failed = |check: &&Check| check.level == Level::Error && check.status != CheckStatus::Passed;
    report.checks.iter().filter(failed)
}

fn undone(rollback: Option<&Rollback>) -> String {
    let Some(rollback) = rollback else { return "The run was rolled back.".to_owned() };
    let mut parts = vec![format!("{} deleted", count(rollback.deleted, "row was", "rows were"))];
    if rollback.restored > 0 {
        parts.push(format!(
            "{} given back what {} held before",
            number(rollback.restored),
            they(rollback.restored)
        ));
    }
    if rollback.forced > 0 {
        parts.push(format!("{} undone although changed since", number(rollback.forced)));
    }
    if rollback.gone > 0 {
        parts.push(format!("{} gone already", number(rollback.gone)));
    }
    if rollback.kept > 0 {
        parts.push(format!(
            "{} kept because somebody changed or needs {}",
            number(rollback.kept),
            them(rollback.kept)
        ));
    }
    format!("The run was rolled back: {}.", parts.join(", "))
}

fn they(n: u64) -> &'static str {
    if n == 1 { "it" } else { "they" }
}

fn them(n: u64) -> &'static str {
    if n == 1 { "it" } else { "them" }
}

fn moved(report: &Report, out: &mut Vec<String>) {
    let buckets = report.buckets();
    let Buckets { source, skipped, rejected, .. } = buckets;
    if source == 0 && report.status.may_have_more() {
        out.push("No record was moved yet.".into());
    } else if source == 0 {
        out.push("The export holds no records: nothing was moved.".into());
    } else {
        out.push(arrived(report, &buckets));
    }
    if rejected > 0 {
        let reason = if rejected == 1 { "with its reason" } else { "each with its reason" };
        out.push(format!("{} {} rejected, {reason}.", number(rejected), was(rejected)));
    }
    if skipped > 0 {
        out.push(format!("{} {} left out on purpose.", number(skipped), was(skipped)));
    }
    let open = report.entities.values().filter(|entity| report.status.may_have_more() && !entity.finished);
    let left = open.map(|entity| entity.buckets().left()).fold(0, u64::saturating_add);
    if left > 0 {
        out.push(format!("{} {} still to be moved.", number(left), is(left)));
    }
    let (mut failed, mut could_not) = (0, 0);
    for check in failed_checks(report) {
        let counter = if check.status == CheckStatus::Failed { &mut failed } else { &mut could_not };
        *counter += 1;
    }
    if failed > 0 {
        out.push(format!("{} failed.", count(failed, "check", "checks")));
    }
    if could_not > 0 {
        out.push(format!(
            "{} could not be run, which counts as failed.",
            count(could_not, "check", "checks")
        ));
    }
    let orphans = report.verification.as_ref().map(crate::Verification::orphans).unwrap_or_default();
    if orphans > 0 {
        out.push(format!("{} nowhere.", count(orphans, "reference leads", "references lead")));
    }
    if source > 0 && !report.export_proven() {
        out.push("There is no full proof that the export holds everything.".into());
    }
}

/// How many arrived, and what the comparison says about them.
fn arrived(report: &Report, buckets: &Buckets) -> String {
    let arrived = buckets.arrived();
    let whole = if arrived == buckets.source {
        let all =
            if arrived == 1 { "The one record".to_owned() } else { format!("All {}", records(arrived)) };
        format!("{all} arrived")
    } else {
        format!("{} of {} arrived", number(arrived), records(buckets.source))
    };
    if arrived == 0 {
        return format!("{whole}.");
    }
    let Some(verification) = &report.verification else {
        return format!("{whole}; nothing has been compared with the source yet.");
    };
    let total = verification.entities.values().fold(Default::default(), add);
    let compared = if total.0 >= arrived {
        format!("and {} compared field by field", was(arrived))
    } else {
        format!("and {} of them {} compared field by field", number(total.0), was(total.0))
    };
    let (_, differing, missing, extra) = total;
    let mut odd = Vec::new();
    if differing > 0 {
        odd.push(format!("{} {}", number(differing), if differing == 1 { "differs" } else { "differ" }));
    }
    if missing > 0 {
        odd.push(format!("{} {} missing", number(missing), is(missing)));
    }
    if extra > 0 {
        odd.push(format!("{} {} there that no record explains", number(extra), is(extra)));
    }
    match (odd.is_empty(), total.0) {
        (true, 0) => format!("{whole}; none of them was compared field by field."),
        (true, 1) => format!("{whole} {compared}: it is equal."),
        (true, _) => format!("{whole} {compared}: all are equal."),
        (false, _) => format!("{whole} {compared}: {}.", odd.join(", ")),
    }
}

type Found = (u64, u64, u64, u64);

fn add(total: Found, found: &crate::EntityVerification) -> Found {
    let counts = &found.counts;
    (
        total.0.saturating_add(counts.compared),
        total.1.saturating_add(counts.differing),
        total.2.saturating_add(counts.missing),
        total.3.saturating_add(counts.extra),
    )
}
