//! Reports as runs make them, from the best day to the worst; for the tests and for the example.

pub mod values;

use base::ids::RunId;
use base::{RejectCode, SkipReason};
use jiff::{Timestamp, ToSpan};
use report::{
    Check, CheckStatus, Compared, Completeness, Entity, EntityVerification, Export, Extras, Finding, Level,
    PasswordSample, Passwords, Phase, ReferenceCheck, Reject, Report, Rollback, Run, SampleResult, Status,
    Values, Verification,
};

pub use values::extras;
use values::side;

/// All variants by name.
pub fn all() -> Vec<(&'static str, Report, Extras)> {
    let none = Extras::default;
    let masked = Extras { values: Values::Masked, ..extras() };
    let (extreme, extreme_extras) = extreme();
    vec![
        ("done", done(), Extras { samples: extras().samples.split_off(1), ..none() }),
        ("done_with_findings", with_findings(), extras()),
        ("done_with_findings_masked", with_findings(), masked),
        ("open", open(), none()),
        ("stopped", stopped(), extras()),
        ("failed", failed(), extras()),
        ("rolled_back", rolled_back(), none()),
        ("partly_rolled_back", partly_rolled_back(), extras()),
        ("empty", Report { run: run(), ..Report::default() }, none()),
        ("extreme", extreme, extreme_extras),
    ]
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T10:15:00Z".parse().expect("a moment");
    start.checked_add(seconds.seconds()).expect("a moment near it")
}

fn run() -> Run {
    Run {
        id: RunId(7),
        name: "20261121_101500".into(),
        project: "culturebridge".into(),
        command: "landfall move --connections 2".into(),
        started_at: at(0),
        finished_at: Some(at(74)),
        source: "bubble at app.culturebridge.example/api/1.1".into(),
        destination: "postgres at db.internal:5432/culturebridge".into(),
        environment: Some("live".into()),
        landfall: "0.1.0".into(),
        namespace: Some("66dd2fae-7bc9-5dad-8d29-9b42ef81427b".into()),
        resumed: 0,
        seed: Some(20_261_121),
    }
}

fn entity(stream: &str, table: &str, source: u64) -> Entity {
    Entity {
        stream: stream.into(),
        table: table.into(),
        mode: "update".into(),
        finished: true,
        source,
        loaded: source,
        seconds: 0.4 + u32::try_from(source).map_or(1.0, f64::from) / 900.0,
        completeness: Some(Completeness {
            declared_before: Some(source),
            declared_after: Some(source),
            complete: true,
            ..Completeness::default()
        }),
        ..Entity::default()
    }
}

fn verified(entity: &Entity) -> EntityVerification {
    let arrived = entity.loaded + entity.updated + entity.unchanged;
    let sample = arrived.min(100);
    EntityVerification {
        counts: Compared { compared: arrived, equal: arrived, ..Compared::default() },
        sample: Some(SampleResult { seed: 20_261_121, size: 100, compared: sample, equal: sample }),
        ..EntityVerification::default()
    }
}

fn phases(entities: &[(&str, u64)]) -> Vec<Phase> {
    let mut begin = 0;
    let mut out = Vec::new();
    for (name, per_second, bytes) in [("export", 60, 412), ("load", 800, 0), ("verify", 1_500, 0)] {
        for (entity, records) in entities {
            let seconds = 0.5 + u32::try_from(*records).map_or(9.0, f64::from) / f64::from(per_second);
            out.push(Phase {
                name: name.into(),
                entity: Some((*entity).into()),
                started_at: at(begin),
                seconds,
                records: *records,
                bytes: records * bytes,
            });
            #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
            let step = seconds.round() as i64;
            begin += step;
        }
    }
    out.push(Phase {
        name: "checks".into(),
        entity: None,
        started_at: at(begin),
        seconds: 0.21,
        records: 0,
        bytes: 0,
    });
    out
}

fn check(name: &str, level: Level, status: CheckStatus, rows: u64) -> Check {
    let examples = (0..rows.min(5)).map(|n| format!("16998{n}4417x73820{n}")).collect();
    Check { name: name.into(), level, status, rows, examples, why: None }
}

/// Everything arrived and is equal.
pub fn done() -> Report {
    let sizes = [
        ("users", 412),
        ("client_profiles", 318),
        ("coach_profiles", 96),
        ("bookings", 905),
        ("payments", 600),
    ];
    let streams = ["user", "client_profile", "coach_profile", "booking", "payment"];
    let mut report = Report {
        version: 1,
        run: run(),
        status: Status::Done,
        phases: phases(&sizes),
        export: Export {
            address: "app.culturebridge.example/api/1.1".into(),
            connector: "bubble 1".into(),
            environment: Some("live".into()),
            started_at: Some(at(0)),
            finished_at: Some(at(41)),
            complete: true,
            ..Export::default()
        },
        passwords: Some(Passwords { kept: 0, hashed: 412, unusable: 0, ..Passwords::default() }),
        checks: [
            "no orphan in any reference",
            "confirmed bookings have payments",
            "duration above 0",
            "amount above 0",
            "hourly rate 25 to 500 dollars",
        ]
        .map(|name| check(name, Level::Error, CheckStatus::Passed, 0))
        .into(),
        saved: "all 2,331 records, the id maps and the ledger, in the destination".into(),
        pending: "nothing".into(),
        how_to_go_on: "landfall verify compares again whenever you like".into(),
        ..Report::default()
    };
    for ((name, source), stream) in sizes.iter().zip(streams) {
        report.entities.insert((*name).into(), entity(stream, name, *source));
    }
    report.verification = Some(Verification { finished_at: at(73), ..Verification::default() });
    compare(&mut report);
    report
}

