//! What a store has to say, once per change; whoever runs it decides where that is logged.

use std::sync::Arc;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A server went away, and what goes on without it.
    Away {
        /// Which: `redis`, `mongodb`.
        what: &'static str,
        /// Why, one sentence without an address.
        why: String,
    },
    /// It is there again.
    Back {
        /// Which.
        what: &'static str,
    },
    /// Something that a person may want to know and that stops nothing.
    Note {
        /// Of which.
        what: &'static str,
        /// What, one sentence.
        note: String,
    },
}

/// Hears it. It is called from within calls to the store, so it must not wait.
pub type Tell = Arc<dyn Fn(Said) + Send + Sync>;

/// Hears nothing.
pub fn nobody() -> Tell {
    Arc::new(|_| ())
}
