//! The accounting: every record in one of five buckets, and the sums that must agree.

use crate::html::bars::{Part, stacked};
use crate::html::text::clean;
use crate::model::{Buckets, Entity, Report};
use crate::words::{self, number, percent};

/// A figure at the top of the page.
pub(super) struct Tile {
    pub name: &'static str,
    pub figure: String,
    pub note: String,
    pub tone: &'static str,
}

/// The figures that most people look for.
pub(super) fn tiles(report: &Report) -> Vec<Tile> {
    let totals = &report.totals;
    let tile = |name, figure, note: String, tone| Tile { name, figure, note, tone };
    let mut out = vec![
        tile("In the source", number(totals.source), entities(report), ""),
        tile(
            "Arrived",
            number(totals.arrived()),
            if totals.source == 0 { String::new() } else { percent(totals.arrived(), totals.source) },
            "",
        ),
        tile(
            "Rejected",
            number(totals.rejected),
            if totals.rejected == 0 { "nothing was refused".into() } else { "each with its reason".into() },
            if totals.rejected == 0 { "" } else { "bad" },
        ),
    ];
    out.push(match &report.verification {
        None => tile("Found equal", "–".to_owned(), "nothing was compared yet".to_owned(), "look"),
        Some(found) => {
            let (compared, equal) = (found.totals.compared, number(found.totals.equal));
            match found.totals.different() {
                0 if compared == 0 => tile("Found equal", equal, "nothing was compared".to_owned(), "look"),
                0 => tile("Found equal", equal, "all that were compared".to_owned(), "good"),
                n => {
                    let note =
                        format!("of {} compared; {} {} not", number(compared), number(n), words::is(n));
                    tile("Found equal", equal, note, "bad")
                }
            }
        }
    });
    out
}

fn entities(report: &Report) -> String {
    match report.entities.len() {
        1 => "1 entity".to_owned(),
        n => format!("{n} entities"),
    }
}

/// A bucket: its class in the plot, its word, and what it means.
pub(super) struct Bucket {
    pub class: &'static str,
    pub word: &'static str,
    pub meaning: &'static str,
}

const BUCKETS: [Bucket; 5] = [
    Bucket { class: "loaded", word: "loaded", meaning: "a new row was written" },
    Bucket { class: "updated", word: "updated", meaning: "a row was there and was brought up to date" },
    Bucket { class: "unchanged", word: "unchanged", meaning: "an equal row was there already" },
    Bucket { class: "skipped", word: "skipped", meaning: "left out on purpose" },
    Bucket { class: "rejected", word: "rejected", meaning: "could not be carried" },
];

const LEFT: Bucket = Bucket { class: "left", word: "not done", meaning: "still to be moved" };
const LOST: Bucket = Bucket { class: "left", word: "unaccounted", meaning: "in none of the buckets" };

/// The section.
pub(super) struct Accounting {
    pub legend: Vec<Bucket>,
    pub rows: Vec<Row>,
    pub all: Option<Row>,
    pub skipped: Vec<Reason>,
    pub notes: Vec<String>,
}

/// A line of the accounting.
pub(super) struct Row {
    pub name: String,
    pub route: String,
    pub mode: String,
    pub parts: Vec<Part>,
    pub spoken: String,
    pub arrived: String,
    pub share: String,
    pub source: String,
    pub counts: Vec<Cell>,
    pub sum: String,
    pub says: &'static str,
    pub state: &'static str,
    left: bool,
}

/// A count; nothing is set in a quieter ink.
pub(super) struct Cell {
    pub text: String,
    pub none: bool,
}

/// Why something was left out.
pub(super) struct Reason {
    pub entity: String,
    pub word: String,
    pub meaning: String,
    pub count: String,
}

