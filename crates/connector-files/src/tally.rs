//! How many records a file has, counted without the readers: the second opinion of the proof of completeness.

use crate::types::Form;
use memchr::{memchr_iter, memchr2_iter};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Bytes read at a time.
const READ_BYTES: usize = 256 << 10;

/// Counts the records of a file by its line ends and quotes. `blank_counts`: blank lines at the end of a CSV
/// file are records (of one column, NULL).
pub(crate) fn records(path: &Path, form: Form, blank_counts: bool) -> io::Result<u64> {
    let mut read = File::open(path)?;
    skip_mark(&mut read)?;
    let mut buffer = vec![0; READ_BYTES];
    let mut lines = Lines { blank: true, ..Lines::default() };
    loop {
        match read.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => match form {
                Form::Csv => lines.csv(&buffer[..count]),
                Form::Ndjson => lines.ndjson(&buffer[..count]),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    lines.last();
    Ok(match form {
        Form::Csv => (lines.full + if blank_counts { lines.waiting } else { 0 }).saturating_sub(1),
        Form::Ndjson => lines.filled,
    })
}

/// A byte order mark belongs to no line: behind it, a first line of nothing else is blank.
fn skip_mark(read: &mut File) -> io::Result<()> {
    let mut first = Vec::new();
    read.take(3).read_to_end(&mut first)?;
    if first != b"\xEF\xBB\xBF" {
        read.rewind()?;
    }
    Ok(())
}

#[derive(Default)]
struct Lines {
    /// Lines up to the last one that is not blank.
    full: u64,
    /// Lines that are not blank.
    filled: u64,
    /// Blank lines after it.
    waiting: u64,
    quoted: bool,
    /// Whether the present line is blank so far.
    blank: bool,
}

impl Lines {
    fn csv(&mut self, bytes: &[u8]) {
        let mut from = 0;
        for at in memchr2_iter(b'"', b'\n', bytes) {
            self.see(&bytes[from..at]);
            from = at + 1;
            if bytes[at] == b'"' {
                self.quoted = !self.quoted;
                self.blank = false;
            } else if !self.quoted {
                self.end();
            }
        }
        self.see(&bytes[from..]);
    }

    fn ndjson(&mut self, bytes: &[u8]) {
        let mut from = 0;
        for at in memchr_iter(b'\n', bytes) {
            self.blank = self.blank && bytes[from..at].iter().all(u8::is_ascii_whitespace);
            from = at + 1;
            self.end();
        }
        self.blank = self.blank && bytes[from..].iter().all(u8::is_ascii_whitespace);
    }

    fn see(&mut self, bytes: &[u8]) {
        self.blank = self.blank && bytes.iter().all(|byte| *byte == b'\r');
    }

    fn end(&mut self) {
        if self.blank {
            self.waiting += 1;
        } else {
            self.full += self.waiting + 1;
            self.filled += 1;
            self.waiting = 0;
        }
        self.blank = true;
    }

    fn last(&mut self) {
        if !self.blank {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_line_ends_outside_quotes() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        for (form, blank_counts, text, expected) in [
            (Form::Csv, false, "", 0),
            (Form::Csv, false, "a,b", 0),
            (Form::Csv, false, "a,b\n1,2", 1),
            (Form::Csv, false, "a,b\r\n1,2\r\n\r\n\n", 1),
            (Form::Csv, false, "a\n\"x\ny\n\"\"z\"\n2\n", 2),
            (Form::Csv, false, "a\n\"\"\n", 1),
            (Form::Csv, false, "a\n\nb\n\n", 2),
            (Form::Csv, true, "a\n\nb\n\n", 3),
            (Form::Csv, false, "\u{feff}a\n1\n", 1),
            (Form::Ndjson, false, "", 0),
            (Form::Ndjson, false, "\u{feff}", 0),
            (Form::Ndjson, false, "\u{feff}\n\n{}\n", 1),
            (Form::Ndjson, false, "\u{feff}{}\n{}", 2),
            (Form::Ndjson, false, "{}\n\n  \r\n{\"a\":1}", 2),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(records(&path, form, blank_counts).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn it_does_not_matter_where_the_pieces_of_a_file_end() {
        let text = "a\r\n\"x\n\r\n\"\"y\"\r\n\r\nz\r\n\r\n";
        for piece in 1..text.len() {
            let mut lines = Lines { blank: true, ..Lines::default() };
            text.as_bytes().chunks(piece).for_each(|bytes| lines.csv(bytes));
            lines.last();
            assert_eq!((lines.full, lines.waiting), (4, 1), "{piece} bytes at a time");
        }
    }
}
