//! What is left of a database after its runs were undone, by the command and by the file.

use super::bed::request;
use super::{Bed, Load, command, file, shown};
use connect::destination::Destination;
use connect::undo::UndoRequest;

struct Case {
    name: &'static str,
    /// Tables, and the rows before the run.
    before: &'static str,
    loads: &'static [Load],
    /// What the application does after the run.
    since: &'static str,
    /// The run to undo.
    run: i64,
    /// What the report says.
    expected: &'static str,
    /// What remains different from the state before.
    remains: &'static str,
    /// Whether a dry run can know all of it.
    foreseen: bool,
}

const CASE: Case =
    Case { name: "", before: "", loads: &[], since: "", run: 1, expected: "", remains: "", foreseen: true };

const PEOPLE: &str = "CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE);
    CREATE TABLE jobs (id int PRIMARY KEY, user_id int REFERENCES users, note text);
    CREATE INDEX ON jobs (user_id);
    INSERT INTO users VALUES (1, 'one'), (2, 'two'); INSERT INTO jobs VALUES (1, 1, 'old')";

const NEW_PEOPLE: Load = Load::new("users", "id,name", &["10|ten\n11|eleven", "12|twelve"]);
const NEW_JOBS: Load = Load::new("jobs", "id,user_id,note", &["20|10|a\n21|11|b\n22|2|c"]);

