//! The records of one type: serialised once, found by creation, by modification and by id.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// The largest piece of memory that records are packed into, bytes: small enough to waste little, large
/// enough that a million records make few pieces.
const CHUNK_MAX: usize = 8 << 20;

/// The first piece, bytes: most data sets are small.
const CHUNK_FIRST: usize = 64 << 10;

/// A record's id: 13 digits of epoch milliseconds, `x`, 18 digits. Its order is that of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The left part.
    pub ms: u64,
    /// The right part.
    pub tail: u64,
}

impl Id {
    /// Reads an id; `None` for any other shape.
    pub fn parse(text: &str) -> Option<Self> {
        let (left, right) = text.split_once('x')?;
        let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(left, 13) || !digits(right, 18) {
            return None;
        }
        Some(Self { ms: left.parse().ok()?, tail: right.parse().ok()? })
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:013}x{:018}", self.ms, self.tail)
    }
}

/// A record.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its id.
    pub id: Id,
    /// Created Date, milliseconds.
    pub created: i64,
    /// Modified Date, milliseconds.
    pub modified: i64,
    /// Nothing is odd about it: drift may copy, change or delete it.
    pub clean: bool,
    chunk: u32,
    start: u32,
    len: u32,
}

/// The slots of an index on a field: hash of the value and slot, in order.
pub(crate) type Hashes = Arc<Vec<(u64, u32)>>;

/// The records of one type. A slot numbers a record for good; the indexes hold slots.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    chunks: Vec<Vec<u8>>,
    by_created: Vec<u32>,
    by_modified: Vec<u32>,
    by_id: Vec<u32>,
    hashes: RwLock<HashMap<usize, Hashes>>,
}

impl Table {
    /// Adds a record to a table that is being filled; [`Table::seal`] makes it findable.
    pub(crate) fn push(&mut self, id: Id, created: i64, modified: i64, clean: bool, json: &[u8]) -> u32 {
        let (chunk, start) = self.store(json);
        let slot = self.rows.len() as u32;
        self.rows.push(Row { id, created, modified, clean, chunk, start, len: json.len() as u32 });
        slot
    }

    fn store(&mut self, json: &[u8]) -> (u32, u32) {
        let fits = self.chunks.last().is_some_and(|chunk| chunk.capacity() - chunk.len() >= json.len());
        if !fits {
            let next = self.chunks.last().map_or(CHUNK_FIRST, |chunk| (chunk.capacity() * 2).min(CHUNK_MAX));
            self.chunks.push(Vec::with_capacity(next.max(json.len())));
        }
        let at = self.chunks.len() - 1;
        let chunk = &mut self.chunks[at];
        let start = chunk.len();
        chunk.extend_from_slice(json);
        (at as u32, start as u32)
    }

