//! The data of CultureBridge: users, their profiles, bookings and payments, any number of them, the same for
//! the same seed, with all that is odd in a grown data set and an exact [`Inventory`] of it.
//!
//! All people are invented. A data set of less than [`ODD_FROM`] bookings has nothing odd in it.

mod bookings;
mod casting;
mod changes;
mod clients;
mod coaches;
mod inventory;
mod payments;
pub mod schema;
mod users;
mod words;

pub(crate) use changes::Changes;
pub use inventory::{Inventory, Kind, Outcome};
pub(crate) use words::{CITIES, Person};

use crate::schema::KeyMode;
use crate::table::{Id, Table};
use casting::Cast;

/// The number of bookings from which on every kind of oddity occurs.
pub const ODD_FROM: u64 = 100;

/// The first moment of the data, 2023-09-01T00:00:00Z.
pub(crate) const START: i64 = 1_693_526_400_000;

/// The last moment of the data, 2026-09-01T00:00:00Z.
pub(crate) const END: i64 = 1_788_220_800_000;

/// What data to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The number of bookings.
    pub records: u64,
    /// Where the randomness comes from.
    pub seed: u64,
    /// How keys are spelled.
    pub keys: KeyMode,
    /// Whether ids that name the application end in `_live` (else `_test`).
    pub live: bool,
}

impl Settings {
    /// A live data set with display names as keys.
    pub fn new(records: u64, seed: u64) -> Self {
        Self { records, seed, keys: KeyMode::Display, live: true }
    }

    /// How often each rare kind occurs: once per decimal digit of the number of bookings beyond two, so that
    /// it grows slowly and is never absent.
    pub fn scale(&self) -> usize {
        if self.records < ODD_FROM { 0 } else { self.records.ilog10() as usize - 1 }
    }

    fn suffix(&self) -> &'static str {
        if self.live { "live" } else { "test" }
    }
}

/// A data set.
#[derive(Debug)]
pub struct Dataset {
    /// The records, in the order of [`schema::TYPES`].
    pub tables: [Table; 5],
    /// What is odd in them.
    pub inventory: Inventory,
    /// A client with bookings and nothing odd: the one whose token a scenario hands out.
    pub someone: Id,
    /// Users without a profile, for profiles that are inserted later.
    pub(crate) spare_users: Vec<Id>,
}

/// Makes a data set in memory.
pub fn generate(settings: Settings) -> Dataset {
    let mut inventory = Inventory::default();
    let cast = Cast::new(&settings);
    let users = users::make(&settings, &cast, &mut inventory);
    let clients = clients::make(&settings, &cast, &mut inventory);
    let coaches = coaches::make(&settings, &cast, &mut inventory);
    let (bookings, paid) = bookings::make(&settings, &cast, &mut inventory);
    let payments = payments::make(&settings, &paid, &mut inventory);
    let mut tables = [users, clients, coaches, bookings, payments];
    tables.iter_mut().for_each(Table::seal);
    Dataset { tables, inventory, someone: cast.someone(), spare_users: cast.spares() }
}
