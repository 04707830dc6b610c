//! Rows into a service and back, over a real ledger and a service in memory that loses answers on purpose.

mod bed;
mod double;
mod effects_once;
mod undoing;
mod ways;
