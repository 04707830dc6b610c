//! The page in Chromium: on a desk, a tablet, a telephone and on paper, by day and by night.

use crate::sample;
use scraper::{Html, Selector};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use testkit::chromium::{self, Scheme};
use testkit::scratch;

/// Widths of a desk, a tablet and a telephone, in CSS pixels.
const WIDTHS: [u32; 3] = [1280, 800, 390];

/// The pages that are printed and pictured; a browser each takes its time.
const PICTURED: [&str; 4] = ["done", "done_with_findings", "extreme", "rolled_back"];

/// What `audit.js` finds in one page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Audit {
    /// Why it could not be measured.
    failed: Option<String>,
    width: u32,
    height: u32,
    dark: bool,
    /// What the page asked the network for.
    loaded: Vec<String>,
    /// The lines to type in above tables, which the page's own script makes.
    filters: usize,
    overflow: Vec<String>,
    clipped: Vec<String>,
    contrast: Vec<String>,
    plots: usize,
    flat: Vec<String>,
    texts: usize,
    /// The lowest contrast of a text.
    worst: f64,
}

impl Audit {
    /// What is wrong, the first few of each kind.
    fn problems(&self) -> Vec<String> {
        let kinds = [
            ("reaches out of the page", &self.overflow),
            ("is cut off", &self.clipped),
            ("is hard to read", &self.contrast),
            ("is a plot without a size", &self.flat),
            ("was loaded", &self.loaded),
        ];
        let few = |(what, found): (&str, &Vec<String>)| {
            found.iter().take(5).map(|it| format!("{it} {what}")).collect::<Vec<_>>()
        };
        kinds.into_iter().flat_map(few).collect()
    }
}

/// A page that holds `pages` in frames of their widths, and measures them.
fn harness(pages: &[(String, u32, &str)]) -> String {
    let frame = |(name, width, page): &(String, u32, &str)| {
        let page = page.replace('&', "&amp;").replace('"', "&quot;");
        format!(
            "<iframe name=\"{name}\" style=\"width:{width}px;height:900px;border:0\" srcdoc=\"{page}\"></iframe>\n"
        )
    };
    let frames: String = pages.iter().map(frame).collect();
    format!(
        "<!doctype html><meta charset=\"utf-8\"><body>\n{frames}<script>{}</script>",
        include_str!("audit.js")
    )
}

/// The findings of all pages, by `NAME WIDTH`, and what was said on the console.
fn audits(pages: &[(String, u32, &str)], scheme: Scheme) -> (BTreeMap<String, Audit>, Vec<String>) {
    let folder = scratch();
    let seen = chromium::look(&folder.write("harness.html", harness(pages)), scheme);
    let document = Html::parse_document(&seen.document);
    let told = Selector::parse("#audit").expect("a selector");
    let told = document.select(&told).next().expect("the audit has run");
    let audits = serde_json::from_str(&told.text().collect::<String>()).expect("JSON of the audit");
    (audits, seen.console)
}

/// Every kind of report, and one with thirty entities.
fn pages() -> Vec<(&'static str, String)> {
    let mut all = sample::all();
    all.push(("thirty_entities", sample::thirty_entities(), sample::extras()));
    all.into_iter().map(|(name, report, extras)| (name, report::html(&report, &extras))).collect()
}

#[test]
fn every_page_can_be_read_at_every_width_by_day() {
    can_be_read(Scheme::Light);
}

#[test]
fn every_page_can_be_read_at_every_width_by_night() {
    can_be_read(Scheme::Dark);
}

