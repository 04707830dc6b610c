//! References of an entity to itself, and of entities to each other.

use crate::small::{Small, in_small_batches};
use std::time::Duration;

const PEOPLE: &str = "CREATE TABLE people (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, \
    inviter uuid REFERENCES people, source text NOT NULL)";

const PEOPLE_TOML: &str = "[entity.people]\nkey = \"id\"\nmode = \"update\"\n[entity.people.fields]\n\
    email = \"email\"\ninviter = \"ref('people', inviter)\"\nsource = \"id\"\n";

/// Children stand before their parents, and a circle goes through the whole file.
fn people(count: usize) -> String {
    let mut csv = String::from("id,email,inviter\n");
    for i in 0..count {
        csv += &format!("p{i},p{i}@x.example,p{}\n", (i + 1) % count);
    }
    csv
}

/// Each person with the one who invited them, by their source ids.
async fn invited(small: &Small) -> Vec<String> {
    small
        .texts(
            "SELECT c.source || '<' || coalesce(p.source, '') FROM people c \
             LEFT JOIN people p ON p.id = c.inviter ORDER BY c.source",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_to_a_later_record_of_the_same_entity_is_written() {
    let small = in_small_batches(PEOPLE, PEOPLE_TOML).await;
    small.write("data/people.csv", &people(50));
    let report = small.report(["move", "--json"], 0).await;
    assert_eq!(report["entities"]["people"]["loaded"], 50);
    assert_eq!(report["verification"]["totals"]["equal"], 50);
    let all = invited(&small).await;
    assert!((0..50).all(|i| all.contains(&format!("p{i}<p{}", (i + 1) % 50))), "{all:?}");
    // A second move finds what it would write.
    let again = small.report(["move", "--json"], 0).await;
    assert_eq!(again["entities"]["people"]["unchanged"], 50);
    // One reference changes: the row is updated, and an undo brings the earlier one back.
    small.write("data/people.csv", &people(50).replace("p7@x.example,p8", "p7@x.example,p3"));
    let changed = small.report(["move", "--json"], 0).await;
    assert_eq!(changed["entities"]["people"]["updated"], 1);
    assert!(invited(&small).await.contains(&"p7<p3".to_owned()));
    small.run(["rollback", "--yes"]).await.expect(0);
    assert_eq!(invited(&small).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reject_takes_with_it_what_refers_to_it_wherever_that_stands() {
    let small = in_small_batches(PEOPLE, PEOPLE_TOML).await;
    // `b` has the e-mail of `a`, which only the database knows; `x` has none.
    let mut csv = String::from("id,email,inviter\nc3,c3@x.example,c2\nc2,c2@x.example,c1\n");
    csv += "c1,c1@x.example,b\na,same@x.example,\nb,same@x.example,a\nd,d@x.example,a\n";
    csv += "y2,y2@x.example,y1\ny1,y1@x.example,x\nx,,a\nz,z@x.example,nobody\n";
    small.write("data/people.csv", &csv);
    let report = small.report(["move", "--json"], 3).await;
    let people = &report["entities"]["people"];
    assert_eq!(people["source"], 10);
    assert_eq!(people["loaded"], 2);
    let codes = &people["rejected_by_code"];
    assert_eq!(codes["unique"], 1, "{codes}");
    assert_eq!(codes["not_null"], 1, "{codes}");
    assert_eq!(codes["parent_missing"], 1, "{codes}");
    assert_eq!(codes["parent_rejected"], 5, "{codes}");
    assert_eq!(invited(&small).await, ["a<", "d<a"]);
    assert_eq!(report["verification"]["totals"]["differing"], 0);
    let recorded = "SELECT coalesce(sum(cardinality(uuids)), 0)::text FROM landfall.batch_keys";
    assert_eq!(small.texts(recorded).await, ["2"], "what was taken back is no longer the run's to undo");
    let lines = "SELECT source_id || ' ' || code FROM landfall.rejects WHERE run = 1 ORDER BY 1";
    let expected = ["b unique", "c1 parent_rejected", "c2 parent_rejected", "c3 parent_rejected"];
    assert_eq!(small.texts(lines).await[..4], expected);
    // The same again.
    let again = small.report(["move", "--json"], 3).await;
    assert_eq!(again["entities"]["people"]["unchanged"], 2);
    assert_eq!(again["entities"]["people"]["rejected_by_code"], *codes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_the_destination_refuses_is_a_reject_with_its_children() {
    let tables = "CREATE TABLE people (id uuid PRIMARY KEY, email text NOT NULL, source text NOT NULL, \
                  inviter uuid UNIQUE REFERENCES people)";
    let small = in_small_batches(tables, PEOPLE_TOML).await;
    // Two people are invited by the root, and the column is unique.
    let csv = "id,email,inviter\nkid,k,second\nfirst,f,root\nsecond,s,root\nroot,r,\nother,o,first\n";
    small.write("data/people.csv", csv);
    let report = small.report(["move", "--json"], 3).await;
    let codes = &report["entities"]["people"]["rejected_by_code"];
    assert_eq!(codes["unique"], 1, "{codes}");
    assert_eq!(codes["parent_rejected"], 1, "{codes}");
    assert_eq!(invited(&small).await, ["first<root", "other<first", "root<"]);
    assert_eq!(report["verification"]["totals"]["differing"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_without_null_refers_to_its_own_row_until_the_other_is_there() {
    let tables = "CREATE TABLE people (id serial PRIMARY KEY, email text NOT NULL, source text NOT NULL, \
                  inviter int NOT NULL REFERENCES people)";
    let small = in_small_batches(tables, PEOPLE_TOML).await;
    small.write("data/people.csv", &people(20));
    let report = small.report(["move", "--json"], 0).await;
    assert_eq!(report["entities"]["people"]["loaded"], 20);
    let all = invited(&small).await;
    assert!((0..20).all(|i| all.contains(&format!("p{i}<p{}", (i + 1) % 20))), "{all:?}");
    let again = small.report(["move", "--json"], 0).await;
    assert_eq!(again["entities"]["people"]["unchanged"], 20);
}

const TEAMS: &str = "CREATE TABLE teams (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE, \
    lead uuid); CREATE TABLE members (id uuid PRIMARY KEY, name text NOT NULL, \
    team int NOT NULL REFERENCES teams); \
    ALTER TABLE teams ADD FOREIGN KEY (lead) REFERENCES members";

const TEAMS_TOML: &str = "[entity.members]\nkey = \"id\"\n[entity.members.fields]\nname = \"name\"\n\
    team = \"ref('teams', team)\"\n[entity.teams]\nkey = \"id\"\n[entity.teams.fields]\nname = \"name\"\n\
    lead = \"ref('members', lead)\"\n";

async fn leads(small: &Small) -> Vec<String> {
    small
        .texts(
            "SELECT t.name || ':' || coalesce(l.name, '') || ':' || (SELECT string_agg(m.name, ',' ORDER BY \
             m.name) FROM members m WHERE m.team = t.id) FROM teams t LEFT JOIN members l ON l.id = t.lead \
             ORDER BY t.name",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_that_refer_to_each_other_are_loaded_together_with_numbers_as_keys() {
    let small = in_small_batches(TEAMS, TEAMS_TOML).await;
    small.write("data/members.csv", "id,name,team\nm1,ann,t2\nm2,bob,t1\nm3,cyd,t1\nm4,,t2\nm5,eve,t3\n");
    small.write("data/teams.csv", "id,name,lead\nt1,red,m3\nt2,blue,m1\nt3,green,m4\n");
    let report = small.report(["move", "--json"], 3).await;
    assert_eq!(leads(&small).await, ["blue:ann:ann", "red:cyd:bob,cyd"]);
    // m4 has no name; t3 is led by it; m5 is in t3.
    for (entity, codes) in [("teams", "parent_rejected"), ("members", "parent_rejected")] {
        assert_eq!(report["entities"][entity]["rejected_by_code"][codes], 1, "{entity}");
    }
    assert_eq!(report["verification"]["totals"]["differing"], 0);
    let again = small.report(["move", "--json"], 3).await;
    assert_eq!(again["entities"]["teams"]["unchanged"], 2);
    assert_eq!(again["entities"]["members"]["unchanged"], 3);
    small.run(["rollback", "--yes"]).await.expect(0);
    assert_eq!(leads(&small).await, Vec::<String>::new(), "rows that refer to each other go together");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_circle_what_somebody_changed_is_kept_with_all_that_it_needs() {
    let small = in_small_batches(TEAMS, TEAMS_TOML).await;
    small.write("data/members.csv", "id,name,team\nm1,ann,t1\nm2,bob,t2\nm3,cyd,t2\n");
    small.write("data/teams.csv", "id,name,lead\nt1,red,m1\nt2,blue,m3\n");
    small.report(["move", "--json"], 0).await;
    small.execute("UPDATE members SET name = 'Bob' WHERE name = 'bob'").await;
    small.run(["rollback", "--yes"]).await.expect(3);
    assert_eq!(leads(&small).await, ["blue:cyd:Bob,cyd"], "Bob, his team, and who leads it");
    small.run(["rollback", "--yes", "--force"]).await.expect(0);
    assert_eq!(leads(&small).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_in_one_table_is_taken_back_in_the_other() {
    let small = in_small_batches(TEAMS, TEAMS_TOML).await;
    // Two teams of one name: only the database knows. The second one's members go, and with them the third
    // team, which is led by one of them.
    small.write("data/members.csv", "id,name,team\nm1,ann,t1\nm2,bob,t2\nm3,cyd,t3\n");
    small.write("data/teams.csv", "id,name,lead\nt3,green,m2\nt1,red,m1\nt2,red,\n");
    let report = small.report(["move", "--json"], 3).await;
    assert_eq!(leads(&small).await, ["red:ann:ann"]);
    assert_eq!(report["entities"]["teams"]["rejected_by_code"]["unique"], 1);
    assert_eq!(report["entities"]["teams"]["rejected_by_code"]["parent_rejected"], 1);
    assert_eq!(report["entities"]["members"]["rejected_by_code"]["parent_rejected"], 2);
    assert_eq!(report["verification"]["totals"]["differing"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_in_which_no_row_can_be_the_first_is_refused_with_the_constraint_and_the_fix() {
    let small = in_small_batches(TEAMS, TEAMS_TOML).await;
    small.execute("ALTER TABLE teams ALTER COLUMN lead SET NOT NULL").await;
    small.write("data/members.csv", "id,name,team\nm1,ann,t1\n");
    small.write("data/teams.csv", "id,name,lead\nt1,red,m1\n");
    let refused = small.run(["check"]).await.expect(2);
    assert!(refused.stderr.contains("teams_lead_fkey"), "{}", refused.stderr);
    assert!(refused.stderr.contains("DROP NOT NULL"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_that_is_killed_anywhere_comes_to_the_same_end() {
    // p301 has the e-mail of p2, and takes those along that lead to it; p2 and the last one are roots.
    let csv = people(400)
        .replace("p301@x.example", "p2@x.example")
        .replace("p2,p2@x.example,p3", "p2,p2@x.example,")
        .replace("p399@x.example,p0", "p399@x.example,");
    let undisturbed = in_small_batches(PEOPLE, PEOPLE_TOML).await;
    undisturbed.write("data/people.csv", &csv);
    undisturbed.run(["move"]).await.expect(3);
    let expected = invited(&undisturbed).await;
    assert_eq!(expected.len(), 400 - 299, "p3 to p301 are rejected");
    for moment in [300, 450, 600, 800, 1_100, 1_500] {
        let small = in_small_batches(PEOPLE, PEOPLE_TOML).await;
        small.write("data/people.csv", &csv);
        let running = tokio::task::block_in_place(|| small.program.spawn(["move"]));
        tokio::time::sleep(Duration::from_millis(moment)).await;
        // It may have ended by itself, when the moment is late.
        drop(tokio::task::block_in_place(|| running.kill()));
        let again = small.run(["move"]).await;
        assert_eq!(again.code(), Some(3), "{again:?}");
        assert_eq!(invited(&small).await, expected, "killed after {moment} ms");
        let open = "SELECT status FROM landfall.runs WHERE status = 'open'";
        assert!(small.texts(open).await.is_empty(), "killed after {moment} ms");
    }
}
