//! Who is who: standings, and which members are odd in which way.

use super::{Kind, Settings, Standing};
use crate::culturebridge::{allot, take};
use crate::rng::Rng;
use std::collections::HashMap;

/// Of so many members one was invited and never came.
const INVITED_ONE_IN: usize = 12;
/// Of so many active members one only reads.
const QUIET_ONE_IN: usize = 8;
/// To so many members one more is gone, and what he wrote is still there.
const GONE_ONE_IN: usize = 25;

/// The people before anything is written of them, as numbers in order of arrival.
pub(super) struct Cast {
    pub standings: Vec<Standing>,
    /// What is odd, by number.
    pub kinds: HashMap<u32, Kind>,
    /// The earlier member of each pair with one address, by the later one.
    pub twins: HashMap<u32, u32>,
    /// Who writes and is carried.
    pub writers: Vec<u32>,
    /// Who writes and is rejected.
    pub rejected: Vec<u32>,
    /// Who wrote and went away by himself.
    pub gone: Vec<u32>,
    /// Who wrote and was deactivated.
    pub deactivated: Vec<u32>,
    /// Active members about whom nothing is odd.
    pub named: Vec<u32>,
}

impl Cast {
    pub fn new(settings: &Settings) -> Self {
        let mut rng = Rng::new(settings.seed, "community cast");
        let scale = settings.scale();
        let n = settings.members();
        let gone = if scale > 0 { (n / GONE_ONE_IN).max(4) } else { 0 };
        let mut standings = vec![Standing::Active; n + gone];
        let mut pool: Vec<u32> = (0..standings.len() as u32).collect();
        for k in 0..gone {
            if let Some(i) = take(&mut pool, &mut rng) {
                standings[i as usize] = if k % 2 == 0 { Standing::Gone } else { Standing::Deactivated };
            }
        }
        let mut kinds = HashMap::new();
        let invited = if scale > 0 { (n / INVITED_ONE_IN).max(1) } else { 0 };
        let wants = [
            (Kind::Invited, invited),
            (Kind::EmailMissing, scale),
            (Kind::EmailEmpty, scale),
            (Kind::EmailCased, 2 * scale),
            (Kind::NameEmpty, scale),
            (Kind::NameOdd, 4 * scale),
            (Kind::HeadlineLong, scale),
        ];
        allot(&mut pool, &mut rng, &wants, &mut kinds);
        let twins = twins(&mut pool, &mut rng, scale, &mut kinds);
        for (i, kind) in &kinds {
            if *kind == Kind::Invited {
                standings[*i as usize] = Standing::Invited;
            }
        }
        let with = |standing| {
            let of = standings.iter().enumerate().filter(move |(_, other)| **other == standing);
            of.map(|(i, _)| i as u32).collect::<Vec<u32>>()
        };
        let active = with(Standing::Active);
        let refused =
            |i: &u32| matches!(kinds.get(i), Some(Kind::EmailMissing | Kind::EmailEmpty | Kind::EmailTwin));
        let is_quiet = |i: &u32| !kinds.contains_key(i) && (*i as usize) % QUIET_ONE_IN == 5;
        let writers = active.iter().copied().filter(|i| !refused(i) && !is_quiet(i)).collect();
        let rejected = active.iter().copied().filter(refused).collect();
        let named = active.iter().copied().filter(|i| !kinds.contains_key(i)).collect();
        let (gone, deactivated) = (with(Standing::Gone), with(Standing::Deactivated));
        Self { standings, kinds, twins, writers, rejected, gone, deactivated, named }
    }
}

/// Pairs of members with one address but for case, of whom the later one will be rejected.
fn twins(
    pool: &mut Vec<u32>,
    rng: &mut Rng,
    pairs: usize,
    kinds: &mut HashMap<u32, Kind>,
) -> HashMap<u32, u32> {
    let mut twins = HashMap::new();
    for _ in 0..pairs {
        let pair = [take(pool, rng), take(pool, rng)];
        if let [Some(one), Some(other)] = pair {
            let (first, second) = (one.min(other), one.max(other));
            kinds.insert(first, Kind::EmailTwinFirst);
            kinds.insert(second, Kind::EmailTwin);
            twins.insert(second, first);
        }
    }
    twins
}
