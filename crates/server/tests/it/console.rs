//! The console, as a browser uses it.

use crate::rig::{ADMIN, Rig, setup, start};
use base::Fault;
use bridge::Ending;
use reqwest::Response;
use scraper::{Html, Selector};
use serde_json::json;

/// What matches, as text.
fn texts(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found.map(|one| one.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// An attribute of the first that matches.
fn attribute(page: &str, selector: &str, name: &str) -> Option<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).next()?.value().attr(name).map(str::to_owned)
}

fn token(page: &str) -> String {
    attribute(page, "input[name=token]", "value").expect("a token")
}

async fn post(rig: &Rig, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = rig.client.post(rig.at(path)).header("cookie", cookie).header("origin", &rig.url);
    request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
}

async fn page(rig: &Rig, path: &str, cookie: &str) -> String {
    let answer = rig.client.get(rig.at(path)).header("cookie", cookie).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

async fn try_key(rig: &Rig, key: &str) -> Response {
    let form = rig.get("/console/login").await.text().await.unwrap();
    post(rig, "/console/login", "", &[("token", &token(&form)), ("key", key)]).await
}

/// Logs in; the cookie.
async fn login(rig: &Rig) -> String {
    let answer = try_key(rig, ADMIN).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/console".parse().unwrap())
    );
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for wanted in ["; HttpOnly", "; SameSite=Strict", "; Path=/console", "; Max-Age="] {
        assert!(cookie.contains(wanted), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_login_there_is_nothing_but_the_login() {
    let rig = start().await;
    for (path, cookie) in [
        ("/console", ""),
        ("/console/events", ""),
        ("/console/events/1", "landfall_console=99999999999.abc.def"),
        ("/console/actions?state=dead", "landfall_console="),
    ] {
        let answer = rig.client.get(rig.at(path)).header("cookie", cookie).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        assert_eq!(answer.headers()["location"], "/console/login");
    }
    let answer = rig.client.get(rig.at("/console")).header("hx-request", "true").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["hx-redirect"]),
        (200, &"/console/login".parse().unwrap())
    );
    for path in ["/console/replay", "/console/logout"] {
        let answer = post(&rig, path, "", &[("action", "all"), ("token", "x")]).await;
        assert_eq!(answer.status(), 303, "{path}");
    }
}

#[tokio::test]
async fn without_an_admin_key_a_page_says_how_to_switch_it_on() {
    for key in [None, Some(base::Secret::new(""))] {
        let mut setup = setup();
        setup.config.admin_key = key;
        let rig = setup.start().await;
        for path in ["/console", "/console/login", "/console/events/1"] {
            let answer = rig.get(path).await;
            assert_eq!(answer.status(), 404);
            assert!(answer.text().await.unwrap().contains("ADMIN_API_KEY"));
        }
        assert_eq!(post(&rig, "/console/login", "", &[("key", "")]).await.status(), 404);
    }
}

#[tokio::test]
async fn the_key_opens_and_a_wrong_one_does_not() {
    let rig = start().await;
    for key in ["", "wrong", "an admin key that is lon"] {
        let answer = try_key(&rig, key).await;
        assert_eq!(answer.status(), 401, "{key:?}");
        assert!(!answer.headers().contains_key("set-cookie"));
        assert!(answer.text().await.unwrap().contains("not the admin key"));
    }
    let cookie = login(&rig).await;
    assert_eq!(texts(&page(&rig, "/console", &cookie).await, "h1"), ["Overview"]);
    for line in rig.log.all() {
        assert!(!line.contains(ADMIN), "{line}");
    }
}

#[tokio::test]
async fn a_login_ends_with_its_time_and_with_another_process() {
    let rig = start().await;
    let cookie = login(&rig).await;
    rig.clock.forward(8 * 3600 + 1);
    let answer = rig.client.get(rig.at("/console")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let mut other = setup();
    other.parts.seed = [6; 32];
    let other = other.start().await;
    let cookie = login(&rig).await;
    let answer = other.client.get(other.at("/console")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 303);
}

#[tokio::test]
async fn guessing_the_key_is_stopped_even_with_the_right_one_among_the_guesses() {
    let rig = start().await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(try_key(&rig, "guess").await.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(try_key(&rig, ADMIN).await.status(), 429);
    rig.clock.forward(60);
    login(&rig).await;
}

#[tokio::test]
async fn a_form_of_another_page_or_login_changes_nothing() {
    let rig = setup().doing(|_| async { Ending::Never { fault: Fault::fail("no") } }).start().await;
    rig.want("e1", "s", &json!([{ "do": "keep_copy" }])).await;
    rig.until_actions(0, 0, 0, 1).await;
    let (cookie, other) = (login(&rig).await, login(&rig).await);
    let ours = token(&page(&rig, "/console/actions?state=dead", &cookie).await);
    let others = token(&page(&rig, "/console", &other).await);
    assert_ne!(ours, others);
    for (what, token, origin, site) in [
        ("no token", "", rig.url.as_str(), None),
        ("another login's", others.as_str(), &rig.url, None),
        ("another origin", &ours, "https://evil.test", None),
        ("no origin of its own", &ours, "null", None),
        ("another site", &ours, &rig.url, Some("cross-site")),
    ] {
        let request =
            rig.client.post(rig.at("/console/replay")).header("cookie", &cookie).header("origin", origin);
        let request = site.iter().fold(request, |request, site| request.header("sec-fetch-site", *site));
        let answer = request.body(format!("action=all&token={token}")).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{what}");
    }
    // A replay that had gone through would have been tried a second time.
    let attempts = rig.log.all().iter().filter(|line| line.contains("action ended")).count();
    assert_eq!(attempts, 1);
    // A login form is signed too, and an old one is no good.
    assert_eq!(post(&rig, "/console/login", "", &[("key", ADMIN), ("token", &ours)]).await.status(), 403);
    let form = token_of_login(&rig).await;
    rig.clock.forward(3601);
    assert_eq!(post(&rig, "/console/login", "", &[("key", ADMIN), ("token", &form)]).await.status(), 403);
}

async fn token_of_login(rig: &Rig) -> String {
    token(&rig.get("/console/login").await.text().await.unwrap())
}

#[tokio::test]
async fn failures_are_replayed_one_or_all() {
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let state = broken.clone();
    let rig = setup()
        .doing(move |_| {
            let broken = state.load(std::sync::atomic::Ordering::SeqCst);
            async move {
                if broken {
                    Ending::Never { fault: Fault::fail("no such table") }
                } else {
                    Ending::done("done")
                }
            }
        })
        .start()
        .await;
    for n in 0..3 {
        rig.want(&format!("e{n}"), &format!("s{n}"), &json!([{ "do": "keep_copy" }])).await;
    }
    rig.until_actions(0, 0, 0, 3).await;
    let cookie = login(&rig).await;
    let list = page(&rig, "/console/actions?state=dead", &cookie).await;
    assert_eq!(texts(&list, "tbody th[scope=row]"), ["3", "2", "1"]);
    assert_eq!(texts(&list, "tbody td:nth-child(8)"), ["no such table"; 3]);
    assert_eq!(texts(&list, "nav a[aria-current]"), ["Failures"]);
    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    let answer = post(&rig, "/console/replay", &cookie, &[("token", &token(&list)), ("action", "2")]).await;
    assert_eq!(answer.headers()["location"], "/console/actions?state=dead&replayed=1");
    rig.until_actions(0, 0, 1, 2).await;
    let answer = post(&rig, "/console/replay", &cookie, &[("token", &token(&list)), ("action", "all")]).await;
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    rig.until_actions(0, 0, 3, 0).await;
    let list = page(&rig, &place, &cookie).await;
    assert_eq!(texts(&list, "p.note"), ["2 replayed.", "No failures."]);
    for bad in ["", "-", "1 or 1=1"] {
        let answer =
            post(&rig, "/console/replay", &cookie, &[("token", &token(&list)), ("action", bad)]).await;
        assert_eq!(answer.status(), 400, "{bad:?}");
    }
}

#[tokio::test]
async fn lists_hold_no_value_of_a_record_and_the_event_s_page_does_and_nothing_breaks_out_of_it() {
    let rig = start().await;
    let evil = "</pre><script>alert(1)</script>\"'&";
    let body = json!({ "id": "e1", "kind": "member.updated", "subject": "member:1",
        "told": { "email": "ada@example.org", "name": evil }, "do": [{ "do": "keep_copy" }] });
    assert_eq!(rig.send(&body).await.status(), 200);
    rig.until_actions(0, 0, 1, 0).await;
    let cookie = login(&rig).await;
    for path in ["/console", "/console/events", "/console/actions", "/console/actions?state=dead"] {
        let list = page(&rig, path, &cookie).await;
        assert!(!list.contains("ada@") && !list.contains("alert"), "{path}");
    }
    let event = page(&rig, "/console/events/1", &cookie).await;
    assert!(texts(&event, "dl.facts dd").contains(&"ada@example.org".to_owned()));
    assert!(texts(&event, "dl.facts dd").contains(&evil.to_owned()));
    assert_eq!(texts(&event, "script").len(), 1, "the page's own script only");
    for (path, status) in [("/console/events/99", 404), ("/console/events/x", 404), ("/console/nowhere", 404)]
    {
        let answer = rig.client.get(rig.at(path)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn lists_are_searched_and_paged() {
    let rig = start().await;
    for n in 0..120 {
        let kind = if n % 10 == 0 { "post.published & more" } else { "member.updated" };
        let body = json!({ "id": format!("e{n}"), "kind": kind, "subject": "s" });
        assert_eq!(rig.send(&body).await.status(), 200);
    }
    let cookie = login(&rig).await;
    let (mut place, mut sizes) = (Some("/console/events".to_owned()), Vec::new());
    while let Some(path) = place {
        let list = page(&rig, &path, &cookie).await;
        sizes.push(texts(&list, "tbody tr").len());
        place = attribute(&list, "a[rel=next]", "href");
    }
    assert_eq!(sizes, [50, 50, 20]);
    for (search, found) in [
        ("?kind=post.published+%26+more", 12),
        ("?sender=toy", 50),
        ("?sender=other", 0),
        ("?state=new", 0),
        ("?state=judged&before=11", 10),
        ("?before=rubbish", 50),
    ] {
        rig.until_actions(0, 0, 0, 0).await;
        let list = page(&rig, &format!("/console/events{search}"), &cookie).await;
        assert_eq!(texts(&list, "tbody tr").len(), found, "{search}");
    }
    let list = page(&rig, "/console/events?sender=toy&kind=%22%3E%3Cb%3E", &cookie).await;
    assert_eq!(attribute(&list, "#kind", "value").as_deref(), Some("\"><b>"));
    assert_eq!(texts(&list, "#sender option[selected]"), ["toy"]);
}

#[tokio::test]
async fn every_page_is_fenced_in_and_every_field_has_a_label() {
    let rig = start().await;
    rig.want("e1", "s", &json!([{ "do": "keep_copy" }])).await;
    rig.until_actions(0, 0, 1, 0).await;
    let cookie = login(&rig).await;
    for path in ["/console", "/console/login", "/console/events", "/console/events/1", "/console/actions"] {
        let answer = rig.client.get(rig.at(path)).header("cookie", &cookie).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("style=") && !text.contains("onclick"), "{path}: the policy forbids it");
        let html = Html::parse_document(&text);
        let all = |selector: &str| Selector::parse(selector).unwrap();
        for field in html.select(&all("input:not([type=hidden]), select")) {
            let id = field.value().attr("id").expect("a field has an id");
            assert_eq!(html.select(&all(&format!("label[for={id}]"))).count(), 1, "{path}: {id}");
        }
        for table in html.select(&all("table")) {
            assert_eq!(table.select(&all("caption")).count(), 1, "{path}");
            let heads = table.select(&all("thead th[scope=col]")).count();
            for row in table.select(&all("tbody tr")) {
                assert_eq!(row.select(&all("th, td")).count(), heads, "{path}");
            }
        }
        assert_eq!(texts(&text, "h1").len(), 1, "{path}");
        for link in html.select(&all("link[href], script[src]")) {
            let place = link.value().attr("href").or(link.value().attr("src")).unwrap();
            assert_eq!(rig.get(place).await.status(), 200, "{place}");
        }
    }
    let out = token(&page(&rig, "/console", &cookie).await);
    let answer = post(&rig, "/console/logout", &cookie, &[("token", &out)]).await;
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("landfall_console=; "));
}

#[tokio::test]
async fn a_database_that_is_away_is_said_on_the_page() {
    let rig = start().await;
    let cookie = login(&rig).await;
    rig.store.away(Some(Fault::retry("the database does not answer: connection refused")));
    for (path, status) in [("/console", 200), ("/console/events", 503), ("/console/actions", 503)] {
        let answer = rig.client.get(rig.at(path)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert!(answer.text().await.unwrap().contains("connection refused"), "{path}");
    }
}
