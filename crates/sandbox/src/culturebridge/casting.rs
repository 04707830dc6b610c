//! Who is who: ids, roles, and which records will be odd in which way.

use super::{END, Kind, START, Settings};
use crate::rng::Rng;
use crate::table::Id;
use crate::time::DAY;
use std::collections::HashMap;

/// What a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Seeker,
    Coach,
    Admin,
}

/// The users before anything is written of them.
pub(super) struct Cast {
    pub ids: Vec<Id>,
    pub roles: Vec<Role>,
    /// The odd ones, by index.
    pub kinds: HashMap<u32, Kind>,
    /// Seekers who are carried, in order of creation.
    pub clients: Vec<u32>,
    /// Coaches, in order of creation.
    pub coaches: Vec<u32>,
    /// Seekers who are rejected.
    pub rejected: Vec<u32>,
    /// Seekers who have no profile, and are carried.
    pub spare: Vec<u32>,
}

impl Cast {
    pub fn new(settings: &Settings) -> Self {
        let mut rng = Rng::new(settings.seed, "cast");
        let n = (settings.records / 4).max(12) as usize;
        let ids = moments(n, START, END - 60 * DAY, &mut rng);
        let roles = roles(n, settings.scale() > 0);
        let of = |role| (0..n as u32).filter(|i| roles[*i as usize] == role).collect::<Vec<u32>>();
        let coaches = of(Role::Coach);
        let seekers = of(Role::Seeker);

        let scale = settings.scale();
        let mut pool = seekers.clone();
        let mut kinds = HashMap::new();
        allot(&mut pool, &mut rng, &[(Kind::EmailMissing, scale)], &mut kinds);
        twins(&mut pool, &mut rng, scale, &mut kinds);
        let rejected: Vec<u32> =
            seekers.iter().copied().filter(|i| is_rejected(kinds.get(i).copied())).collect();
        let clients: Vec<u32> = seekers.iter().copied().filter(|i| !rejected.contains(i)).collect();
        pool.extend(&coaches);
        let wants = [
            (Kind::EmailCustom, scale),
            (Kind::EmailCustomOnly, scale),
            (Kind::EmailFormat, 2 * scale),
            (Kind::PasswordPlain, 4 * scale),
            (Kind::PasswordBcrypt, 2 * scale),
            (Kind::PasswordPhc, scale),
            (Kind::PasswordEmpty, scale),
            (Kind::PasswordLong, scale),
            (Kind::ListDangling, 2 * scale),
            (Kind::SecretNote, 2 * scale),
        ];
        allot(&mut pool, &mut rng, &wants, &mut kinds);
        // One client in fifty never filled in the profile; the last of them, so that early bookings look
        // finished.
        let spare = clients[clients.len() - (clients.len() / 50).max(1)..].to_vec();
        Self { ids, roles, kinds, clients, coaches, rejected, spare }
    }

    /// A carried client about whom nothing is odd, one of the first.
    pub fn someone(&self) -> Id {
        let plain = self.clients.iter().find(|i| !self.kinds.contains_key(i)).or(self.clients.first());
        self.ids[plain.map_or(0, |i| *i as usize)]
    }

    /// Ids of the users without a profile.
    pub fn spares(&self) -> Vec<Id> {
        self.spare.iter().map(|i| self.ids[*i as usize]).collect()
    }
}

fn is_rejected(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::EmailMissing | Kind::EmailTwin))
}

/// About one user in eight a coach, one in a hundred an admin, spread evenly. Odd data needs eight coaches.
fn roles(n: usize, odd: bool) -> Vec<Role> {
    let coaches = (n * 12 / 100).max(if odd { 8 } else { 2 });
    let admins = (n / 100).max(1);
    let mut roles: Vec<Role> = (0..n)
        .map(|i| if i * coaches / n == (i + 1) * coaches / n { Role::Seeker } else { Role::Coach })
        .collect();
    for k in 0..admins {
        if let Some(i) = (k * n / admins..n).find(|i| roles[*i] == Role::Seeker) {
            roles[i] = Role::Admin;
        }
    }
    roles
}

/// Pairs of users of whom the later one will be rejected.
fn twins(pool: &mut Vec<u32>, rng: &mut Rng, pairs: usize, kinds: &mut HashMap<u32, Kind>) {
    for _ in 0..pairs {
        let mut pair = [take(pool, rng), take(pool, rng)];
        pair.sort_unstable();
        if let [Some(first), Some(second)] = pair {
            kinds.insert(first, Kind::EmailTwinFirst);
            kinds.insert(second, Kind::EmailTwin);
        }
    }
}

/// Draws a record that nobody drew yet.
pub(crate) fn take(pool: &mut Vec<u32>, rng: &mut Rng) -> Option<u32> {
    (!pool.is_empty()).then(|| pool.swap_remove(rng.index(pool.len())))
}

/// Draws records from `pool` for each kind wanted; no record is drawn twice.
pub(crate) fn allot<K: Copy>(
    pool: &mut Vec<u32>,
    rng: &mut Rng,
    wants: &[(K, usize)],
    kinds: &mut HashMap<u32, K>,
) {
    for (kind, count) in wants {
        for _ in 0..*count {
            if let Some(record) = take(pool, rng) {
                kinds.insert(record, *kind);
            }
        }
    }
}

/// Ids of `n` records created from `start` to `end`, in order. One in 25 shares its millisecond with the one
/// before, and twelve in a row come from one import.
pub(crate) fn moments(n: usize, start: i64, end: i64, rng: &mut Rng) -> Vec<Id> {
    let step = ((end - start) / n.max(1) as i64).max(1) as u64;
    let import = n / 3;
    let mut ids: Vec<Id> = Vec::with_capacity(n);
    for i in 0..n {
        let fresh = start as u64 + i as u64 * step + rng.below(step);
        let imported = n >= 60 && (import + 1..import + 12).contains(&i);
        let ms = match ids.last() {
            Some(last) if imported || i % 25 == 24 => last.ms,
            _ => fresh,
        };
        ids.push(Id { ms, tail: tail(rng) });
    }
    ids.sort_unstable();
    ids
}

/// The right part of an id.
pub(super) fn tail(rng: &mut Rng) -> u64 {
    rng.between(100_000_000_000_000_000, 999_999_999_999_999_999)
}

/// An id that no record has: no record is that old.
pub(super) fn nobody(rng: &mut Rng) -> Id {
    Id { ms: rng.between(1_600_000_000_000, 1_690_000_000_000), tail: tail(rng) }
}

/// When a record made at `created` was last changed: a third never, the rest within 200 days.
pub(super) fn modified(created: i64, rng: &mut Rng) -> i64 {
    if rng.chance(333) {
        return created;
    }
    (created + rng.between(1_000, 200 * DAY as u64) as i64).min(END)
}
