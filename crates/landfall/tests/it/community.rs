//! A community leaves Circle for BetterMode, between two stand-ins that know nothing of the connectors.

use crate::place::bare;
use crate::small::buckets;
use sandbox::{bettermode, circle, notion};
use serde_json::Value;
use testkit::{Outcome, Program, TestDatabase};

/// Members of the community: every oddity of the stand-in's data occurs from 50 on.
const MEMBERS: u64 = 60;

const ENTITIES: [&str; 8] = [
    "former_member",
    "members",
    "space_groups",
    "spaces",
    "posts",
    "comments",
    "community_members",
    "notion_members",
];

struct Community {
    program: Program,
    database: TestDatabase,
    /// Serves as long as it is here.
    _circle: circle::Running,
    bettermode: bettermode::Running,
    _notion: notion::Running,
}

impl Community {
    async fn new() -> Self {
        let circle = circle::start(circle::Options { records: MEMBERS, ..Default::default() }).await;
        let bettermode = bettermode::start(bettermode::Options { records: 0, ..Default::default() }).await;
        let notion = notion::start(notion::Options { records: MEMBERS, ..Default::default() }).await;
        let (circle, bettermode) = (circle.expect("a free port"), bettermode.expect("a free port"));
        let notion = notion.expect("a free port");
        let database = testkit::database().await;
        let mut program = bare();
        for (name, value) in circle.exports().into_iter().chain(bettermode.exports()).chain(notion.exports())
        {
            program.set(name, &value);
        }
        program.set("DATABASE_URL", &database.url);
        // The stand-in has no limits of its own, and nobody wants to wait for the free plan's.
        program.set("BETTERMODE_REQUESTS_PER_BURST", "100000");
        program.set("BETTERMODE_COMPLEXITY_PER_BURST", "10000000");
        program.set("NOTION_REQUESTS_PER_MINUTE", "100000");
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/circle-to-bettermode");
        for file in ["landfall.toml", "schema.sql", "own/former_member.csv"] {
            let text = std::fs::read(format!("{example}/{file}")).expect("the example");
            program.folder().write(file, text);
        }
        Self { program, database, _circle: circle, bettermode, _notion: notion }
    }

    async fn run(&self, args: &[&str]) -> Outcome {
        tokio::task::block_in_place(|| self.program.run(args))
    }

    async fn report(&self, args: &[&str], code: i32) -> Value {
        let outcome = self.run(args).await.expect(code);
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}\n{outcome}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_arrives_once_is_read_back_equal_and_goes_again() {
    let community = Community::new().await;
    let report = community.report(&["move", "--json"], 3).await;
    for entity in ENTITIES {
        let e = &report["entities"][entity];
        assert!(e["loaded"].as_u64() > Some(0), "{entity}: {}", buckets(&report, entity));
        let counts = &report["verification"]["entities"][entity];
        let (equal, differing) = (counts["equal"].as_u64(), counts["differing"].as_u64());
        let arrived = e["loaded"].as_u64().unwrap_or(0) + e["updated"].as_u64().unwrap_or(0);
        assert_eq!((equal, differing), (Some(arrived), Some(0)), "{entity}: {counts}");
    }
    assert_eq!(community.bettermode.mails(), 0, "nobody asked for a mail");
    let left = report["export"]["left_behind"].as_array().expect("what Circle does not give");
    let named = |name: &str| left.iter().find(|one| one["name"] == name);
    assert!(
        named("likes").is_some_and(|likes| likes["count"].as_u64() > Some(0)),
        "likes are counted: {left:?}"
    );
    assert!(named("direct_messages").is_some());
    // The same export again: nothing is made a second time. (A new export has new addresses of images, which
    // Circle signs anew each time.)
    let again = community.report(&["move", "--fresh", "--skip-export", "--json"], 3).await;
    for entity in ["members", "posts", "comments", "notion_members"] {
        let (first, second) = (&report["entities"][entity], &again["entities"][entity]);
        let arrived = first["loaded"].as_u64().unwrap_or(0) + first["updated"].as_u64().unwrap_or(0);
        assert_eq!(second["loaded"], 0, "{entity}: {}", buckets(&again, entity));
        assert_eq!(second["unchanged"], arrived, "{entity}: {}", buckets(&again, entity));
    }
    let ids = "SELECT count(*) FROM community_members WHERE bettermode_member_id IS NULL";
    let row = community.database.client.query_one(ids, &[]).await.expect("a right query");
    assert_eq!(row.get::<_, i64>(0), 0, "everybody in the table knows their new id");
    let undone = community.run(&["rollback", report["run"]["name"].as_str().expect("a name"), "--yes"]).await;
    undone.expect(0);
    let rows = community.database.client.query_one("SELECT count(*) FROM community_members", &[]).await;
    assert_eq!(rows.expect("a right query").get::<_, i64>(0), 0);
    let nothing =
        community.run(&["rollback", report["run"]["name"].as_str().expect("a name"), "--yes"]).await;
    assert!(nothing.expect(0).stderr.contains("nothing was done"));
}
