//! What people do to the data while somebody copies it: new records, and changes to records.

use super::schema::{BOOKING, CLIENT_PROFILE, COACH_PROFILE, PAYMENT, TYPES, USER};
use crate::schema::{KeyMode, Type};
use crate::table::Id;
use crate::time;
use serde_json::{Map, Value, json};

/// Makes new versions of records; what it makes is as good as the record it was made from.
#[derive(Debug)]
pub(crate) struct Changes {
    keys: KeyMode,
    spare_users: Vec<Id>,
    serial: u64,
}

impl Changes {
    /// With the users who have no profile yet.
    pub fn new(keys: KeyMode, spare_users: Vec<Id>) -> Self {
        Self { keys, spare_users, serial: 0 }
    }

    /// A new record of type `kind` (its number in [`TYPES`]), made like `template`; `None` when there can be
    /// none: a profile when every user has one.
    pub fn fresh(&mut self, kind: usize, template: &[u8], id: Id) -> Option<Vec<u8>> {
        let kind = TYPES[kind];
        let mut record: Map<String, Value> = serde_json::from_slice(template).ok()?;
        self.serial += 1;
        let moment = time::iso(id.ms as i64);
        record.insert("_id".to_owned(), json!(id.to_string()));
        record.insert("Created Date".to_owned(), json!(moment));
        record.insert("Modified Date".to_owned(), json!(moment));
        match kind.name {
            name if name == USER.name => {
                let email = format!("new.person{}@sandbox.example", self.serial);
                record.insert(
                    "authentication".to_owned(),
                    json!({"email": {"email": email, "email_confirmed": true}}),
                );
                for field in ["email", "password", "Slug"] {
                    record.remove(self.key(kind, field));
                }
                self.spare_users.push(id);
            }
            name if name == CLIENT_PROFILE.name || name == COACH_PROFILE.name => {
                let user = self.spare_users.pop()?;
                record.insert(self.key(kind, "user_id").to_owned(), json!(user.to_string()));
            }
            name if name == PAYMENT.name => {
                for (field, head) in [("stripe_session", "cs_test_"), ("stripe_intent", "pi_")] {
                    record.insert(self.key(kind, field).to_owned(), json!(format!("{head}new_{}", id.tail)));
                }
            }
            _ => {}
        }
        serde_json::to_vec(&record).ok()
    }

    /// `record` with another value in one field that moves.
    pub fn changed(&self, kind: usize, record: &[u8], at: i64) -> Option<Vec<u8>> {
        let kind = TYPES[kind];
        let mut record: Map<String, Value> = serde_json::from_slice(record).ok()?;
        record.insert("Modified Date".to_owned(), json!(time::iso(at)));
        let (field, value) = match kind.name {
            name if name == USER.name => {
                let verified = record.get(self.key(kind, "verified")) != Some(&json!(true));
                ("verified", json!(verified))
            }
            name if name == CLIENT_PROFILE.name => {
                ("phone_number", json!(format!("+1-555-01{:02}", at % 100)))
            }
            name if name == COACH_PROFILE.name => {
                let count = record.get(self.key(kind, "session_count")).and_then(Value::as_u64).unwrap_or(0);
                ("session_count", json!(count + 1))
            }
            name if name == BOOKING.name => ("session_date", json!(time::iso(at - at % 900_000 + time::DAY))),
            _ => ("currency_code", json!(["CAD", "CHF", "NOK"][(at % 3) as usize])),
        };
        record.insert(self.key(kind, field).to_owned(), value);
        serde_json::to_vec(&record).ok()
    }

    fn key(&self, kind: &'static Type, display: &'static str) -> &'static str {
        kind.fields
            .iter()
            .find(|field| field.display == display)
            .map_or(display, |field| field.key(self.keys))
    }
}
