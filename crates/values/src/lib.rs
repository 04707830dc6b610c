//! One cell of a move: text into PostgreSQL's binary wire format, strictly, and back.
//!
//! Every cell passes here twice, when it is loaded and when it is verified, so the rules stand in one place:
//! a text either *is* a value of the column's type, or it is [`Bad`] with a code and a reason. Nothing is
//! rounded, cut, trimmed or turned into NULL. There is no I/O.
//!
//! [`PgType`] names a column's type as the destination's catalogue has it; [`PgType::encode`] makes wire
//! bytes, [`PgType::show`] prints them as PostgreSQL prints them, [`PgType::equal`] says what PostgreSQL's
//! `=` says. [`Cells`] holds a column of encoded cells, and [`copy`] is the framing of binary COPY.

mod array;
mod array_text;
mod bad;
mod cell;
mod cells;
mod civil;
pub mod copy;
mod datetime;
mod decimal;
mod float;
mod interval;
mod interval_text;
mod json;
mod json_text;
mod kind;
mod numeric;
mod text;
mod uuid;

pub use bad::{Bad, Malformed, Why};
pub use cell::Context;
pub use cells::Cells;
pub use kind::{Kind, NumericSize, PgType};
