//! People and connections.

use super::{Desk, Done, paging};
use crate::notion::show::{list, part};

impl Desk<'_> {
    /// `GET /users/me`: the connection.
    pub fn me(&self) -> Done {
        Ok(self.store.user(self.caller.user))
    }

    /// `GET /users`.
    pub fn users(&self, query: &str) -> Done {
        let (cursor, size) = paging(query)?;
        let all: Vec<_> = self.store.users.iter().map(|user| user.id).collect();
        let (ids, next) = part(&all, cursor.as_deref(), size)?;
        let users: Vec<_> = ids.into_iter().map(|id| self.store.user(id)).collect();
        Ok(list("user", &users, next))
    }
}
