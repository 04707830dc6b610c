//! The bookings.

use super::casting::{self, Cast, allot};
use super::schema::BOOKING;
use super::words::NOTES;
use super::{END, Inventory, Kind, START, Settings};
use crate::json::Object;
use crate::rng::Rng;
use crate::table::{Id, Table};
use crate::time::DAY;
use std::collections::HashMap;

/// A booking that a payment can be made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payable {
    pub id: Id,
    pub status: Status,
    /// The booking is rejected.
    pub rejected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Confirmed,
    Complete,
    Cancelled,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Confirmed => "confirmed",
            Status::Complete => "complete",
            Status::Cancelled => "cancelled",
        }
    }

    fn draw(rng: &mut Rng) -> Self {
        match rng.below(100) {
            0..=54 => Status::Complete,
            55..=74 => Status::Confirmed,
            75..=86 => Status::Cancelled,
            _ => Status::Pending,
        }
    }

    /// Of 1,000 bookings in this state, how many have a payment: about four fifths of all bookings together.
    fn paid_per_mille(self) -> u64 {
        match self {
            Status::Confirmed => 1000,
            Status::Complete => 900,
            Status::Pending | Status::Cancelled => 420,
        }
    }
}

/// The bookings, and those of them that are paid for.
pub(super) fn make(settings: &Settings, cast: &Cast, inventory: &mut Inventory) -> (Table, Vec<Payable>) {
    let mut rng = Rng::new(settings.seed, "bookings");
    let n = settings.records as usize;
    let kinds = kinds(settings, n, &mut rng);
    let mut orphans = settings.scale();
    let mut table = Table::default();
    let mut paid = Vec::with_capacity(n);
    let mut json = Vec::with_capacity(1024);
    for (i, id) in casting::moments(n, START + 20 * DAY, END - DAY, &mut rng).into_iter().enumerate() {
        let kind = kinds.get(&(i as u32)).copied();
        if let Some(kind) = kind {
            inventory.note(kind, id);
        }
        let status = match kind {
            Some(Kind::ConfirmedUnpaid) => Status::Confirmed,
            _ => Status::draw(&mut rng),
        };
        let created = id.ms as i64;
        let modified = casting::modified(created, &mut rng);
        let client = client(cast, kind, i, n, &mut rng);
        let coach = match kind {
            Some(Kind::CoachMissing) => casting::nobody(&mut rng),
            _ => early(cast, &cast.coaches, i, n, &mut rng),
        };
        let mut booking = Object::new(&mut json, &BOOKING, settings.keys);
        booking.text("_id", &id.to_string());
        let epoch = kind == Some(Kind::CreatedEpoch);
        booking.date("Created Date", created, epoch);
        booking.date("Modified Date", modified, epoch);
        if let Some(by) = created_by(settings, kind, i, client) {
            booking.text("Created By", &by);
        }
        booking.text("client_user_id", &client.to_string());
        booking.text("coach_user_id", &coach.to_string());
        let quarter = 900_000;
        let session = (created + rng.between(1, 21) as i64 * DAY) / quarter * quarter;
        booking.date("session_date", session, kind == Some(Kind::SessionEpoch));
        let minutes = [30, 45, 50, 60, 60, 60, 90, 120][rng.index(8)].to_string();
        match kind {
            Some(Kind::DurationWords) => booking.text("duration", "90 min"),
            Some(Kind::DurationText) => booking.text("duration", &minutes),
            Some(Kind::DurationZero) => booking.raw("duration", "0"),
            Some(Kind::DurationNegative) => booking.raw("duration", "-30"),
            _ => booking.raw("duration", &minutes),
        }
        let word = if kind == Some(Kind::StatusUnknown) { "rescheduled" } else { status.word() };
        booking.text("booking_status", word);
        if rng.chance(600) {
            booking.text("notes", rng.pick(NOTES));
        }
        booking.end();
        table.push(id, created, modified, kind.is_none(), &json);

        let rejected = matches!(kind.map(Kind::outcome), Some(super::Outcome::Reject(_)));
        let payable = if rejected {
            // A few rejected bookings take a payment with them.
            let takes = kind == Some(Kind::ClientMissing) && orphans > 0;
            orphans -= usize::from(takes);
            takes
        } else {
            kind != Some(Kind::ConfirmedUnpaid) && rng.chance(status.paid_per_mille())
        };
        if payable {
            paid.push(Payable { id, status, rejected });
        }
    }
    (table, paid)
}

fn kinds(settings: &Settings, n: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let mut kinds = HashMap::new();
    if scale == 0 {
        return kinds;
    }
    let mut pool: Vec<u32> = (0..n as u32).collect();
    let wants = [
        (Kind::ClientMissing, scale),
        (Kind::CoachMissing, scale),
        (Kind::ClientRejected, scale),
        (Kind::DurationWords, scale),
        (Kind::DurationZero, scale),
        (Kind::DurationNegative, scale),
        (Kind::StatusUnknown, scale),
        (Kind::ConfirmedUnpaid, 2 * scale),
        (Kind::CreatedEpoch, 2 * scale),
        (Kind::CreatedByOdd, 4 * scale),
        (Kind::DurationText, n.div_ceil(100).max(2)),
        (Kind::SessionEpoch, n.div_ceil(100).max(2)),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    kinds
}

fn client(cast: &Cast, kind: Option<Kind>, i: usize, n: usize, rng: &mut Rng) -> Id {
    match kind {
        Some(Kind::ClientMissing) => casting::nobody(rng),
        Some(Kind::ClientRejected) => cast.ids[cast.rejected[rng.index(cast.rejected.len())] as usize],
        _ => early(cast, &cast.clients, i, n, rng),
    }
}

/// One of the people who were there already when booking `i` of `n` was made; the early ones book more.
fn early(cast: &Cast, people: &[u32], i: usize, n: usize, rng: &mut Rng) -> Id {
    let there = (people.len() * i / n).max(2).min(people.len());
    let first = rng.index(there) + 1;
    let at = rng.index(first);
    cast.ids[people[at] as usize]
}

/// Mostly the client; what else the service writes there is odd.
fn created_by(settings: &Settings, kind: Option<Kind>, i: usize, client: Id) -> Option<String> {
    if kind != Some(Kind::CreatedByOdd) {
        return Some(client.to_string());
    }
    match i % 4 {
        0 => Some(format!("admin_user_culturebridge_{}", settings.suffix())),
        1 => Some(format!("non_authenticated_user_culturebridge_{}", settings.suffix())),
        2 => Some("reception@culturebridge.example".to_owned()),
        _ => None,
    }
}
