//! The JSON Schema agrees with the checker.

use crate::support::{WHOLE, environment, example};
use project::{Overrides, parse, schema};
use serde_json::Value;

/// The beginning of a rule.
macro_rules! rule {
    ($does:literal) => {
        concat!("[[rule]]\nname = \"a\"\non = [\"member.*\"]\ndo = \"", $does, "\"\n")
    };
}

/// TOML as the JSON that a schema looks at.
fn json(text: &str) -> Value {
    fn value(item: &toml_edit::Value) -> Value {
        match item {
            toml_edit::Value::String(s) => Value::from(s.value().as_str()),
            toml_edit::Value::Integer(i) => Value::from(*i.value()),
            toml_edit::Value::Float(f) => Value::from(*f.value()),
            toml_edit::Value::Boolean(b) => Value::from(*b.value()),
            toml_edit::Value::Datetime(d) => Value::from(d.value().to_string()),
            toml_edit::Value::Array(a) => a.iter().map(value).collect(),
            toml_edit::Value::InlineTable(t) => t.iter().map(|(k, v)| (k.to_owned(), value(v))).collect(),
        }
    }
    fn item(from: &toml_edit::Item) -> Value {
        match from {
            toml_edit::Item::None => Value::Null,
            toml_edit::Item::Value(v) => value(v),
            toml_edit::Item::Table(t) => t.iter().map(|(k, v)| (k.to_owned(), item(v))).collect(),
            toml_edit::Item::ArrayOfTables(a) => {
                a.iter().map(|t| t.iter().map(|(k, v)| (k.to_owned(), item(v))).collect::<Value>()).collect()
            }
        }
    }
    item(text.parse::<toml_edit::DocumentMut>().expect("TOML").as_item())
}