fn compare(report: &mut Report) {
    let Some(verification) = &mut report.verification else { return };
    for (name, entity) in &report.entities {
        verification.entities.insert(name.clone(), verified(entity));
    }
    let references = [
        ("client_profiles", "user_id", "users"),
        ("coach_profiles", "user_id", "users"),
        ("bookings", "client_id", "users"),
        ("bookings", "coach_id", "users"),
        ("payments", "booking_id", "bookings"),
    ];
    for (name, column, to) in references {
        let Some(found) = verification.entities.get_mut(name) else { continue };
        let checked = found.counts.compared;
        found.references.push(ReferenceCheck { column: column.into(), to: to.into(), checked, orphans: 0 });
    }
    verification.password_sample = Some(PasswordSample { tried: 8, matched: 8 });
}

fn reject(report: &mut Report, entity: &str, code: RejectCode, n: u64) {
    let Some(entity) = report.entities.get_mut(entity) else { return };
    *entity.rejected_by_code.entry(code).or_default() += n;
    entity.rejected += n;
    entity.loaded -= n;
}

fn skip(report: &mut Report, entity: &str, reason: SkipReason, n: u64) {
    let Some(entity) = report.entities.get_mut(entity) else { return };
    *entity.skipped_by_reason.entry(reason).or_default() += n;
    entity.skipped += n;
    entity.loaded -= n;
}

/// Fourteen rejects, some differences, a check that failed.
pub fn with_findings() -> Report {
    let mut report = Report { status: Status::DoneWithFindings, ..done() };
    reject(&mut report, "users", RejectCode::Unique, 2);
    reject(&mut report, "users", RejectCode::BadText, 1);
    reject(&mut report, "coach_profiles", RejectCode::BadValue, 2);
    reject(&mut report, "coach_profiles", RejectCode::OutOfRange, 1);
    reject(&mut report, "bookings", RejectCode::ParentMissing, 1);
    reject(&mut report, "bookings", RejectCode::ParentRejected, 3);
    reject(&mut report, "payments", RejectCode::ParentRejected, 3);
    reject(&mut report, "payments", RejectCode::Check, 1);
    skip(&mut report, "bookings", SkipReason::Where, 41);
    skip(&mut report, "payments", SkipReason::ParentSkipped, 36);
    if let Some(users) = report.entities.get_mut("users") {
        (users.loaded, users.updated, users.unchanged) = (310, 38, 61);
        (users.adopted, users.unreadable, users.source_repeats) = (3, 1, 2);
        users.defaults_taken.insert("email_verified".into(), 17);
    }
    if let Some(Completeness { declared_before, appeared, changed, .. }) =
        report.entities.get_mut("bookings").and_then(|bookings| bookings.completeness.as_mut())
    {
        (*declared_before, *appeared, *changed) = (Some(903), 2, 5);
    }
    report.passwords = Some(Passwords {
        kept: 31,
        hashed: 366,
        unusable: 12,
        by_reason: [("absent".to_owned(), 9), ("too_long".to_owned(), 3)].into(),
    });
    compare(&mut report);
    let entities = &mut report.verification.as_mut().expect("it was compared").entities;
    let bookings = entities.get_mut("bookings").expect("they were compared");
    bookings.counts.equal -= 3;
    (bookings.counts.differing, bookings.counts.missing) = (2, 1);
    bookings.differences_by_field = [("session_datetime".to_owned(), 2), ("status".to_owned(), 1)].into();
    bookings.differences_named = 3;
    bookings.references[0].orphans = 1;
    entities.get_mut("users").expect("they were compared").counts.foreign_rows = 4;
    report.checks[1] = check("confirmed bookings have payments", Level::Error, CheckStatus::Failed, 6);
    report.checks[4] = check("hourly rate 25 to 500 dollars", Level::Warn, CheckStatus::Failed, 2);
    report.checks.push(Check {
        name: "every coach speaks a language".into(),
        level: Level::Warn,
        status: CheckStatus::CouldNotRun,
        why: Some("the column dest.coach_profiles.language is not there".into()),
        ..Check::default()
    });
    report.findings = vec![
        Finding {
            name: "odd e-mail address".into(),
            level: Level::Warn,
            entity: Some("users".into()),
            count: 3,
            examples: vec!["1699814417x738201".into(), "1699814431x112874".into()],
        },
        Finding {
            name: "rows that no run wrote".into(),
            level: Level::Warn,
            entity: Some("users".into()),
            count: 4,
            examples: vec![],
        },
    ];
    report.pending = "14 rejected records and 3 differences to look at".into();
    report.how_to_go_on = "mend the source or the mapping, then landfall rejects --replay".into();
    report
}

