//! A file that is measured and summed up as it is written.
//!
//! Two checksums: SHA-256 for people and other tools, and XXH3 (128 bits), ten times as fast, by which
//! landfall itself sees that a file was edited.

use crate::disk::{Disk, DiskFile};
use crate::manifest::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Bytes written, and hashed, at a time.
const WRITE_BYTES: usize = 256 << 10;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Length of the file.
    pub bytes: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Its XXH3, 128 bits, lower-case hexadecimal.
    pub xxh3: String,
}

/// Writes a file and sums it up on the way.
pub struct Summed {
    file: DiskFile,
    buffer: Vec<u8>,
    sha256: Sha256,
    xxh3: Box<Xxh3>,
    bytes: u64,
}

impl Summed {
    /// Makes the file, or empties it.
    pub fn create(disk: &Disk, path: &Path) -> io::Result<Self> {
        let file = disk.create(path)?;
        let buffer = Vec::with_capacity(WRITE_BYTES * 2);
        Ok(Self { file, buffer, sha256: Sha256::new(), xxh3: Box::default(), bytes: 0 })
    }

    /// Brings it to the medium.
    pub fn finish(mut self) -> io::Result<Sums> {
        self.flush()?;
        self.file.sync()?;
        let (sha256, xxh3) = (hex(&self.sha256.finalize()), hex(&self.xxh3.digest128().to_be_bytes()));
        Ok(Sums { bytes: self.bytes, sha256, xxh3 })
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
        self.sha256.update(&self.buffer);
        self.xxh3.update(&self.buffer);
        self.bytes += self.buffer.len() as u64;
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
