//! A column of encoded cells.

/// Marks a NULL in the highest bit of an end: no buffer is that long.
const NULL: usize = 1 << (usize::BITS - 1);

/// One column of encoded cells, one after the other in one buffer. Clearing keeps the memory, so that a
/// column is filled again batch after batch without asking for more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// The bytes of all cells.
    data: Vec<u8>,
    /// Where each cell ends in `data`, with [`NULL`] set for a NULL.
    ends: Vec<usize>,
}

impl Cells {
    /// No cells.
    pub fn new() -> Self {
        Self::default()
    }

    /// No cells, with room for `rows` of them and `bytes` in all.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { data: Vec::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    /// Adds a cell.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.ends.push(self.data.len());
    }

    /// Adds a NULL.
    #[inline]
    pub fn push_null(&mut self) {
        self.ends.push(self.data.len() | NULL);
    }

    /// Adds the cell that `write` appends to the buffer it is given. When it fails nothing is added.
    ///
    /// `write` only appends; what it removes would be another cell's.
    #[inline]
    pub fn push_with<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let before = self.data.len();
        match write(&mut self.data) {
            Ok(()) => {
                debug_assert!(self.data.len() >= before, "a cell only appends");
                self.ends.push(self.data.len());
                Ok(())
            }
            Err(error) => {
                self.data.truncate(before);
                Err(error)
            }
        }
    }

    /// The bytes of cell `row`, `None` for NULL. Panics when there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        let end = self.ends[row];
        if end & NULL != 0 {
            return None;
        }
        let start = if row == 0 { 0 } else { self.ends[row - 1] & !NULL };
        Some(&self.data[start..end])
    }

    /// How many cells there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all cells together.
    pub fn byte_len(&self) -> usize {
        self.data.len()
    }

    /// How many cells are NULL.
    pub fn null_count(&self) -> usize {
        self.ends.iter().filter(|end| *end & NULL != 0).count()
    }

    /// Removes all cells and keeps the memory.
    pub fn clear(&mut self) {
        self.data.clear();
        self.ends.clear();
    }

    /// Removes the cells behind the first `rows`.
    pub fn truncate(&mut self, rows: usize) {
        if rows < self.len() {
            self.ends.truncate(rows);
            self.data.truncate(self.ends.last().map_or(0, |end| end & !NULL));
        }
    }

    /// The cells in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&[u8]>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Keeps the cells whose place in `keep` is true. Panics when `keep` is not as long as the column.
    pub fn retain(&mut self, keep: &[bool]) {
        assert_eq!(keep.len(), self.len(), "a mask has one place per cell");
        let (mut rows, mut bytes, mut start) = (0, 0, 0);
        for (row, keep) in keep.iter().enumerate() {
            let mark = self.ends[row];
            let end = mark & !NULL;
            if *keep {
                self.data.copy_within(start..end, bytes);
                bytes += end - start;
                self.ends[rows] = bytes | (mark & NULL);
                rows += 1;
            }
            start = end;
        }
        self.ends.truncate(rows);
        self.data.truncate(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[Option<&str>]) -> Cells {
        let mut column = Cells::new();
        for cell in cells {
            match cell {
                Some(text) => column.push(text.as_bytes()),
                None => column.push_null(),
            }
        }
        column
    }

    #[test]
    fn null_and_empty_stay_apart() {
        let cells = column(&[None, Some(""), Some("ab"), None, Some("c"), None]);
        let expected: &[Option<&[u8]>] = &[None, Some(b""), Some(b"ab"), None, Some(b"c"), None];
        assert_eq!(cells.iter().collect::<Vec<_>>(), expected);
        assert_eq!((cells.len(), cells.byte_len(), cells.null_count()), (6, 3, 3));
    }

    #[test]
    fn a_cell_that_fails_leaves_nothing_behind() {
        let mut cells = column(&[Some("ab")]);
        let failed = cells.push_with(|out| {
            out.extend_from_slice(b"half");
            Err("no")
        });
        assert_eq!(failed, Err("no"));
        assert_eq!(cells, column(&[Some("ab")]));
        let pushed: Result<(), ()> = cells.push_with(|out| {
            out.push(b'c');
            Ok(())
        });
        assert_eq!(pushed, Ok(()));
        assert_eq!(cells, column(&[Some("ab"), Some("c")]));
    }

    #[test]
    fn the_mask_keeps_the_right_cells() {
        let all = [None, Some("ab"), Some(""), Some("cde"), None, Some("f")];
        for mask in 0..1u32 << all.len() {
            let keep: Vec<bool> = (0..all.len()).map(|i| mask >> i & 1 == 1).collect();
            let mut cells = column(&all);
            cells.retain(&keep);
            let left: Vec<_> =
                all.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(cell, _)| *cell).collect();
            assert_eq!(cells, column(&left), "{keep:?}");
        }
    }

    #[test]
    fn truncating_forgets_the_bytes_too() {
        let all = [Some("ab"), None, Some("c")];
        for rows in 0..=4 {
            let mut cells = column(&all);
            cells.truncate(rows);
            assert_eq!(cells, column(&all[..rows.min(3)]), "{rows}");
        }
        let mut cells = column(&all);
        cells.clear();
        assert_eq!(cells, Cells::new());
    }
}
