//! The events, and who comes.

use super::casting::Cast;
use super::posts::{Timeline, likes, pick, writer};
use super::structure::{Lead, SpaceKind, written};
use super::{Community, Inventory, Kind, Member, Settings, mix, sample, words};
use crate::culturebridge::allot;
use crate::rng::Rng;
use crate::time::DAY;
use std::collections::HashMap;

/// Members who come to an event at most.
const ATTENDEES_MAX: u64 = 130;
/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// Where an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Virtual,
    InPerson,
    /// In a room of the service itself.
    LiveRoom,
    /// Not known yet.
    Open,
}

impl Location {
    pub fn word(self) -> &'static str {
        match self {
            Location::Virtual => "virtual",
            Location::InPerson => "in_person",
            Location::LiveRoom => "live_room",
            Location::Open => "tbd",
        }
    }
}

/// An event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub id: u64,
    /// The space's number.
    pub space: usize,
    /// The member's number.
    pub host: u32,
    pub odd: Option<Kind>,
    pub location: Location,
    pub starts: i64,
    pub ends: Option<i64>,
    pub duration_seconds: Option<i64>,
    pub created: i64,
    pub updated: i64,
    pub rsvp_disabled: bool,
    pub likes: u32,
    pub comments: u32,
    pub revision: u32,
    pub removed: bool,
}

/// Somebody who answered an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attendee {
    pub id: u64,
    /// The member's number, or a lead.
    pub who: Result<u32, Lead>,
    pub coming: bool,
    pub at: i64,
}

pub(super) fn make(
    settings: &Settings,
    cast: &Cast,
    members: &[Member],
    timeline: &Timeline,
    inventory: &mut Inventory,
) -> Vec<Event> {
    let mut rng = Rng::new(settings.seed, "events");
    let kinds = kinds(settings, cast, timeline.events.len(), &mut rng);
    let spaces = written(SpaceKind::Event);
    let mut events = Vec::with_capacity(timeline.events.len());
    for (i, (id, created)) in timeline.events.iter().copied().enumerate() {
        let odd = kinds.get(&(i as u32)).copied();
        if let Some(kind) = odd {
            inventory.note(kind, id);
        }
        let host = match odd {
            Some(Kind::EventHostGone) => pick(&cast.gone, &mut rng),
            Some(Kind::EventHostRejected) => pick(&cast.rejected, &mut rng),
            _ => None,
        };
        let host = host.unwrap_or_else(|| writer(cast, members, created, &mut rng));
        let location = match odd {
            Some(Kind::EventPlaceText) => Location::InPerson,
            Some(Kind::EventNoUrl) => Location::Virtual,
            _ => [Location::Virtual, Location::InPerson, Location::LiveRoom, Location::Open][i % 4],
        };
        let starts = created + rng.between(2, 60) as i64 * DAY;
        let hours = rng.between(1, 4) as i64;
        let ends = starts + hours * HOUR;
        let (ends, duration_seconds) = match odd {
            Some(Kind::EventEndless) => (None, None),
            Some(Kind::EventEndsFirst) => (Some(starts - hours * HOUR), Some(hours * 3600)),
            Some(Kind::EventDurationOdd) => (Some(ends), Some(hours * 3600 + 900)),
            _ => (Some(ends), Some(hours * 3600)),
        };
        events.push(Event {
            id,
            space: spaces[rng.index(spaces.len())],
            host,
            odd,
            location,
            starts,
            ends,
            duration_seconds,
            created,
            updated: created,
            rsvp_disabled: rng.chance(100),
            likes: likes(members.len(), &mut rng),
            comments: 0,
            revision: 0,
            removed: false,
        });
    }
    events
}

fn kinds(settings: &Settings, cast: &Cast, n: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let few = usize::from(settings.scale() > 0);
    let mut kinds = HashMap::new();
    let mut pool: Vec<u32> = (0..n as u32).collect();
    let by = |of: &[u32]| if of.is_empty() { 0 } else { few };
    let wants = [
        (Kind::EventHostGone, by(&cast.gone)),
        (Kind::EventHostRejected, by(&cast.rejected)),
        (Kind::EventEndsFirst, few),
        (Kind::EventEndless, few),
        (Kind::EventDurationOdd, few),
        (Kind::EventPlaceText, few),
        (Kind::EventNoUrl, few),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    kinds
}

impl Community {
    /// The name of an event.
    pub(crate) fn event_name(&self, event: &Event) -> String {
        let mut rng = self.settings.rng("event name", event.id, 0);
        format!("{}{}", rng.pick(words::EVENT_NAMES), super::members::edited(event.revision))
    }

    /// Where people meet: a name and an address, or in one case only a text.
    pub(crate) fn place(&self, event: &Event) -> Option<(&'static str, &'static str)> {
        let place = words::PLACES[event.id as usize % words::PLACES.len()];
        (event.location == Location::InPerson).then_some(place)
    }

    /// Whoever answered, oldest first: members, then leads. Answers are off for some events.
    pub(crate) fn attendees(&self, event: &Event) -> Vec<Attendee> {
        let seed = mix(self.settings.seed ^ event.id);
        let (members, leads) = self.attendees_wanted(event);
        let named = sample(seed, members, self.named.len() as u64).map(|i| Ok(self.named[i as usize]));
        let everybody = named.chain(self.some_leads(seed, leads).map(Err));
        everybody
            .enumerate()
            .map(|(k, who)| Attendee {
                id: event.id * 1_000 + k as u64,
                who,
                coming: mix(seed ^ k as u64) % 10 < 8,
                at: event.created + (k as i64 + 1) * 600_000,
            })
            .collect()
    }

    /// How many people answered.
    pub(crate) fn attendees_count(&self, event: &Event) -> u64 {
        let (members, leads) = self.attendees_wanted(event);
        members.min(self.named.len() as u64) + self.some_leads(0, leads).count() as u64
    }

    fn attendees_wanted(&self, event: &Event) -> (u64, u64) {
        if event.rsvp_disabled {
            return (0, 0);
        }
        let draw = mix(event.id ^ self.settings.seed.rotate_left(9));
        let most = (self.named.len() as u64 / 2).min(ATTENDEES_MAX);
        (2 + draw % (most + 1), draw >> 60 & 1)
    }
}