    /// Builds the indexes over all records.
    pub(crate) fn seal(&mut self) {
        let rows = &self.rows;
        let sorted = |key: fn(&Row) -> (i64, Id)| {
            let mut slots: Vec<u32> = (0..rows.len() as u32).collect();
            slots.sort_by_key(|slot| key(&rows[*slot as usize]));
            slots
        };
        self.by_created = sorted(|row| (row.created, row.id));
        self.by_modified = sorted(|row| (row.modified, row.id));
        self.by_id = sorted(|row| (0, row.id));
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The record in `slot`.
    pub fn row(&self, slot: u32) -> &Row {
        &self.rows[slot as usize]
    }

    /// Its JSON.
    pub fn json(&self, slot: u32) -> &[u8] {
        let row = self.row(slot);
        let start = row.start as usize;
        &self.chunks[row.chunk as usize][start..start + row.len as usize]
    }

    /// Slots by Created Date, then id.
    pub fn by_created(&self) -> &[u32] {
        &self.by_created
    }

    /// Slots by Modified Date, then id.
    pub fn by_modified(&self) -> &[u32] {
        &self.by_modified
    }

    /// Slots by id.
    pub fn by_id(&self) -> &[u32] {
        &self.by_id
    }

    /// The slot of that id.
    pub fn find(&self, id: Id) -> Option<u32> {
        let at = self.by_id.binary_search_by_key(&id, |slot| self.row(*slot).id).ok()?;
        Some(self.by_id[at])
    }

    /// The index on a field, built when it is first asked for.
    pub(crate) fn hashes(&self, field: usize, hash: impl Fn(&Self, u32) -> Option<u64>) -> Hashes {
        if let Some(found) = self.hashes.read().unwrap_or_else(|e| e.into_inner()).get(&field) {
            return Arc::clone(found);
        }
        let mut pairs: Vec<(u64, u32)> =
            self.by_id.iter().filter_map(|slot| Some((hash(self, *slot)?, *slot))).collect();
        pairs.sort_unstable();
        let pairs = Arc::new(pairs);
        self.hashes.write().unwrap_or_else(|e| e.into_inner()).insert(field, Arc::clone(&pairs));
        pairs
    }

    /// Adds a record to a sealed table.
    pub(crate) fn insert(&mut self, id: Id, created: i64, modified: i64, json: &[u8]) -> u32 {
        let slot = self.push(id, created, modified, true, json);
        self.enter(slot);
        slot
    }

    /// Takes a record out.
    pub(crate) fn remove(&mut self, slot: u32) {
        self.leave(slot);
    }

    /// Gives a record other content.
    pub(crate) fn replace(&mut self, slot: u32, modified: i64, json: &[u8]) {
        self.leave(slot);
        let (chunk, start) = self.store(json);
        let row = &mut self.rows[slot as usize];
        (row.modified, row.chunk, row.start, row.len) = (modified, chunk, start, json.len() as u32);
        self.enter(slot);
    }

    fn enter(&mut self, slot: u32) {
        let rows = &self.rows;
        let row = rows[slot as usize];
        let key = |index: &[u32], key: fn(&Row) -> (i64, Id)| {
            index.partition_point(|other| key(&rows[*other as usize]) < key(&row))
        };
        let created = key(&self.by_created, |row| (row.created, row.id));
        let modified = key(&self.by_modified, |row| (row.modified, row.id));
        let id = key(&self.by_id, |row| (0, row.id));
        self.by_created.insert(created, slot);
        self.by_modified.insert(modified, slot);
        self.by_id.insert(id, slot);
        self.forget_hashes();
    }

    fn leave(&mut self, slot: u32) {
        for index in [&mut self.by_created, &mut self.by_modified, &mut self.by_id] {
            index.retain(|other| *other != slot);
        }
        self.forget_hashes();
    }

    fn forget_hashes(&mut self) {
        self.hashes.get_mut().unwrap_or_else(|e| e.into_inner()).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ms: u64, tail: u64) -> Id {
        Id { ms, tail }
    }

    #[test]
    fn ids_are_read_back_and_other_shapes_refused() {
        let text = "1700000000000x100000000000000001";
        assert_eq!(Id::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
        for other in [
            "",
            "1700000000000",
            "x",
            "170000000000x100000000000000001",
            "1700000000000x1",
            "+700000000000x100000000000000001",
        ] {
            assert_eq!(Id::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_changed_table_is_found_by_every_index() {
        let mut table = Table::default();
        for n in 0..5u64 {
            table.push(id(100 + n / 2, 9 - n), (100 + n / 2) as i64, 500 - n as i64, true, b"{}");
        }
        table.seal();
        let slot = table.insert(id(101, 1), 101, 900, br#"{"new":1}"#);
        table.remove(0);
        table.replace(1, 901, br#"{"other":1}"#);
        let created: Vec<_> =
            table.by_created().iter().map(|s| (table.row(*s).created, table.row(*s).id)).collect();
        assert!(created.is_sorted());
        let modified: Vec<_> = table.by_modified().iter().map(|s| table.row(*s).modified).collect();
        assert_eq!(modified, [496, 497, 498, 900, 901]);
        assert_eq!(table.find(id(101, 1)), Some(slot));
        assert_eq!(table.find(id(100, 9)), None);
        assert_eq!(table.json(1), br#"{"other":1}"#);
        assert_eq!(table.len(), 5);
    }

    #[test]
    fn a_record_larger_than_a_piece_of_memory_is_kept_whole() {
        let mut table = Table::default();
        let large = vec![b'a'; CHUNK_MAX + 1];
        table.push(id(1, 1), 1, 1, true, b"small");
        table.push(id(2, 2), 2, 2, true, &large);
        table.push(id(3, 3), 3, 3, true, b"after");
        table.seal();
        assert_eq!((table.json(0), table.json(1), table.json(2)), (&b"small"[..], &large[..], &b"after"[..]));
    }
}
