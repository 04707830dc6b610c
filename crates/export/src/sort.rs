//! Sorting more than fits into memory: sorted chunks go to files, the files are merged.

use crate::disk::DiskFile;
use crate::folder::{ExportFolder, FolderError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Bytes of entries (with what is kept about each) that are sorted in memory; more goes to files.
pub(crate) const SORT_CHUNK_BYTES: usize = 64 << 20;

/// Files merged at a time: far below the number of files that a process may have open.
const MERGE_FILES_MAX: usize = 64;

/// Bytes read ahead of each file that is merged.
const MERGE_READ_BYTES: usize = 64 << 10;

/// Bytes in front of each entry in a file: the lengths of key and rest, little-endian.
const LENGTHS_BYTES: usize = 8;

/// An entry that is looked at.
pub(crate) type KeyAndRest<'a> = (&'a [u8], &'a [u8]);

/// Collects entries of a key and a rest, and gives them back in the order of their keys' bytes.
pub(crate) struct Sorter<'f> {
    folder: &'f ExportFolder,
    chunk_bytes: usize,
    arena: Vec<u8>,
    entries: Vec<Entry>,
    files: Vec<DiskFile>,
}

/// An entry in the arena: its key, then its rest.
struct Entry {
    /// The key's first bytes, which decide almost every comparison.
    prefix: u64,
    start: u32,
    key: u32,
    rest: u32,
}

impl Entry {
    fn key<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        &arena[self.start as usize..][..self.key as usize]
    }
    fn rest<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        &arena[(self.start + self.key) as usize..][..self.rest as usize]
    }
}

impl<'f> Sorter<'f> {
    /// A sorter whose files stand, without names, in the folder.
    pub fn new(folder: &'f ExportFolder, chunk_bytes: usize) -> Self {
        Self { folder, chunk_bytes, arena: Vec::new(), entries: Vec::new(), files: Vec::new() }
    }

    /// Takes an entry. Keys must differ if their order shall be certain.
    pub fn push(&mut self, key: &[u8], rest: &[u8]) -> Result<(), FolderError> {
        let used = self.arena.len() + self.entries.len() * size_of::<Entry>();
        let more = key.len() + rest.len() + size_of::<Entry>();
        if !self.entries.is_empty() && used + more > self.chunk_bytes {
            self.spill()?;
        }
        // The chunk's bound and the longest record together stay far below 4 GiB.
        self.entries.push(Entry {
            prefix: prefix(key),
            start: self.arena.len() as u32,
            key: key.len() as u32,
            rest: rest.len() as u32,
        });
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(rest);
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.entries
            .sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix).then_with(|| a.key(arena).cmp(b.key(arena))));
    }

    fn fail(&self, cause: io::Error) -> FolderError {
        FolderError::io("sort in", self.folder.path(), cause)
    }

    /// Brings the chunk in memory to a file.
    fn spill(&mut self) -> Result<(), FolderError> {
        self.sort();
        let file = self.folder.disk().scratch(self.folder.path()).map_err(|cause| self.fail(cause))?;
        let mut write = BufWriter::with_capacity(MERGE_READ_BYTES, file);
        for entry in &self.entries {
            put(&mut write, entry.key(&self.arena), entry.rest(&self.arena)).map_err(|e| self.fail(e))?;
        }
        let file = write.into_inner().map_err(|error| self.fail(error.into_error()))?;
        self.files.push(file);
        self.arena.clear();
        self.entries.clear();
        if self.files.len() == MERGE_FILES_MAX {
            self.merge_files()?;
        }
        Ok(())
    }

    /// Makes one file of many.
    fn merge_files(&mut self) -> Result<(), FolderError> {
        let files = std::mem::take(&mut self.files);
        let mut merge = Merge::new(files).map_err(|cause| self.fail(cause))?;
        let file = self.folder.disk().scratch(self.folder.path()).map_err(|cause| self.fail(cause))?;
        let mut write = BufWriter::with_capacity(MERGE_READ_BYTES, file);
        while let Some(head) = merge.next().map_err(|cause| self.fail(cause))? {
            put(&mut write, &head.key, &head.rest).map_err(|cause| self.fail(cause))?;
        }
        let file = write.into_inner().map_err(|error| self.fail(error.into_error()))?;
        self.files.push(file);
        Ok(())
    }

    /// Ends the collecting.
    pub fn finish(mut self) -> Result<Sorted<'f>, FolderError> {
        let merge = if self.files.is_empty() {
            self.sort();
            None
        } else {
            if !self.entries.is_empty() {
                self.spill()?;
            }
            let files = std::mem::take(&mut self.files);
            (self.arena, self.entries) = (Vec::new(), Vec::new());
            Some(Merge::new(files).map_err(|cause| self.fail(cause))?)
        };
        Ok(Sorted { sorter: self, at: 0, merge, head: Head::default() })
    }
}

