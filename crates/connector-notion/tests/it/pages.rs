//! Pages about members: one each, never two, and written only when something differs.

use crate::rig::{TestPace, shown};
use base::{Class, Fault, Secret};
use bridge::ports::{Member, PageKept, Pages};
use connector_notion::{Client, Field, NotionConfig, NotionPages, PagesSettings, Ports};
use sandbox::notion::{self, Options, Running, Scenario};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use webclient::Settings;

/// A stand-in with a database of members, empty unless some are asked for.
struct Rig {
    notion: Running,
    pace: Arc<TestPace>,
}

impl Rig {
    async fn new(records: u64, scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).expect("a scenario without problems");
        let options = Options { records, scenario, ..Options::default() };
        let notion = notion::start(options).await.expect("a free port");
        Self { notion, pace: Arc::new(TestPace::default()) }
    }

    fn settings(&self) -> PagesSettings {
        PagesSettings { add_properties: true, ..PagesSettings::new(&self.notion.members_database_id) }
    }

    /// As one process has it.
    fn pages(&self, settings: PagesSettings) -> NotionPages {
        self.pages_with(settings, &self.notion.key)
    }

    fn pages_with(&self, settings: PagesSettings, key: &str) -> NotionPages {
        let config = NotionConfig { url: self.notion.address.clone(), token: Secret::new(key) };
        let net = Settings { idle_timeout: Duration::from_millis(500), ..Settings::default() };
        let ports = Ports { pace: self.pace.clone(), settings: net, observer: None };
        NotionPages::new(Client::with(&config, ports).expect("a client"), settings)
    }

    /// What is in the database and not in the trash.
    fn rows(&self) -> Vec<Value> {
        let all = self.notion.pages(&self.notion.members_source_id);
        all.into_iter().filter(|page| page["in_trash"] == false).collect()
    }

    fn row(&self, id: &str) -> Value {
        self.notion.page(id).expect("a page")
    }
}

fn ada() -> Member {
    Member {
        id: "mem1".into(),
        email: Some("ada@example.test".into()),
        name: Some("Ada".into()),
        username: Some("ada".into()),
        status: Some("VERIFIED".into()),
        updated_at: Some("2026-03-01T12:00:00.123456Z".parse().expect("a timestamp")),
    }
}

