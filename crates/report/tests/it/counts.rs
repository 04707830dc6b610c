//! Sums that must agree, and what is said when they do not.

use crate::sample;
use base::{RejectCode, SkipReason};
use report::{
    Buckets, Check, CheckStatus, Entity, Extras, Finding, Level, Report, Status, Tone, html, json, summary,
    verdict,
};

#[test]
fn an_entity_is_accounted_for_only_when_every_sum_agrees() {
    let sound = Entity {
        source: 15,
        loaded: 5,
        updated: 4,
        unchanged: 3,
        skipped: 2,
        rejected: 1,
        skipped_by_reason: [(SkipReason::Where, 2)].into(),
        rejected_by_code: [(RejectCode::Unique, 1)].into(),
        ..Entity::default()
    };
    assert!(sound.accounted());
    let spoil: [fn(&mut Entity); 9] = [
        |entity| entity.source += 1,
        |entity| entity.loaded += 1,
        |entity| entity.updated += 1,
        |entity| entity.unchanged += 1,
        |entity| entity.skipped += 1,
        |entity| entity.rejected += 1,
        |entity| entity.skipped_by_reason.clear(),
        |entity| *entity.rejected_by_code.entry(RejectCode::Check).or_default() += 1,
        |entity| (entity.loaded, entity.updated) = (u64::MAX, 11),
    ];
    for (n, spoil) in spoil.into_iter().enumerate() {
        let mut entity = sound.clone();
        spoil(&mut entity);
        assert!(!entity.accounted(), "spoiled in way {n}");
        let mut report = sample::done();
        report.entities.insert("spoiled".into(), entity);
        assert_eq!(verdict(&report).tone, Tone::Bad, "spoiled in way {n}");
    }
}

#[test]
fn counts_that_do_not_agree_are_said_in_red_and_in_the_summary_and_to_machines() {
    let report = sample::failed();
    let text = summary(&report);
    assert!(text.contains("DISAGREES") && text.contains("!! bookings: source is 905"), "{text}");
    let page = html(&report, &Extras::default());
    assert!(page.contains("verdict tone-bad") && page.contains("11 unaccounted for"));
    let value: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(
        (&value["accounted"], &value["entities"]["bookings"]["accounted"]),
        (&false.into(), &false.into())
    );
    assert_eq!(value["entities"]["users"]["accounted"], true);
}

/// Takes a piece of the evidence away.
type Spoil = fn(&mut Report);

#[test]
fn a_status_that_claims_too_much_is_not_believed() {
    assert_eq!(verdict(&sample::done()).tone, Tone::Good);
    let doubts: [(&str, Spoil); 11] = [
        ("nothing compared", |report| report.verification = None),
        ("an entity not compared", |report| {
            report.verification.as_mut().unwrap().entities.shift_remove("bookings");
        }),
        ("a row differs", |report| {
            let counts = &mut report.verification.as_mut().unwrap().entities["users"].counts;
            (counts.equal, counts.differing) = (counts.equal - 1, 1);
        }),
        ("an extra row", |report| report.verification.as_mut().unwrap().entities["users"].counts.extra = 1),
        ("a reference leads nowhere", |report| {
            report.verification.as_mut().unwrap().entities["bookings"].references[0].orphans = 1;
        }),
        ("a password that does not open", |report| {
            report.verification.as_mut().unwrap().password_sample.as_mut().unwrap().matched = 7;
        }),
        ("a failed check", |report| report.checks[0].status = CheckStatus::Failed),
        ("a check that could not run", |report| {
            report.checks.push(Check { level: Level::Error, ..Check::default() });
        }),
        ("an error found", |report| {
            report.findings.push(Finding { level: Level::Error, count: 1, ..Finding::default() });
        }),
        ("no manifest", |report| report.export.without_manifest = true),
        ("no evidence of completeness", |report| report.entities["users"].completeness = None),
    ];
    for (doubt, spoil) in doubts {
        let mut report = sample::done();
        spoil(&mut report);
        assert_eq!(verdict(&report).tone, Tone::Look, "{doubt}");
    }
}

