//! Who wins: option, environment, `.env`, file, default.

use crate::support::{WHOLE, environment, place};
use base::{Secret, Severity};
use project::{
    DestinationUrl, Environment, Needs, Origin, Overrides, Project, find, load, options_of, parse, read,
};

fn project(text: &str, env: &Environment, overrides: &Overrides) -> Project {
    let (project, problems) = parse(text, env, overrides);
    project.unwrap_or_else(|| panic!("{problems:?}"))
}

fn options(values: &[(&str, &str)]) -> Overrides {
    let options = values.iter().map(|(k, v)| ((*k).to_owned(), Secret::new(*v))).collect();
    Overrides { options, ..Overrides::default() }
}

const WITH_OPTION: &str = "\n[option.size]\nsets = \"move.batch_size\"\nenv = \"SIZE\"\n\
                           [option.token]\nsets = \"source.api_key\"\n";

#[test]
fn the_nearest_to_the_person_wins() {
    let text = format!("{WHOLE}{WITH_OPTION}");
    let file = text.replace("\"${MIGRATION_BATCH_SIZE:-100}\"", "7");
    let flag = |n| Overrides { batch_size: Some(n), ..Overrides::default() };
    let none = Overrides::default;
    for (text, process, dotenv, overrides, expected) in [
        (WHOLE.replace("batch_size =", "connections ="), vec![], "", none(), 100),
        (file.clone(), vec![], "", none(), 7),
        (text.clone(), vec![], "", none(), 100),
        (text.clone(), vec![], "MIGRATION_BATCH_SIZE=11", none(), 11),
        (text.clone(), vec![("MIGRATION_BATCH_SIZE", "12")], "MIGRATION_BATCH_SIZE=11", none(), 12),
        (text, vec![("MIGRATION_BATCH_SIZE", "")], "MIGRATION_BATCH_SIZE=11", none(), 100),
        (file.clone(), vec![], "SIZE=13", none(), 13),
        (file.clone(), vec![("SIZE", "14")], "SIZE=13", none(), 14),
        (file.clone(), vec![("SIZE", "")], "SIZE=13", none(), 7),
        (file.clone(), vec![("SIZE", "14")], "", options(&[("size", "15")]), 15),
        (file, vec![("SIZE", "14")], "", flag(16), 16),
    ] {
        let process = process.into_iter().chain([("BUBBLE_API_KEY", "k"), ("MIGRATION_X", "1")]);
        let (env, _) = Environment::from_process_and(process, dotenv);
        // The first text has no batch_size: its other number must not stop it.
        let text = text.replace("connections = \"${MIGRATION_BATCH_SIZE:-100}\"", "connections = 2");
        assert_eq!(project(&text, &env, &overrides).move_.batch_size, expected, "{dotenv}");
    }
}

#[test]
fn an_option_stands_in_for_a_variable_and_says_who_gave_it() {
    let text = format!("{WHOLE}{WITH_OPTION}");
    let bare = Environment::default();
    assert!(
        read(&text, &bare, &Overrides::default()).unset.iter().any(|u| u.option.as_deref() == Some("token"))
    );

    let (project, problems) = parse(&text, &bare, &options(&[("token", "hunter2")]));
    let project = project.expect("a project");
    assert_eq!(project.sources[0].api_key.as_ref().map(Secret::expose), Some("hunter2"));
    let token = project.options.iter().find(|o| o.name == "token").expect("the option");
    assert_eq!((token.given, token.secret), (Some(Origin::Option), true));
    assert_eq!(token.help, "The API token of Settings, API.");
    let warnings: Vec<&str> =
        problems.iter().filter(|p| p.severity == Severity::Warning).map(|p| p.message.as_str()).collect();
    assert_eq!(warnings, ["--token gives a secret: others on this machine can see it"]);
}

#[test]
fn values_of_options_are_converted_as_strictly_as_others() {
    let text = format!("{WHOLE}{WITH_OPTION}");
    for (overrides, expected) in [
        (
            options(&[("size", "many")]),
            "--size sets `move.batch_size`, which wants a whole number from 1 to 65536, and got a text of 4 \
             characters",
        ),
        (
            options(&[("size", "0")]),
            "--size sets `move.batch_size`, which wants a whole number from 1 to 65536, and got another \
             number",
        ),
        (options(&[("size", "")]), "--size sets `move.batch_size`, which is empty"),
        (options(&[("sise", "1")]), "the project declares no option --sise"),
        (
            Overrides { connections: Some(65), ..Overrides::default() },
            "--connections sets `move.connections`, which wants a whole number from 1 to 64, and got \
             another number",
        ),
    ] {
        let (project, problems) = parse(&text, &environment(&[]), &overrides);
        let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(messages, [expected]);
        assert!(project.is_none());
    }
}

