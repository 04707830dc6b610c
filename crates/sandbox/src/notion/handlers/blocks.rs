//! Blocks: read, added, changed, thrown away.

use super::{Desk, Done, paging};
use crate::notion::blocks::{Reading, fits, may_have_children, misplaced};
use crate::notion::caller::Version;
use crate::notion::check::{At, Checked};
use crate::notion::id::Id;
use crate::notion::refusal::Refusal;
use crate::notion::show::{list, part};
use serde_json::{Map, Value};

impl Desk<'_> {
    /// `GET /blocks/ID/children`.
    pub fn children(&self, id: Id, query: &str) -> Done {
        let (cursor, size) = paging(query)?;
        self.store.holds_block(self.token(), id)?;
        let there = self.store.children(id).iter().copied();
        let there: Vec<Id> = there.filter(|child| !self.store.is_in_trash(*child)).collect();
        let (ids, next) = part(&there, cursor.as_deref(), size)?;
        Ok(list("block", &self.show_all(&ids), next))
    }

    fn show_all(&self, ids: &[Id]) -> Vec<Value> {
        ids.iter().map(|id| self.store.show_block(*id, self.caller)).collect()
    }

    /// `PATCH /blocks/ID/children`: the answer has the first level only.
    pub fn append(&mut self, id: Id, at: &At<'_>) -> Done {
        let place = match self.caller.version {
            Version::September2025 => "after",
            Version::March2026 => "position",
        };
        at.only(&["children", place])?;
        self.store.holds_block(self.token(), id)?;
        let nothing = Map::new();
        let (kind, content) = match self.store.blocks.get(&id) {
            Some(block) => (block.kind, &block.content),
            None => ("page", &nothing),
        };
        let is_page = self.store.pages.contains_key(&id);
        if !is_page && !may_have_children(kind, content) {
            return Err(Refusal::Invalid(format!("Block of type {kind} does not support children.")));
        }
        if self.store.is_in_trash(id) {
            return Err(in_trash());
        }
        let drafts = self.read_blocks(&at.required("children")?)?;
        drafts.iter().try_for_each(|draft| fits(kind, content, draft)).map_err(misplaced)?;
        let place = self.place_of(id, at)?;
        let made = self.make_blocks(id, drafts, place);
        self.touch(id);
        Ok(list("block", &self.show_all(&made), None))
    }

    /// Where new blocks go among those that are there.
    fn place_of(&self, id: Id, at: &At<'_>) -> Checked<usize> {
        let children = self.store.children(id);
        let behind = |after: &At<'_>| -> Checked<usize> {
            let wanted = after.id()?;
            let found = children.iter().position(|child| *child == wanted);
            found.map(|at| at + 1).ok_or_else(|| after.wrong("the id of a child of the block"))
        };
        if let Some(after) = at.key("after") {
            return behind(&after);
        }
        let Some(position) = at.key("position") else { return Ok(children.len()) };
        let kinds = [("end", 0), ("start", 1), ("after_block", 2)];
        match position.required("type")?.word(&kinds)? {
            0 => position.only(&["type"]).map(|()| children.len()),
            1 => position.only(&["type"]).map(|()| 0),
            _ => {
                position.only(&["type", "after_block"])?;
                let block = position.required("after_block")?;
                block.only(&["id"])?;
                behind(&block.required("id")?)
            }
        }
    }

    /// `GET /blocks/ID`.
    pub fn retrieve_block(&self, id: Id) -> Done {
        self.store.holds_block(self.token(), id)?;
        Ok(self.store.show_block(id, self.caller))
    }

    /// `PATCH /blocks/ID`: its fields; its kind is for good.
    pub fn update_block(&mut self, id: Id, at: &At<'_>) -> Done {
        self.store.holds_block(self.token(), id)?;
        let trash = self.caller.trash();
        let wants_trash = self.caller.wants_trash(at)?;
        let Some(block) = self.store.blocks.get(&id) else {
            // Of pages and databases where they stand only this can be changed here.
            at.only(&[trash])?;
            return self.throw_away(id, wants_trash.unwrap_or(false));
        };
        let kind = block.kind;
        at.only(&[kind, "type", "object", trash])?;
        at.tagged(kind)?;
        if block.in_trash && wants_trash != Some(false) {
            return Err(in_trash());
        }
        let knows = |id: Id| self.store.sees(self.token(), id);
        let reading = Reading { limits: self.limits, knows: &knows };
        let changes = at.key(kind).map(|_| reading.change(kind, at)).transpose()?.unwrap_or_default();
        let width =
            |content: &Map<String, Value>| content.get("cells").and_then(Value::as_array).map(Vec::len);
        if kind == "table_row" && !changes.is_empty() && width(&changes) != width(&block.content) {
            return Err(at.wrong("a row with as many cells as its table is wide"));
        }
        if let Some(block) = self.store.blocks.get_mut(&id) {
            block.content.extend(changes);
            block.in_trash = wants_trash.unwrap_or(block.in_trash);
        }
        self.touch(id);
        self.retrieve_block(id)
    }

    /// `DELETE /blocks/ID`: into the trash.
    pub fn delete_block(&mut self, id: Id) -> Done {
        self.store.holds_block(self.token(), id)?;
        self.throw_away(id, true)
    }

    fn throw_away(&mut self, id: Id, in_trash: bool) -> Done {
        let block = self.store.blocks.get_mut(&id).map(|block| &mut block.in_trash);
        let page = self.store.pages.get_mut(&id).map(|page| &mut page.in_trash);
        let database = self.store.databases.get_mut(&id).map(|database| &mut database.in_trash);
        if let Some(flag) = block.or(page).or(database) {
            *flag = in_trash;
        }
        self.touch(id);
        self.retrieve_block(id)
    }
}

fn in_trash() -> Refusal {
    Refusal::Invalid("Can't edit block that is in the trash. Take it out of the trash first.".to_owned())
}
