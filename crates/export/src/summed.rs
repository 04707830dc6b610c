//! A file that is measured and summed up as it is written.

use crate::disk::{Disk, DiskFile};
use crate::manifest::hex;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::Path;

/// Bytes written, and hashed, at a time.
const WRITE_BYTES: usize = 256 << 10;

/// Writes a file and sums it up on the way.
pub struct Summed {
    file: DiskFile,
    buffer: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

impl Summed {
    /// Makes the file, or empties it.
    pub fn create(disk: &Disk, path: &Path) -> io::Result<Self> {
        let file = disk.create(path)?;
        Ok(Self { file, buffer: Vec::with_capacity(WRITE_BYTES * 2), hash: Sha256::new(), bytes: 0 })
    }

    /// Brings it to the medium; its length and its SHA-256 in hexadecimal.
    pub fn finish(mut self) -> io::Result<(u64, String)> {
        self.flush()?;
        self.file.sync()?;
        Ok((self.bytes, hex(&self.hash.finalize())))
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
