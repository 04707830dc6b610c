//! `invariants.md`: what must always hold in the ledger.

use ledger::invariants::ALL;

const HEAD: &str = "# Invariants of the ledger

Each is asserted where it could first be broken. A run that breaks one stops at once, with exit status 70 and
the invariant's number: that is a bug of landfall, and what was committed before it stands.

| | what must hold | asserted |
|---|---|---|
";

const TAIL: &str = "
What holds beyond the ledger (one transaction for rows and record, exact undo, one writer, no value in words)
is in [ARCHITECTURE.md](../../ARCHITECTURE.md#invariants).
";

/// The page.
pub fn page() -> String {
    let row = |(id, holds, asserted): &(&str, &str, &str)| format!("| {id} | {holds} | {asserted} |\n");
    let rows: String = ALL.iter().map(row).collect();
    format!("{HEAD}{rows}{TAIL}")
}
