//! The exact undo of a run: what it inserted is deleted, what it updated gets its earlier content back.
//!
//! [`sql`] makes the statements, the same ones for the command ([`command`]) and for the file ([`script`]). A
//! row is the run's while its `xmin` is a transaction of the run; any other row somebody has changed since,
//! and it is kept. Kept as well is a row that others refer to. The ledger always holds what is still to be
//! undone: keys and pre-images of rows that are through are dropped in the transaction that undoes them, and
//! a batch that has none left is marked. So an interrupted undo, and one that kept rows, goes on by starting
//! again.
//!
//! An undo writes rows itself: restored ones, and those that triggers touch. Its transactions stand in the
//! ledger as batches of no records, numbered below zero, so that an earlier run still knows such rows as its
//! own.

mod command;
mod facts;
mod script;
mod sql;

pub(crate) use command::undo;
pub(crate) use script::undo_script;
