//! The endpoints: which path and verb lead where, and the names by which they are counted.

/// What a path and a verb lead to. Ids are as they stand in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint<'p> {
    Me,
    Users,
    CreateDatabase,
    Database(&'p str),
    UpdateDatabase(&'p str),
    CreateSource,
    Source(&'p str),
    UpdateSource(&'p str),
    Query(&'p str),
    CreatePage,
    Page(&'p str),
    UpdatePage(&'p str),
    PageProperty(&'p str, &'p str),
    PageMarkdown(&'p str),
    Children(&'p str),
    Append(&'p str),
    Block(&'p str),
    UpdateBlock(&'p str),
    DeleteBlock(&'p str),
    Search,
}

/// All names, for scenarios.
pub(super) const NAMES: &[&str] = &[
    "users/me",
    "users",
    "databases/create",
    "databases/retrieve",
    "databases/update",
    "data_sources/create",
    "data_sources/retrieve",
    "data_sources/update",
    "data_sources/query",
    "pages/create",
    "pages/retrieve",
    "pages/update",
    "pages/property",
    "pages/markdown",
    "blocks/children",
    "blocks/append",
    "blocks/retrieve",
    "blocks/update",
    "blocks/delete",
    "search",
];

impl<'p> Endpoint<'p> {
    /// Where a verb and a path lead; `None` for nowhere.
    pub fn of(verb: &str, path: &'p str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix("/v1/")?.split('/').collect();
        Some(match (verb, &segments[..]) {
            ("GET", ["users", "me"]) => Endpoint::Me,
            ("GET", ["users"]) => Endpoint::Users,
            ("POST", ["databases"]) => Endpoint::CreateDatabase,
            ("GET", ["databases", id]) => Endpoint::Database(id),
            ("PATCH", ["databases", id]) => Endpoint::UpdateDatabase(id),
            ("POST", ["data_sources"]) => Endpoint::CreateSource,
            ("GET", ["data_sources", id]) => Endpoint::Source(id),
            ("PATCH", ["data_sources", id]) => Endpoint::UpdateSource(id),
            ("POST", ["data_sources", id, "query"]) => Endpoint::Query(id),
            ("POST", ["pages"]) => Endpoint::CreatePage,
            ("GET", ["pages", id]) => Endpoint::Page(id),
            ("PATCH", ["pages", id]) => Endpoint::UpdatePage(id),
            ("GET", ["pages", id, "properties", property]) => Endpoint::PageProperty(id, property),
            ("GET", ["pages", id, "markdown"]) => Endpoint::PageMarkdown(id),
            ("GET", ["blocks", id, "children"]) => Endpoint::Children(id),
            ("PATCH", ["blocks", id, "children"]) => Endpoint::Append(id),
            ("GET", ["blocks", id]) => Endpoint::Block(id),
            ("PATCH", ["blocks", id]) => Endpoint::UpdateBlock(id),
            ("DELETE", ["blocks", id]) => Endpoint::DeleteBlock(id),
            ("POST", ["search"]) => Endpoint::Search,
            _ => return None,
        })
    }

    /// The name by which it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Endpoint::Me => "users/me",
            Endpoint::Users => "users",
            Endpoint::CreateDatabase => "databases/create",
            Endpoint::Database(_) => "databases/retrieve",
            Endpoint::UpdateDatabase(_) => "databases/update",
            Endpoint::CreateSource => "data_sources/create",
            Endpoint::Source(_) => "data_sources/retrieve",
            Endpoint::UpdateSource(_) => "data_sources/update",
            Endpoint::Query(_) => "data_sources/query",
            Endpoint::CreatePage => "pages/create",
            Endpoint::Page(_) => "pages/retrieve",
            Endpoint::UpdatePage(_) => "pages/update",
            Endpoint::PageProperty(..) => "pages/property",
            Endpoint::PageMarkdown(_) => "pages/markdown",
            Endpoint::Children(_) => "blocks/children",
            Endpoint::Append(_) => "blocks/append",
            Endpoint::Block(_) => "blocks/retrieve",
            Endpoint::UpdateBlock(_) => "blocks/update",
            Endpoint::DeleteBlock(_) => "blocks/delete",
            Endpoint::Search => "search",
        }
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        use Endpoint::{Append, CreateDatabase, CreatePage, CreateSource, DeleteBlock, UpdateBlock};
        use Endpoint::{UpdateDatabase, UpdatePage, UpdateSource};
        matches!(
            self,
            Append(_)
                | CreateDatabase
                | CreatePage
                | CreateSource
                | DeleteBlock(_)
                | UpdateBlock(_)
                | UpdateDatabase(_)
                | UpdatePage(_)
                | UpdateSource(_)
        )
    }

    /// Whether a body belongs to it.
    pub fn has_body(&self) -> bool {
        (self.writes() && !matches!(self, Endpoint::DeleteBlock(_)))
            || matches!(self, Endpoint::Query(_) | Endpoint::Search)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_verb_and_a_path() {
        let reached: Vec<&str> = [
            ("GET", "users/me"),
            ("GET", "users"),
            ("POST", "databases"),
            ("GET", "databases/1"),
            ("PATCH", "databases/1"),
            ("POST", "data_sources"),
            ("GET", "data_sources/1"),
            ("PATCH", "data_sources/1"),
            ("POST", "data_sources/1/query"),
            ("POST", "pages"),
            ("GET", "pages/1"),
            ("PATCH", "pages/1"),
            ("GET", "pages/1/properties/2"),
            ("GET", "pages/1/markdown"),
            ("GET", "blocks/1/children"),
            ("PATCH", "blocks/1/children"),
            ("GET", "blocks/1"),
            ("PATCH", "blocks/1"),
            ("DELETE", "blocks/1"),
            ("POST", "search"),
        ]
        .iter()
        .map(|(verb, path)| Endpoint::of(verb, &format!("/v1/{path}")).expect("somewhere").name())
        .collect();
        assert_eq!(reached, NAMES);
        for (verb, path) in [("POST", "/v1/databases/1/query"), ("GET", "/pages/1"), ("PUT", "/v1/pages/1")] {
            assert_eq!(Endpoint::of(verb, path), None, "{verb} {path}");
        }
    }
}