#[test]
fn the_schema_is_one_and_takes_the_examples() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    for name in ["culturebridge", "blank"] {
        let text = std::fs::read_to_string(example(name).join("landfall.toml")).expect("an example");
        let errors: Vec<String> = validator.iter_errors(&json(&text)).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn what_the_schema_refuses_the_checker_refuses_and_the_other_way_round() {
    let schema = schema();
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let fine = [
        ("", ""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "batch_size = 5\nmax_rejects = \"2.5%\""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "max_rejects = 3\nupdate_passwords = true"),
        ("[source]", "[source.only]"),
        ("from = \"user\"", "from = \"user\"\nmode = \"skip\"\nignore = [\"slug\"]\nid_map = \"ids.json\""),
        ("\"${DATABASE_URL:-embedded}\"", "\"postgresql+asyncpg://u:${BUBBLE_API_KEY}@h/d\""),
        ("\"${DATABASE_URL:-embedded}\"", "\"host=h dbname=d\""),
        ("[[check]]", "[serve]\nlisten = \"[::1]:80\"\nredis = \"redis://h\"\nkeep_days = 9\n[[check]]"),
        ("[[check]]", "[serve]\nmongodb = \"${MONGODB_URL:-}\"\nadmin_key = \"${KEY:-}\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"circle\"\ntoken = \"${T:-}\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"github\"\nenabled = \"${E:-true}\"\n[[check]]"),
        ("[[check]]", concat!(rule!("track_activity"), "when = { s = \"A\", body.a.b = \"c\" }\n[[check]]")),
        ("[[check]]", concat!(rule!("process_member"), "table = \"t\"\nkey = \"k\"\n[[check]]")),
        (
            "[[check]]",
            concat!(rule!("process_member"), "table = \"t\"\nkey = \"k\"\nfields.a = \"{name}\"\n[[check]]"),
        ),
        ("[[check]]", concat!(rule!("schedule_event"), "[[check]]")),
        (
            "[[check]]",
            concat!(rule!("call_url"), "url = \"https://h/{name}?a={body.b}\"\nafter = \"2h\"\n[[check]]"),
        ),
        ("[[check]]", concat!(rule!("call_url"), "url = \"${HOOK_URL:-https://h.example}\"\n[[check]]")),
    ];
    let wrong = [
        ("name = \"shop\"", ""),
        ("name = \"shop\"", "name = \"\""),
        ("name = \"shop\"", "name = 1"),
        ("name = \"shop\"", "name = \"shop\"\nnamespace = \"shop\""),
        ("[project]", "[projekt]"),
        ("connector = \"bubble\"", "connector = \"bubbles\""),
        ("connector = \"bubble\"", ""),
        ("url = \"https://shop.example/api/1.1\"", ""),
        ("url = \"https://shop.example/api/1.1\"", "url = \"shop.example\""),
        ("url = \"https://shop.example/api/1.1\"", "url = \"https://u@shop.example\""),
        ("url = \"https://shop.example/api/1.1\"", "url = \"https://shop.example\"\npath = \"x\""),
        ("\"${BUBBLE_API_KEY}\"", "\"abc\""),
        ("\"${BUBBLE_API_KEY}\"", "\"${BUBBLE_API_KEY:-abc}\""),
        ("\"${DATABASE_URL:-embedded}\"", "\"mysql://h/d\""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "batch_size = 0"),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "batch_size = \"100\""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "batch_sise = 100"),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "max_rejects = \"many\""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "report_values = \"hidden\""),
        ("batch_size = \"${MIGRATION_BATCH_SIZE:-100}\"", "update_passwords = \"yes\""),
        ("key = \"_id\"", ""),
        ("key = \"_id\"", "key = \"_id\"\nid_map = \"../ids.json\""),
        ("key = \"_id\"", "key = \"_id\"\nmode = \"upsert\""),
        ("key = \"_id\"", "key = \"_id\"\nignore = \"slug\""),
        ("email = \"email\"", ""),
        ("email = \"email\"", "email = 1"),
        ("[entity.users", "[entity.Users"),
        ("[[check]]", "[check]"),
        ("sql = \"SELECT id FROM dest.users WHERE email = ''\"", ""),
        ("[move]", "[option.token]\nsets = \"source.api_key\"\nenv = \"${X}\"\n[move]"),
        ("[move]", "[option.token]\nhelp = \"x\"\n[move]"),
        ("[[check]]", "[serve]\nlisten = \"here\"\n[[check]]"),
        ("[[check]]", "[serve]\nredis = \"mongodb://h\"\n[[check]]"),
        ("[[check]]", "[serve]\nkeep_days = 0\n[[check]]"),
        ("[[check]]", "[serve]\nkey = 1\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"githup\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nenabled = true\n[[check]]"),
        ("[[check]]", "[serve.webhooks.A]\nsender = \"github\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"circle\"\nsecret = \"${T:-}\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"github\"\ntoken = \"${T:-}\"\n[[check]]"),
        ("[[check]]", "[serve.webhooks.a]\nsender = \"github\"\nsecret = \"s3cret\"\n[[check]]"),
        ("[[check]]", concat!(rule!("track_activities"), "[[check]]")),
        ("[[check]]", concat!(rule!("track_activity"), "after = \"1h\"\n[[check]]")),
        ("[[check]]", concat!(rule!("track_activity"), "when = { Status = \"A\" }\n[[check]]")),
        ("[[check]]", concat!(rule!("track_activity"), "when = { status = true }\n[[check]]")),
        ("[[check]]", concat!(rule!("send_message"), "to = \"{member_id}\"\n[[check]]")),
        ("[[check]]", concat!(rule!("schedule_event"), "remind = []\ntext = \"x\"\n[[check]]")),
        ("[[check]]", concat!(rule!("call_url"), "url = \"https://h.example\"\nafter = \"soon\"\n[[check]]")),
        ("[[check]]", concat!(rule!("call_url"), "url = \"https://{name}/\"\n[[check]]")),
        ("[[check]]", concat!(rule!("call_url"), "url = \"https://u@h.example/\"\n[[check]]")),
        ("[[check]]", concat!(rule!("process_member"), "fields = \"all\"\n[[check]]")),
        ("[[check]]", "[[rule]]\nname = \"a\"\non = [\"mem*\"]\ndo = \"track_activity\"\n[[check]]"),
        ("[[check]]", "[[rule]]\nname = \"a\"\non = \"member.*\"\ndo = \"track_activity\"\n[[check]]"),
        ("[[check]]", "[rule]\nname = \"a\"\n[[check]]"),
    ];
    for (cases, expected) in [(fine.as_slice(), true), (wrong.as_slice(), false)] {
        for (from, to) in cases {
            assert!(WHOLE.contains(from), "{from}");
            let text = WHOLE.replace(from, to);
            let (project, problems) = parse(&text, &environment(&[]), &Overrides::default());
            assert_eq!(project.is_some(), expected, "the checker, {from} -> {to}: {problems:?}");
            let errors: Vec<String> = validator.iter_errors(&json(&text)).map(|e| e.to_string()).collect();
            assert_eq!(errors.is_empty(), expected, "the schema, {from} -> {to}: {errors:?}");
        }
    }
}

#[test]
fn the_reference_names_every_key() {
    let reference = project::reference_markdown();
    let sections = project::keys::SECTIONS.iter().flat_map(|s| s.keys);
    let connectors = project::keys::CONNECTORS.iter().flat_map(|c| c.keys);
    let variants = project::keys::SENDERS.iter().chain(project::keys::DEEDS).flat_map(|v| v.keys);
    for key in sections.chain(connectors).chain(variants) {
        let row = format!("| `{}` |", key.name);
        assert!(reference.contains(&row) && reference.contains(key.doc), "{}", key.name);
    }
    assert!(
        reference
            .lines()
            .filter(|l| l.starts_with('|'))
            .all(|l| l.matches(" | ").count() == 3 || l == "|---|---|---|---|")
    );
}