const CASES: &[Case] = &[
    Case {
        name: "rows that were inserted go, children before parents",
        before: PEOPLE,
        loads: &[NEW_PEOPLE, NEW_JOBS],
        expected: "jobs 3 deleted, users 3 deleted; rolled_back",
        ..CASE
    },
    Case {
        name: "the catalogue orders tables that the run loaded the other way round",
        before: "CREATE TABLE parents (id int PRIMARY KEY); INSERT INTO parents VALUES (1);
            CREATE TABLE kids (id int PRIMARY KEY, parent int REFERENCES parents)",
        loads: &[
            Load::new("kids", "id,parent", &["1|~"]),
            Load::new("parents", "id", &["2"]),
            Load::new("later", "id,parent", &["2|2"]).into("kids"),
        ],
        expected: "later 1 deleted, kids 1 deleted, parents 1 deleted; rolled_back",
        ..CASE
    },
    Case {
        name: "values of every kind come back as they were",
        before: r#"CREATE TABLE things (id int PRIMARY KEY, n numeric, d jsonb, j json, a text[], b int[],
                at timestamptz, day date, bytes bytea, t text, f float8, long interval,
                twice int GENERATED ALWAYS AS (3) STORED, c char(5), u uuid);
            INSERT INTO things (id, n, d, j, a, b, at, day, bytes, t, f, long, c, u) VALUES
                (1, 12.500, '{"b": 1, "a": [1, null]}', '{"b" :1,   "a":"\u00e4"}',
                 '{"", NULL, "a,b", "\"q\"", "back\\slash"}', '{{1,2},{3,NULL}}',
                 '2024-03-31 01:59:59.123456+02', '0044-03-15 BC', '\x00ff0a',
                 E'line\nfeed\ttab, "quote" (parens) \\ ', 0.1::float8 + 0.2, '1 mon -3 days 04:05:06.789',
                 'ab', '00000000-0000-0000-0000-000000000001'),
                (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                (3, 'NaN', 'null', 'null', '{}', '{}', 'infinity', '-infinity', '', '', '-0', '0', '', NULL),
                (4, 1, '1', '1', '{1}', '{1}', '2024-01-01Z', '2024-01-01', '1', 'same', 1, '1', '', NULL)"#,
        loads: &[Load::new(
            "things",
            "id,n,d,j,a,b,at,day,bytes,t,f,long,c",
            &[
                "1|1|{}|{}|{}|{}|2020-01-01T00:00:00Z|2020-01-01|\\x01|x|1|1 day|x
                 2|1|{}|{}|{}|{}|2020-01-01T00:00:00Z|2020-01-01|\\x01|x¶y|1|1 day|x",
                "3|~|~|~|~|~|~|~|~|~|~|~|~\n5|~|~|~|~|~|~|~|~|~|~|~|~",
            ],
        )
        .updates()],
        expected: "things 1 deleted 3 restored; rolled_back",
        ..CASE
    },
    Case {
        name: "a row that somebody changed is kept, with what it needs, and what was restored is not it",
        before: PEOPLE,
        loads: &[
            Load::new("users", "id,name", &["1|uno\n10|ten\n11|eleven", "12|twelve\n2|due"]).updates(),
            NEW_JOBS,
        ],
        since: "UPDATE jobs SET note = 'mine' WHERE id = 20; UPDATE users SET name = 'Due' WHERE id = 2;
            DELETE FROM users WHERE id = 12",
        expected: "jobs 2 deleted 1 changed, \
            users 1 deleted 1 restored 1 changed 1 needed 1 gone; partly_rolled_back",
        remains: "INSERT INTO users VALUES (10, 'ten'); INSERT INTO jobs VALUES (20, 10, 'mine');
            UPDATE users SET name = 'Due' WHERE id = 2",
        ..CASE
    },
    Case {
        name: "the application's rows are never deleted, nor those that they refer to",
        before: "CREATE TABLE users (id int PRIMARY KEY, name text, code text UNIQUE);
            CREATE TABLE logins (id int, user_id int REFERENCES users ON DELETE CASCADE);
            CREATE TABLE badges (id int, code text REFERENCES users (code) ON DELETE SET NULL)",
        loads: &[Load::new("users", "id,name,code", &["1|a|A\n2|b|B\n3|c|C"])],
        since: "INSERT INTO logins VALUES (7, 1); INSERT INTO badges VALUES (8, 'B')",
        expected: "users 1 deleted 2 needed; partly_rolled_back",
        remains: "INSERT INTO users VALUES (1, 'a', 'A'), (2, 'b', 'B'); INSERT INTO logins VALUES (7, 1);
            INSERT INTO badges VALUES (8, 'B')",
        ..CASE
    },
    Case {
        name: "a table that refers to itself goes as a whole, but for what a changed leaf needs",
        before:
            "CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE RESTRICT, n int);
            INSERT INTO tree VALUES (1, NULL, 0), (2, 2, 0)",
        loads: &[Load::new(
            "tree",
            "id,parent,n",
            &["10|1|0\n11|10|0\n12|11|0", "20|10|0\n21|20|0\n30|30|0"],
        )],
        since: "UPDATE tree SET n = 1 WHERE id = 12",
        expected: "tree 3 deleted 1 changed 2 needed; partly_rolled_back",
        remains: "INSERT INTO tree VALUES (10, 1, 0), (11, 10, 0), (12, 11, 1)",
        ..CASE
    },
    Case {
        name: "tables in a circle go in one statement",
        before: "CREATE TABLE teams (id int PRIMARY KEY, head int);
            CREATE TABLE people (id int PRIMARY KEY, team int NOT NULL REFERENCES teams);
            ALTER TABLE teams ADD FOREIGN KEY (head) REFERENCES people;
            CREATE FUNCTION lead() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN UPDATE teams SET head = NEW.id WHERE id = NEW.team; RETURN NULL; END $$;
            CREATE TRIGGER lead AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION lead();
            INSERT INTO teams VALUES (1); INSERT INTO people VALUES (1, 1)",
        loads: &[
            Load::new("teams", "id,head", &["2|~\n3|~\n4|~"]),
            Load::new("people", "id,team", &["2|2\n3|3\n5|3"]),
        ],
        since: "UPDATE teams SET head = head WHERE id = 3",
        expected: "people 2 deleted 1 needed, teams 2 deleted 1 changed; partly_rolled_back",
        remains: "ALTER TABLE people DISABLE TRIGGER ALL; INSERT INTO teams VALUES (3);
            INSERT INTO people VALUES (5, 3); UPDATE teams SET head = 5 WHERE id = 3",
        ..CASE
    },
    Case {
        name: "keys of several columns, of texts with commas, and of numbers",
        before: "CREATE TABLE pairs (a text, b smallint, v text, PRIMARY KEY (a, b));
            CREATE TABLE words (w varchar(20) PRIMARY KEY, v text);
            CREATE TABLE numbers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
            CREATE TABLE times (at timestamptz PRIMARY KEY, v text);
            CREATE TABLE \"odd \"\"name\" (\"The Key\" uuid PRIMARY KEY, landfall text, \"batch\" int);
            INSERT INTO pairs VALUES ('a,1', 2, 'old'), ('a', 1, 'old');
            INSERT INTO words VALUES ('x', 'old')",
        loads: &[
            Load::new("pairs", "b,a,v", &["2|a,1|new\n1|a,1,2|x\n2|a,1,2|y", "3|~'|x"]).updates(),
            Load::new("words", "w,v", &["x|new\nit's|x", "ä, $landfall$ \\|x"]).updates(),
            Load::new("numbers", "id,v", &["5|x\n6|y"]).numbered(),
            Load::new("times", "at,v", &["2024-03-31T01:00:00.000001Z|x\n2024-03-31T01:00:00.000002Z|x"]),
            Load::new("odd's", "The Key,landfall,batch", &["00000000-0000-0000-0000-000000000001|x|1"])
                .into("odd \"name"),
        ],
        since:
            "UPDATE pairs SET v = 'z' WHERE a = 'a,1,2' AND b = 1; UPDATE numbers SET v = 'z' WHERE id = 6;
            UPDATE times SET v = 'z' WHERE at = '2024-03-31T01:00:00.000002Z'",
        expected: "odd's 1 deleted, times 1 deleted 1 changed, numbers 1 deleted 1 changed, \
            words 2 deleted 1 restored, pairs 2 deleted 1 restored 1 changed; partly_rolled_back",
        remains: "INSERT INTO pairs VALUES ('a,1,2', 1, 'z');
            INSERT INTO numbers OVERRIDING SYSTEM VALUE VALUES (6, 'z');
            INSERT INTO times VALUES ('2024-03-31T01:00:00.000002Z', 'z')",
        ..CASE
    },
    Case {
        name: "unique values that rows handed to each other go back",
        before: PEOPLE,
        // 1 gives `one` to 10, 2 gives `two` to 1, in the order in which that is possible.
        loads: &[Load::new("users", "id,name", &["1|uno", "10|one", "2|due", "1|two"]).updates()],
        expected: "users 1 deleted 3 restored; rolled_back",
        ..CASE
    },
    Case {
        name: "a row whose earlier value somebody has taken, or whose parent is gone, is kept",
        before: PEOPLE,
        loads: &[
            Load::new("users", "id,name", &["1|uno\n2|due"]).updates(),
            Load::new("jobs", "id,user_id,note", &["1|2|old"]).updates(),
        ],
        since: "INSERT INTO users VALUES (50, 'two'); DELETE FROM users WHERE id = 1",
        expected: "jobs 1 needed, users 1 needed 1 gone; partly_rolled_back",
        remains: "UPDATE users SET name = 'due' WHERE id = 2; INSERT INTO users VALUES (50, 'two');
            UPDATE jobs SET user_id = 2; DELETE FROM users WHERE id = 1",
        foreseen: false,
        ..CASE
    },
    Case {
        name: "a trigger that stamps rows does not stamp restored ones",
        before: "CREATE TABLE users (id int PRIMARY KEY, name text, stamp int DEFAULT 0);
            CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.stamp := OLD.stamp + 1; RETURN NEW; END $$;
            CREATE TRIGGER stamp BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stamp();
            INSERT INTO users VALUES (1, 'one')",
        loads: &[Load::new("users", "id,name", &["1|uno\n2|due"]).updates()],
        expected: "users 1 deleted 1 restored; rolled_back",
        ..CASE
    },
    Case {
        name: "a trigger that counts children does not make their parents changed",
        before: "CREATE TABLE users (id int PRIMARY KEY, jobs int DEFAULT 0);
            CREATE TABLE jobs (id int PRIMARY KEY, user_id int REFERENCES users);
            CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                UPDATE users SET jobs = jobs + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
                WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.user_id ELSE OLD.user_id END;
                RETURN NULL; END $$;
            CREATE TRIGGER tally AFTER INSERT OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION tally();
            INSERT INTO users VALUES (1)",
        loads: &[Load::new("users", "id", &["2\n3"]), Load::new("jobs", "id,user_id", &["1|1\n2|2", "3|2"])],
        expected: "jobs 3 deleted, users 2 deleted; rolled_back",
        ..CASE
    },
    Case {
        name: "adopted rows stay, with their earlier content, and their ids are forgotten",
        before: "CREATE TABLE users (id int PRIMARY KEY, email text, name text);
            INSERT INTO users VALUES (1, 'A@x', 'old'), (2, 'b@x', 'old')",
        loads: &[Load::new("users", "id,email,name", &["90|a@X|new\n91|c@x|new", "92|B@x|new"])
            .updates()
            .numbered()
            .matched("lower(email)")],
        since: "UPDATE users SET name = 'mine' WHERE id = 2",
        expected: "users 1 deleted 1 restored 1 changed; partly_rolled_back",
        remains: "UPDATE users SET email = 'B@x', name = 'mine' WHERE id = 2",
        ..CASE
    },
    Case {
        name: "rows that were written behind savepoints are the run's",
        before: "CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE CHECK (name <> 'bad'));
            INSERT INTO users VALUES (1, 'one'), (2, 'two')",
        loads: &[Load::new(
            "users",
            "id,name",
            &["10|ten\n11|bad\n12|twelve\n13|one\n1|uno\n2|bad", "14|one"],
        )
        .updates()],
        expected: "users 3 deleted 1 restored; rolled_back",
        ..CASE
    },
    Case {
        name: "an entity that updates what another one of the run inserted",
        before: PEOPLE,
        loads: &[
            NEW_PEOPLE,
            Load::new("names", "id,name", &["10|Ten\n1|uno\n13|new"]).updates().into("users"),
            Load::new("again", "id,name", &["10|TEN\n1|UNO"]).updates().into("users"),
        ],
        expected: "again 2 restored, names 1 deleted 2 restored, users 3 deleted; rolled_back",
        ..CASE
    },
    Case {
        name: "a later run goes first, and what it restored is the earlier run's again",
        before: PEOPLE,
        loads: &[
            NEW_PEOPLE,
            Load::new("users", "id,name", &["10|Ten\n1|uno\n13|new"]).updates().run(2),
            Load::new("users", "id,name", &["10|TEN"]).updates().run(3),
        ],
        run: 3,
        expected: "users 1 restored; rolled_back",
        remains: "UPDATE users SET name = 'uno' WHERE id = 1;
            INSERT INTO users VALUES (10, 'Ten'), (11, 'eleven'), (12, 'twelve'), (13, 'new')",
        ..CASE
    },
    Case {
        name: "a run without rows",
        before: PEOPLE,
        loads: &[Load::new("users", "id,name", &["1|one"])],
        expected: "users; rolled_back",
        ..CASE
    },
];