#[test]
fn a_warning_changes_nothing() {
    let mut report = sample::done();
    report.checks[0] = Check { level: Level::Warn, status: CheckStatus::Failed, rows: 9, ..Check::default() };
    report.findings.push(Finding { level: Level::Warn, count: 3, ..Finding::default() });
    assert_eq!(verdict(&report).tone, Tone::Good);
}

#[test]
fn records_that_are_not_decided_yet_are_no_disagreement_until_the_run_says_it_is_done() {
    let mut report = sample::stopped();
    assert!(report.disagreements().is_empty());
    assert!(!report.clone().seal().accounted);
    report.status = Status::Done;
    let entities: Vec<String> = report.disagreements().into_iter().map(|found| found.entity).collect();
    assert_eq!(entities, ["bookings", "payments"]);
    let mut finished = sample::stopped();
    finished.entities["bookings"].finished = true;
    assert_eq!(finished.disagreements()[0].gap(), 605);
    let mut too_many = sample::stopped();
    too_many.entities["bookings"].loaded = 906;
    assert_eq!(too_many.disagreements()[0].gap(), 1);
}

#[test]
fn the_verdict_says_it_in_words_that_anyone_understands() {
    let cases = [
        ("done", Tone::Good, "All 2,331 records arrived and were compared field by field: all are equal."),
        (
            "done_with_findings",
            Tone::Look,
            "2,240 of 2,331 records arrived and were compared field by field: 2 differ, 1 is missing. \
             14 were rejected, each with its reason. 77 were left out on purpose. 1 check failed. \
             1 reference leads nowhere.",
        ),
        (
            "open",
            Tone::Open,
            "The run is not at its end yet. 1,731 of 2,331 records arrived; nothing has been compared with \
             the source yet. 600 are still to be moved.",
        ),
        (
            "stopped",
            Tone::Open,
            "The run stopped part-way; what it has done is safe, and it can go on. 1,120 of 2,331 records \
             arrived; nothing has been compared with the source yet. 6 were rejected, each with its reason. \
             1,205 are still to be moved.",
        ),
        (
            "rolled_back",
            Tone::Undone,
            "The run was rolled back: 2,231 rows were deleted, 38 given back what they held before. Before \
             that, 2,240 of 2,331 records had arrived.",
        ),
        ("empty", Tone::Open, "The run is not at its end yet. No record was moved yet."),
    ];
    let all = sample::all();
    for (name, tone, words) in cases {
        let (_, report, _) = all.iter().find(|(found, ..)| *found == name).unwrap();
        let verdict = verdict(report);
        assert_eq!((verdict.tone, verdict.sentences.join(" ").as_str()), (tone, words), "{name}");
        assert!(verdict.alarms.is_empty(), "{name}");
    }
}

#[test]
fn computed_fields_do_not_believe_the_caller() {
    let mut report = sample::with_findings();
    report.version = 9;
    report.accounted = false;
    report.totals = Buckets { source: 1, ..Buckets::default() };
    report.entities["users"].accounted = false;
    report.entities["users"].seconds = f64::NAN;
    report.phases[0].seconds = f64::INFINITY;
    report.export.declared_before = Some(1);
    let sealed = report.seal();
    assert!(sealed.accounted && sealed.entities["users"].accounted);
    assert_eq!((sealed.version, sealed.totals.source, sealed.totals.rejected), (1, 2_331, 14));
    assert_eq!((sealed.entities["users"].seconds, sealed.entities["users"].rows_per_second), (0.0, 0.0));
    assert_eq!(sealed.phases[0].seconds, 0.0);
    assert_eq!(sealed.verification.unwrap().totals.compared, 2_240);
    assert_eq!((sealed.export.declared_before, sealed.export.appeared), (Some(2_329), 2));
}
