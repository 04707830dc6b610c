//! `migration_report_TS.html`: one self-contained page to look at.
//!
//! The modules here turn facts into texts and lengths; the templates set them, and escape every one.

mod accounting;
mod bars;
mod checks;
mod facts;
mod rejects;
mod text;
mod time;
mod verified;

use crate::model::{Extras, Report};
use crate::verdict::{Tone, verdict};
use askama::Template;

pub use text::TEXT_SHOWN_MAX;

/// Rejects that the page lists; the errors file has all.
pub const REJECTS_SHOWN_MAX: usize = 1_000;

/// Differences that the page lists; `verify --all FILE` names all.
pub const DIFFERENCES_SHOWN_MAX: usize = 1_000;

/// Records that the page sets side by side.
pub const SAMPLES_SHOWN_MAX: usize = 24;

/// The page. Rejects, samples and differences beyond its bounds are left out, and it says so.
pub fn html(report: &Report, extras: &Extras) -> String {
    let report = report.clone().seal();
    let page = Page::new(&report, extras);
    page.render().unwrap_or_else(|error| unreachable!("every value of the page shows itself: {error}"))
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    project: String,
    run_name: String,
    source: String,
    destination: String,
    when: String,
    tone: &'static str,
    word: &'static str,
    lead: String,
    more: Vec<String>,
    alarms: Vec<String>,
    tiles: Vec<accounting::Tile>,
    accounting: accounting::Accounting,
    rejects: rejects::Rejects,
    verification: verified::Verification,
    samples: verified::Samples,
    checks: checks::Checks,
    passwords: Option<checks::Passwords>,
    time: time::Time,
    export: facts::Export,
    undo: facts::Undo,
    run: Vec<facts::Fact>,
    landfall: String,
}

impl Page {
    fn new(report: &Report, extras: &Extras) -> Self {
        let run = &report.run;
        let verdict = verdict(report);
        let mut sentences = verdict.sentences.into_iter();
        Self {
            project: text::clean(&run.project),
            run_name: text::clean(&run.name),
            source: text::clean(&run.source),
            destination: text::clean(&run.destination),
            when: crate::words::moment(run.started_at),
            tone: match verdict.tone {
                Tone::Good => "good",
                Tone::Look => "look",
                Tone::Bad => "bad",
                Tone::Open => "open",
                Tone::Undone => "undone",
            },
            word: verdict.word,
            lead: sentences.next().unwrap_or_default(),
            more: sentences.collect(),
            alarms: verdict.alarms.iter().map(|alarm| text::clean(alarm)).collect(),
            tiles: accounting::tiles(report),
            accounting: accounting::Accounting::new(report),
            rejects: rejects::Rejects::new(report, extras),
            verification: verified::Verification::new(report, extras),
            samples: verified::Samples::new(extras),
            checks: checks::Checks::new(report),
            passwords: report.passwords.as_ref().map(|found| checks::Passwords::new(report, found)),
            time: time::Time::new(report),
            export: facts::Export::new(report),
            undo: facts::Undo::new(report),
            run: facts::run(report),
            landfall: text::clean(&run.landfall),
        }
    }
}
