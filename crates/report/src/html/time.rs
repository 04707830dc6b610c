//! Where the time went.

use crate::html::bars::lane;
use crate::html::text::clean;
use crate::model::{Phase, Report};
use crate::words::{bytes, clock, count, duration, rate};

/// The section.
pub(super) struct Time {
    pub lead: String,
    pub begin: String,
    pub end: String,
    pub rows: Vec<Row>,
}

/// A stretch of time.
pub(super) struct Row {
    pub class: &'static str,
    pub name: String,
    pub entity: String,
    pub x: String,
    pub width: String,
    pub took: String,
    pub records: String,
    pub rate: String,
    pub bytes: String,
    pub began: String,
}

impl Time {
    pub(super) fn new(report: &Report) -> Self {
        let begin = report.phases.iter().map(|phase| phase.started_at).min();
        let Some(begin) = begin else {
            return Self { lead: String::new(), begin: String::new(), end: String::new(), rows: Vec::new() };
        };
        let offset = |phase: &Phase| phase.started_at.duration_since(begin).as_secs_f64();
        let whole = report.phases.iter().map(|phase| offset(phase) + phase.seconds).fold(0.0, f64::max);
        let row = |phase: &Phase| {
            let (x, width) = lane(offset(phase), phase.seconds, whole);
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let per_second = if phase.seconds > 0.0 { phase.records as f64 / phase.seconds } else { 0.0 };
            Row {
                class: class(&phase.name),
                name: clean(&phase.name),
                entity: phase.entity.as_deref().map(clean).unwrap_or_default(),
                x,
                width,
                took: duration(phase.seconds),
                records: if phase.records == 0 {
                    String::new()
                } else {
                    count(phase.records, "record", "records")
                },
                rate: if phase.records == 0 { String::new() } else { rate(per_second) },
                bytes: if phase.bytes == 0 { String::new() } else { bytes(phase.bytes) },
                began: clock(phase.started_at),
            }
        };
        let times = if report.run.resumed == 0 {
            String::new()
        } else {
            format!(" It was interrupted and resumed {}.", count(report.run.resumed, "time", "times"))
        };
        Self {
            lead: format!("From the first step to the last it took {}.{times}", duration(whole)),
            begin: clock(begin),
            end: format!("+ {}", duration(whole)),
            rows: report.phases.iter().map(row).collect(),
        }
    }
}

fn class(phase: &str) -> &'static str {
    match phase {
        "export" => "lane-export",
        "load" => "lane-load",
        "verify" | "checks" => "lane-verify",
        _ => "lane-other",
    }
}
