//! The table: on the terminal as lines, in a file as Markdown.

use super::cost::Cost;
use super::lines::{Bar, Line, Spread, Unit, spread};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a benchmark came to.
#[derive(Debug, Default)]
pub struct Found {
    /// The lines with their bars.
    pub lines: Vec<Line>,
    /// What every run cost, a cost a round.
    pub runs: BTreeMap<String, Vec<Cost>>,
    /// What the figures do not say.
    pub notes: Vec<String>,
    /// What broke, or came to wrong results.
    pub broken: Vec<String>,
    /// The server's version, when there was one.
    pub postgres: Option<String>,
}

impl Found {
    /// Adds what another benchmark came to.
    pub fn add(&mut self, other: Found) {
        self.lines.extend(other.lines);
        self.runs.extend(other.runs);
        self.notes.extend(other.notes);
        self.broken.extend(other.broken);
        self.postgres = self.postgres.take().or(other.postgres);
    }

    /// Keeps what a run cost.
    pub fn spent(&mut self, run: &str, cost: Cost) {
        self.runs.entry(run.to_owned()).or_default().push(cost);
    }
}

/// The table as Markdown, with the machine above it.
pub fn markdown(found: &Found, machine: &str) -> String {
    let mut text = format!("Machine: {machine}.\n\n");
    text.push_str("| what | bar | median | min – max | CPU | rounds | |\n|---|---|---|---|---|---|---|\n");
    for line in &found.lines {
        let Some(figures) = spread(&line.figures) else {
            let _ = writeln!(text, "| {} | {} | not measured | | | 0 | |", line.what, bar(line));
            continue;
        };
        let cpu = spread(&line.cpu).map(|cpu| format!("{:.2}", cpu.median)).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {cpu} | {} | {} |",
            line.what,
            bar(line),
            figure(figures.median, line.unit),
            range(figures, line.unit),
            line.figures.len(),
            verdict(line)
        );
    }
    if !found.runs.is_empty() {
        text.push_str(
            "\n| run | median, s | min – max | CPU of the client, s | CPU of the server, s | \
             peak memory, MiB |\n\
             |---|---|---|---|---|---|\n",
        );
    }
    for (name, costs) in &found.runs {
        let of = |part: &dyn Fn(&Cost) -> f64| spread(&costs.iter().map(part).collect::<Vec<_>>());
        let (Some(wall), Some(client), Some(server), Some(peak)) = (
            of(&|c| c.wall.as_secs_f64()),
            of(&|c| c.client.as_secs_f64()),
            of(&|c| c.server.as_secs_f64()),
            of(&|c| c.peak_kib as f64 / 1024.0),
        ) else {
            continue;
        };
        let _ = writeln!(
            text,
            "| {name} | {:.2} | {} | {:.2} | {:.2} | {:.0} |",
            wall.median,
            range(wall, Unit::Seconds),
            client.median,
            server.median,
            peak.median
        );
    }
    for note in &found.notes {
        let _ = write!(text, "\n{note}\n");
    }
    for broken in &found.broken {
        let _ = write!(text, "\n**Broken**: {broken}\n");
    }
    text
}

const BEGIN: &str = "<!-- cargo xtask bench writes from here -->";
const END: &str = "<!-- to here -->";

/// The text of the file that the table goes to: between its two marks where it has them, else the table
/// alone.
pub fn placed(file: Option<&str>, table: &str) -> String {
    let marks = file.and_then(|text| {
        let (before, rest) = text.split_once(BEGIN)?;
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    match marks {
        Some((before, after)) => format!("{before}{BEGIN}\n\n{table}\n{END}{after}"),
        None => table.to_owned(),
    }
}

/// A line for the terminal.
pub fn plain(line: &Line) -> String {
    let Some(figures) = spread(&line.figures) else { return format!("  {}: not measured", line.what) };
    let cpu = spread(&line.cpu).map(|cpu| format!(", CPU {:.2}", cpu.median)).unwrap_or_default();
    let bar = match line.bar {
        Bar::None => String::new(),
        _ => format!("; bar {}: {}", bar(line), verdict(line)),
    };
    format!(
        "  {}: {} ({}{cpu}){bar}",
        line.what,
        figure(figures.median, line.unit),
        range(figures, line.unit)
    )
}

fn range(figures: Spread, unit: Unit) -> String {
    format!("{} – {}", bare(figures.min, unit), bare(figures.max, unit))
}

fn bar(line: &Line) -> String {
    match line.bar {
        Bar::AtMost(most) => format!("≤ {}", figure(most, line.unit)),
        Bar::AtLeast(least) => format!("≥ {}", figure(least, line.unit)),
        Bar::None => String::new(),
    }
}

fn verdict(line: &Line) -> &'static str {
    match line.met() {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    }
}

/// A figure with its unit.
fn figure(value: f64, unit: Unit) -> String {
    let unit_words = match unit {
        Unit::Ratio => "",
        Unit::Mib => " MiB",
        Unit::Milliseconds => " ms",
        Unit::Seconds => " s",
    };
    format!("{}{unit_words}", bare(value, unit))
}

fn bare(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ratio | Unit::Seconds => format!("{value:.2}"),
        Unit::Mib | Unit::Milliseconds => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_page_keeps_what_stands_around_the_table() {
        let page = format!("# How fast\n{BEGIN}\nold\n{END}\nmore\n");
        let once = placed(Some(&page), "| new |\n");
        assert_eq!(once, format!("# How fast\n{BEGIN}\n\n| new |\n\n{END}\nmore\n"));
        assert_eq!(placed(Some(&once), "| new |\n"), once);
        assert_eq!(placed(None, "| new |\n"), "| new |\n");
        assert_eq!(placed(Some("no marks"), "| new |\n"), "| new |\n");
    }

    #[test]
    fn the_table_says_the_bar_the_spread_and_whether_it_was_met() {
        let mut found = Found::default();
        let mut line = Line::new("move ÷ csv", Unit::Ratio, Bar::AtMost(0.7), vec![0.65, 0.6, 0.9]);
        line.cpu = vec![0.8];
        found.lines.push(line);
        found.lines.push(Line::new("peak", Unit::Mib, Bar::AtMost(128.0), vec![130.0]));
        found.lines.push(Line::new("gone", Unit::Ratio, Bar::AtLeast(2.0), vec![]));
        let cost = Cost { wall: Duration::from_millis(1500), peak_kib: 2048, ..Cost::default() };
        found.spent("move", cost);
        found.broken.push("a thing broke".into());
        let text = markdown(&found, "a machine");
        for expected in [
            "Machine: a machine.\n",
            "| move ÷ csv | ≤ 0.70 | 0.65 | 0.60 – 0.90 | 0.80 | 3 | met |",
            "| peak | ≤ 128 MiB | 130 MiB | 130 – 130 |  | 1 | **missed** |",
            "| gone | ≥ 2.00 | not measured | | | 0 | |",
            "| move | 1.50 | 1.50 – 1.50 | 0.00 | 0.00 | 2 |",
            "**Broken**: a thing broke",
        ] {
            assert!(text.contains(expected), "{expected}\nin\n{text}");
        }
        assert_eq!(plain(&found.lines[1]), "  peak: 130 MiB (130 – 130); bar ≤ 128 MiB: **missed**");
    }
}
