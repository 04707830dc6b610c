//! The posts, and the line of time that they share with pictures and events.

use super::casting::Cast;
use super::structure::{SpaceKind, topics_of, written};
use super::{Inventory, Kind, Member, Settings};
use crate::culturebridge::{allot, moments};
use crate::rng::Rng;
use crate::time::DAY;
use std::collections::HashMap;

/// Where the ids of what is published begin.
const IDS_FROM: u64 = 88_000;
/// Posts a member.
const POSTS_PER_MEMBER: usize = 2;
/// Events at most: a community of a hundred thousand has no more of them than one of ten thousand.
const EVENTS_MAX: usize = 1_500;

/// Whether a post is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Published,
    Draft,
    Scheduled,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Published => "published",
            Status::Draft => "draft",
            Status::Scheduled => "scheduled",
        }
    }
}

/// A post, with a text or with pictures.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub id: u64,
    /// The space's number.
    pub space: usize,
    /// The member's number.
    pub author: u32,
    pub status: Status,
    pub image: bool,
    pub odd: Option<Kind>,
    pub created: i64,
    pub updated: i64,
    pub published: Option<i64>,
    pub topic: Option<u64>,
    pub likes: u32,
    pub comments: u32,
    pub revision: u32,
    pub removed: bool,
}

/// When things of each sort were made, with their ids; all three share one sequence of ids.
pub(super) struct Timeline {
    pub posts: Vec<(u64, i64)>,
    pub images: Vec<(u64, i64)>,
    pub events: Vec<(u64, i64)>,
}

/// Draws the moments of everything that is published.
pub(super) fn timeline(settings: &Settings, start: i64, end: i64) -> Timeline {
    let mut rng = Rng::new(settings.seed, "timeline");
    let n = settings.members();
    let events = (12 + n / 20).min(EVENTS_MAX);
    let mut sorts = vec![0u8; POSTS_PER_MEMBER * n];
    sorts.resize(sorts.len() + (n / 4).max(2), 1);
    sorts.resize(sorts.len() + events, 2);
    rng.shuffle(&mut sorts);
    let times = moments(sorts.len(), start + 20 * DAY, end - DAY, &mut rng);
    let mut line = Timeline { posts: Vec::new(), images: Vec::new(), events: Vec::new() };
    for (i, (sort, moment)) in sorts.iter().zip(times).enumerate() {
        let entry = (IDS_FROM + 2 * i as u64 + rng.below(2), moment.ms as i64);
        match sort {
            0 => line.posts.push(entry),
            1 => line.images.push(entry),
            _ => line.events.push(entry),
        }
    }
    line
}

pub(super) fn make(
    settings: &Settings,
    cast: &Cast,
    members: &[Member],
    timeline: &Timeline,
    inventory: &mut Inventory,
) -> Vec<Post> {
    let mut rng = Rng::new(settings.seed, "posts");
    let kinds = kinds(settings, cast, timeline.posts.len(), &mut rng);
    let spaces = written(SpaceKind::Basic);
    let mut posts = Vec::with_capacity(timeline.posts.len());
    for (i, (id, created)) in timeline.posts.iter().copied().enumerate() {
        let mut odd = kinds.get(&(i as u32)).copied();
        let author = match odd {
            Some(Kind::AuthorGone) => pick(&cast.gone, &mut rng),
            Some(Kind::AuthorDeactivated) => pick(&cast.deactivated, &mut rng),
            Some(Kind::AuthorRejected) => pick(&cast.rejected, &mut rng),
            _ => None,
        };
        if odd == Some(Kind::AuthorDeactivated) && !settings.deactivated_listed {
            odd = Some(Kind::AuthorGone);
        }
        if let Some(kind) = odd {
            inventory.note(kind, id);
        }
        let author = author.unwrap_or_else(|| writer(cast, members, created, &mut rng));
        let status = match odd {
            Some(Kind::PostDraft) => Status::Draft,
            Some(Kind::PostScheduled) => Status::Scheduled,
            _ => Status::Published,
        };
        let space = spaces[rng.index(spaces.len())];
        let published = match status {
            Status::Published => Some(created + rng.below(3_600_000) as i64),
            Status::Draft => None,
            Status::Scheduled => Some(created + 1_000 * DAY),
        };
        let changed = if rng.chance(300) { rng.below(90 * DAY as u64) as i64 } else { 0 };
        posts.push(Post {
            id,
            space,
            author,
            status,
            image: false,
            odd,
            created,
            updated: created.max(published.unwrap_or(created).min(created + DAY)) + changed,
            published,
            topic: topic(space, &mut rng),
            likes: if status == Status::Published { likes(members.len(), &mut rng) } else { 0 },
            comments: 0,
            revision: 0,
            removed: false,
        });
    }
    posts
}

