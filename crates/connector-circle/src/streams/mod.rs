//! What Circle offers, as a table: the streams, where each is asked for, and which columns it has.
//!
//! The columns are those that the service's documents name; whatever else a record shows becomes a column
//! too. A stream is made of one *list* of the service, or of a list for each of its *parents*.

mod table;

pub use table::STREAMS;

/// A stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Its name in projects.
    pub name: &'static str,
    /// What people call it.
    pub display: &'static str,
    /// Where its lists are, below the API's path; `*` stands for the parent's id.
    pub path: &'static [&'static str],
    /// What is always asked for: what the service hides by default is asked for by name.
    pub query: &'static [(&'static str, &'static str)],
    /// Asked for as well, unless the service refuses it: no document says that it takes it.
    pub unsure: &'static [(&'static str, &'static str)],
    /// Which lists it is made of.
    pub lists: Lists,
    /// What identifies a record.
    pub key: Key,
    /// The columns, as `name kind`, or `name kind < path path` for those whose value stands deeper in the
    /// record (the column's own name comes first), with commas between them.
    pub columns: &'static str,
    /// What is counted on the way, for what cannot be moved.
    pub counts: &'static [Count],
}

/// The lists of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// One.
    One,
    /// One, and one of what is archived.
    WithArchived,
    /// One for each record of another stream.
    PerParent(Parent),
}

/// One of the lists of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// Its number among them.
    pub at: usize,
    /// The id of the parent whose list it is.
    pub parent: Option<String>,
}

impl List {
    /// The list of a parent.
    pub fn of(parent: impl Into<String>) -> Self {
        Self { at: 0, parent: Some(parent.into()) }
    }
}

/// Whose lists they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// The stream of the parents.
    pub stream: &'static str,
    /// The column with the parent's id; also the parameter of the request, unless the id is in the path.
    pub column: &'static str,
    /// Only spaces of this `space_type` have such lists.
    pub space_type: Option<&'static str>,
}

/// What identifies a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Its `id`.
    Id,
    /// It links a record (the column with its id) with a person: the column [`LINK_KEY`] is made of both,
    /// because no document says that such records have an id.
    Link(&'static str),
}

/// The column that identifies a record of a stream of links.
pub const LINK_KEY: &str = "_key";

/// The column that identifies any other record.
pub const ID: &str = "id";

/// Something to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The sum of a number: name of the count, field.
    Sum(&'static str, &'static str),
    /// Spaces of a type: name of the count, the type.
    Spaces(&'static str, &'static str),
}

impl Count {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Count::Sum(name, _) | Count::Spaces(name, _) => name,
        }
    }
}

/// A column that the documents name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds: `text`, `number`, `date`, `boolean`, `list`, `object`.
    pub kind: &'static str,
    /// Where else its value may stand in a record.
    pub paths: Vec<&'static str>,
}

impl Spec {
    /// The stream of that name.
    pub fn named(name: &str) -> Option<&'static Spec> {
        STREAMS.iter().find(|spec| spec.name == name)
    }

    /// The column that identifies a record.
    pub fn key_column(&self) -> &'static str {
        match self.key {
            Key::Id => ID,
            Key::Link(_) => LINK_KEY,
        }
    }

    /// Its parents, if it has any.
    pub fn parent(&self) -> Option<&Parent> {
        match &self.lists {
            Lists::PerParent(parent) => Some(parent),
            Lists::One | Lists::WithArchived => None,
        }
    }

    /// Whether a list of it has each member once at most.
    pub fn people_only(&self) -> bool {
        matches!(self.key, Key::Link(column) if column != "event_id" && self.parent().is_some())
    }

    /// The columns that the documents name, in order.
    pub fn columns(&self) -> Vec<Column> {
        let parts = self.columns.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| {
                let (head, paths) = part.split_once('<').unwrap_or((part, ""));
                let mut words = head.split_whitespace();
                let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or("text"));
                Column { name, kind, paths: paths.split_whitespace().collect() }
            })
            .collect()
    }

    /// Where the value of a column may stand in a record, best first.
    pub fn paths(&self, column: &'static str) -> Vec<&'static str> {
        let deeper = self.columns().into_iter().find(|one| one.name == column).map(|one| one.paths);
        std::iter::once(column).chain(deeper.unwrap_or_default()).collect()
    }

    /// Whether records show a column, as far as the documents say.
    pub fn declares(&self, column: &str) -> bool {
        self.columns().iter().any(|one| one.name == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_of_streams_holds_together() {
        let mut names = BTreeSet::new();
        for spec in STREAMS {
            assert!(names.insert(spec.name), "{} stands twice", spec.name);
            let columns = spec.columns();
            let distinct: BTreeSet<&str> = columns.iter().map(|column| column.name).collect();
            assert_eq!(distinct.len(), columns.len(), "{}: a column stands twice", spec.name);
            assert!(spec.declares(spec.key_column()), "{}: no key", spec.name);
            for column in &columns {
                let kinds = ["text", "number", "date", "boolean", "list", "object"];
                assert!(kinds.contains(&column.kind), "{} {}: {}", spec.name, column.name, column.kind);
                let named = crate::dates::is_named_so(column.name);
                assert_eq!(named, column.kind == "date", "{} {}", spec.name, column.name);
                assert_eq!(base::names::normalise(column.name), column.name);
            }
            if let Some(parent) = spec.parent() {
                let of = Spec::named(parent.stream).expect("a stream");
                assert_eq!((of.key, of.lists), (Key::Id, Lists::One), "{}", spec.name);
                assert!(spec.declares(parent.column), "{}: no {}", spec.name, parent.column);
            }
            if let Key::Link(column) = spec.key {
                assert!(spec.declares(column), "{}: no {column}", spec.name);
            }
            let stars = spec.path.iter().filter(|part| **part == "*").count();
            assert!(stars == 0 || (stars == 1 && spec.parent().is_some()), "{}", spec.name);
        }
    }

    #[test]
    fn columns_are_read_from_the_table() {
        let posts = Spec::named("posts").expect("posts");
        let column = |name: &str| posts.columns().into_iter().find(|c| c.name == name).expect("a column");
        assert_eq!((column("likes_count").kind, column("name").kind), ("number", "text"));
        assert_eq!(posts.paths("body_html"), ["body_html", "body.body", "body"]);
        assert_eq!(posts.paths("nothing"), ["nothing"]);
        assert_eq!(Spec::named("Posts"), None);
    }
}
