//! Who asks, and what they may see.

use super::query::{Query, Sort};
use crate::culturebridge::schema::CREATED;
use crate::json;
use crate::scenario::{Privacy, Visible};
use crate::schema::{KeyMode, Type};
use crate::table::Id;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The admin token: privacy rules do not count.
    Admin,
    /// A logged-in user.
    User,
    /// No token.
    Nobody,
}

/// What somebody sees of one type.
#[derive(Debug, Clone)]
pub(super) struct View {
    rows: Rows,
    /// Keys that are left out.
    hidden: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
enum Rows {
    All,
    None,
    /// Those that mention this id.
    Mention(String),
}

impl View {
    pub fn new(who: Who, privacy: Option<&Privacy>, user: Id, kind: &'static Type, keys: KeyMode) -> Self {
        let default = Privacy::default();
        let privacy = privacy.unwrap_or(&default);
        let visible = match who {
            Who::Admin => return Self { rows: Rows::All, hidden: Vec::new() },
            Who::User => privacy.user,
            Who::Nobody => privacy.anonymous,
        };
        let rows = match (visible, who) {
            (Visible::All, _) => Rows::All,
            (Visible::Own, Who::User) => Rows::Mention(user.to_string()),
            _ => Rows::None,
        };
        let hidden =
            kind.fields.iter().filter(|field| privacy.hidden_fields.iter().any(|h| h == field.display));
        Self { rows, hidden: hidden.map(|field| field.key(keys)).collect() }
    }

    /// Whether no record is left out.
    pub fn sees_all(&self) -> bool {
        self.rows == Rows::All
    }

    /// Whether a record is found.
    pub fn finds(&self, record: &[u8]) -> bool {
        match &self.rows {
            Rows::All => true,
            Rows::None => false,
            Rows::Mention(id) => memchr::memmem::find(record, id.as_bytes()).is_some(),
        }
    }

    /// A constraint on a field that somebody may not see is dropped, not refused. So is sorting by it.
    pub fn strip(&self, query: &mut Query, kind: &'static Type, keys: KeyMode) {
        let seen = |field: usize| !self.hidden.contains(&kind.fields[field].key(keys));
        query.constraints.retain(|constraint| seen(constraint.field));
        query.sort.retain(|sort| seen(sort.field));
        if query.sort.is_empty() {
            query.sort.push(Sort { field: CREATED, descending: false });
        }
    }

    /// Appends the record as it is seen.
    pub fn write(&self, record: &[u8], out: &mut Vec<u8>) {
        if self.hidden.is_empty() {
            out.extend_from_slice(record);
            return;
        }
        out.push(b'{');
        let mut first = true;
        for (key, value) in json::entries(record).into_iter().filter(|(key, _)| !self.hidden.contains(key)) {
            if !first {
                out.push(b',');
            }
            first = false;
            json::push_text(out, key);
            out.push(b':');
            out.extend_from_slice(value.get().as_bytes());
        }
        out.push(b'}');
    }
}
