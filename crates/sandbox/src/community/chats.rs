//! Rooms in which members talk to each other: those of spaces, groups of a few, and pairs.

use super::casting::Cast;
use super::structure::{SPACES, SpaceKind, written};
use super::{Community, Member, Settings, mix};
use crate::rng::Rng;

/// To so many members one pair talks.
const PAIRS_ONE_IN: usize = 4;
/// Messages of a room at most; some rooms have more than one window of twenty on each side.
const MESSAGES_MAX: u64 = 120;
/// Ids of messages of one room lie in a range of their own.
const ROOM_IDS: u64 = 10_000;

/// A room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    pub uuid: String,
    /// Its number, from 0.
    pub number: u64,
    /// The space's number, where it is a space's.
    pub space: Option<usize>,
    /// Numbers of members, where it is not.
    pub members: Vec<u32>,
    pub messages: u32,
    pub created: i64,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub id: u64,
    /// The member's number.
    pub sender: u32,
    pub at: i64,
}

pub(super) fn make(settings: &Settings, cast: &Cast, members: &[Member]) -> Vec<Room> {
    let mut rng = Rng::new(settings.seed, "rooms");
    let mut rooms = Vec::new();
    let mut add = |space: Option<usize>, of: Vec<u32>, created: i64, rng: &mut Rng| {
        let number = rooms.len() as u64;
        let messages = rng.between(1, MESSAGES_MAX) as u32;
        rooms.push(Room { uuid: uuid(rng), number, space, members: of, messages, created });
    };
    let first = members.first().map_or(crate::culturebridge::START, |member| member.created);
    if cast.named.is_empty() {
        return rooms;
    }
    for space in written(SpaceKind::Chat) {
        add(Some(space), Vec::new(), first, &mut rng);
    }
    for k in 0..cast.named.len() / PAIRS_ONE_IN {
        // Every tenth room is one of four people.
        let size = if k % 10 == 9 { 4 } else { 2 };
        let mut of: Vec<u32> = (0..size).map(|_| cast.named[rng.index(cast.named.len())]).collect();
        of.sort_unstable();
        of.dedup();
        let created = of.iter().map(|i| members[*i as usize].created).max().unwrap_or(first);
        if of.len() > 1 {
            add(None, of, created, &mut rng);
        }
    }
    rooms
}

/// An id of version 4.
fn uuid(rng: &mut Rng) -> String {
    let (a, b) = (rng.bits(), rng.bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

impl Community {
    /// Whether somebody may read a room.
    pub(crate) fn is_in_room(&self, member: u32, room: &Room) -> bool {
        match room.space {
            Some(space) => self.is_in(&self.members[member as usize], &SPACES[space]),
            None => room.members.contains(&member),
        }
    }

    /// Message number `k` of a room.
    pub(crate) fn message(&self, room: &Room, k: u32) -> Message {
        let draw = mix(self.settings.seed ^ (room.number << 24) ^ u64::from(k)) as usize;
        let sender = match room.members.len() {
            0 => self.named[draw % self.named.len()],
            n => room.members[draw % n],
        };
        Message {
            id: 900_000 + room.number * ROOM_IDS + u64::from(k) * 7 + (draw % 5) as u64,
            sender,
            at: room.created + (i64::from(k) + 1) * 5_400_000,
        }
    }
}
