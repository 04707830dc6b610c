//! Derived ids that were made a moment ago.
//!
//! Many records refer to few: the bookings of a thousand clients. An id costs a SHA-1, looking it up here a
//! fifth of that.

use base::ids::record_id;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

/// Ids that are remembered: what fits a core's cache, 64 bytes each with a source id of common length.
const SLOTS: usize = 16_384;

/// The ids of one entity, each in the one place that its source id hashes to; a later one takes the place of
/// an earlier one.
pub struct IdMemo {
    namespace: Uuid,
    entity: String,
    slots: Vec<Option<(Box<str>, Uuid)>>,
}

impl IdMemo {
    /// Nothing remembered yet.
    pub fn new(namespace: Uuid, entity: &str) -> Self {
        Self { namespace, entity: entity.to_owned(), slots: Vec::new() }
    }

    /// The id of a record: [`record_id`].
    pub fn id(&mut self, source_id: &str) -> Uuid {
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        let slot = &mut self.slots[xxh3_64(source_id.as_bytes()) as usize % SLOTS];
        match slot {
            Some((known, id)) if **known == *source_id => *id,
            _ => {
                let id = record_id(&self.namespace, &self.entity, source_id);
                *slot = Some((source_id.into(), id));
                id
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_records_own_whatever_was_asked_before() {
        let namespace = base::ids::project_namespace("memo");
        let mut memo = IdMemo::new(namespace, "users");
        // More than there are places, and each again after others took its place.
        for round in 0..2 {
            for n in 0..3 * SLOTS {
                let source_id = format!("{}x{n}", 1_699_814_417_000_u64);
                assert_eq!(memo.id(&source_id), record_id(&namespace, "users", &source_id), "{round} {n}");
                assert_eq!(memo.id("one"), record_id(&namespace, "users", "one"));
            }
        }
    }
}