/// Everything of a case but the undo, and the dump before the run.
async fn loaded(case: &Case) -> (Bed, String) {
    let bed = Bed::new(case.before).await;
    let before = bed.dump();
    for load in case.loads {
        bed.load(load).await;
    }
    bed.sql(case.since).await;
    (bed, before)
}

#[tokio::test]
async fn the_command_leaves_what_was_there_before_and_what_it_keeps() {
    for case in CASES {
        let (bed, before) = loaded(case).await;
        let untouched = bed.rows().await;
        let ledger = bed.left(case.run).await;
        let dry = UndoRequest { dry_run: true, ..request(case.run) };
        let foretold = bed.destination.undo(&dry, &mut |_| ()).await.unwrap();
        assert_eq!(
            (bed.rows().await, bed.left(case.run).await),
            (untouched, ledger),
            "{}: a dry run writes",
            case.name
        );

        let report = command(&bed, case.run).await.unwrap_or_else(|f| panic!("{}: {f:?}", case.name));
        assert_eq!(shown(&report), case.expected, "{}", case.name);
        if case.foreseen {
            assert_eq!(
                (shown(&foretold), foretold.kept),
                (shown(&report), report.kept.clone()),
                "{}",
                case.name
            );
        }
        check_what_is_left(case, &bed, &before).await;

        // Again: what was kept is tried again, and nothing else happens.
        let (rows, ledger) = (bed.rows().await, bed.left(case.run).await);
        let again = command(&bed, case.run).await.unwrap();
        assert_eq!(again.already, report.total().kept() == 0, "{}", case.name);
        assert_eq!(again.total().kept(), report.total().kept(), "{}", case.name);
        assert_eq!(again.kept, report.kept, "{}", case.name);
        assert_eq!((bed.rows().await, bed.left(case.run).await), (rows, ledger), "{}", case.name);
    }
}

