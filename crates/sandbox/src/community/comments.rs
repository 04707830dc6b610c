//! The comments below posts, pictures and events, and the answers to them.

use super::casting::Cast;
use super::posts::{likes, pick, writer};
use super::{Event, Inventory, Kind, Member, Post, Settings};
use crate::culturebridge::{END, allot};
use crate::rng::Rng;
use crate::time::DAY;
use base::RejectCode;
use std::collections::HashMap;

/// Where the ids of comments begin.
const IDS_FROM: u64 = 220_000;
/// Comments a member.
const COMMENTS_PER_MEMBER: usize = 4;
/// How deep people answer.
const DEPTH_MAX: u8 = 5;
/// The depth from which on an answer counts as deep; a comment itself has depth 0.
const DEEP: u8 = 3;

/// What a comment stands below, as a number among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Thread {
    Post(u32),
    Image(u32),
    Event(u32),
}

/// A comment.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub id: u64,
    pub thread: Thread,
    /// The number of the comment that it answers.
    pub parent: Option<u32>,
    pub depth: u8,
    /// The member's number.
    pub author: u32,
    pub odd: Option<Kind>,
    pub created: i64,
    pub updated: i64,
    pub likes: u32,
    pub revision: u32,
    pub removed: bool,
}

/// What can be commented on.
pub(super) struct Threads<'a> {
    pub posts: &'a mut [Post],
    pub images: &'a mut [Post],
    pub events: &'a mut [Event],
}

impl Threads<'_> {
    /// When it was made, and whether people may comment yet.
    fn opened(&self, thread: Thread) -> Option<i64> {
        match thread {
            Thread::Post(i) => {
                let post = &self.posts[i as usize];
                (post.status == super::Status::Published).then_some(post.updated.min(post.created + DAY))
            }
            Thread::Image(i) => Some(self.images[i as usize].created),
            Thread::Event(i) => Some(self.events[i as usize].created),
        }
    }

    fn rejected(&self, thread: Thread) -> bool {
        let odd = match thread {
            Thread::Post(i) => self.posts[i as usize].odd,
            Thread::Image(_) => None,
            Thread::Event(i) => self.events[i as usize].odd,
        };
        odd.is_some_and(|kind| matches!(kind.outcome(), super::Outcome::Reject(_)))
    }

    /// Where somebody comments however the dice fall: below what is rejected, below a picture, below an
    /// event.
    fn certain(&self) -> Vec<Thread> {
        let posts = (0..self.posts.len() as u32).map(Thread::Post);
        let mut all: Vec<Thread> = posts.filter(|thread| self.rejected(*thread)).collect();
        if !all.is_empty() {
            all.extend([Thread::Image(0), Thread::Event(0)]);
        }
        all
    }

    fn count(&mut self, thread: Thread) {
        match thread {
            Thread::Post(i) => self.posts[i as usize].comments += 1,
            Thread::Image(i) => self.images[i as usize].comments += 1,
            Thread::Event(i) => self.events[i as usize].comments += 1,
        }
    }

    /// Mostly posts, a few of them again and again; one comment in ten below a picture, one in ten below an
    /// event. Nobody talks about the later half of the events.
    fn draw(&self, rng: &mut Rng) -> Thread {
        match rng.below(10) {
            2..=4 => Thread::Post(rng.index(self.posts.len().div_ceil(20)) as u32),
            0 => Thread::Image(rng.index(self.images.len()) as u32),
            1 => Thread::Event(rng.index(self.events.len().div_ceil(2)) as u32),
            _ => Thread::Post(rng.index(self.posts.len()) as u32),
        }
    }
}

