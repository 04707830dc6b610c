//! The errors file and the resets file: RFC 4180, UTF-8, a header, NULL an empty field and the empty text
//! `""`.

use crate::mask::mask;
use crate::model::{Reject, Reset, Values};
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes the errors file line by line; nothing is held in memory.
#[derive(Debug)]
pub struct ErrorsCsv<W> {
    out: W,
    values: Values,
    lines: u64,
}

impl<W: Write> ErrorsCsv<W> {
    /// Begins with the header.
    pub fn new(mut out: W, values: Values) -> io::Result<Self> {
        out.write_all(b"entity,source_id,field,value,code,reason\r\n")?;
        Ok(Self { out, values, lines: 0 })
    }

    /// Writes a line.
    pub fn push(&mut self, reject: &Reject) -> io::Result<()> {
        let value = reject.value.as_deref().map(|value| match self.values {
            Values::Shown => Cow::Borrowed(value),
            Values::Masked => Cow::Owned(mask(value)),
        });
        self.lines += 1;
        line(
            &mut self.out,
            [
                text(&reject.entity),
                text(&reject.source_id),
                text(&reject.field),
                value.as_deref(),
                Some(reject.code.word()),
                text(&reject.reason),
            ],
        )
    }

    /// Ends the file: what it was written to, and how many lines after the header.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.out.flush()?;
        Ok((self.out, self.lines))
    }
}

/// Writes the resets file line by line.
#[derive(Debug)]
pub struct ResetsCsv<W> {
    out: W,
    lines: u64,
}

impl<W: Write> ResetsCsv<W> {
    /// Begins with the header.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"source_id,id,email,reason\r\n")?;
        Ok(Self { out, lines: 0 })
    }

    /// Writes a line. The address is never masked: the file is there to send mails by.
    pub fn push(&mut self, reset: &Reset) -> io::Result<()> {
        self.lines += 1;
        let email = reset.email.as_deref();
        line(&mut self.out, [text(&reset.source_id), text(&reset.id), email, text(&reset.reason)])
    }

    /// Ends the file: what it was written to, and how many lines after the header.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.out.flush()?;
        Ok((self.out, self.lines))
    }
}

/// The whole errors file; how many lines it has after the header.
pub fn errors_csv<W: Write>(
    out: W,
    values: Values,
    rejects: impl IntoIterator<Item = Reject>,
) -> io::Result<u64> {
    let mut csv = ErrorsCsv::new(out, values)?;
    for reject in rejects {
        csv.push(&reject)?;
    }
    Ok(csv.finish()?.1)
}

/// The whole resets file; how many lines it has after the header.
pub fn resets_csv<W: Write>(out: W, resets: impl IntoIterator<Item = Reset>) -> io::Result<u64> {
    let mut csv = ResetsCsv::new(out)?;
    for reset in resets {
        csv.push(&reset)?;
    }
    Ok(csv.finish()?.1)
}

/// A field that says nothing is empty and not `""`: only values know the difference.
fn text(field: &str) -> Option<&str> {
    (!field.is_empty()).then_some(field)
}

fn line<const N: usize>(out: &mut impl Write, fields: [Option<&str>; N]) -> io::Result<()> {
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        let Some(field) = field else { continue };
        if field.is_empty() || field.contains(['"', ',', '\r', '\n']) || field.trim() != field {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}
