//! Every bound of the program that more than one crate needs, with its unit and its reason.

/// Records that the load puts into one commit at most (`[move] load_rows_max`). Larger commits gain nothing
/// measurable; smaller ones pay a log flush each.
pub const LOAD_ROWS_MAX: usize = 65_536;

/// Records mapped at a time: larger batches cost memory and gain nothing measurable.
pub const MAP_ROWS: usize = 2_048;

/// Records per page asked of a source, unless the project says otherwise.
pub const BATCH_SIZE: usize = 100;

/// Records that an entity must have shown before a share of rejects can stop the run, so that one bad record
/// among the first ten does not.
pub const MAX_REJECTS_FROM: u64 = 1_000;

/// Differences that verify names per entity (`[move] differences_max`); all are counted.
pub const DIFFERENCES_MAX: usize = 10_000;

/// Seconds that a check or a `landfall sql` query may take in the database.
pub const QUERY_SECONDS_MAX: u64 = 60;

/// Seconds to wait for the server to notice that the last writer is gone.
pub const LEASE_WAIT_SECONDS: u64 = 10;

/// Seconds without a heartbeat after which a writer's session is ended.
pub const HEARTBEAT_SECONDS_MAX: u64 = 60;