pub(super) fn make(
    settings: &Settings,
    cast: &Cast,
    members: &[Member],
    threads: &mut Threads<'_>,
    inventory: &mut Inventory,
) -> Vec<Comment> {
    if threads.posts.is_empty() {
        return Vec::new();
    }
    let mut rng = Rng::new(settings.seed, "comments");
    let n = COMMENTS_PER_MEMBER * settings.members();
    let mut said: Vec<(i64, Thread)> = Vec::with_capacity(n);
    let mut certain = threads.certain();
    while said.len() < n {
        let thread = certain.pop().unwrap_or_else(|| threads.draw(&mut rng));
        if let Some(opened) = threads.opened(thread) {
            let at = (opened + rng.between(60_000, 40 * DAY as u64) as i64).min(END);
            said.push((at, thread));
        }
    }
    said.sort_by_key(|(at, _)| *at);
    let kinds = kinds(settings, cast, n, &mut rng);
    let mut below: HashMap<Thread, Vec<u32>> = HashMap::new();
    let mut refused: Vec<u32> = Vec::new();
    let mut sound: Vec<Thread> = Vec::new();
    let mut comments: Vec<Comment> = Vec::with_capacity(n);
    for (i, (created, mut thread)) in said.into_iter().enumerate() {
        let wanted = kinds.get(&(i as u32)).copied();
        let answered = pick(&refused, &mut rng).filter(|_| wanted == Some(Kind::CommentParentRejected));
        if let Some(parent) = answered {
            thread = comments[parent as usize].thread;
        } else if wanted.is_some() && !sound.is_empty() {
            // Where nothing else decides what becomes of it.
            thread = sound[rng.index(sound.len())];
        }
        let earlier = below.entry(thread).or_default();
        let parent = answered.or_else(|| parent(earlier, &comments, wanted, &mut rng));
        earlier.push(i as u32);
        let id = IDS_FROM + 2 * i as u64 + rng.below(2);
        let depth = parent.map_or(0, |parent| comments[parent as usize].depth + 1);
        let author = match wanted {
            Some(Kind::CommentAuthorGone) => pick(&cast.gone, &mut rng),
            Some(Kind::CommentAuthorRejected) => pick(&cast.rejected, &mut rng),
            _ => None,
        };
        let author = author.unwrap_or_else(|| writer(cast, members, created, &mut rng));
        let odd = odd(wanted, thread, threads, parent.map(|parent| &comments[parent as usize]), depth);
        if let Some(kind) = odd {
            inventory.note(kind, id);
        }
        if odd == Some(Kind::CommentAuthorRejected) {
            refused.push(i as u32);
        }
        if !matches!(thread, Thread::Image(_)) && !threads.rejected(thread) {
            sound.push(thread);
        }
        threads.count(thread);
        comments.push(Comment {
            id,
            thread,
            parent,
            depth,
            author,
            odd,
            created,
            updated: created,
            likes: likes(members.len(), &mut rng) / 4,
            revision: 0,
            removed: false,
        });
    }
    comments
}

/// The one kind that counts: what rejects it goes before what it is by itself.
fn odd(
    wanted: Option<Kind>,
    thread: Thread,
    threads: &Threads<'_>,
    parent: Option<&Comment>,
    depth: u8,
) -> Option<Kind> {
    let refused = |comment: &Comment| {
        let outcome = comment.odd.map(Kind::outcome);
        outcome == Some(super::Outcome::Reject(RejectCode::ParentRejected))
    };
    match thread {
        Thread::Image(_) => return Some(Kind::CommentOnImage),
        _ if threads.rejected(thread) => return Some(Kind::CommentPostRejected),
        _ => {}
    }
    if parent.is_some_and(refused) {
        return Some(Kind::CommentParentRejected);
    }
    let nested = (depth >= DEEP).then_some(Kind::CommentDeep);
    let below = matches!(thread, Thread::Event(_)).then_some(Kind::CommentOnEvent);
    // What depends on other comments was wanted, and may not have been had.
    let had = |kind: &Kind| !matches!(kind, Kind::CommentDeep | Kind::CommentParentRejected);
    wanted.filter(had).or(nested).or(below)
}

fn kinds(settings: &Settings, cast: &Cast, n: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let mut kinds = HashMap::new();
    let by = |of: &[u32], count: usize| if of.is_empty() { 0 } else { count };
    let refused = by(&cast.rejected, 4 * scale);
    // Who answers somebody comes after him.
    let (mut early, mut late): (Vec<u32>, Vec<u32>) = (0..n as u32).partition(|i| (*i as usize) < n / 2);
    allot(&mut early, rng, &[(Kind::CommentAuthorRejected, refused)], &mut kinds);
    allot(&mut late, rng, &[(Kind::CommentParentRejected, refused / 2)], &mut kinds);
    let mut pool = early;
    pool.append(&mut late);
    let wants = [
        (Kind::CommentAuthorGone, by(&cast.gone, 4 * scale)),
        (Kind::CommentMention, 4 * scale),
        (Kind::CommentEmpty, 2 * scale),
        (Kind::CommentDeep, 20 * scale),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    kinds
}

/// The comment that one answers: the deepest of its thread where depth is wanted and in some other cases,
/// in a quarter of the cases any.
fn parent(earlier: &[u32], comments: &[Comment], wanted: Option<Kind>, rng: &mut Rng) -> Option<u32> {
    let shallow = |i: &u32| comments[*i as usize].depth < DEPTH_MAX;
    if wanted == Some(Kind::CommentDeep) || rng.chance(150) {
        return earlier.iter().copied().filter(shallow).max_by_key(|i| (comments[*i as usize].depth, *i));
    }
    rng.chance(250).then(|| pick(earlier, rng)).flatten().filter(shallow)
}
