//! Ids of records in the destination, derived so that a reference needs no look-up and a repeated batch is
//! recognised.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use uuid::Uuid;

/// A run's number in the ledger, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The namespace of a project's ids: `uuid5(NAMESPACE_URL, "landfall:" + project name)`.
pub fn project_namespace(project: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("landfall:{project}").as_bytes())
}

/// The id of a record: `uuid5(namespace, entity + "\n" + source id)`, UTF-8 (RFC 9562, section 5.5).
pub fn record_id(namespace: &Uuid, entity: &str, source_id: &str) -> Uuid {
    // By hand, because `Uuid::new_v5` has a SHA-1 that does not use the CPU's instructions: a move makes some
    // ids for each record.
    let mut hash = Sha1::new();
    hash.update(namespace.as_bytes());
    hash.update(entity.as_bytes());
    hash.update(b"\n");
    hash.update(source_id.as_bytes());
    let digest: [u8; 20] = hash.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    uuid::Builder::from_sha1_bytes(first).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's `uuid.uuid5`, which knows nothing of this code.
    #[test]
    fn ids_equal_those_of_another_implementation() {
        let namespace = project_namespace("culturebridge");
        assert_eq!(namespace.to_string(), "66dd2fae-7bc9-5dad-8d29-9b42ef81427b");
        assert_eq!(
            record_id(&namespace, "users", "1700000000000x900000000000000001").to_string(),
            "7c1959b1-9577-53eb-8f13-1172aea512c0"
        );
        assert_eq!(
            record_id(&namespace, "users", "Zoë ✓").to_string(),
            "e1430945-3e2d-5333-a989-a74d7ed5e53b"
        );
    }
}