fn can_be_read(scheme: Scheme) {
    let pages = pages();
    let framed: Vec<(String, u32, &str)> = pages
        .iter()
        .flat_map(|(name, page)| WIDTHS.map(|width| (format!("{name} {width}"), width, page.as_str())))
        .collect();
    let (audits, console) = audits(&framed, scheme);
    assert_eq!(audits.len(), framed.len());
    assert_eq!(console, Vec::<String>::new(), "the console stays silent");
    let mut problems = Vec::new();
    for (name, width, _) in &framed {
        let audit = &audits[name];
        assert_eq!((&audit.failed, audit.width), (&None, *width), "{name}");
        assert_eq!(audit.dark, scheme == Scheme::Dark, "{name}");
        assert!(audit.texts > 30 && audit.worst > 1.0 && audit.height > 900, "{name}: {audit:?}");
        problems.extend(audit.problems().into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(audits["done 1280"].plots > 10, "the plots are there");
    assert!(audits["done_with_findings 390"].filters > 0, "the page's own script has run");
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_audit_sees_each_fault_that_it_looks_for() {
    let faults = [
        ("<div style='width:2000px'>wide</div>", "reaches out of the page"),
        ("<div style='width:20px;height:9px;overflow:hidden'>a text that is cut off</div>", "is cut off"),
        ("<p style='color:#999;background:#fff'>pale</p>", "is hard to read"),
        ("<p style='color:rgba(0,0,0,.4);background:#fff'>thin</p>", "is hard to read"),
        ("<svg class='plot' style='display:block;height:0'></svg>", "is a plot without a size"),
        (
            "<svg class='plot' style='width:50px;height:9px'><rect x='0' width='0' height='9'/></svg>",
            "is a plot",
        ),
        ("<img src='data:image/png;base64,AA' srcset='http://x.invalid/a.png'>", "was loaded"),
        ("<p style='color:#767676;background:#fff'>just readable</p>", ""),
    ];
    let page = |body: &str| format!("<!doctype html><html><body style='margin:0'>{body}</body></html>");
    let pages: Vec<String> = faults.iter().map(|(body, _)| page(body)).collect();
    let framed: Vec<_> =
        pages.iter().enumerate().map(|(n, page)| (n.to_string(), 400, page.as_str())).collect();
    let (audits, _) = audits(&framed, Scheme::Light);
    for (n, (body, expected)) in faults.iter().enumerate() {
        let problems = audits[&n.to_string()].problems();
        let seen = problems.iter().any(|problem| problem.contains(expected));
        assert_eq!(
            (seen, problems.is_empty()),
            (!expected.is_empty(), expected.is_empty()),
            "{body}: {problems:?}"
        );
    }
}

#[test]
fn paper_has_every_section_that_the_screen_has() {
    let folder = scratch();
    for (name, page) in pages().into_iter().filter(|(name, _)| PICTURED.contains(name)) {
        let file = folder.write(format!("{name}.html"), &page);
        let pdf = chromium::print(&file);
        let outline = titles(&pdf);
        let parsed = Html::parse_document(&page);
        for heading in parsed.select(&Selector::parse("main h2").expect("a selector")) {
            let text: String = heading.text().collect();
            assert!(
                outline.iter().any(|title| *title == text.trim()),
                "{name}: {text} is not in {outline:?}"
            );
        }
    }
}

/// The titles of a PDF's outline (ISO 32000-1, 12.3.3): texts in brackets, or UTF-16 in hex.
fn titles(pdf: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(pdf);
    let title = |rest: &str| match rest.chars().next()? {
        '(' => {
            let end =
                (1..rest.len()).find(|at| rest[*at..].starts_with(')') && !rest[..*at].ends_with('\\'))?;
            Some(rest[1..end].replace("\\(", "(").replace("\\)", ")"))
        }
        '<' => {
            let hex = rest[1..].split('>').next()?;
            let units = hex.as_bytes().chunks(4).skip(1);
            let unit = |unit: &[u8]| u16::from_str_radix(std::str::from_utf8(unit).ok()?, 16).ok();
            String::from_utf16(&units.filter_map(unit).collect::<Vec<_>>()).ok()
        }
        _ => None,
    };
    text.split("/Title ").skip(1).filter_map(|rest| title(rest.trim_start())).collect()
}

/// The pictures of `target/screenshots`, for people to look at.
#[test]
fn pictures_are_taken_for_people_to_look_at() {
    let folder = scratch();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
    let mut pages = pages();
    pages.retain(|(name, _)| PICTURED.contains(name));
    let framed: Vec<_> =
        pages.iter().map(|(name, page)| (format!("{name} 1280"), 1280, page.as_str())).collect();
    let (audits, _) = audits(&framed, Scheme::Light);
    let picture = |page: &str, name: &str, scheme: Scheme, width: u32, height: u32| -> PathBuf {
        let to = target.join(format!("report_{name}_{}_{width}.png", scheme.word()));
        let file = folder.write("framed.html", framed_alone(page, width, height));
        chromium::screenshot(&file, scheme, width.max(500), height, &to);
        to
    };
    for (name, page) in &pages {
        // Chromium's pictures end at 16,384 pixels.
        let height = audits[&format!("{name} 1280")].height.min(16_000);
        let to = picture(page, name, Scheme::Light, 1280, height);
        let bytes = std::fs::metadata(&to).map_or(0, |file| file.len());
        assert!(bytes > 50_000, "{}: a page of nothing has {bytes} bytes", to.display());
    }
    let page = &pages.iter().find(|(name, _)| *name == "done_with_findings").expect("it is there").1;
    picture(page, "done_with_findings", Scheme::Dark, 1280, 5_200);
    picture(page, "done_with_findings", Scheme::Light, 390, 9_000);
}

/// A page in a frame of its own width, for widths that no window has.
fn framed_alone(page: &str, width: u32, height: u32) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><meta charset=\"utf-8\"><body style=\"margin:0\">\
         <iframe style=\"width:{width}px;height:{height}px;border:0\" srcdoc=\"{page}\"></iframe>"
    )
}
