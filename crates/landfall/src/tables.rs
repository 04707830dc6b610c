//! Tables on the terminal: columns aligned, numbers to the right.

use std::fmt::Write;

/// A cell wider than this is cut on the screen, with an ellipsis; the JSON form is whole.
const WIDTH_MAX: usize = 60;

/// A table with a head; columns whose cells are all numbers stand to the right.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let columns = head.len();
    let shown: Vec<Vec<String>> = rows.iter().map(|r| r.iter().map(|c| cut(c)).collect()).collect();
    let width = |i: usize| {
        shown.iter().map(|r| r[i].chars().count()).chain([head[i].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let right: Vec<bool> = (0..columns)
        .map(|i| {
            !shown.is_empty()
                && shown.iter().all(|r| r[i].chars().all(|c| c.is_ascii_digit() || ",.-".contains(c)))
        })
        .collect();
    let mut out = String::new();
    let line = |cells: &[String], out: &mut String| {
        for (i, cell) in cells.iter().enumerate() {
            let pad = widths[i] - cell.chars().count();
            let gap = if i == 0 { "" } else { "  " };
            let _ = match (right[i], i + 1 == columns) {
                (true, _) => write!(out, "{gap}{}{cell}", " ".repeat(pad)),
                (false, true) => write!(out, "{gap}{cell}"),
                (false, false) => write!(out, "{gap}{cell}{}", " ".repeat(pad)),
            };
        }
        out.push('\n');
    };
    line(&head.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>(), &mut out);
    line(&widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>(), &mut out);
    for row in &shown {
        line(row, &mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

fn cut(cell: &str) -> String {
    let flat = cell.replace(['\n', '\r', '\t'], " ");
    if flat.chars().count() <= WIDTH_MAX {
        return flat;
    }
    flat.chars().take(WIDTH_MAX - 1).chain(['…']).collect()
}