fn text(page: &Value, name: &str) -> String {
    let property = &page["properties"][name];
    let kind = property["type"].as_str().expect("a kind");
    match &property[kind] {
        Value::Array(pieces) => pieces.iter().filter_map(|p| p["plain_text"].as_str()).collect(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        value => value["name"].as_str().or(value["start"].as_str()).unwrap_or_default().to_owned(),
    }
}

fn made(kept: Result<PageKept, Fault>) -> String {
    match kept {
        Ok(PageKept::Made(id)) => id,
        other => panic!("{other:?}"),
    }
}

fn refused(kept: Result<PageKept, Fault>) -> Fault {
    let fault = kept.expect_err("refused");
    assert_ne!(fault.class, Class::Retry, "a person has to look: {}", shown(&fault));
    fault
}

#[tokio::test]
async fn a_member_has_one_page_that_is_written_only_when_something_differs() {
    let rig = Rig::new(0, "").await;
    let mut settings = rig.settings();
    settings.properties.insert(Field::Username, "Handle".into());
    settings.properties.insert(Field::Updated, "Changed".into());
    let pages = rig.pages(settings.clone());
    pages.check().await.expect("it is there");
    let page = made(pages.keep(&ada(), false).await);
    let row = rig.row(&page);
    for (name, value) in [
        ("BetterMode id", "mem1"),
        ("Name", "Ada"),
        ("Email", "ada@example.test"),
        ("Handle", "ada"),
        ("BetterMode status", "VERIFIED"),
        ("Changed", "2026-03-01T12:00:00.123Z"),
        ("Left BetterMode", "false"),
    ] {
        let shown = text(&row, name);
        assert!(
            shown == value || (name == "Changed" && shown.starts_with("2026-03-01T12:00:00")),
            "{name}: {shown}"
        );
    }
    // Another process, too.
    for pages in [&pages, &rig.pages(settings)] {
        let writes = rig.notion.stats().writes;
        assert_eq!(pages.keep(&ada(), false).await.expect("kept"), PageKept::Same(page.clone()));
        assert_eq!(rig.notion.stats().writes, writes, "nothing differs, nothing is written");
    }
    let countess =
        Member { name: Some("Countess".into()), email: None, status: Some(String::new()), ..ada() };
    assert_eq!(pages.keep(&countess, false).await.expect("kept"), PageKept::Changed(page.clone()));
    let row = rig.row(&page);
    assert_eq!(text(&row, "Name"), "Countess");
    assert_eq!(text(&row, "Email"), "ada@example.test", "what is not known stays");
    assert_eq!(text(&row, "BetterMode status"), "VERIFIED");
    assert_eq!(rig.rows().len(), 1);
}

#[tokio::test]
async fn the_page_of_somebody_who_is_gone_stays_and_is_marked() {
    let rig = Rig::new(0, "").await;
    let pages = rig.pages(rig.settings());
    assert_eq!(pages.keep(&ada(), true).await.expect("kept"), PageKept::None);
    assert_eq!(rig.rows().len(), 0);
    let page = made(pages.keep(&ada(), false).await);
    // All that the service still shows of her.
    let rest = Member { name: Some("Deleted Member".into()), email: None, ..ada() };
    assert_eq!(pages.keep(&rest, true).await.expect("kept"), PageKept::Changed(page.clone()));
    let row = rig.row(&page);
    assert_eq!((text(&row, "Name"), text(&row, "Left BetterMode")), ("Ada".into(), "true".into()));
    assert_eq!(pages.keep(&rest, true).await.expect("kept"), PageKept::Same(page.clone()));
    assert_eq!(pages.keep(&ada(), false).await.expect("kept"), PageKept::Changed(page.clone()));
    assert_eq!(text(&rig.row(&page), "Left BetterMode"), "false", "she came back");
}

#[tokio::test]
async fn a_page_that_is_not_shown_yet_gets_no_twin() {
    let rig = Rig::new(0, "[query]\nlag = 3").await;
    let (one, other) = (rig.pages(rig.settings()), rig.pages(rig.settings()));
    let page = made(one.keep(&ada(), false).await);
    assert_eq!(one.keep(&ada(), false).await.expect("kept"), PageKept::Same(page.clone()), "it made it");
    assert_eq!(other.keep(&ada(), false).await.expect("kept"), PageKept::Same(page), "it waits for it");
    assert_eq!(rig.rows().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_page() {
    for kind in ["dropped", "truncated", "cut", "status"] {
        let scenario = format!(
            "[[fault]]\nkind = \"{kind}\"\nendpoints = [\"pages/create\"]\nat = [1]\nafter_work = true"
        );
        let scenario = if matches!(kind, "truncated" | "cut") {
            scenario.replace("after_work = true", "")
        } else {
            scenario
        };
        let rig = Rig::new(0, &scenario).await;
        let pages = rig.pages(rig.settings());
        let fault = pages.keep(&ada(), false).await.expect_err("the answer is lost");
        assert_eq!(fault.class, Class::Retry, "{kind}: {}", shown(&fault));
        let kept = rig.pages(rig.settings()).keep(&ada(), false).await.expect("kept");
        assert!(matches!(kept, PageKept::Same(_)), "{kind}: {kept:?}");
        assert_eq!(rig.rows().len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn two_events_of_one_member_at_once_make_one_page() {
    let rig = Rig::new(0, "[query]\nlag = 2").await;
    let pages = rig.pages(rig.settings());
    let (ada, bob) = (ada(), Member { id: "mem2".into(), email: None, ..ada() });
    let kept = tokio::join!(pages.keep(&ada, false), pages.keep(&ada, false), pages.keep(&bob, false));
    for kept in [kept.0, kept.1, kept.2] {
        kept.expect("kept");
    }
    assert_eq!(rig.rows().len(), 2);
}

#[tokio::test]
async fn pages_that_people_entered_are_adopted_by_address_and_never_guessed() {
    let rig = Rig::new(60, "").await;
    let members = rig.notion.members().clone();
    let before = rig.rows().len();
    let pages = rig.pages(rig.settings());
    let of = |n: usize, email: &str| Member { id: format!("mem{n}"), email: Some(email.to_owned()), ..ada() };
    let single = |email: &&String| !members.doubled.contains(email);
    let cased = members.cased.iter().find(single).expect("one with capitals");
    let plain =
        members.emails.iter().filter(single).find(|e| !members.cased.contains(e)).expect("one without");
    for (n, email) in [(1, cased), (2, plain)] {
        let kept = pages.keep(&of(n, email), false).await.expect("kept");
        assert!(matches!(kept, PageKept::Changed(_)), "{email}: {kept:?}");
        assert!(matches!(pages.keep(&of(n, email), false).await, Ok(PageKept::Same(_))), "{email}");
    }
    assert_eq!(rig.rows().len(), before);
    let doubled = members.doubled.first().expect("one who is there twice");
    let fault = refused(pages.keep(&of(3, doubled), false).await);
    assert!(
        fault.what.contains("the same member") && !shown(&fault).contains(doubled.as_str()),
        "{}",
        shown(&fault)
    );
    // A page that is somebody's is not taken for another one's.
    made(pages.keep(&of(4, plain), false).await);
    // Nor any, where the project says so.
    let proud = rig.pages(PagesSettings { adopt_by_email: false, ..rig.settings() });
    let other = members.emails.iter().filter(single).rfind(|e| *e != plain && *e != cased).expect("another");
    made(proud.keep(&of(5, other), false).await);
    assert_eq!(rig.rows().len(), before + 2);
}

#[tokio::test]
async fn two_pages_of_one_member_are_for_a_person_to_decide() {
    let rig = Rig::new(0, "").await;
    let pages = rig.pages(rig.settings());
    let page = made(pages.keep(&ada(), false).await);
    let copy = json!({"BetterMode id": {"rich_text": [{"text": {"content": "mem1"}}]}});
    let copy = rig.notion.add_page(&rig.notion.members_source_id, &copy).expect("a copy");
    let fault = refused(rig.pages(rig.settings()).keep(&ada(), false).await);
    assert!(fault.what.contains(&page) && fault.what.contains(&copy), "{}", shown(&fault));
    rig.notion.trash_page(&copy, true).expect("thrown away");
    let kept = rig.pages(rig.settings()).keep(&ada(), false).await.expect("kept");
    assert_eq!(kept, PageKept::Same(page));
}

#[tokio::test]
async fn a_page_in_the_trash_is_not_there_any_more() {
    let rig = Rig::new(0, "").await;
    let pages = rig.pages(rig.settings());
    let first = made(pages.keep(&ada(), false).await);
    rig.notion.trash_page(&first, true).expect("thrown away");
    assert_ne!(made(pages.keep(&ada(), false).await), first);
    assert_eq!(rig.rows().len(), 1);
}

#[tokio::test]
async fn a_renamed_column_goes_on_while_it_is_known_and_is_a_clear_fault_afterwards() {
    let rig = Rig::new(0, "").await;
    let source = rig.notion.members_source_id.clone();
    let pages = rig.pages(rig.settings());
    let page = made(pages.keep(&ada(), false).await);
    assert!(rig.notion.rename_property(&source, "Email", "Address"));
    let moved = Member { email: Some("ada@new.example.test".into()), ..ada() };
    assert_eq!(pages.keep(&moved, false).await.expect("kept"), PageKept::Changed(page.clone()));
    assert_eq!(text(&rig.row(&page), "Address"), "ada@new.example.test");
    let strict = PagesSettings { add_properties: false, ..rig.settings() };
    let fault = refused(rig.pages(strict.clone()).keep(&moved, false).await);
    assert!(
        fault.what.contains("no property \"Email\"") && shown(&fault).contains("renamed"),
        "{}",
        shown(&fault)
    );
    let mut mended = strict;
    mended.properties.insert(Field::Email, "Address".into());
    assert_eq!(rig.pages(mended).keep(&moved, false).await.expect("kept"), PageKept::Same(page));
}

#[tokio::test]
async fn a_column_of_another_type_is_a_clear_fault_until_it_fits_again() {
    let rig = Rig::new(0, "").await;
    let source = rig.notion.members_source_id.clone();
    let pages = rig.pages(rig.settings());
    let page = made(pages.keep(&ada(), false).await);
    for (name, kind, back, what) in [
        ("Email", "number", "email", "email"),
        ("Left BetterMode", "rich_text", "checkbox", "gone"),
        ("BetterMode status", "url", "select", "status"),
        ("BetterMode id", "number", "rich_text", "id"),
    ] {
        assert!(rig.notion.change_property_type(&source, name, kind), "{name}");
        let other = Member { name: Some(format!("Ada {name}")), ..ada() };
        let fault = refused(pages.keep(&other, false).await);
        let said = shown(&fault);
        let named = fault.what.contains(name) && fault.what.contains(kind) && said.contains(what);
        assert!(named && !fault.hints.is_empty(), "{name}: {said}");
        assert!(rig.notion.change_property_type(&source, name, back), "{name}");
        // A type that was another one for a while has lost its values: she is known by her address then.
        let kept = pages.keep(&other, false).await.expect("it fits again");
        assert_eq!(kept, PageKept::Changed(page.clone()), "{name}");
    }
    // A type that an address may have as well.
    assert!(rig.notion.change_property_type(&source, "Email", "rich_text"));
    let other = Member { email: Some("ada@third.example.test".into()), ..ada() };
    assert_eq!(pages.keep(&other, false).await.expect("kept"), PageKept::Changed(page.clone()));
    assert_eq!(text(&rig.row(&page), "Email"), "ada@third.example.test");
    assert_eq!(rig.rows().len(), 1);
}

#[tokio::test]
async fn nothing_is_added_to_a_database_that_nobody_allowed_to() {
    let rig = Rig::new(0, "").await;
    let strict = rig.pages(PagesSettings { add_properties: false, ..rig.settings() });
    let fault = strict.check().await.expect_err("there is no id");
    assert!(shown(&fault).contains("BetterMode id") && shown(&fault).contains("add_properties"));
    assert_eq!(rig.notion.stats().writes, 0);
    let stranger = rig.pages_with(rig.settings(), &rig.notion.stranger_key);
    assert!(stranger.check().await.expect_err("not shared").what.contains("not shared"));
    let nobody = rig.pages_with(rig.settings(), "ntn_wrong");
    assert!(nobody.check().await.expect_err("a wrong token").what.contains("token"));
}
