//! What people do to the community between two pages.

use super::app::App;
use super::data::{Data, Served, Stream};
use super::running::{Change, ChangeKind};
use crate::community::{Comment, Event, Member, Post, Standing, Status, Thread};
use crate::rng::Rng;
use crate::scenario::Which;
use std::sync::atomic::Ordering::Relaxed;

/// Lets the rules of this stream happen that are due before its next list.
pub(super) fn before_list(app: &App, stream: Stream, now: i64) {
    let n = {
        let mut served = app.served(stream);
        served.lists += 1;
        served.lists
    };
    for rule in app.scenario.drift.iter().filter(|rule| rule.stream == stream) {
        let again = |every: u64| n > rule.before && (n - rule.before).is_multiple_of(every);
        if n != rule.before && !rule.every.is_some_and(again) {
            continue;
        }
        let mut chosen = choose(app, rule.stream, rule.which, rule.edit + rule.remove);
        for _ in 0..rule.edit.min(chosen.len() as u64) {
            // From the front of the page: what is not removed below.
            edit(app, stream, chosen.remove(0), now);
        }
        for _ in 0..rule.remove {
            // From its end: what was served just now.
            let Some(id) = chosen.pop() else { break };
            remove(app, stream, id);
        }
        for _ in 0..rule.insert {
            insert(app, stream, now);
        }
    }
}

/// Records that nothing hangs on and nothing is odd about.
fn choose(app: &App, stream: Stream, which: Which, wanted: u64) -> Vec<u64> {
    let data = app.data();
    let served: &Served = &app.served(stream);
    if which == Which::Served {
        return served.page.iter().copied().filter(|id| data.is_leaf(stream, *id)).collect();
    }
    let mut pool = data.leaves(stream);
    pool.retain(|id| which == Which::Any || !served.ids.contains(id));
    let mut rng = Rng::new(app.seed ^ app.turn.fetch_add(1, Relaxed).rotate_left(32), "circle drift");
    rng.shuffle(&mut pool);
    pool.truncate(wanted as usize);
    pool
}

/// A new record, newer than all; its id.
pub(super) fn insert(app: &App, stream: Stream, now: i64) -> Option<u64> {
    let mut rng = Rng::new(app.seed ^ app.turn.fetch_add(1, Relaxed).rotate_left(32), "circle insert");
    let id = app.data_mut().insert(stream, now, &mut rng)?;
    app.counters.note(Change { stream, id, kind: ChangeKind::Inserted });
    Some(id)
}

/// Takes a record out; whether it was there.
pub(super) fn remove(app: &App, stream: Stream, id: u64) -> bool {
    let done = app.data_mut().remove(stream, id);
    if done {
        app.counters.note(Change { stream, id, kind: ChangeKind::Removed });
    }
    done
}

/// Changes what a record says; whether it was there.
pub(super) fn edit(app: &App, stream: Stream, id: u64, now: i64) -> bool {
    let done = app.data_mut().edit(stream, id, now);
    if done {
        app.counters.note(Change { stream, id, kind: ChangeKind::Edited });
    }
    done
}

impl Data {
    fn is_leaf(&self, stream: Stream, id: u64) -> bool {
        let c = &self.community;
        match stream {
            Stream::Members => self.member(id).is_some_and(|i| {
                let member = &c.members[i as usize];
                let silent = member.posts + member.images + member.comments == 0;
                let plain = member.standing == Standing::Active && member.odd.is_none() && !member.admin;
                plain && silent && c.events.iter().all(|event| event.host != i)
            }),
            Stream::Posts => match self.thread(id) {
                Some(Thread::Post(i)) => {
                    let post = &c.posts[i as usize];
                    post.odd.is_none() && post.comments == 0
                }
                _ => false,
            },
            Stream::Events => match self.thread(id) {
                Some(Thread::Event(i)) => {
                    let event = &c.events[i as usize];
                    event.odd.is_none() && event.comments == 0
                }
                _ => false,
            },
            Stream::Comments => self
                .comment(id)
                .is_some_and(|i| c.comments[i as usize].odd.is_none() && self.replies(i).next().is_none()),
        }
    }

    fn leaves(&self, stream: Stream) -> Vec<u64> {
        let c = &self.community;
        let ids: Vec<u64> = match stream {
            Stream::Members => c.members.iter().map(|member| member.id).collect(),
            Stream::Posts => c.posts.iter().map(|post| post.id).collect(),
            Stream::Comments => c.comments.iter().map(|comment| comment.id).collect(),
            Stream::Events => c.events.iter().map(|event| event.id).collect(),
        };
        ids.into_iter().filter(|id| self.is_leaf(stream, *id)).collect()
    }

