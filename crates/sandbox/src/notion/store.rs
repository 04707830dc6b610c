//! The workspace: who is in it, and the tree of what is written there.

use super::cells::Cell;
use super::id::Id;
use super::property::Property;
use super::refusal::Refusal;
use crate::rng::Rng;
use crate::time::iso;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// What stands for a token where people act in the application: they see everything.
pub(super) const PEOPLE: &str = "people";

/// A minute in milliseconds.
const MINUTE: i64 = 60_000;

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent {
    Workspace,
    Page(Id),
    Block(Id),
    Database(Id),
    Source(Id),
}

/// A person or a connection.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub id: Id,
    pub name: String,
    /// A person's; a connection has none.
    pub email: Option<String>,
}

/// A page, as a row of a data source or below another page.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub id: Id,
    pub parent: Parent,
    /// The data source whose columns it has.
    pub source: Option<Id>,
    /// The title of a page that is no row.
    pub title: Vec<Value>,
    /// Values by the column's id.
    pub cells: HashMap<String, Cell>,
    /// Blocks, in order.
    pub children: Vec<Id>,
    pub created: i64,
    pub edited: i64,
    pub created_by: Id,
    pub edited_by: Id,
    pub in_trash: bool,
    pub is_archived: bool,
    pub is_locked: bool,
    pub icon: Value,
    pub cover: Value,
    /// Queries in which it is still missing.
    pub hidden_for: u64,
}

/// A block of a page.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub parent: Parent,
    pub kind: &'static str,
    pub content: Map<String, Value>,
    pub children: Vec<Id>,
    pub created: i64,
    pub edited: i64,
    pub created_by: Id,
    pub edited_by: Id,
    pub in_trash: bool,
}

/// A database: a container of data sources.
#[derive(Debug, Clone)]
pub(super) struct Database {
    pub id: Id,
    pub parent: Parent,
    pub title: Vec<Value>,
    pub description: Vec<Value>,
    pub icon: Value,
    pub cover: Value,
    pub is_inline: bool,
    pub is_locked: bool,
    pub in_trash: bool,
    pub sources: Vec<Id>,
    pub created: i64,
    pub edited: i64,
    pub created_by: Id,
}

/// A data source: columns and rows.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub id: Id,
    pub database: Id,
    pub title: Vec<Value>,
    pub properties: Vec<Property>,
    /// Pages, oldest first.
    pub rows: Vec<Id>,
    pub in_trash: bool,
    pub next_unique: u64,
    pub created: i64,
    pub edited: i64,
}

/// Everything.
pub(super) struct Store {
    pub rng: Rng,
    pub users: Vec<User>,
    pub pages: HashMap<Id, Page>,
    pub blocks: HashMap<Id, Block>,
    pub databases: HashMap<Id, Database>,
    pub sources: HashMap<Id, Source>,
    /// Pages and databases at the top of the workspace.
    pub roots: Vec<Id>,
    /// What each connection may see, by its token.
    pub shared: BTreeMap<String, Vec<Id>>,
    /// Whether moments are shown without their seconds.
    pub minutes: bool,
}

impl Store {
    pub fn new(seed: u64, minutes: bool) -> Self {
        Self {
            rng: Rng::new(seed, "notion"),
            users: Vec::new(),
            pages: HashMap::new(),
            blocks: HashMap::new(),
            databases: HashMap::new(),
            sources: HashMap::new(),
            roots: Vec::new(),
            shared: BTreeMap::new(),
            minutes,
        }
    }

    /// A moment as it is shown.
    pub fn moment(&self, ms: i64) -> String {
        iso(if self.minutes { ms - ms.rem_euclid(MINUTE) } else { ms })
    }

    /// A person or connection as it is shown.
    pub fn user(&self, id: Id) -> Value {
        let Some(user) = self.users.iter().find(|user| user.id == id) else {
            return json!({"object": "user", "id": id.to_string()});
        };
        let mut shown =
            json!({"object": "user", "id": id.to_string(), "name": user.name, "avatar_url": null});
        match &user.email {
            Some(email) => {
                shown["type"] = json!("person");
                shown["person"] = json!({"email": email});
            }
            None => {
                shown["type"] = json!("bot");
                shown["bot"] = json!({
                    "owner": {"type": "workspace", "workspace": true},
                    "workspace_name": "HigherSelf",
                });
            }
        }
        shown
    }

