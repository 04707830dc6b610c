//! What became of one record: a byte in the ledger for each record of the export, in export order.

use base::{RejectCode, SkipReason};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Its row was inserted.
    Loaded,
    /// Its row was there with other content, and was written over; the earlier content is kept.
    Updated,
    /// Its row was there with the same content.
    Unchanged,
    /// Left out on purpose.
    Skipped(SkipReason),
    /// Could not be carried.
    Rejected(RejectCode),
}

/// Not decided yet; never stored.
pub const UNDECIDED: u8 = 0;
const SKIPPED: u8 = 0x10;
const REJECTED: u8 = 0x40;

impl Fate {
    /// The byte that the ledger stores: 1 loaded, 2 updated, 3 unchanged, 16 + reason, 64 + code.
    pub fn byte(self) -> u8 {
        match self {
            Fate::Loaded => 1,
            Fate::Updated => 2,
            Fate::Unchanged => 3,
            Fate::Skipped(reason) => SKIPPED + reason as u8,
            Fate::Rejected(code) => REJECTED + code as u8,
        }
    }

    /// The fate of that byte; `None` for one that the ledger never writes.
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Fate::Loaded),
            2 => Some(Fate::Updated),
            3 => Some(Fate::Unchanged),
            b if b > REJECTED => RejectCode::from_byte(b - REJECTED).map(Fate::Rejected),
            b if b > SKIPPED => SkipReason::from_byte(b - SKIPPED).map(Fate::Skipped),
            _ => None,
        }
    }

    /// Whether the destination holds the record's row with the record's content.
    pub fn is_there(self) -> bool {
        matches!(self, Fate::Loaded | Fate::Updated | Fate::Unchanged)
    }

    /// Whether the destination holds a row of the record's key whose content is not the record's.
    pub fn is_held_by_another_content(self) -> bool {
        matches!(self, Fate::Skipped(SkipReason::Exists) | Fate::Rejected(RejectCode::ExistsDifferent))
    }
}

/// The fates of a batch's records, in export order; [`UNDECIDED`] where the load has still to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fates(pub Vec<u8>);

impl Fates {
    /// `records` fates, all undecided.
    pub fn undecided(records: usize) -> Self {
        Self(vec![UNDECIDED; records])
    }

    /// Decides one; the first decision stays.
    pub fn decide(&mut self, record: usize, fate: Fate) {
        if self.0[record] == UNDECIDED {
            self.0[record] = fate.byte();
        }
    }

    /// Decides one anew, whatever was said before.
    pub fn overrule(&mut self, record: usize, fate: Fate) {
        self.0[record] = fate.byte();
    }

    /// The fate of a record, if it is decided.
    pub fn get(&self, record: usize) -> Option<Fate> {
        Fate::from_byte(self.0[record])
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_survives_its_byte_and_no_other_byte_is_one() {
        let mut all = vec![Fate::Loaded, Fate::Updated, Fate::Unchanged];
        all.extend(SkipReason::ALL.iter().map(|r| Fate::Skipped(*r)));
        all.extend(RejectCode::ALL.iter().map(|c| Fate::Rejected(*c)));
        let bytes: Vec<u8> = all.iter().map(|f| f.byte()).collect();
        for byte in 0..=u8::MAX {
            match Fate::from_byte(byte) {
                Some(fate) => assert!(all.contains(&fate) && fate.byte() == byte, "{byte}"),
                None => assert!(!bytes.contains(&byte), "{byte}"),
            }
        }
    }
}