#[test]
fn a_broken_file_still_tells_its_options() {
    let text = format!("[project]\nnmae = 1\n[move]\nbatch_size = []\n{WITH_OPTION}");
    let names: Vec<String> = options_of(&text).into_iter().map(|o| o.name).collect();
    assert_eq!(names, ["size", "token"]);
    assert!(options_of("[option").is_empty());
}

#[test]
fn a_variable_that_one_system_needs_leaves_the_others_alone() {
    let reading = read(WHOLE, &Environment::default(), &Overrides::default());
    let project = reading.project.expect("a project without the key");
    assert_eq!(project.sources[0].api_key, None);
    assert_eq!(reading.unset.len(), 1);
    let unset = &reading.unset[0];
    assert_eq!((unset.name.as_str(), unset.key.as_str()), ("BUBBLE_API_KEY", "source.api_key"));
    assert_eq!(unset.needed_by, Needs::Source(String::new()));
    assert_eq!(place(WHOLE, unset.span.start), "7:11");
    // What every command needs stops the project.
    let text = WHOLE.replace("${MIGRATION_BATCH_SIZE:-100}", "${MIGRATION_BATCH_SIZE}");
    let reading = read(&text, &environment(&[]), &Overrides::default());
    assert!(reading.project.is_none() && reading.problems.is_empty());
    assert_eq!(reading.unset[0].needed_by, Needs::Nothing);
}

#[test]
fn variables_go_into_addresses_and_sql() {
    let text =
        WHOLE.replace("${DATABASE_URL:-embedded}", "postgresql+asyncpg://app:${PW}@${HOST:-localhost}/shop");
    let text = text.replace("email = \"email\"", "email = \"coalesce(email, '${FALLBACK}')\"");
    let env = environment(&[("PW", "hun/ter"), ("FALLBACK", "none@shop.example")]);
    let project = project(&text, &env, &Overrides::default());
    let Some(DestinationUrl::Address(url)) = &project.destinations[0].url else { panic!("an address") };
    assert_eq!(url.expose(), "postgresql://app:hun/ter@localhost/shop");
    assert_eq!(project.entities[0].fields[0].1.sql, "coalesce(email, 'none@shop.example')");
    assert!(!format!("{project:?}").contains("hun/ter"));
}

#[test]
fn a_project_is_found_from_below_and_reads_the_variables_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let below = dir.path().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    assert_eq!(find(&below), None);
    std::fs::write(dir.path().join("landfall.toml"), WHOLE).expect("the file");
    assert_eq!(find(&below).as_deref(), Some(dir.path()));
    std::fs::write(dir.path().join(".env"), "BUBBLE_API_KEY=fromfile\noops\n").expect("the variables");

    let loaded = load(dir.path(), &Environment::default(), &Overrides::default()).expect("read");
    let messages: Vec<&str> = loaded.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages, [".env, line 2: no `=` in this line"]);
    assert_eq!(loaded.environment.var("BUBBLE_API_KEY"), Some("fromfile"));
    let project = loaded.project.expect("a project");
    assert_eq!(project.sources[0].api_key.as_ref().map(Secret::expose), Some("fromfile"));
    assert_eq!(project.path(&project.move_.export_dir), dir.path().join("./migration_data"));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let missing = load(dir.path(), &Environment::default(), &Overrides::default()).expect_err("no file");
    assert!(missing.to_string().contains("landfall.toml: No such file"), "{missing}");
    std::fs::write(dir.path().join("landfall.toml"), [0x6e, 0xff]).expect("the file");
    let binary = load(dir.path(), &Environment::default(), &Overrides::default()).expect_err("no text");
    assert!(binary.to_string().contains("UTF-8"), "{binary}");
    std::fs::write(dir.path().join("landfall.toml"), vec![b'#'; (4 << 20) + 1]).expect("the file");
    let large = load(dir.path(), &Environment::default(), &Overrides::default()).expect_err("too large");
    assert!(large.to_string().contains("larger than 4 MiB"), "{large}");
}
