//! What each endpoint does. A request is read whole before anything is changed: what is refused leaves no
//! trace.

pub(super) mod blocks;
pub(super) mod databases;
pub(super) mod pages;
pub(super) mod queries;
pub(super) mod sources;
pub(super) mod users;

use super::blocks::Draft;
use super::caller::Caller;
use super::check::{At, Checked};
use super::id::Id;
use super::refusal::Refusal;
use super::scenario::{Limits, Query};
use super::store::{Block, Parent, Store};
use crate::serve::query::pairs;
use serde_json::Value;

/// Everything that a handler works with.
pub(super) struct Desk<'a> {
    pub store: &'a mut Store,
    pub caller: &'a Caller,
    pub limits: Limits,
    pub query: Query,
}

pub(super) type Done = Result<Value, Refusal>;

impl Desk<'_> {
    pub fn token(&self) -> &str {
        &self.caller.token
    }

    /// Reads blocks; nothing is made yet.
    fn read_blocks(&self, at: &At<'_>) -> Checked<Vec<Draft>> {
        let knows = |id: Id| self.store.sees(self.token(), id);
        super::blocks::Reading { limits: self.limits, knows: &knows }.all(at)
    }

    /// Makes blocks below a page or block, from place `at` on; the ids of the first level.
    fn make_blocks(&mut self, above: Id, drafts: Vec<Draft>, at: usize) -> Vec<Id> {
        let parent =
            if self.store.pages.contains_key(&above) { Parent::Page(above) } else { Parent::Block(above) };
        let mut made = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let id = Id::draw(&mut self.store.rng);
            let Draft { kind, content, children } = draft;
            let (now, user) = (self.caller.now, self.caller.user);
            self.store.blocks.insert(
                id,
                Block {
                    parent,
                    kind,
                    content,
                    children: Vec::new(),
                    created: now,
                    edited: now,
                    created_by: user,
                    edited_by: user,
                    in_trash: false,
                },
            );
            self.make_blocks(id, children, 0);
            made.push(id);
        }
        if let Some(children) = self.store.children_mut(above) {
            let at = at.min(children.len());
            children.splice(at..at, made.iter().copied());
        }
        made
    }

    /// A block that a person adds at the end of a page.
    pub fn add_by_hand(&mut self, page: Id, draft: Draft) -> Id {
        let made = self.make_blocks(page, vec![draft], usize::MAX);
        self.touch(page);
        made[0]
    }

    /// Notes that somebody changed something on a page.
    fn touch(&mut self, id: Id) {
        let (now, user) = (self.caller.now, self.caller.user);
        if let Some(block) = self.store.blocks.get_mut(&id) {
            (block.edited, block.edited_by) = (now, user);
            let parent = block.parent;
            if let Parent::Page(up) | Parent::Block(up) = parent {
                self.touch(up);
            }
        } else if let Some(page) = self.store.pages.get_mut(&id) {
            (page.edited, page.edited_by) = (now, user);
        }
    }
}

/// Where something new is to stand, as a request says it.
fn parent(at: &At<'_>, kinds: &[&'static str]) -> Checked<(&'static str, Option<Id>)> {
    let mut allowed = vec!["type"];
    allowed.extend(kinds);
    at.only(&allowed)?;
    let (kind, inner) = at.one_of(kinds)?;
    at.tagged(kind)?;
    if kind == "workspace" {
        return if inner.flag()? { Ok((kind, None)) } else { Err(inner.wrong("`true`")) };
    }
    Ok((kind, Some(inner.id()?)))
}

/// The cursor and the size of a page of a list that is asked for in the address; other names are refused.
fn paging(query: &str) -> Checked<(Option<String>, u64)> {
    let invalid = |message: &str| Refusal::Invalid(format!("query failed validation: {message}"));
    let (mut cursor, mut size) = (None, super::show::PAGE_SIZE);
    for (name, value) in pairs(query).ok_or_else(|| invalid("it is not properly encoded."))? {
        match name.as_str() {
            "start_cursor" => cursor = Some(value),
            "page_size" => {
                let found = value.parse().ok().filter(|n| (1..=super::show::PAGE_SIZE).contains(n));
                size = found.ok_or_else(|| invalid("query.page_size should be a number from 1 to 100."))?;
            }
            _ => return Err(invalid(&format!("query.{name} should be not present."))),
        }
    }
    Ok((cursor, size))
}

/// The same in a body.
fn paging_of<'v>(at: &At<'v>) -> Checked<(Option<&'v str>, u64)> {
    let cursor = at.key("start_cursor").and_then(At::present).map(|at| at.text()).transpose()?;
    let size = at.key("page_size").map(|at| at.whole(1, super::show::PAGE_SIZE)).transpose()?;
    Ok((cursor, size.unwrap_or(super::show::PAGE_SIZE)))
}
