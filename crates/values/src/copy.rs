//! The framing of PostgreSQL's binary COPY (manual, "COPY", "Binary Format").

use crate::bad::Malformed;
use crate::cells::Cells;
use std::ops::Range;

/// What stands before the first row: signature, no flags, no extension.
pub const HEADER: [u8; 19] = *b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";

/// What stands behind the last row.
pub const TRAILER: [u8; 2] = [0xFF, 0xFF];

/// Bytes of a field at most: the server's bound on one value (`MaxAllocSize`), so that a broken length
/// does not make the reader wait for more for ever.
pub const FIELD_BYTES_MAX: usize = 0x3FFF_FFFF;

const SIGNATURE_LENGTH: usize = 11;
const MALFORMED: Malformed = Malformed::new("rows of binary COPY");

/// Appends row `row` of `columns`: the number of fields, and each behind its length, -1 for NULL.
///
/// Panics when a column has no such row.
pub fn append_row(out: &mut Vec<u8>, columns: &[&Cells], row: usize) {
    // A table has 1,600 columns at most.
    out.extend_from_slice(&(columns.len() as i16).to_be_bytes());
    for column in columns {
        match column.get(row) {
            None => out.extend_from_slice(&(-1i32).to_be_bytes()),
            Some(bytes) => {
                out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
                out.extend_from_slice(bytes);
            }
        }
    }
}

/// Reads what COPY TO sends, in chunks of any size.
///
/// Feed a chunk, take rows until there are none, feed the next one; at the end [`RowReader::finish`] says
/// whether the data was whole.
#[derive(Debug)]
pub struct RowReader {
    columns: usize,
    buffer: Vec<u8>,
    /// Where the next row begins in `buffer`.
    at: usize,
    fields: Vec<Option<Range<usize>>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Header,
    Rows,
    Done,
}

/// A row on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    data: &'a [u8],
    fields: &'a [Option<Range<usize>>],
    whole: (usize, usize),
}

impl<'a> Row<'a> {
    /// The row as it came: the count of fields, and each behind its length.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        &self.data[self.whole.0..self.whole.1]
    }

    /// The bytes of a field, `None` for NULL. Panics when there is no such column.
    #[inline]
    pub fn get(&self, column: usize) -> Option<&'a [u8]> {
        self.fields[column].clone().map(|range| &self.data[range])
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&'a [u8]>> {
        let data = self.data;
        self.fields.iter().map(move |field| field.clone().map(|range| &data[range]))
    }
}

impl RowReader {
    /// A reader of rows with that many fields.
    pub fn new(columns: usize) -> Self {
        Self { columns, buffer: Vec::new(), at: 0, fields: Vec::with_capacity(columns), state: State::Header }
    }

    /// Adds a chunk. Rows that were not taken yet stay.
    pub fn feed(&mut self, chunk: &[u8]) {
        // What is left is at most the beginning of a row, if rows were taken as they came.
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// The next row, `None` when the rest of it has not come yet, or when the last one was taken.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Malformed> {
        if self.state == State::Header && !self.header()? {
            return Ok(None);
        }
        if self.state == State::Done {
            return if self.at == self.buffer.len() { Ok(None) } else { Err(MALFORMED) };
        }
        let mut at = self.at;
        let Some(count) = take::<2>(&self.buffer, &mut at).map(i16::from_be_bytes) else { return Ok(None) };
        if count == -1 {
            self.state = State::Done;
            self.at = at;
            return if at == self.buffer.len() { Ok(None) } else { Err(MALFORMED) };
        }
        if usize::try_from(count) != Ok(self.columns) {
            return Err(MALFORMED);
        }
        self.fields.clear();
        for _ in 0..self.columns {
            match take::<4>(&self.buffer, &mut at).map(i32::from_be_bytes) {
                None => return Ok(None),
                Some(-1) => self.fields.push(None),
                Some(length) => {
                    let length =
                        usize::try_from(length).ok().filter(|n| *n <= FIELD_BYTES_MAX).ok_or(MALFORMED)?;
                    if self.buffer.len() - at < length {
                        return Ok(None);
                    }
                    self.fields.push(Some(at..at + length));
                    at += length;
                }
            }
        }
        let start = std::mem::replace(&mut self.at, at);
        Ok(Some(Row { data: &self.buffer, fields: &self.fields, whole: (start, at) }))
    }