/// Which posts are odd in which way, by number.
fn kinds(settings: &Settings, cast: &Cast, n: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let many = if scale > 0 { (n / 40).max(1) } else { 0 };
    let mut kinds = HashMap::new();
    let mut pool: Vec<u32> = (0..n as u32).collect();
    let by = |of: &[u32], count: usize| if of.is_empty() { 0 } else { count };
    let wants = [
        (Kind::AuthorGone, by(&cast.gone, 2 * scale)),
        (Kind::AuthorDeactivated, by(&cast.deactivated, 2 * scale)),
        (Kind::AuthorRejected, by(&cast.rejected, 2 * scale)),
        (Kind::PostDraft, 2 * scale),
        (Kind::PostScheduled, scale),
        (Kind::TitleEmpty, scale),
        (Kind::TitleLong, scale),
        (Kind::TitleMarkup, scale),
        (Kind::BodyEmpty, 3 * scale),
        (Kind::BodyLong, scale),
        (Kind::BodyHtmlOnly, many),
        (Kind::BodyMention, many),
        (Kind::BodyMentionGone, scale),
        (Kind::BodyMentionUnknown, scale),
        (Kind::BodyImage, many),
        (Kind::BodyAttachment, many),
        (Kind::BodyPoll, scale),
        (Kind::BodyEmbed, many),
        (Kind::BodyOddText, scale),
        (Kind::CustomHtml, scale),
        (Kind::CoverImage, many),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    kinds
}

/// Posts that are pictures: nothing is odd about them but that no list gives them.
pub(super) fn make_images(
    settings: &Settings,
    cast: &Cast,
    members: &[Member],
    timeline: &Timeline,
) -> Vec<Post> {
    let mut rng = Rng::new(settings.seed, "images");
    let spaces = written(SpaceKind::Image);
    let image = |(id, created): (u64, i64)| Post {
        id,
        space: spaces[rng.index(spaces.len())],
        author: writer(cast, members, created, &mut rng),
        status: Status::Published,
        image: true,
        odd: None,
        created,
        updated: created,
        published: Some(created),
        topic: None,
        likes: likes(members.len(), &mut rng),
        comments: 0,
        revision: 0,
        removed: false,
    };
    timeline.images.iter().copied().map(image).collect()
}

/// Somebody who writes, and was there at that time if anybody was.
pub(super) fn writer(cast: &Cast, members: &[Member], at: i64, rng: &mut Rng) -> u32 {
    let there = cast.writers.partition_point(|i| members[*i as usize].created <= at).max(1);
    cast.writers[rng.index(there.min(cast.writers.len()))]
}

pub(super) fn pick(of: &[u32], rng: &mut Rng) -> Option<u32> {
    (!of.is_empty()).then(|| of[rng.index(of.len())])
}

/// Few posts are liked by many: up to a third of all people.
pub(super) fn likes(people: usize, rng: &mut Rng) -> u32 {
    let most = if rng.chance(20) { people / 3 } else { (people / 3).min(12) };
    rng.below(most as u64 + 1) as u32
}

fn topic(space: usize, rng: &mut Rng) -> Option<u64> {
    let fitting: Vec<u64> = topics_of(space).collect();
    (!fitting.is_empty() && rng.chance(400)).then(|| fitting[rng.index(fitting.len())])
}
