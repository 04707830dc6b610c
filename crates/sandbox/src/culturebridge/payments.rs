//! The payments.

use super::bookings::{Payable, Status};
use super::casting::{self, allot};
use super::schema::PAYMENT;
use super::{END, Inventory, Kind, Settings};
use crate::json::{self, Object};
use crate::rng::Rng;
use crate::table::{Id, Table};
use std::collections::HashMap;

pub(super) fn make(settings: &Settings, paid: &[Payable], inventory: &mut Inventory) -> Table {
    let mut rng = Rng::new(settings.seed, "payments");
    let mut payments: Vec<(Id, Payable)> = paid
        .iter()
        .map(|booking| {
            let at = booking.id.ms + rng.between(20_000, 1_500_000);
            (Id { ms: at, tail: casting::tail(&mut rng) }, *booking)
        })
        .collect();
    payments.sort_unstable_by_key(|(id, _)| *id);
    let kinds = kinds(settings, &payments, &mut rng);
    let firsts = firsts(&payments, &kinds);

    let mut table = Table::default();
    let mut out = Vec::with_capacity(1024);
    let mut intents: HashMap<usize, String> = HashMap::new();
    for (i, (id, booking)) in payments.iter().enumerate() {
        let kind = kinds.get(&(i as u32)).copied();
        if let Some(kind) = kind {
            inventory.note(kind, *id);
        }
        let is_first = firsts.values().any(|first| *first == i);
        let created = id.ms as i64;
        let modified = casting::modified(created, &mut rng).min(END);
        let mut payment = Object::new(&mut out, &PAYMENT, settings.keys);
        payment.text("_id", &id.to_string());
        payment.date("Created Date", created, false);
        payment.date("Modified Date", modified, false);
        payment.text("Created By", &format!("admin_user_culturebridge_{}", settings.suffix()));
        payment.text("booking_ref", &booking.id.to_string());
        let cents = rng.between(250, 5000) * 10;
        match kind {
            Some(Kind::AmountZero) => payment.raw("payment_amount", "0"),
            Some(Kind::AmountText) => {
                payment.text("payment_amount", &format!("{}.{:02}", cents / 100, cents % 100));
            }
            _ => payment.raw("payment_amount", &json::cents(cents)),
        }
        payment.text("currency_code", rng.pick(&["USD", "USD", "USD", "EUR", "GBP"]));
        payment.text("payment_status", status(booking.status, &mut rng));
        payment.text("stripe_session", &format!("cs_test_{:016x}{:08x}", rng.bits(), i));
        let fresh = format!("pi_{:016x}{:08x}", rng.bits(), i);
        let intent = firsts.get(&i).and_then(|first| intents.get(first)).unwrap_or(&fresh);
        payment.text("stripe_intent", intent);
        payment.end();
        if is_first {
            intents.insert(i, fresh);
            inventory.note(Kind::IntentFirst, *id);
        }
        table.push(*id, created, modified, kind.is_none() && !is_first, &out);
    }
    table
}

fn status(booking: Status, rng: &mut Rng) -> &'static str {
    match booking {
        Status::Confirmed => "success",
        Status::Complete if rng.chance(980) => "success",
        Status::Complete => "refunded",
        Status::Pending => "pending",
        Status::Cancelled => rng.pick(&["refunded", "failed"]),
    }
}

fn kinds(settings: &Settings, payments: &[(Id, Payable)], rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let mut kinds = HashMap::new();
    for (i, (_, booking)) in payments.iter().enumerate() {
        if booking.rejected {
            kinds.insert(i as u32, Kind::BookingRejected);
        }
    }
    if scale == 0 {
        return kinds;
    }
    // A payment that repeats an intent needs an earlier one: it stands in the later half.
    let free =
        |from: usize| (from as u32..payments.len() as u32).filter(|i| !payments[*i as usize].1.rejected);
    let mut pool: Vec<u32> = free(payments.len() / 2).collect();
    allot(&mut pool, rng, &[(Kind::IntentTwice, scale)], &mut kinds);
    let mut pool: Vec<u32> = free(0).filter(|i| !kinds.contains_key(i)).collect();
    let wants = [(Kind::AmountZero, scale), (Kind::AmountText, payments.len().div_ceil(100).max(2))];
    allot(&mut pool, rng, &wants, &mut kinds);
    kinds
}

/// For each payment that repeats an intent the earlier one that had it first, each another one.
fn firsts(payments: &[(Id, Payable)], kinds: &HashMap<u32, Kind>) -> HashMap<usize, usize> {
    let mut repeats: Vec<usize> =
        kinds.iter().filter(|(_, kind)| **kind == Kind::IntentTwice).map(|(i, _)| *i as usize).collect();
    repeats.sort_unstable();
    let mut plain = (0..payments.len() / 2).rev().filter(|i| !kinds.contains_key(&(*i as u32)));
    repeats.into_iter().filter_map(|repeat| Some((repeat, plain.next()?))).collect()
}