    /// Whether a connection may name the thing of that id: a user, or something that it sees.
    pub fn sees(&self, token: &str, id: Id) -> bool {
        self.users.iter().any(|user| user.id == id)
            || (self.parent(id).is_some() && self.is_shared(token, id))
    }

    fn parent(&self, id: Id) -> Option<Parent> {
        let page = self.pages.get(&id).map(|page| page.parent);
        let block = || self.blocks.get(&id).map(|block| block.parent);
        let database = || self.databases.get(&id).map(|database| database.parent);
        let source = || self.sources.get(&id).map(|source| Parent::Database(source.database));
        page.or_else(block).or_else(database).or_else(source)
    }

    /// Whether a connection sees the thing of that id: it or something above it was shared.
    pub fn is_shared(&self, token: &str, id: Id) -> bool {
        if token == PEOPLE {
            return true;
        }
        let roots = self.shared.get(token).map_or(&[][..], Vec::as_slice);
        let mut at = id;
        loop {
            if roots.contains(&at) {
                return true;
            }
            match self.parent(at) {
                Some(Parent::Page(up) | Parent::Block(up) | Parent::Database(up) | Parent::Source(up)) => {
                    at = up;
                }
                Some(Parent::Workspace) | None => return false,
            }
        }
    }

    pub fn page(&self, token: &str, id: Id) -> Result<&Page, Refusal> {
        let found = self.pages.get(&id).filter(|_| self.is_shared(token, id));
        found.ok_or(Refusal::NotFound("page", id))
    }

    pub fn database(&self, token: &str, id: Id) -> Result<&Database, Refusal> {
        let found = self.databases.get(&id).filter(|_| self.is_shared(token, id));
        found.ok_or(Refusal::NotFound("database", id))
    }

    pub fn source(&self, token: &str, id: Id) -> Result<&Source, Refusal> {
        let found = self.sources.get(&id).filter(|_| self.is_shared(token, id));
        found.ok_or(Refusal::NotFound("data source", id))
    }

    /// The block of that id; a page and a database are blocks as well.
    pub fn holds_block(&self, token: &str, id: Id) -> Result<(), Refusal> {
        let there =
            self.blocks.contains_key(&id) || self.pages.contains_key(&id) || self.databases.contains_key(&id);
        if there && self.is_shared(token, id) { Ok(()) } else { Err(Refusal::NotFound("block", id)) }
    }

    /// The ids of what is in a page or a block, in order.
    pub fn children(&self, id: Id) -> &[Id] {
        let page = self.pages.get(&id).map(|page| &page.children);
        page.or_else(|| self.blocks.get(&id).map(|block| &block.children)).map_or(&[], Vec::as_slice)
    }

    /// The same, to be changed.
    pub fn children_mut(&mut self, id: Id) -> Option<&mut Vec<Id>> {
        match self.pages.get_mut(&id) {
            Some(page) => Some(&mut page.children),
            None => self.blocks.get_mut(&id).map(|block| &mut block.children),
        }
    }

    /// The title of a page, of whichever sort.
    pub fn title(&self, page: &Page) -> Vec<Value> {
        match page.source {
            None => page.title.clone(),
            Some(_) => match page.cells.get("title") {
                Some(Cell::RichText(items)) => items.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// Puts a page into the tree.
    pub fn add_page(&mut self, page: Page) {
        let id = page.id;
        match page.parent {
            Parent::Workspace => self.roots.push(id),
            Parent::Source(source) => {
                if let Some(source) = self.sources.get_mut(&source) {
                    source.rows.push(id);
                }
            }
            Parent::Page(up) | Parent::Block(up) | Parent::Database(up) => {
                if let Some(children) = self.children_mut(up) {
                    children.push(id);
                }
            }
        }
        self.pages.insert(id, page);
    }
}

impl Store {
    /// A stream of its own, for a request that may still be refused: what it draws is lost then, and
    /// nothing else.
    pub fn draw_rng(&mut self) -> Rng {
        Rng::new(self.rng.bits(), "notion request")
    }
}
