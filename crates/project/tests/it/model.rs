//! What a file means once it has no problem.

use crate::support::{WHOLE, environment, place};
use project::{Level, MaxRejects, Mode, Overrides, Project, ReportValues, parse, read};

fn project(text: &str) -> Project {
    let (project, problems) = parse(text, &environment(&[]), &Overrides::default());
    project.unwrap_or_else(|| panic!("{problems:?}"))
}

#[test]
fn what_is_absent_has_its_documented_default() {
    let project = project(&WHOLE.replace("[move]\nbatch_size = \"${MIGRATION_BATCH_SIZE:-100}\"\n", ""));
    let move_ = &project.move_;
    assert_eq!(move_.export_dir.to_str(), Some("./migration_data"));
    assert_eq!(move_.report_dir.to_str(), Some("./migration_reports"));
    assert_eq!((move_.batch_size, move_.connections, move_.load_rows_max), (100, 1, 65_536));
    assert_eq!((move_.max_records, move_.max_rejects, move_.differences_max), (None, None, 10_000));
    assert_eq!((move_.update_passwords, move_.report_values), (false, ReportValues::Plain));
    assert_eq!(project.namespace(), base::ids::project_namespace("shop"));
    let users = &project.entities[0];
    assert_eq!((users.from.stream.as_str(), users.into.table.as_str()), ("user", "users"));
    assert_eq!((users.mode, users.step(), users.ignore.len()), (Mode::Insert, "users", 0));
    assert_eq!(project.checks[0].level, Level::Error);
    assert_eq!(project.steps(), ["export", "users", "verify"]);
}

#[test]
fn everything_that_can_be_said_is_kept() {
    let text = WHOLE
        .replace("name = \"shop\"", "name = \"shop\"\nnamespace = \"6ba7b811-9dad-11d1-80b4-00c04fd430c8\"")
        .replace(
            "batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"",
            "export_dir = \"e\"\nreport_dir = \"r\"\nbatch_size = 50\nconnections = 3\nload_rows_max = 500\n\
             max_records = 9\nmax_rejects = \"5%\"\nupdate_passwords = true\ndifferences_max = 1\n\
             report_values = \"masked\"",
        )
        .replace(
            "from = \"user\"",
            "from = \"user.v2\"\ninto = \"crm.people\"\nstep = \"people\"\nmode = \"skip\"\nversion = \
             \"modified_date\"\n\
             match = \"lower(email)\"\nwhere = \"active\"\nignore = [\"slug\", \"x\"]\nstrict_fields = true\n\
             id_map = \"ids.json\"\nid_map_from = \"old/ids.json\"",
        )
        .replace("[[check]]", "[[check]]\nlevel = \"warn\"");
    let project = project(&text);
    let (m, e) = (&project.move_, &project.entities[0]);
    assert_eq!(project.namespace(), uuid::Uuid::NAMESPACE_URL);
    assert_eq!((m.export_dir.to_str(), m.report_dir.to_str()), (Some("e"), Some("r")));
    assert_eq!((m.batch_size, m.connections, m.load_rows_max, m.max_records), (50, 3, 500, Some(9)));
    assert_eq!(m.max_rejects, Some(MaxRejects::Share(0.05)));
    assert_eq!((m.update_passwords, m.differences_max, m.report_values), (true, 1, ReportValues::Masked));
    assert_eq!((e.from.source.as_str(), e.from.stream.as_str()), ("", "user.v2"));
    assert_eq!((e.into.schema.as_deref(), e.into.table.as_str()), (Some("crm"), "people"));
    assert_eq!((e.step(), e.mode), ("people", Mode::Skip));
    assert_eq!(e.version.as_deref().map(String::as_str), Some("modified_date"));
    assert_eq!(e.match_.as_ref().map(|x| x.sql.as_str()), Some("lower(email)"));
    assert_eq!(e.where_.as_ref().map(|x| x.sql.as_str()), Some("active"));
    assert_eq!(e.ignore.iter().map(|f| f.as_str()).collect::<Vec<_>>(), ["slug", "x"]);
    assert!(e.strict_fields);
    assert_eq!(e.id_map.as_deref().map(String::as_str), Some("ids.json"));
    assert_eq!(e.id_map_from.as_ref().and_then(|p| p.to_str()), Some("old/ids.json"));
    assert_eq!(project.checks[0].level, Level::Warn);
}

