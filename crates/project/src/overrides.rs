//! Values given on the command line; they win over everything.

use base::Secret;
use std::collections::BTreeMap;

/// Values given on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--batch-size`.
    pub batch_size: Option<usize>,
    /// `--connections`.
    pub connections: Option<usize>,
    /// `--max-records`.
    pub max_records: Option<u64>,
    /// Values of `[option.NAME]`, by the option's name without dashes; any of them may be a secret.
    pub options: BTreeMap<String, Secret>,
}