    fn insert(&mut self, stream: Stream, now: i64, rng: &mut Rng) -> Option<u64> {
        let c = &self.community;
        let named = (!c.named.is_empty()).then(|| c.named[rng.index(c.named.len())])?;
        // Ids of what is published are one sequence.
        let published = c.posts.iter().chain(&c.images).map(|post| post.id);
        let next = published.chain(c.events.iter().map(|event| event.id)).max()? + 2;
        match stream {
            Stream::Members => {
                let last = c.members.last()?;
                let (id, created) = (last.id + 3, now.max(last.created + 1));
                let joined = c.members.len() as u64;
                self.add_member(Member {
                    id,
                    // Beyond all others, so that nobody else has it.
                    user_id: 1_000_000_000 + joined,
                    standing: Standing::Active,
                    odd: None,
                    twin: None,
                    created,
                    updated: created,
                    seen: Some(created),
                    accepted: Some(created),
                    admin: false,
                    posts: 0,
                    images: 0,
                    comments: 0,
                    revision: 0,
                    removed: false,
                });
                Some(id)
            }
            Stream::Posts => {
                let like = c.posts.iter().rev().find(|post| post.odd.is_none())?.clone();
                let created = now.max(c.posts.last()?.created + 1);
                self.add_post(Post {
                    id: next,
                    author: named,
                    status: Status::Published,
                    created,
                    updated: created,
                    published: Some(created),
                    likes: 0,
                    comments: 0,
                    revision: 0,
                    removed: false,
                    ..like
                });
                self.community.members[named as usize].posts += 1;
                Some(next)
            }
            Stream::Events => {
                let like = c.events.iter().rev().find(|event| event.odd.is_none())?.clone();
                let created = now.max(c.events.last()?.created + 1);
                let starts = created + 86_400_000;
                self.add_event(Event {
                    id: next,
                    host: named,
                    starts,
                    ends: like.duration_seconds.map(|seconds| starts + seconds * 1000),
                    created,
                    updated: created,
                    likes: 0,
                    comments: 0,
                    revision: 0,
                    removed: false,
                    ..like
                });
                Some(next)
            }
            Stream::Comments => {
                let last = c.comments.last()?;
                let (id, created) = (last.id + 2, now.max(last.created + 1));
                let sound = |post: &&Post| post.odd.is_none() && !post.removed;
                let post = c.posts.iter().rev().find(sound)?.id;
                let thread = self.thread(post)?;
                self.add_comment(Comment {
                    id,
                    thread,
                    parent: None,
                    depth: 0,
                    author: named,
                    odd: None,
                    created,
                    updated: created,
                    likes: 0,
                    revision: 0,
                    removed: false,
                });
                self.community.members[named as usize].comments += 1;
                self.count_comment(thread, 1);
                Some(id)
            }
        }
    }

    fn remove(&mut self, stream: Stream, id: u64) -> bool {
        let (member, thread, comment) = (self.member(id), self.thread(id), self.comment(id));
        let c = &mut self.community;
        match (stream, member, thread, comment) {
            (Stream::Members, Some(i), ..) => c.members[i as usize].removed = true,
            (Stream::Posts, _, Some(Thread::Post(i)), _) => c.posts[i as usize].removed = true,
            (Stream::Events, _, Some(Thread::Event(i)), _) => c.events[i as usize].removed = true,
            (Stream::Comments, _, _, Some(i)) => {
                c.comments[i as usize].removed = true;
                let thread = c.comments[i as usize].thread;
                self.count_comment(thread, -1);
            }
            _ => return false,
        }
        true
    }

    fn edit(&mut self, stream: Stream, id: u64, now: i64) -> bool {
        let (member, thread, comment) = (self.member(id), self.thread(id), self.comment(id));
        let c = &mut self.community;
        let (updated, revision) = match (stream, member, thread, comment) {
            (Stream::Members, Some(i), ..) => {
                let member = &mut c.members[i as usize];
                member.seen = Some(now);
                (&mut member.updated, &mut member.revision)
            }
            (Stream::Posts, _, Some(Thread::Post(i)), _) => {
                let post = &mut c.posts[i as usize];
                (&mut post.updated, &mut post.revision)
            }
            (Stream::Events, _, Some(Thread::Event(i)), _) => {
                let event = &mut c.events[i as usize];
                (&mut event.updated, &mut event.revision)
            }
            (Stream::Comments, _, _, Some(i)) => {
                let comment = &mut c.comments[i as usize];
                (&mut comment.updated, &mut comment.revision)
            }
            _ => return false,
        };
        *updated = now.max(*updated + 1);
        *revision += 1;
        true
    }

    fn count_comment(&mut self, thread: Thread, by: i32) {
        let c = &mut self.community;
        let count = match thread {
            Thread::Post(i) => &mut c.posts[i as usize].comments,
            Thread::Image(i) => &mut c.images[i as usize].comments,
            Thread::Event(i) => &mut c.events[i as usize].comments,
        };
        *count = count.saturating_add_signed(by);
    }
}
