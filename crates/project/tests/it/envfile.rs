//! From a Circle `.env` to a BetterMode one, and what is wrong with one.

use base::Severity;
use project::envfile::{Change, FileFacts, Migrated, backup_name, check, migrate};
use project::{Environment, Origin};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// As a server on Circle had it.
const OLD: &str = "\
# ==== SERVER ====
LOG_LEVEL=INFO
SERVER_PORT=8000

# Circle
export CIRCLE_API_TOKEN='hunter2' # of Ann
CIRCLE_COMMUNITY_ID=42
MONGODB_URI=\"mongodb://u:hunter3@db/x\"
hunter4 is no assignment
NOTION_API_TOKEN=hunter5";

/// The lines that are added to a file without any of the names, and whether Circle goes on.
fn added(circle: bool) -> Vec<&'static str> {
    let mut names = vec![
        "BETTERMODE_NETWORK_ID=",
        "BETTERMODE_CLIENT_ID=",
        "BETTERMODE_CLIENT_SECRET=",
        "BETTERMODE_API_TOKEN=",
        "BETTERMODE_WEBHOOK_SECRET=",
        "BETTERMODE_API_URL=",
        "INTEGRATION_ENABLE_BETTERMODE=true",
        if circle { "INTEGRATION_ENABLE_CIRCLE=true" } else { "INTEGRATION_ENABLE_CIRCLE=false" },
    ];
    names.extend(circle.then_some("CIRCLE_WEBHOOK_TOKEN="));
    names.extend([
        "NOTION_API_TOKEN=",
        "NOTION_MEMBERS_DATABASE_ID=",
        "DATABASE_URL=",
        "REDIS_URL=",
        "MONGODB_URL=",
        "LANDFALL_LISTEN=",
        "ADMIN_API_KEY=",
    ]);
    names
}

/// The lines of the new file that are no comment, and were not in the old one.
fn new_lines<'a>(old: &str, migrated: &'a Migrated) -> Vec<&'a str> {
    let lines = migrated.text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.filter(|l| !old.lines().any(|o| o == *l)).collect()
}

#[test]
fn a_file_of_circle_keeps_every_line_and_gets_the_new_names() {
    let migrated = migrate(OLD);
    insta::assert_snapshot!("env_migrated", migrated.text);
    insta::assert_snapshot!("env_migrated_diff", migrated.diff.join("\n"));
    assert_eq!(migrated.problems.len(), 1);
    let mut rest = migrated.text.as_str();
    for line in OLD.lines() {
        rest = &rest[rest.find(line).expect(line) + line.len()..];
    }
}

#[test]
fn after_the_change_circle_s_names_become_comments() {
    let during = migrate(OLD).text;
    let after =
        migrate(&during.replace("INTEGRATION_ENABLE_CIRCLE=true\n", "INTEGRATION_ENABLE_CIRCLE=false\n"));
    let names: Vec<_> = after.changes.iter().collect();
    let out = |name: &str| Change::CommentedOut { name: name.to_owned() };
    assert_eq!(
        names,
        [
            &Change::Noted,
            &Change::Noted,
            &out("CIRCLE_API_TOKEN"),
            &out("CIRCLE_COMMUNITY_ID"),
            &out("CIRCLE_WEBHOOK_TOKEN")
        ]
    );
    let (environment, _) = Environment::from_process_and([("X", "")], &after.text);
    assert_eq!(environment.var("CIRCLE_API_TOKEN"), None);
    assert_eq!(environment.lookup("NOTION_API_TOKEN"), Some(("hunter5", Origin::Dotenv)));
    assert!(after.text.contains("\n# export CIRCLE_API_TOKEN='hunter2' # of Ann\n"), "{}", after.text);
    assert_eq!(migrate(&after.text).changes, []);
}

