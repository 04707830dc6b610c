//! The community of the HigherSelf network: members, spaces, posts, comments, events and all that hangs on
//! them, for any number of members, the same for the same seed, with all that is odd in a grown community
//! and an exact [`Inventory`] of it.
//!
//! The data knows no wire: a stand-in writes it as its service would. Texts are made when they are asked
//! for, from the seed and the record's id, so that a large community fits into memory. All people are
//! invented. In a community of less than [`ODD_FROM`] members nothing is odd but spaces, tags and fields,
//! which are always the same.

mod casting;
mod chats;
mod comments;
mod courses;
mod docs;
mod events;
mod formats;
mod inventory;
mod members;
mod posts;
mod structure;
mod words;
mod writing;

pub use inventory::{Fates, Inventory, Kind, Outcome, Totals};

pub(crate) use chats::{Message, Room};
pub(crate) use comments::{Comment, Thread};
pub(crate) use courses::{Lesson, Section};
pub(crate) use docs::{Doc, File};
pub(crate) use events::{Attendee, Event, Location};
pub(crate) use formats::{Link, Rendered};
pub(crate) use members::{Member, Standing, Value};
pub(crate) use posts::{Post, Status};
pub(crate) use structure::{AccessGroup, Field, Group, Space, SpaceKind, Tag, TagLink, Topic};

use crate::culturebridge::{END, START};
use crate::rng::Rng;
use casting::Cast;

/// The number of members from which on every kind of oddity occurs.
pub const ODD_FROM: u64 = 50;

/// Members that a community may have at most: its records then take about a gigabyte.
pub const RECORDS_MAX: u64 = 1_000_000;

/// What community to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The number of members, with those who were invited and never came; one at least.
    pub records: u64,
    /// Where the randomness comes from.
    pub seed: u64,
    /// Whether people who were deactivated are still in the list of members. They come on top of `records`.
    pub deactivated_listed: bool,
}

impl Settings {
    /// A community whose deactivated people are in no list.
    pub fn new(records: u64, seed: u64) -> Self {
        Self { records, seed, deactivated_listed: false }
    }

    pub(crate) fn members(&self) -> usize {
        self.records.max(1) as usize
    }

    /// How often each rare kind occurs: once per decimal digit of the number of members beyond the first,
    /// so that it grows slowly and is never absent.
    pub fn scale(&self) -> usize {
        if self.records < ODD_FROM { 0 } else { self.records.ilog10() as usize }
    }

    /// The stream of randomness `name` for the record `id` in its version `revision`.
    pub(crate) fn rng(&self, name: &str, id: u64, revision: u32) -> Rng {
        let salt = id.rotate_left(20) ^ u64::from(revision).rotate_left(56);
        Rng::new(self.seed ^ salt, name)
    }
}

/// A community.
#[derive(Debug)]
pub struct Community {
    /// What it was made from.
    pub settings: Settings,
    /// What is odd in it, and how much of everything there is.
    pub inventory: Inventory,
    /// All people in the order in which they came, with those who are gone.
    pub(crate) members: Vec<Member>,
    pub(crate) groups: &'static [Group],
    pub(crate) spaces: &'static [Space],
    /// Posts that have a text, in order of time.
    pub(crate) posts: Vec<Post>,
    /// Posts that are pictures, in order of time.
    pub(crate) images: Vec<Post>,
    pub(crate) events: Vec<Event>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) rooms: Vec<Room>,
    /// Who may be named, as numbers of members: active, and nothing is odd about them.
    pub(crate) named: Vec<u32>,
}

/// Makes a community in memory.
pub fn generate(settings: Settings) -> Community {
    let mut inventory = Inventory::default();
    let cast = Cast::new(&settings);
    let mut members = members::make(&settings, &cast, &mut inventory);
    let timeline = posts::timeline(&settings, START, END);
    let mut posts = posts::make(&settings, &cast, &members, &timeline, &mut inventory);
    let mut images = posts::make_images(&settings, &cast, &members, &timeline);
    let mut events = events::make(&settings, &cast, &members, &timeline, &mut inventory);
    let mut threads = comments::Threads { posts: &mut posts, images: &mut images, events: &mut events };
    let comments = comments::make(&settings, &cast, &members, &mut threads, &mut inventory);
    members::count(&mut members, &posts, &images, &comments);
    let rooms = chats::make(&settings, &cast, &members);
    structure::note(&settings, &mut inventory);
    let mut community = Community {
        settings,
        inventory,
        members,
        groups: structure::GROUPS,
        spaces: structure::SPACES,
        posts,
        images,
        events,
        comments,
        rooms,
        named: cast.named,
    };
    community.inventory.totals = Totals::of(&community);
    community
}

/// `k` different numbers below `n`, which a seed decides; all of them when `k` is not below `n`.
pub(crate) fn sample(seed: u64, k: u64, n: u64) -> impl Iterator<Item = u64> {
    let start = if n == 0 { 0 } else { mix(seed) % n };
    // A step that shares no factor with n comes back to the start only after n steps.
    let step = STEPS.iter().copied().find(|step| !n.is_multiple_of(*step)).unwrap_or(1);
    (0..k.min(n)).map(move |i| (start + i * step) % n)
}

/// Primes to step by: the product of any two of them is larger than [`RECORDS_MAX`], so one of three fits.
const STEPS: [u64; 3] = [7_919, 6_007, 9_973];

/// Spreads the bits of a number (the finaliser of MurmurHash3).
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_sample_names_nobody_twice_and_all_when_it_is_large() {
        for n in [1u64, 2, 7, 100, 6_007, 7_919, 7_919 * 2] {
            for k in [0, 1, n / 2, n, n + 5] {
                let drawn: Vec<u64> = sample(n ^ k, k, n).collect();
                let distinct: BTreeSet<u64> = drawn.iter().copied().collect();
                assert_eq!((drawn.len() as u64, distinct.len()), (k.min(n), drawn.len()), "{k} of {n}");
                assert!(distinct.iter().all(|i| *i < n));
            }
        }
        assert_eq!(sample(1, 3, 0).count(), 0);
    }
}