    /// Whether the last row came and nothing is left over.
    pub fn finish(&self) -> Result<(), Malformed> {
        if self.state == State::Done && self.at == self.buffer.len() { Ok(()) } else { Err(MALFORMED) }
    }

    /// Passes over the header; whether all of it was there.
    fn header(&mut self) -> Result<bool, Malformed> {
        let signature = &HEADER[..SIGNATURE_LENGTH];
        let seen = self.buffer.len().min(SIGNATURE_LENGTH);
        if self.buffer[..seen] != signature[..seen] {
            return Err(MALFORMED);
        }
        let mut at = SIGNATURE_LENGTH;
        let (Some(flags), Some(more)) = (take::<4>(&self.buffer, &mut at), take::<4>(&self.buffer, &mut at))
        else {
            return Ok(false);
        };
        // The upper half of the flags changes what follows; the extension may be passed over.
        let more = usize::try_from(i32::from_be_bytes(more)).ok().filter(|n| *n <= FIELD_BYTES_MAX);
        let more = more.filter(|_| u32::from_be_bytes(flags) >> 16 == 0).ok_or(MALFORMED)?;
        if self.buffer.len() - at < more {
            return Ok(false);
        }
        self.at = at + more;
        self.state = State::Rows;
        Ok(true)
    }
}

/// Takes `N` bytes at `at` if they are there.
#[inline]
fn take<const N: usize>(buffer: &[u8], at: &mut usize) -> Option<[u8; N]> {
    let bytes = buffer.get(*at..*at + N)?.try_into().ok()?;
    *at += N;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Vec<Vec<Option<Vec<u8>>>>;

    fn sample() -> (Vec<u8>, Rows) {
        let rows: Rows = (0..50u8)
            .map(|n| vec![(n % 3 != 0).then(|| vec![n; n.into()]), Some(Vec::new()), Some(vec![0xFF; 2])])
            .collect();
        let mut columns = vec![Cells::new(); 3];
        for row in &rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                match cell {
                    Some(bytes) => column.push(bytes),
                    None => column.push_null(),
                }
            }
        }
        let columns: Vec<&Cells> = columns.iter().collect();
        let mut data = HEADER.to_vec();
        (0..rows.len()).for_each(|row| append_row(&mut data, &columns, row));
        data.extend_from_slice(&TRAILER);
        (data, rows)
    }

    fn read(data: &[u8], chunk: usize, columns: usize) -> Result<Rows, Malformed> {
        let (mut reader, mut rows) = (RowReader::new(columns), Rows::new());
        for chunk in data.chunks(chunk) {
            reader.feed(chunk);
            while let Some(row) = reader.next_row()? {
                assert_eq!((row.len(), row.is_empty()), (columns, false));
                rows.push(row.iter().map(|field| field.map(<[u8]>::to_vec)).collect());
            }
        }
        reader.finish()?;
        Ok(rows)
    }

    #[test]
    fn rows_come_back_whatever_the_chunks() {
        let (data, rows) = sample();
        for chunk in [1, 2, 3, 7, 19, 64, 1000, data.len()] {
            assert_eq!(read(&data, chunk, 3).as_ref(), Ok(&rows), "chunks of {chunk}");
        }
    }

    #[test]
    fn broken_data_is_an_error_and_never_fewer_rows() {
        let (data, rows) = sample();
        for end in 0..data.len() {
            assert_eq!(read(&data[..end], 64, 3), Err(MALFORMED), "cut at {end}");
        }
        let broken: [(&str, usize, &[u8]); 6] = [
            ("signature", 3, b"x"),
            ("critical flag", 12, &[1]),
            ("extension of negative length", 15, &[0xFF]),
            ("number of fields", 20, &[4]),
            ("negative length", 21, &[0xFF, 0xFF, 0xFF, 0xFE]),
            ("huge length", 21, &[0x7F]),
        ];
        for (what, at, bytes) in broken {
            let mut data = data.clone();
            data[at..at + bytes.len()].copy_from_slice(bytes);
            assert_eq!(read(&data, 64, 3), Err(MALFORMED), "{what}");
        }
        assert_eq!(read(&data, 64, 2), Err(MALFORMED), "other columns than asked for");
        let mut longer = data.clone();
        longer.push(0);
        assert_eq!(read(&longer, 64, 3), Err(MALFORMED), "data behind the end");
        let mut extended = data;
        extended[18] = 3;
        extended.splice(19..19, *b"abc");
        assert_eq!(read(&extended, 5, 3), Ok(rows), "an extension of the header is passed over");
    }
}