/// Entries in order.
pub(crate) struct Sorted<'f> {
    sorter: Sorter<'f>,
    at: usize,
    merge: Option<Merge>,
    head: Head,
}

impl Sorted<'_> {
    /// The next entry: key and rest.
    pub fn next(&mut self) -> Result<Option<KeyAndRest<'_>>, FolderError> {
        match &mut self.merge {
            Some(merge) => match merge.next() {
                Ok(Some(head)) => {
                    self.head = head;
                    Ok(Some((&self.head.key, &self.head.rest)))
                }
                Ok(None) => Ok(None),
                Err(cause) => Err(self.sorter.fail(cause)),
            },
            None => {
                let Some(entry) = self.sorter.entries.get(self.at) else { return Ok(None) };
                self.at += 1;
                Ok(Some((entry.key(&self.sorter.arena), entry.rest(&self.sorter.arena))))
            }
        }
    }
}

/// The foremost entry of a file.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    key: Vec<u8>,
    file: usize,
    rest: Vec<u8>,
}

/// Several sorted files as one.
struct Merge {
    files: Vec<BufReader<DiskFileReader>>,
    heads: BinaryHeap<Reverse<Head>>,
}

impl Merge {
    fn new(files: Vec<DiskFile>) -> io::Result<Self> {
        let mut merge = Self { files: Vec::new(), heads: BinaryHeap::new() };
        for (number, file) in files.into_iter().enumerate() {
            let reader = DiskFileReader(file);
            reader.0.file().rewind()?;
            merge.files.push(BufReader::with_capacity(MERGE_READ_BYTES, reader));
            merge.refill(number)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, number: usize) -> io::Result<()> {
        if let Some((key, rest)) = get(&mut self.files[number])? {
            self.heads.push(Reverse(Head { key, file: number, rest }));
        }
        Ok(())
    }

    fn next(&mut self) -> io::Result<Option<Head>> {
        let Some(Reverse(head)) = self.heads.pop() else { return Ok(None) };
        self.refill(head.file)?;
        Ok(Some(head))
    }
}

struct DiskFileReader(DiskFile);

impl Read for DiskFileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.file().read(buffer)
    }
}

fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = key.len().min(8);
    bytes[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(bytes)
}

fn put(write: &mut impl Write, key: &[u8], rest: &[u8]) -> io::Result<()> {
    write.write_all(&(key.len() as u32).to_le_bytes())?;
    write.write_all(&(rest.len() as u32).to_le_bytes())?;
    write.write_all(key)?;
    write.write_all(rest)
}

fn get(read: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut lengths = [0; LENGTHS_BYTES];
    let mut have = 0;
    while have < LENGTHS_BYTES {
        match read.read(&mut lengths[have..]) {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let [a, b, c, d, e, f, g, h] = lengths;
    let mut key = vec![0; u32::from_le_bytes([a, b, c, d]) as usize];
    let mut rest = vec![0; u32::from_le_bytes([e, f, g, h]) as usize];
    read.read_exact(&mut key)?;
    read.read_exact(&mut rest)?;
    Ok(Some((key, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks so small that there are more files than may be merged at a time.
    #[test]
    fn entries_come_back_in_order_however_many_files_they_needed() {
        let temp = tempfile::tempdir().unwrap();
        let folder = ExportFolder::open_or_create(temp.path()).unwrap();
        for (count, chunk) in [(0u32, 100), (1, 1), (10, 1 << 20), (500, 1), (5000, 2000), (300, 400)] {
            let mut sorter = Sorter::new(&folder, chunk);
            let mut expected = Vec::new();
            for i in 0..count {
                let mixed = i.wrapping_mul(2_654_435_761);
                let key = format!("{mixed:o}").into_bytes();
                let rest = vec![b'r'; (mixed % 7) as usize];
                sorter.push(&key, &rest).unwrap();
                expected.push((key, rest));
            }
            expected.sort();
            let mut sorted = sorter.finish().unwrap();
            let mut found = Vec::new();
            while let Some((key, rest)) = sorted.next().unwrap() {
                found.push((key.to_vec(), rest.to_vec()));
            }
            assert!(found == expected, "{count} entries in chunks of {chunk}");
        }
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "the files have no names");
    }
}
