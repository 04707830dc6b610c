//! The page, read as a browser reads it.

use crate::sample;
use report::{DIFFERENCES_SHOWN_MAX, Extras, REJECTS_SHOWN_MAX, Report, SAMPLES_SHOWN_MAX, html};
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::BTreeSet;

/// Closes whatever it may stand in, and would be seen as an element or attribute if it were not escaped.
const HOSTILE: &str =
    "\"'></td></style></title><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}&lt;";

fn select(name: &str) -> Selector {
    Selector::parse(name).unwrap()
}

fn pages() -> Vec<(&'static str, String)> {
    sample::all().into_iter().map(|(name, report, extras)| (name, html(&report, &extras))).collect()
}

#[test]
fn the_page_is_html_without_a_fault() {
    for (name, page) in pages() {
        let parsed = Html::parse_document(&page);
        assert!(parsed.errors.is_empty(), "{name}: {:?}", parsed.errors);
        assert!(page.starts_with("<!doctype html>"), "{name}");
    }
}

#[test]
fn the_page_loads_nothing() {
    for (name, page) in pages() {
        let parsed = Html::parse_document(&page);
        for element in parsed.select(&select("*")) {
            for (attribute, value) in element.value().attrs() {
                let loads = ["src", "href", "srcset", "action", "poster", "data", "xlink:href", "background"];
                assert!(!loads.contains(&attribute) || value.starts_with('#'), "{name}: {attribute}={value}");
                assert!(!attribute.starts_with("on"), "{name}: {attribute}");
            }
            let tag = element.value().name();
            let outside = ["link", "iframe", "img", "object", "embed", "video", "audio", "base", "form"];
            assert!(!outside.contains(&tag), "{name}: {tag}");
        }
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        assert!(!style.contains("@import") && !style.contains("//"), "{name}");
        assert!(style.split("url(").skip(1).all(|rest| rest.starts_with('#')), "{name}");
    }
}

#[test]
fn someone_who_does_not_see_the_page_finds_their_way() {
    for (name, page) in pages() {
        let parsed = Html::parse_document(&page);
        for landmark in ["header.banner", "main#main", "footer", "nav[aria-label]", "h1"] {
            assert_eq!(parsed.select(&select(landmark)).count(), 1, "{name}: {landmark}");
        }
        let mut level = 0;
        for heading in parsed.select(&select("h1, h2, h3, h4, h5, h6")) {
            let next: u32 = heading.value().name()[1..].parse().unwrap();
            assert!(next <= level + 1, "{name}: h{next} after h{level}");
            assert!(!heading.text().collect::<String>().trim().is_empty(), "{name}");
            level = next;
        }
        for table in parsed.select(&select("table")) {
            assert!(table.select(&select("thead th[scope=col]")).count() > 1, "{name}");
            let rows = table.select(&select("tbody tr")).count();
            assert_eq!(table.select(&select("tbody th[scope=row]")).count(), rows, "{name}");
            let columns = table.select(&select("thead th")).count();
            for row in table.select(&select("tbody tr, tfoot tr")) {
                assert_eq!(row.select(&select("th, td")).count(), columns, "{name}: {}", row.html());
            }
        }
        for plot in parsed.select(&select("svg.plot")) {
            let named = plot.value().attr("aria-label").is_some_and(|label| !label.is_empty());
            assert!(named || plot.value().attr("aria-hidden").is_some(), "{name}");
        }
        let ids: Vec<&str> = parsed.select(&select("[id]")).filter_map(|found| found.value().id()).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "{name}: an id stands twice");
        for element in parsed.select(&select("[href], [aria-labelledby]")) {
            let to = element.value().attr("href").map(|href| &href[1..]);
            let to = to.or(element.value().attr("aria-labelledby")).unwrap();
            assert!(known.contains(to), "{name}: {to} leads nowhere");
        }
    }
}