impl Accounting {
    pub(super) fn new(report: &Report) -> Self {
        let disagreeing = report.disagreements();
        let row = |(name, entity): (&String, &Entity)| {
            let wrong = disagreeing.iter().any(|found| found.entity == *name && found.what != "compared");
            let open = !wrong && !entity.accounted();
            let mut row = Row::new(name, &entity.buckets(), wrong, open);
            row.route = clean(&format!("{} → {}", entity.stream, entity.table));
            row.mode = clean(&entity.mode);
            row
        };
        let rows: Vec<Row> = report.entities.iter().map(row).collect();
        let all = (rows.len() > 1).then(|| {
            let open = report.totals.left() > 0;
            Row::new("all", &report.totals, rows.iter().any(|row| row.state == "bad"), open)
        });
        let mut legend: Vec<Bucket> = BUCKETS.into();
        if rows.iter().any(|row| row.left && row.state != "bad") {
            legend.push(LEFT);
        }
        if rows.iter().any(|row| row.left && row.state == "bad") {
            legend.push(LOST);
        }
        let skipped = report.entities.iter().flat_map(|(name, entity)| {
            entity.skipped_by_reason.iter().map(|(reason, n)| Reason {
                entity: clean(name),
                word: reason.word().to_owned(),
                meaning: words::reason(*reason).to_owned(),
                count: number(*n),
            })
        });
        Self { legend, rows, all, skipped: skipped.collect(), notes: notes(report) }
    }
}

impl Row {
    fn new(name: &str, buckets: &Buckets, wrong: bool, open: bool) -> Self {
        let counts = [buckets.loaded, buckets.updated, buckets.unchanged, buckets.skipped, buckets.rejected];
        let mut parts: Vec<(&'static str, u64, String)> = BUCKETS
            .iter()
            .zip(counts)
            .map(|(bucket, n)| (bucket.class, n, format!("{} {}", number(n), bucket.word)))
            .collect();
        let left = if wrong { LOST } else { LEFT };
        parts.push((left.class, buckets.left(), format!("{} {}", number(buckets.left()), left.word)));
        let spoken: Vec<&str> =
            parts.iter().filter(|(_, n, _)| *n > 0).map(|(_, _, title)| title.as_str()).collect();
        let spoken = if spoken.is_empty() { "no records".to_owned() } else { spoken.join(", ") };
        let (says, state) = match (wrong, open) {
            (true, _) => ("does not agree", "bad"),
            (false, true) => ("not done", "open"),
            (false, false) => ("agrees", "good"),
        };
        Self {
            name: clean(name),
            route: String::new(),
            mode: String::new(),
            spoken: format!("{}: {spoken}", clean(name)),
            parts: stacked(&parts, buckets.source),
            arrived: number(buckets.arrived()),
            share: percent(buckets.arrived(), buckets.source),
            source: number(buckets.source),
            counts: counts.into_iter().map(|n| Cell { text: number(n), none: n == 0 }).collect(),
            sum: number(buckets.sum()),
            says,
            state,
            left: buckets.left() > 0,
        }
    }
}

/// What else there is to say about the counts.
fn notes(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    for (name, entity) in &report.entities {
        let name = clean(name);
        for (column, n) in &entity.defaults_taken {
            out.push(format!(
                "{name}: {} took the default of the column {}, because the source holds NULL.",
                words::count(*n, "record", "records"),
                clean(column)
            ));
        }
        if entity.adopted > 0 {
            out.push(format!(
                "{name}: {} a row that the destination had already; a rollback never deletes {}.",
                words::count(entity.adopted, "record took over", "records took over"),
                if entity.adopted == 1 { "it" } else { "those" }
            ));
        }
        if entity.source_repeats > 0 {
            out.push(format!(
                "{name}: the source showed {} once more; each is in the export once, in its newest version.",
                words::count(entity.source_repeats, "record", "records")
            ));
        }
        if entity.unreadable > 0 {
            out.push(format!(
                "{name}: {} something that no text can hold, and {} among the rejected.",
                words::count(entity.unreadable, "record has", "records have"),
                words::is(entity.unreadable)
            ));
        }
    }
    out
}
