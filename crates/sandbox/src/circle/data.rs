//! The community as it is now, and what of it was served.

use crate::community::{Comment, Community, Event, Member, Post, Thread};
use std::collections::{HashMap, HashSet};

/// A list that drift can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Members.
    Members,
    /// Posts with a text.
    Posts,
    /// Comments.
    Comments,
    /// Events.
    Events,
}

impl Stream {
    /// All of them.
    pub const ALL: &'static [Stream] = &[Stream::Members, Stream::Posts, Stream::Comments, Stream::Events];

    /// The word for it, as in the address.
    pub fn word(self) -> &'static str {
        match self {
            Stream::Members => "community_members",
            Stream::Posts => "posts",
            Stream::Comments => "comments",
            Stream::Events => "events",
        }
    }
}

/// The data with its indexes.
pub(super) struct Data {
    pub community: Community,
    members: HashMap<u64, u32>,
    threads: HashMap<u64, Thread>,
    comments: HashMap<u64, u32>,
    /// Direct answers, by the number of the comment.
    replies: HashMap<u32, Vec<u32>>,
}

/// What was served of a stream.
#[derive(Debug, Default)]
pub(super) struct Served {
    /// Lists answered.
    pub lists: u64,
    /// The ids of the page served last, in its order.
    pub page: Vec<u64>,
    /// All ids served.
    pub ids: HashSet<u64>,
}

impl Data {
    pub fn new(community: Community) -> Self {
        let mut data = Self {
            members: HashMap::new(),
            threads: HashMap::new(),
            comments: HashMap::new(),
            replies: HashMap::new(),
            community,
        };
        let c = &data.community;
        data.members = c.members.iter().enumerate().map(|(i, member)| (member.id, i as u32)).collect();
        let posts = c.posts.iter().enumerate().map(|(i, post)| (post.id, Thread::Post(i as u32)));
        let images = c.images.iter().enumerate().map(|(i, post)| (post.id, Thread::Image(i as u32)));
        let events = c.events.iter().enumerate().map(|(i, event)| (event.id, Thread::Event(i as u32)));
        data.threads = posts.chain(images).chain(events).collect();
        for (i, comment) in c.comments.iter().enumerate() {
            data.comments.insert(comment.id, i as u32);
            if let Some(parent) = comment.parent {
                data.replies.entry(parent).or_default().push(i as u32);
            }
        }
        data
    }

    /// The number of the listed member of that id.
    pub fn member(&self, id: u64) -> Option<u32> {
        let number = self.members.get(&id).copied()?;
        self.community.is_listed(&self.community.members[number as usize]).then_some(number)
    }

    /// What has that id and is still there: a post, a picture or an event.
    pub fn thread(&self, id: u64) -> Option<Thread> {
        self.threads.get(&id).copied().filter(|thread| !self.is_removed(*thread))
    }

    /// The number of the comment of that id.
    pub fn comment(&self, id: u64) -> Option<u32> {
        let number = self.comments.get(&id).copied()?;
        (!self.community.comments[number as usize].removed).then_some(number)
    }

    /// Direct answers to a comment, oldest first.
    pub fn replies(&self, comment: u32) -> impl DoubleEndedIterator<Item = u32> {
        let all = self.replies.get(&comment).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|reply| !self.community.comments[*reply as usize].removed)
    }

    fn is_removed(&self, thread: Thread) -> bool {
        match thread {
            Thread::Post(i) => self.community.posts[i as usize].removed,
            Thread::Image(i) => self.community.images[i as usize].removed,
            Thread::Event(i) => self.community.events[i as usize].removed,
        }
    }

    /// The id and the space's number of what comments stand below.
    pub fn place(&self, thread: Thread) -> (u64, usize) {
        match thread {
            Thread::Post(i) => {
                let post = &self.community.posts[i as usize];
                (post.id, post.space)
            }
            Thread::Image(i) => {
                let image = &self.community.images[i as usize];
                (image.id, image.space)
            }
            Thread::Event(i) => {
                let event = &self.community.events[i as usize];
                (event.id, event.space)
            }
        }
    }

    pub fn add_member(&mut self, member: Member) {
        self.members.insert(member.id, self.community.members.len() as u32);
        self.community.members.push(member);
    }

    pub fn add_post(&mut self, post: Post) {
        self.threads.insert(post.id, Thread::Post(self.community.posts.len() as u32));
        self.community.posts.push(post);
    }

    pub fn add_event(&mut self, event: Event) {
        self.threads.insert(event.id, Thread::Event(self.community.events.len() as u32));
        self.community.events.push(event);
    }

    pub fn add_comment(&mut self, comment: Comment) {
        self.comments.insert(comment.id, self.community.comments.len() as u32);
        self.community.comments.push(comment);
    }
}

impl Served {
    pub fn note(&mut self, ids: Vec<u64>) {
        self.ids.extend(&ids);
        self.page = ids;
    }
}