#[test]
fn what_is_added_depends_on_what_is_there() {
    let all = |circle: bool| added(circle);
    let without = |circle: bool, names: &[&str]| -> Vec<&'static str> {
        added(circle).into_iter().filter(|l| !names.contains(&l.split('=').next().unwrap())).collect()
    };
    for (old, expected) in [
        ("", all(false)),
        ("A=1", all(false)),
        ("CIRCLE_API_TOKEN=x", all(true)),
        ("INTEGRATION_ENABLE_CIRCLE=true\n", without(true, &["INTEGRATION_ENABLE_CIRCLE"])),
        (
            "INTEGRATION_ENABLE_CIRCLE=False\nCIRCLE_API_TOKEN=x\n",
            without(false, &["INTEGRATION_ENABLE_CIRCLE"]),
        ),
        ("REDIS_URL=\n# MONGODB_URL=x\n#ADMIN_API_KEY = x\n", {
            without(false, &["REDIS_URL", "MONGODB_URL", "ADMIN_API_KEY"])
        }),
    ] {
        assert_eq!(new_lines(old, &migrate(old)), expected, "{old:?}");
    }
    let renamed = migrate("REDIS_URI = redis://x # cache\nTEST_MODE=true\nMONGODB_URI=a\nMONGODB_URL=b\n");
    let copied: Vec<_> = renamed.changes.iter().filter(|c| matches!(c, Change::Copied { .. })).collect();
    assert_eq!(
        copied,
        [
            &Change::Copied { from: "REDIS_URI", to: "REDIS_URL" },
            &Change::Copied { from: "TEST_MODE", to: "TESTING_MODE" }
        ]
    );
    let (environment, _) = Environment::from_process_and([("X", "")], &renamed.text);
    assert_eq!(environment.var("REDIS_URL"), Some("redis://x"));
    assert_eq!(environment.var("TESTING_MODE"), Some("true"));
    assert_eq!(environment.var("MONGODB_URL"), Some("b"));
}

#[test]
fn a_file_whose_quote_is_never_closed_is_left_alone() {
    let old = "CIRCLE_API_TOKEN=\"hunter2\nB=1\n";
    let migrated = migrate(old);
    assert_eq!((migrated.text.as_str(), migrated.changes.len()), (old, 0));
    assert_eq!(migrated.problems.len(), 1);
}

#[test]
fn line_ends_and_a_mark_at_the_beginning_stay() {
    let old = "\u{feff}A=1\r\nCIRCLE_API_TOKEN=\"x\r\ny\"\r\nB=2";
    let migrated = migrate(old);
    assert!(migrated.text.starts_with("\u{feff}A=1\r\n# Circle"), "{}", migrated.text);
    assert_eq!(migrated.text.matches('\n').count(), migrated.text.matches("\r\n").count());
    assert!(migrated.text.contains("B=2\r\n\r\n# Added"));
}

/// Files made of pieces in any order: a second run changes nothing, values stay, none is shown.
#[test]
fn migrating_twice_is_migrating_once_and_no_value_is_shown() {
    let pieces = [
        "CIRCLE_API_TOKEN=hunter2",
        "export CIRCLE_API_URL=\"hunter2\"",
        "CIRCLE_X='hunter2\nhunter2'",
        "CIRCLE_WEBHOOK_TOKEN=hunter2",
        "INTEGRATION_ENABLE_CIRCLE=true",
        "INTEGRATION_ENABLE_CIRCLE=false",
        "INTEGRATION_ENABLE_CIRCLE=",
        "INTEGRATION_ENABLE_CIRCLE=hunter2",
        "REDIS_URI=hunter2 # hunter2",
        "REDIS_URL=hunter2",
        "# REDIS_URL=hunter2",
        "MONGODB_URI='hunter2'",
        "BETTERMODE_API_TOKEN=hunter2",
        "#BETTERMODE_CLIENT_ID=hunter2",
        "hunter2",
        "# a comment",
        "",
        "A=\"hunter2",
        "B = hunter2\r",
    ];
    for seed in 0..2_000 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let count = random.random_range(0..8);
        let mut chosen: Vec<&str> = (0..count).filter_map(|_| pieces.choose(&mut random).copied()).collect();
        chosen.shuffle(&mut random);
        let old = chosen.join("\n") + if random.random() { "\n" } else { "" };
        let once = migrate(&old);
        let twice = migrate(&once.text);
        assert_eq!(twice.text, once.text, "{old:?}");
        assert_eq!(twice.changes, [], "{old:?}");
        assert_eq!(once.changes.is_empty(), once.text == old, "{old:?}");
        let shown = format!("{once:?} {}", once.diff.join("\n"));
        assert!(!shown.contains("hunter2"), "{old:?}: {shown}");
        let vars = |text: &str| {
            let (environment, _) = Environment::from_process_and([("", "")], text);
            move |name: &str| environment.var(name).map(str::to_owned)
        };
        let (before, after) = (vars(&old), vars(&once.text));
        for name in
            ["A", "B", "REDIS_URI", "MONGODB_URI", "BETTERMODE_API_TOKEN", "INTEGRATION_ENABLE_CIRCLE"]
        {
            assert!(before(name).is_none() || before(name) == after(name), "{old:?}: {name}");
        }
        let off = before("INTEGRATION_ENABLE_CIRCLE").as_deref() == Some("false");
        assert!(
            once.text == old || off || before("CIRCLE_API_TOKEN") == after("CIRCLE_API_TOKEN"),
            "{old:?}"
        );
    }
}