#[test]
fn several_systems_are_told_apart_by_their_names() {
    let text = WHOLE
        .replace("[source]", "[source.files]\nconnector = \"files\"\npath = \"in\"\n[source.shop]")
        .replace(
            "[destination]",
            "[destination.old]\nconnector = \"postgres\"\nurl = \"embedded\"\n[destination.app]",
        )
        .replace("from = \"user\"", "from = \"shop.user\"\ninto = \"app.crm.users\"")
        + "[ledger]\ndestination = \"app\"\n";
    let project = project(&text);
    let users = &project.entities[0];
    assert_eq!((users.from.source.as_str(), users.from.stream.as_str()), ("shop", "user"));
    assert_eq!(users.into.destination, "app");
    assert_eq!((users.into.schema.as_deref(), users.into.table.as_str()), (Some("crm"), "users"));
    assert_eq!(project.ledger_destination.as_deref(), Some("app"));
    assert_eq!(project.source("files").and_then(|s| s.path.as_ref()).and_then(|p| p.to_str()), Some("in"));
    // A single one that has a name may be named, and need not be.
    for from in ["only.user", "user"] {
        let text = WHOLE.replace("[source]", "[source.only]").replace("\"user\"", &format!("\"{from}\""));
        let from = self::project(&text).entities[0].from.clone();
        assert_eq!((from.source.as_str(), from.stream.as_str()), ("only", "user"));
    }
}

#[test]
fn a_place_within_sql_is_a_place_in_the_file() {
    for (value, found) in [
        ("\"lower(nam)\"", "nam"),
        ("'lower(nam)'", "nam"),
        ("\"\"\"lower(nam)\"\"\"", "nam"),
        ("\"\"\"\nlower(nam)\"\"\"", "nam"),
        ("'''\r\nlower(nam)'''", "nam"),
        ("\"concat(ä, nam)\"", "nam"),
        // Another text in the file than in the SQL: the whole string.
        ("\"concat('\\u0041', nam)\"", "\"concat('\\u0041', nam)\""),
        ("\"concat('${A:-b}', nam)\"", "\"concat('${A:-b}', nam)\""),
        ("\"concat('$${A}', nam)\"", "\"concat('$${A}', nam)\""),
    ] {
        let text = WHOLE.replace("email = \"email\"", &format!("email = {value}"));
        let project = project(&text);
        let expr = &project.entities[0].fields[0].1;
        assert_eq!(&text[expr.span.clone()], value);
        let at = expr.sql.find("nam").expect("the word");
        assert_eq!(&text[expr.span_of(at..at + 3)], found, "{value}");
        assert_eq!(expr.span_of(at..at + 300), expr.span, "beyond the SQL");
    }
}

#[test]
fn later_stages_can_point_into_the_file() {
    let project = project(WHOLE);
    let users = &project.entities[0];
    for (span, expected) in [
        (&users.span, "16:1"),
        (&users.from.span, "17:8"),
        (&users.into.span, "16:9"),
        (&users.key.span, "18:7"),
        (&users.fields[0].0.span, "21:1"),
        (&users.fields[0].1.span, "21:9"),
        (&project.checks[0].span, "23:1"),
        (&project.checks[0].sql.span, "25:7"),
        (&project.sources[0].span, "4:1"),
        (&project.destinations[0].url_span, "11:7"),
    ] {
        assert_eq!(place(WHOLE, span.start), expected);
    }
}

#[test]
fn a_text_to_show_has_no_secret_and_the_same_places() {
    for (from, to) in [
        ("\"${BUBBLE_API_KEY}\"", "\"hunter2\""),
        ("\"${BUBBLE_API_KEY}\"", "\"${KEY:-hunter2}\""),
        ("\"${BUBBLE_API_KEY}\"", "\"\"\"\nhunter2\"\"\""),
        ("\"${BUBBLE_API_KEY}\"", "[\"hunter2\"]"),
        ("\"${BUBBLE_API_KEY}\"", "\"hunter2"),
        ("api_key = ", "api_kee = \"${X}\"\nsecret = \"hunter2\"\nx = "),
        ("connector = \"bubble\"", "connector = \"nothing\"\nclient_secret = \"hunter2\""),
        ("\"${DATABASE_URL:-embedded}\"", "\"postgres://u:hunter2@h/d\""),
        ("\"${DATABASE_URL:-embedded}\"", "\"postgres://u:hunter2@h/${d\""),
        ("connector = \"postgres\"", "connector = \"x\"\nold = \"postgres://u:hunter2@h/d\""),
        ("https://shop.example/api/1.1", "https://me:hunter2@shop.example/"),
        ("https://shop.example/api/1.1", "https://shop.example/?api_token=hunter2"),
    ] {
        let text = WHOLE.replace(from, to);
        let reading = read(&text, &environment(&[]), &Overrides::default());
        assert!(reading.project.is_none(), "{to}");
        assert!(!reading.shown.contains("hunter2"), "{}", reading.shown);
        assert_eq!(reading.shown.len(), text.len());
        assert_eq!(reading.shown.lines().count(), text.lines().count());
        for problem in &reading.problems {
            let hint = problem.hint.as_deref().unwrap_or_default();
            assert!(!problem.message.contains("hunter2") && !hint.contains("hunter2"), "{problem:?}");
        }
    }
    assert_eq!(read(WHOLE, &environment(&[]), &Overrides::default()).shown, WHOLE);
}
