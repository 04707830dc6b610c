//! Aligned columns of plain text that never grow beyond the page.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns between two columns of a table.
const GAP: usize = 2;

/// Which side a column stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

enum Line {
    Row(Vec<String>),
    Rule,
}

/// A table, or one block per row where the page is too narrow for it.
pub(super) struct Table {
    heads: Vec<String>,
    align: Vec<Align>,
    lines: Vec<Line>,
}

impl Table {
    pub(super) fn new(heads: &[&str], align: &[Align]) -> Self {
        Self {
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            align: align.to_vec(),
            lines: Vec::new(),
        }
    }

    /// A row; cells that it does not have are empty.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        let mut cells: Vec<String> = cells.into_iter().map(|cell| plain(&cell)).collect();
        cells.resize(self.heads.len(), String::new());
        self.lines.push(Line::Row(cells));
    }

    pub(super) fn rule(&mut self) {
        self.lines.push(Line::Rule);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines of the table on a page of `page` columns.
    pub(super) fn lines(&self, page: usize, indent: usize) -> Vec<String> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| width(head)).collect();
        for line in &self.lines {
            let Line::Row(cells) = line else { continue };
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = (*widest).max(width(cell));
            }
        }
        let whole = indent + widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        if whole > page {
            return self.blocks(page, indent);
        }
        let lay = |cells: &[String]| {
            let mut out = " ".repeat(indent);
            for (place, (cell, (widest, align))) in
                cells.iter().zip(widths.iter().zip(&self.align)).enumerate()
            {
                if place > 0 {
                    out.push_str(&" ".repeat(GAP));
                }
                let pad = " ".repeat(widest - width(cell));
                match align {
                    Align::Left => out.extend([cell.as_str(), &pad]),
                    Align::Right => out.extend([&pad, cell.as_str()]),
                }
            }
            out
        };
        let mut out = vec![lay(&self.heads)];
        for line in &self.lines {
            out.push(match line {
                Line::Row(cells) => lay(cells),
                Line::Rule => format!("{}{}", " ".repeat(indent), "-".repeat(whole - indent)),
            });
        }
        out
    }

    /// Each row a block: its first cell, and under it a line per column.
    fn blocks(&self, page: usize, indent: usize) -> Vec<String> {
        let widest = self.heads.iter().map(|head| width(head)).max().unwrap_or_default();
        let mut out = Vec::new();
        for line in &self.lines {
            let Line::Row(cells) = line else { continue };
            for (place, (head, cell)) in self.heads.iter().zip(cells).enumerate() {
                let lead = match place {
                    0 => " ".repeat(indent),
                    _ => {
                        format!("{}{head}{}", " ".repeat(indent * 2), " ".repeat(widest + GAP - width(head)))
                    }
                };
                for (n, part) in wrap(cell, page.saturating_sub(width(&lead))).iter().enumerate() {
                    let lead = if n == 0 { lead.clone() } else { " ".repeat(width(&lead)) };
                    out.push(format!("{lead}{part}"));
                }
            }
        }
        out
    }
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text without anything that moves the cursor, colours it, or turns the line's direction.
pub(super) fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// Lines of at most `columns`, broken between words; a word that is longer is broken anywhere. Nothing is
/// lost.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in plain(text).split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if !line.is_empty() && width(&line) + c.width().unwrap_or_default() > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_and_no_letter_is_lost() {
        for text in [
            "",
            "a b",
            "one two three four five",
            &"x".repeat(50),
            "短い 文 です とても 長い 行",
            "\u{1b}[31mred\n\tline",
        ] {
            for columns in [1, 7, 20] {
                let lines = wrap(text, columns);
                assert!(lines.iter().all(|line| width(line) <= columns.max(2)), "{lines:?}");
                let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                assert_eq!(letters(&lines.concat()), letters(&plain(text)));
            }
        }
    }

    #[test]
    fn a_table_that_does_not_fit_becomes_blocks() {
        let mut table = Table::new(&["name", "count"], &[Align::Left, Align::Right]);
        table.row(vec!["users".into(), "1,204".into()]);
        table.rule();
        table.row(vec!["all".into(), "1,204".into()]);
        assert_eq!(
            table.lines(40, 2),
            ["  name   count", "  users  1,204", "  ------------", "  all    1,204"]
        );
        let blocks =
            ["  users", "    count  1,20", "           4", "  all", "    count  1,20", "           4"];
        assert_eq!(table.lines(15, 2)[0], "  name   count");
        assert_eq!(table.lines(13, 2), table.blocks(13, 2));
        assert_eq!(table.blocks(15, 2), blocks);
    }
}