/// Nothing compared yet, the last entity not begun.
fn open() -> Report {
    let mut report = Report { status: Status::Open, verification: None, checks: vec![], ..done() };
    report.run.finished_at = None;
    if let Some(payments) = report.entities.get_mut("payments") {
        (payments.loaded, payments.finished) = (0, false);
    }
    report.saved = "users, profiles and bookings".into();
    report.pending = "payments, and the comparison".into();
    report.how_to_go_on = "landfall move goes on".into();
    report
}

/// The database went away in the middle of the bookings.
pub fn stopped() -> Report {
    let mut report = Report { status: Status::Stopped, ..with_findings() };
    for (name, loaded) in [("bookings", 300), ("payments", 0)] {
        let entity = report.entities.get_mut(name).expect("it is there");
        (entity.loaded, entity.skipped, entity.rejected, entity.finished) = (loaded, 0, 0, false);
        entity.skipped_by_reason.clear();
        entity.rejected_by_code.clear();
    }
    report.run.resumed = 1;
    (report.verification, report.checks, report.findings) = (None, vec![], vec![]);
    report.saved = "1,105 records of users, profiles and bookings, with their ids in the ledger".into();
    report.pending = "605 bookings, 600 payments, the comparison and the checks".into();
    report.how_to_go_on = "start the database again, then landfall move: it goes on where it stopped".into();
    report
}

/// The counts do not agree: eleven bookings are in no bucket.
pub fn failed() -> Report {
    let mut report = Report { status: Status::Failed, ..with_findings() };
    report.entities.get_mut("bookings").expect("they are there").loaded -= 11;
    report.pending = "the explanation of 11 bookings".into();
    report.how_to_go_on = "landfall verify, then look at the entity that does not agree".into();
    report
}

fn rolled_back() -> Report {
    let rollback = Rollback { deleted: 2_231, restored: 38, ..Rollback::default() };
    Report { status: Status::RolledBack, rollback: Some(rollback), ..with_findings() }
}

fn partly_rolled_back() -> Report {
    let rollback = Rollback { deleted: 2_219, restored: 36, kept: 9, gone: 5, forced: 0 };
    Report { status: Status::PartlyRolledBack, rollback: Some(rollback), ..with_findings() }
}

/// As large a project as people have.
pub fn thirty_entities() -> Report {
    let mut report = with_findings();
    for n in 0..25 {
        let name = format!("entity_{n:02}");
        report.entities.insert(name.clone(), entity(&name, &name, 10_u64.pow(n % 8)));
    }
    compare(&mut report);
    report
}

/// Numbers, names and texts that nobody plans for.
pub fn extreme() -> (Report, Extras) {
    let mut report = with_findings();
    report.run.project = "مشروع <script>alert(1)</script> ".to_owned() + &"sehrlangername".repeat(9);
    report.run.source = "https://例え.テスト/".to_owned() + &"a/".repeat(120);
    report.run.command = "landfall move\u{1b}[31m --batch-size 1".into();
    report.how_to_go_on = "landfall move ".repeat(40);
    let mut huge = entity("measurements", "measurements", u64::MAX / 3);
    huge.loaded -= 1;
    huge.rejected = 1;
    huge.rejected_by_code.insert(RejectCode::BadValue, 1);
    huge.seconds = 5_400_000.5;
    let found = verified(&huge);
    report.entities.insert("measurements".into(), huge);
    let name = "a_table_whose_name_is_as_long_as_postgresql_allows_it_to_be_63x";
    report.entities.insert(name.into(), entity("x", name, 12));
    report.entities.insert("حجوزات".into(), entity("حجوزات", "حجوزات", 3));
    let verification = report.verification.as_mut().expect("it was compared");
    verification.entities.insert("measurements".into(), found);
    report.findings.push(Finding {
        name: "word ".repeat(60) + &"unbroken".repeat(40),
        level: Level::Error,
        entity: Some("حجوزات".into()),
        count: u64::MAX / 3,
        examples: vec!["x".repeat(300), "\u{202e}evil".into()],
    });
    let mut extras = extras();
    extras.samples[0].fields.push(side(
        "bio",
        "biography",
        Some(&"Ein sehr langer Text. ".repeat(80)),
        Some(&"W".repeat(900)),
        false,
    ));
    extras.samples[0].fields.push(side(
        "name",
        "name",
        Some("\0\u{1b}[31m\u{202e}abc"),
        Some("שלום & <b>\"'"),
        false,
    ));
    extras.rejects_shown = (0..1_200)
        .map(|n| Reject {
            entity: "measurements".into(),
            source_id: format!("{n}x{}", "9".repeat(n % 50)),
            field: "value".into(),
            value: Some("<img src=x onerror=alert(1)>".repeat(n % 4)),
            code: RejectCode::ALL[n % RejectCode::ALL.len()],
            reason: "does not convert".into(),
        })
        .collect();
    (report, extras)
}