#[test]
fn a_copy_is_named_after_the_file_and_the_moment() {
    let at = "2026-11-21T22:00:00Z".parse().unwrap();
    assert_eq!(backup_name(".env", at), ".env.backup-20261121_220000");
}

#[test]
fn what_is_missing_obsolete_or_unsafe_is_named_without_a_value() {
    let private = FileFacts { mode: Some(0o600), tracked: Some(false) };
    for (text, facts, wanted, expected) in [
        ("A=1\n", private, &[][..], &[][..]),
        ("", private, &["CIRCLE_API_TOKEN"], &["error -: `CIRCLE_API_TOKEN` is missing"]),
        ("A_TOKEN=\n", private, &["A_TOKEN"], &["error -: `A_TOKEN` is empty"]),
        (
            "A_TOKEN=hunter2\n",
            FileFacts { mode: Some(0o100_644), tracked: Some(true) },
            &[],
            &[
                "error -: others on this machine can use this file (mode 644)",
                "error -: git keeps this file, with 1 secrets in it",
            ],
        ),
        (
            "A_TOKEN=\nB=1\nC_KEY_TOKEN=your_token\n",
            FileFacts { mode: Some(0o644), tracked: Some(true) },
            &[],
            &["error 3: `C_KEY_TOKEN` still holds the words of an example"],
        ),
        (
            "U=postgres://u:hunter2@db/x\n",
            FileFacts { mode: Some(0o640), tracked: None },
            &[],
            &["error -: others on this machine can use this file (mode 640)"],
        ),
        (
            "U=http://localhost:80/x\nV=redis://127.0.0.1\nW=http://[::1]:8/\n\
            X=https://a.example\nY=http://u@b.example/\n",
            private,
            &[],
            &[
                "warning 1: `U` points to this machine",
                "warning 2: `V` points to this machine",
                "warning 3: `W` points to this machine",
                "warning 5: `Y` is not encrypted on its way",
            ],
        ),
        (
            "INTEGRATION_ENABLE_CIRCLE=false\nCIRCLE_API_TOKEN=hunter2\nREDIS_URI=x\nTESTING_MODE=True\n",
            private,
            &[],
            &[
                "warning 2: `CIRCLE_API_TOKEN` is obsolete: INTEGRATION_ENABLE_CIRCLE is false",
                "warning 3: `REDIS_URI` is not read; `REDIS_URL` is",
                "warning 4: `TESTING_MODE` is on: BetterMode itself is not called",
            ],
        ),
        (
            "INTEGRATION_ENABLE_CIRCLE=treu\nhunter2\nA=1\nA=2\n",
            private,
            &[],
            &[
                "error 1: `INTEGRATION_ENABLE_CIRCLE` is neither true nor false",
                "warning 2: no `=` in this line",
                "warning 4: `A` stands here again; this line counts",
            ],
        ),
        (
            "INTEGRATION_ENABLE_CIRCLE=true\nBETTERMODE_CLIENT_ID=x\nBETTERMODE_NETWORK_ID=\n",
            private,
            &["BETTERMODE_CLIENT_SECRET", "DATABASE_URL"],
            &[
                "error -: `BETTERMODE_NETWORK_ID` is empty",
                "error -: `BETTERMODE_CLIENT_SECRET` is missing",
                "error -: `BETTERMODE_WEBHOOK_SECRET` is missing",
                "error -: `CIRCLE_WEBHOOK_TOKEN` is missing",
                "error -: `DATABASE_URL` is missing",
            ],
        ),
        (
            "INTEGRATION_ENABLE_BETTERMODE=false\nBETTERMODE_API_TOKEN=hunter2\nBETTERMODE_NETWORK_ID=n\n",
            private,
            &[],
            &[],
        ),
    ] {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let findings = check(text, facts, &wanted);
        let shown: Vec<String> = findings
            .iter()
            .map(|f| {
                let severity = if f.severity == Severity::Error { "error" } else { "warning" };
                let line = f.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
                format!("{severity} {line}: {}", f.what)
            })
            .collect();
        assert_eq!(shown, expected, "{text:?}");
        assert!(!format!("{findings:?}").contains("hunter"), "{text:?}");
    }
}