/// Every text of the report that is free becomes hostile, names of entities and columns too.
fn spoil(value: &mut Value, field: &str) {
    let fixed = ["status", "level", "started_at", "finished_at", "skipped_by_reason", "rejected_by_code"];
    if fixed.contains(&field) {
        return;
    }
    match value {
        Value::String(text) => *text = HOSTILE.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, "")),
        Value::Object(fields) => {
            let named = ["entities", "differences_by_field", "by_reason", "defaults_taken"].contains(&field);
            let old = std::mem::take(fields);
            for (name, mut value) in old {
                spoil(&mut value, &name);
                fields.insert(if named { format!("{name}{HOSTILE}") } else { name }, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn nothing_that_comes_from_outside_becomes_a_part_of_the_page() {
    let mut value = serde_json::to_value(sample::with_findings()).unwrap();
    spoil(&mut value, "");
    let report: Report = serde_json::from_value(value).unwrap();
    let mut extras = sample::extras();
    for reject in &mut extras.rejects_shown {
        for text in [&mut reject.entity, &mut reject.source_id, &mut reject.field, &mut reject.reason] {
            *text = HOSTILE.into();
        }
        reject.value = Some(HOSTILE.into());
    }
    for sample in &mut extras.samples {
        (sample.entity, sample.source_id, sample.destination_id) =
            (HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
        for field in &mut sample.fields {
            (field.column, field.source_expression) = (HOSTILE.into(), HOSTILE.into());
            (field.source_text, field.destination_text) = (Some(HOSTILE.into()), Some(HOSTILE.into()));
        }
    }
    for difference in &mut extras.differences {
        (difference.entity, difference.source_id, difference.id) =
            (HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
        for field in &mut difference.fields {
            (field.column, field.hint) = (HOSTILE.into(), HOSTILE.into());
        }
    }
    let page = html(&report, &extras);
    let parsed = Html::parse_document(&page);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let tags = |page: &Html| {
        let mut tags: Vec<String> = page
            .select(&select("script, img, style, title"))
            .map(|found| found.value().name().to_owned())
            .collect();
        tags.sort();
        tags
    };
    let plain = Html::parse_document(&html(&sample::with_findings(), &sample::extras()));
    assert_eq!(tags(&parsed), tags(&plain));
    for element in parsed.select(&select("*")) {
        assert!(element.value().attrs().all(|(name, _)| !name.starts_with("on")), "{}", element.html());
    }
    let text: String = parsed.select(&select("main")).flat_map(|main| main.text()).collect();
    assert!(text.matches("<script>alert(1)</script>").count() > 50, "hostile texts are shown, as texts");
}

#[test]
fn the_page_stays_small_enough_to_open_and_says_what_it_leaves_out() {
    let one = sample::extras();
    let extras = Extras {
        rejects_shown: one.rejects_shown.iter().cycle().take(50_000).cloned().collect(),
        samples: one.samples.iter().cycle().take(500).cloned().collect(),
        differences: one.differences.iter().cycle().take(50_000).cloned().collect(),
        ..one
    };
    let mut report = sample::with_findings();
    report.verification.as_mut().unwrap().entities["bookings"].counts.extra = 49_997;
    let page = html(&report, &extras);
    assert!(page.len() < 2_000_000, "{}", page.len());
    let parsed = Html::parse_document(&page);
    let rows =
        |table: &str| parsed.select(&select(&format!("table[data-filter='{table}'] tbody tr"))).count();
    assert_eq!(rows("Find a reject"), REJECTS_SHOWN_MAX);
    assert_eq!(rows("Find a difference"), DIFFERENCES_SHOWN_MAX);
    assert_eq!(parsed.select(&select("article.card")).count(), SAMPLES_SHOWN_MAX);
    for words in ["The first 1,000 lines;", "1,000 of 50,000;", "476 more samples are not shown"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_page_says_how_to_undo_until_it_is_undone() {
    for (name, page) in pages() {
        let undone = name == "rolled_back";
        let command = page.contains("landfall rollback 7 --dry-run");
        let sql = page.contains("-f rollback_migration_20261121_101500.sql");
        assert_eq!((command, sql), (!undone, !undone), "{name}");
    }
}
