//! The bytes of a file that are being looked at.

use memchr::memchr;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes asked of the file at a time: large enough that a system call does not count, small enough for the
/// cache of a core.
const READ_BYTES: usize = 256 << 10;

/// A piece of a file that slides forward; it grows only when a single record does not fit.
pub(crate) struct Window<R> {
    read: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The file's byte at `start`.
    offset: u64,
    last: bool,
    returns: bool,
}

impl<R: Read> Window<R> {
    /// A window at the place where `read` stands, which is byte `offset` of the file.
    pub fn new(read: R, offset: u64) -> Self {
        Self { read, buffer: Vec::new(), start: 0, end: 0, offset, last: false, returns: false }
    }

    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The file's byte that [`bytes`](Self::bytes) begin with.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the file ends where the bytes at hand end.
    pub fn last(&self) -> bool {
        self.last
    }

    /// Whether a carriage return was seen anywhere so far.
    pub fn returns(&self) -> bool {
        self.returns
    }

    /// Steps over `count` of the bytes at hand.
    pub fn consume(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }

    /// Brings more bytes to hand, or finds that there are none.
    pub fn fill(&mut self) -> io::Result<()> {
        if self.last {
            return Ok(());
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(READ_BYTES), 0);
        }
        loop {
            match self.read.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.last = true,
                Ok(count) => {
                    let new = &self.buffer[self.end..self.end + count];
                    self.returns = self.returns || memchr(b'\r', new).is_some();
                    self.end += count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

impl<R: Read + Seek> Window<R> {
    /// Goes to a byte of the file and forgets what was at hand.
    pub fn seek(&mut self, byte: u64) -> io::Result<()> {
        self.read.seek(SeekFrom::Start(byte))?;
        (self.start, self.end, self.offset, self.last) = (0, 0, byte, false);
        Ok(())
    }

    /// The length of the file; the window has to be sought afterwards.
    pub fn len(&mut self) -> io::Result<u64> {
        self.read.seek(SeekFrom::End(0))
    }
}