#[tokio::test]
async fn the_file_does_what_the_command_does() {
    for case in CASES {
        let (bed, before) = loaded(case).await;
        let printed = file(&bed, case.run).await.unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let status = case.expected.rsplit("; ").next().unwrap();
        assert!(printed.contains(status), "{}: {printed}", case.name);
        check_what_is_left(case, &bed, &before).await;

        let (rows, ledger) = (bed.rows().await, bed.left(case.run).await);
        file(&bed, case.run).await.unwrap();
        assert_eq!(
            (bed.rows().await, bed.left(case.run).await),
            (rows.clone(), ledger),
            "{}: a second time",
            case.name
        );
        let report = command(&bed, case.run).await.unwrap();
        assert_eq!(report.already, status == "rolled_back", "{}", case.name);
        assert_eq!(bed.rows().await, rows, "{}: the command after the file", case.name);
    }
}

async fn check_what_is_left(case: &Case, bed: &Bed, before: &str) {
    if case.remains.is_empty() {
        assert_eq!(bed.dump(), before, "{}", case.name);
    } else {
        let expected = Bed::new(case.before).await;
        expected.sql(case.remains).await;
        assert_eq!(bed.dump(), expected.dump(), "{}", case.name);
    }
    let number = |what: &str| {
        let words: Vec<&str> = case.expected.split([' ', ',', ';']).collect();
        let before = words.windows(2).filter(|w| w[1] == what).map(|w| w[0].parse::<u64>().unwrap());
        before.sum::<u64>()
    };
    let kept = number("changed") + number("needed");
    let left = bed.left(case.run).await;
    assert!(left.ends_with(&format!(" kept {kept}")), "{}: {left}", case.name);
    let open =
        if kept == 0 { "rolled_back batches 0 keys 0 images 0" } else { "partly_rolled_back batches " };
    assert!(left.starts_with(open), "{}: {left}", case.name);
    let mapped = "SELECT string_agg(key, ' ' ORDER BY key) FROM landfall.id_map";
    let expected = match case.name.split(' ').next() {
        Some("keys") => "6",
        Some("adopted") => "2",
        _ => "~",
    };
    assert_eq!(bed.ask(mapped).await, expected, "{}: id map", case.name);
}

#[tokio::test]
async fn a_sequence_does_not_give_its_numbers_again() {
    let bed = Bed::new("CREATE TABLE users (id serial PRIMARY KEY, name text)").await;
    let table = bed
        .destination
        .tables(&[connect::destination::TableName {
            destination: String::new(),
            schema: None,
            name: "users".into(),
        }])
        .await;
    let table = table.unwrap().remove(0).unwrap();
    let base = bed.destination.reserve_keys(&table, "id", 2).await.unwrap();
    assert_eq!(base, 0);
    bed.load(&Load::new("users", "id,name", &["1|a\n2|b"]).numbered()).await;
    assert_eq!(shown(&command(&bed, 1).await.unwrap()), "users 2 deleted; rolled_back");
    assert_eq!(bed.ask("SELECT nextval('users_id_seq')").await, "3");
}
