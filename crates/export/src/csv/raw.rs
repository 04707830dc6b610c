//! Records as they are written, one after the other: the bytes and where the fields lie.

use super::split::{Span, Split, Written, Wrong, split};
use super::window::Window;
use super::{BATCH_BYTES_MAX, FIELD_BYTES_MAX, RECORD_BYTES_MAX};
use memchr::memchr;
use std::io::{self, Read, Seek};

/// The bounds of a reader; the default is what the constants of this module's parent say.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one field.
    pub field: usize,
    /// Bytes of one record.
    pub record: usize,
    /// Bytes of values after which a batch ends early.
    pub batch: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { field: FIELD_BYTES_MAX, record: RECORD_BYTES_MAX, batch: BATCH_BYTES_MAX }
    }
}

/// Why there is no next record, at which byte of the file.
#[derive(Debug)]
pub(crate) enum RawError {
    Wrong(Wrong, u64),
    FieldTooLong(u64),
    RecordTooLong(u64),
    Io(io::Error),
}

/// Walks records without deciding what they mean.
pub(crate) struct RawReader<R> {
    window: Window<R>,
    spans: Vec<Span>,
    text: usize,
    whole: usize,
    pub limits: Limits,
}

impl<R: Read> RawReader<R> {
    /// Begins at the place where `read` stands, which is byte `offset` of the file.
    pub fn new(read: R, offset: u64, limits: Limits) -> Self {
        Self { window: Window::new(read, offset), spans: Vec::new(), text: 0, whole: 0, limits }
    }

    /// Goes to the next record; `false` at the end of the file.
    pub fn advance(&mut self) -> Result<bool, RawError> {
        self.window.consume(self.whole);
        (self.text, self.whole) = (0, 0);
        loop {
            if self.window.bytes().is_empty() {
                if self.window.last() {
                    self.spans.clear();
                    return Ok(false);
                }
                self.window.fill().map_err(RawError::Io)?;
                continue;
            }
            let bytes = self.window.bytes();
            match split(bytes, self.window.last(), self.window.returns(), &mut self.spans) {
                Split::Record { text, whole } => {
                    (self.text, self.whole) = (text, whole);
                    return self.within_limits().map(|()| true);
                }
                Split::More { field } => {
                    if bytes.len() - field > self.limits.field {
                        return Err(RawError::FieldTooLong(self.window.offset() + field as u64));
                    }
                    if bytes.len() > self.limits.record {
                        return Err(RawError::RecordTooLong(self.window.offset()));
                    }
                    self.window.fill().map_err(RawError::Io)?;
                }
                Split::Wrong(wrong, at) => {
                    return Err(RawError::Wrong(wrong, self.window.offset() + at as u64));
                }
            }
        }
    }

    fn within_limits(&mut self) -> Result<(), RawError> {
        // Almost always true, and then no field can be too long.
        if self.whole <= self.limits.field.min(self.limits.record) {
            return Ok(());
        }
        let offset = self.window.offset();
        let long = self.spans.iter().find(|span| span.end - span.start > self.limits.field);
        let error = match long {
            Some(span) => RawError::FieldTooLong(offset + span.start as u64),
            None if self.whole > self.limits.record => RawError::RecordTooLong(offset),
            None => return Ok(()),
        };
        self.whole = 0;
        Err(error)
    }

    /// Stays at the start of the record that [`advance`](Self::advance) went to.
    pub fn undo(&mut self) {
        self.whole = 0;
    }

    /// Whether nothing but line ends follows the present record, which is a blank line itself.
    pub fn only_blank_lines_follow(&mut self) -> io::Result<bool> {
        loop {
            let bytes = self.window.bytes();
            if bytes.iter().any(|b| !matches!(b, b'\r' | b'\n')) || bytes.len() > self.limits.record {
                return Ok(false);
            }
            if self.window.last() {
                return Ok(true);
            }
            self.window.fill()?;
        }
    }

    /// The file's byte at the start of the present record.
    pub fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// The file's byte after the present record.
    pub fn next_offset(&self) -> u64 {
        self.window.offset() + self.whole as u64
    }

    /// The present record as written, without its line end.
    pub fn text(&self) -> &[u8] {
        &self.window.bytes()[..self.text]
    }

    /// The fields of the present record.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// A field's bytes between its quotes, doubled quotes still doubled.
    pub fn bytes(&self, span: &Span) -> &[u8] {
        &self.window.bytes()[span.start..span.end]
    }

    /// A field of our own files: `None` is NULL. `scratch` holds it when quotes had to be undoubled.
    pub fn value<'a>(&'a self, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let span = self.spans.get(field)?;
        let bytes = self.bytes(span);
        match span.written {
            Written::Plain if bytes.is_empty() => None,
            Written::Plain | Written::Quoted => Some(bytes),
            Written::Doubled => {
                scratch.clear();
                undouble(bytes, scratch);
                Some(scratch)
            }
        }
    }
}

impl<R: Read + Seek> RawReader<R> {
    /// Goes to a byte of the file; `advance` then finds the record that begins there.
    pub fn seek(&mut self, byte: u64) -> io::Result<()> {
        (self.text, self.whole) = (0, 0);
        self.spans.clear();
        self.window.seek(byte)
    }

    /// The length of the file; the reader has to be sought afterwards.
    pub fn len(&mut self) -> io::Result<u64> {
        self.window.len()
    }

    /// Steps over a byte order mark at the start of the file.
    pub fn skip_mark(&mut self) -> io::Result<()> {
        while self.window.bytes().len() < 3 && !self.window.last() {
            self.window.fill()?;
        }
        if self.window.bytes().starts_with(b"\xEF\xBB\xBF") {
            self.window.consume(3);
        }
        Ok(())
    }

    /// The line, from 1, that the byte stands in. Reads the file from its start, which only an error is
    /// worth; the present record is left.
    pub fn line_of(&mut self, byte: u64) -> io::Result<u64> {
        self.seek(0)?;
        let mut line = 1;
        loop {
            let left = byte - self.window.offset();
            let count = self.window.bytes().len().min(usize::try_from(left).unwrap_or(usize::MAX));
            line += memchr::memchr_iter(b'\n', &self.window.bytes()[..count]).count() as u64;
            self.window.consume(count);
            if self.window.offset() == byte || self.window.last() {
                return Ok(line);
            }
            self.window.fill()?;
        }
    }
}

/// Appends the text of a quoted field, its doubled quotes made single.
pub(crate) fn undouble(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(quote) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        // The splitter made sure that another one follows.
        rest = rest.get(quote + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}
