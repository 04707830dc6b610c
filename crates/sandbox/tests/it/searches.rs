//! Searches: every constraint, every order, against the records themselves.

use crate::support::{all, by_date, constraint, encode, get, held, ids, sandbox};
use sandbox::Running;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

type Rule = Box<dyn Fn(&Value) -> bool>;

fn rule(rule: impl Fn(&Value) -> bool + 'static) -> Rule {
    Box::new(rule)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn millis(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| {
        let text = value.as_str().expect("a date");
        text.parse::<jiff::Timestamp>().expect("ISO 8601").as_millisecond()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_constraint_finds_what_it_says() {
    let running = sandbox(400, "[fields]\ncompare_ids = true\n").await;
    let bookings = held(&running, "booking");
    let some_user = bookings[200]["client_user_id"].clone();
    let (user, other) = (some_user.clone(), bookings[7]["client_user_id"].clone());
    let created = bookings[100]["Created Date"].clone();
    let bound = millis(&created);
    let iso = bookings.iter().map(|b| b["Created Date"].clone()).find(Value::is_string).expect("a date");
    let id = bookings[150]["_id"].as_str().expect("an id").to_owned();
    let listed: Vec<String> = ids(&bookings[20..60]);
    let mut wanted = listed.clone();
    wanted.push("1600000000000x100000000000000001".to_owned());
    wanted.push(listed[0].clone());
    let coach =
        held(&running, "user").iter().find_map(|u| u["favourite_coaches"][0].as_str().map(str::to_owned));
    let coach = coach.expect("somebody has a favourite");
    let favourites = |user: &Value| user["favourite_coaches"].as_array().cloned().unwrap_or_default();

    let cases: Vec<(&str, &str, &str, Value, Rule)> = vec![
        ("booking", "client_user_id", "equals", some_user.clone(), {
            let u = user.clone();
            rule(move |b| b["client_user_id"] == u)
        }),
        ("booking", "client_user_id", "not equal", some_user, {
            let u = user.clone();
            rule(move |b| b["client_user_id"] != u)
        }),
        ("booking", "client_user_id", "in", json!([user, other]), {
            let (u, o) = (user.clone(), other.clone());
            rule(move |b| b["client_user_id"] == u || b["client_user_id"] == o)
        }),
        ("booking", "client_user_id", "not in", json!([user, other]), {
            let (u, o) = (user.clone(), other);
            rule(move |b| b["client_user_id"] != u && b["client_user_id"] != o)
        }),
        ("booking", "_id", "equals", json!(id), {
            let id = id.clone();
            rule(move |b| b["_id"] == id.as_str())
        }),
        (
            "booking",
            "_id",
            "in",
            json!(wanted),
            rule(move |b| listed.iter().any(|id| b["_id"] == id.as_str())),
        ),
        ("booking", "_id", "greater than", json!(id), rule(move |b| b["_id"].as_str() > Some(&id))),
        ("booking", "notes", "is_empty", Value::Null, rule(|b| b["notes"].is_null())),
        ("booking", "notes", "is_not_empty", Value::Null, rule(|b| !b["notes"].is_null())),
        (
            "booking",
            "notes",
            "text contains",
            json!("talks"),
            rule(|b| b["notes"].as_str().is_some_and(|n| n.contains("talk"))),
        ),
        (
            "booking",
            "notes",
            "not text contains",
            json!("talks"),
            rule(|b| b["notes"].as_str().is_none_or(|n| !n.contains("talk"))),
        ),
        ("booking", "notes", "text contains", json!("al"), rule(|_| false)),
        ("booking", "duration", "equals", json!("60"), rule(|b| number(&b["duration"]) == Some(60.0))),
        (
            "booking",
            "duration",
            "greater than",
            json!(60),
            rule(|b| number(&b["duration"]).is_some_and(|d| d > 60.0)),
        ),
        (
            "booking",
            "duration",
            "less than",
            json!("30"),
            rule(|b| number(&b["duration"]).is_some_and(|d| d < 30.0)),
        ),
        (
            "booking",
            "Created Date",
            "greater than",
            json!(bound),
            rule(move |b| millis(&b["Created Date"]) > bound),
        ),
        (
            "booking",
            "Created Date",
            "less than",
            json!(bound.to_string()),
            rule(move |b| millis(&b["Created Date"]) < bound),
        ),
        ("booking", "Created Date", "less than", iso.clone(), {
            let at = millis(&iso);
            rule(move |b| millis(&b["Created Date"]) < at)
        }),
        ("booking", "Created Date", "equals", iso.clone(), {
            let at = millis(&iso);
            rule(move |b| millis(&b["Created Date"]) == at)
        }),
        (
            "booking",
            "Modified Date",
            "greater than",
            json!(bound),
            rule(move |b| millis(&b["Modified Date"]) > bound),
        ),
        ("booking", "session_date", "greater than", iso.clone(), {
            let at = millis(&iso);
            rule(move |b| millis(&b["session_date"]) > at)
        }),
        ("user", "active", "equals", json!(true), rule(|u| u["active"] == true)),
        ("user", "active", "is_empty", Value::Null, rule(|u| u["active"].is_null())),
        ("user", "active", "not equal", json!("yes"), rule(|u| u["active"] != true)),
        ("user", "favourite_coaches", "contains", json!(coach), {
            let c = coach.clone();
            rule(move |u| favourites(u).contains(&json!(c)))
        }),
        (
            "user",
            "favourite_coaches",
            "not contains",
            json!(coach),
            rule(move |u| !favourites(u).contains(&json!(coach))),
        ),
        ("user", "favourite_coaches", "empty", Value::Null, rule(move |u| favourites(u).is_empty())),
        ("user", "favourite_coaches", "not empty", Value::Null, rule(move |u| !favourites(u).is_empty())),
        (
            "user",
            "password",
            "is_empty",
            Value::Null,
            rule(|u| u["password"].as_str().is_none_or(str::is_empty)),
        ),
        (
            "coach_profile",
            "office_address",
            "geographic_search",
            json!({"range": "20", "origin_address": "Leith, Scotland", "unit": "km"}),
            rule(|c| c["office_address"]["address"].as_str().is_some_and(|a| a.contains("Leith"))),
        ),
        (
            "coach_profile",
            "office_address",
            "geographic_search",
            json!({"range": 13000, "origin_address": "Leith"}),
            rule(|_| true),
        ),
    ];
    for (kind, key, word, value, rule) in cases {
        let expected: BTreeSet<String> =
            ids(&held(&running, kind).into_iter().filter(|r| rule(r)).collect::<Vec<_>>())
                .into_iter()
                .collect();
        let query = format!("{}&{}", constraint(key, word, value.clone()), by_date("Created Date"));
        let found = all_ids(&running, kind, &query).await;
        assert_eq!(
            found.len(),
            found.iter().collect::<HashSet<_>>().len(),
            "{key} {word} shows a record twice"
        );
        let found: BTreeSet<String> = found.into_iter().collect();
        assert_eq!(found, expected, "{kind}: {key} {word} {value}");
    }
}

/// Ids of all records of a search; works where a lone surrogate keeps the page from being parsed.
async fn all_ids(running: &Running, kind: &str, query: &str) -> Vec<String> {
    if kind != "client_profile" {
        return ids(&all(running, kind, query).await);
    }
    let mut found = Vec::new();
    loop {
        let reply = get(running, &format!("/obj/{kind}?cursor={}&{query}", found.len())).await;
        let page = crate::support::read(&reply.body);
        let results = page["response"]["results"].as_array().expect("results").clone();
        found.extend(ids(&results));
        if page["response"]["remaining"] == 0 {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn constraints_are_anded_and_ranges_are_strict() {
    let running = sandbox(400, "").await;
    let bookings = held(&running, "booking");
    let (low, high) = (millis(&bookings[50]["Created Date"]), millis(&bookings[90]["Created Date"]));
    let both = json!([
        {"key": "Created Date", "constraint_type": "greater than", "value": low},
        {"key": "Created Date", "constraint_type": "less than", "value": high},
        {"key": "booking_status", "constraint_type": "equals", "value": "complete"},
    ]);
    let expected: Vec<String> = ids(&bookings
        .iter()
        .filter(|b| {
            (low + 1..high).contains(&millis(&b["Created Date"])) && b["booking_status"] == "complete"
        })
        .cloned()
        .collect::<Vec<_>>());
    let query = format!("constraints={}&{}", encode(&both.to_string()), by_date("Created Date"));
    assert_eq!(ids(&all(&running, "booking", &query).await), expected);
    assert!(!expected.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_those_asked_for() {
    let running = sandbox(400, "").await;
    let bookings = held(&running, "booking");
    let sorted = |key: &dyn Fn(&Value) -> (i64, String), descending: bool| {
        let mut sorted = bookings.clone();
        sorted.sort_by_key(|b| key(b));
        if descending {
            sorted.reverse();
        }
        ids(&sorted)
    };
    let id = |b: &Value| b["_id"].as_str().expect("an id").to_owned();
    let created = |b: &Value| (millis(&b["Created Date"]), id(b));
    let modified = |b: &Value| (millis(&b["Modified Date"]), id(b));
    let by_id = |b: &Value| (0, id(b));
    let also =
        |descending: Value| encode(&json!([{"sort_field": "_id", "descending": descending}]).to_string());
    let created_key = encode("Created Date");
    for (name, query, expected) in [
        ("created", by_date("Created Date"), sorted(&created, false)),
        (
            "created, newest first",
            format!(
                "sort_field={created_key}&descending=true&additional_sort_fields={}",
                also(json!("true"))
            ),
            sorted(&created, true),
        ),
        ("modified", by_date("Modified Date"), sorted(&modified, false)),
        ("id", "sort_field=_id".to_owned(), sorted(&by_id, false)),
        ("id, last first", "sort_field=_id&descending=true".to_owned(), sorted(&by_id, true)),
    ] {
        assert_eq!(ids(&all(&running, "booking", &query).await), expected, "{name}");
    }

    // A field without an index: by the number, whatever form it has, what is no number last.
    let query = format!("sort_field=duration&additional_sort_fields={}", also(json!(false)));
    let durations: Vec<Option<f64>> =
        all(&running, "booking", &query).await.iter().map(|b| number(&b["duration"])).collect();
    assert_eq!(durations.len(), 400);
    let numbers: Vec<f64> = durations.iter().map_while(|d| *d).collect();
    assert!(numbers.is_sorted());
    assert!(durations[numbers.len()..].iter().all(Option::is_none));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_moment_change_places_unless_the_id_decides() {
    let running = sandbox(400, "").await;
    let bookings = held(&running, "booking");
    let mut moments: BTreeMap<i64, usize> = BTreeMap::new();
    for booking in &bookings {
        *moments.entry(millis(&booking["Created Date"])).or_default() += 1;
    }
    let (at, count) = moments.iter().max_by_key(|(_, count)| **count).expect("some");
    assert!(*count >= 10, "an import of {count}");
    let from = bookings.iter().position(|b| millis(&b["Created Date"]) == *at).expect("there");
    for (name, query, stable) in [
        ("no order asked for", String::new(), false),
        ("by date only", format!("&sort_field={}", encode("Created Date")), false),
        ("by date and id", format!("&{}", by_date("Created Date")), true),
    ] {
        let mut orders = HashSet::new();
        let mut members = HashSet::new();
        for _ in 0..8 {
            let reply = get(&running, &format!("/obj/booking?cursor={from}&limit={count}{query}")).await;
            members.extend(reply.ids());
            orders.insert(reply.ids());
        }
        assert_eq!(orders.len() == 1, stable, "{name}");
        assert_eq!(members.len(), *count, "{name}: a page of the whole import shows the import");
    }
}
