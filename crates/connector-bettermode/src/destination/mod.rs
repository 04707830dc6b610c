//! A community as a destination: what a move makes, finds again, reads, changes and deletes in it.
//!
//! A typed library over [`Client`]: it knows no run and no ledger. Whoever makes a record first notes the
//! moment; when the outcome is unknown, [`Destination::look_for`] with that moment says whether the record is
//! there.

mod find;
mod kinds;
mod limits;
mod mails;
mod matching;
mod read;

pub use kinds::{Change, Entry, Kind, Record};
pub use limits::{Limitation, Why, can_change, cannot_set};
pub use mails::{Choice, Mails, mails};
pub(crate) use matching::SKEW;

use crate::client::Client;
use crate::errors::Error;
use base::Secret;

/// Letters of the password that a new member gets and nobody knows.
const PASSWORD_CHARS: usize = 32;

/// One community, to be written into.
#[derive(Debug, Clone)]
pub struct Destination {
    client: Client,
}

/// A record that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// It.
    pub entry: Entry,
    /// What came after it was made, and failed: it is there, and not whole.
    pub unfinished: Option<Error>,
}

impl Destination {
    /// A destination that does nothing yet.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The calls behind it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Makes a record. [`Error::UnknownOutcome`]: it may be there; look before making it again.
    pub async fn create(&self, record: &Record) -> Result<Created, Error> {
        let entry = match record {
            Record::Member { member, then } => {
                let made = self.client.join_network(member, &self.password()).await?;
                if then.is_empty() {
                    Entry::Member(Box::new(made))
                } else {
                    let (entry, unfinished) = match self.client.update_member(&made.id, then).await {
                        Ok(whole) => (whole, None),
                        Err(error) => (made, Some(error)),
                    };
                    return Ok(Created { entry: Entry::Member(Box::new(entry)), unfinished });
                }
            }
            Record::Collection(collection) => {
                Entry::Collection(self.client.create_collection(collection).await?)
            }
            Record::Space(space) => Entry::Space(self.client.create_space(space).await?),
            Record::Post { space_id, post } => {
                Entry::Post(Box::new(self.client.create_post_of(space_id, post).await?))
            }
            Record::Reply { post_id, reply } => {
                Entry::Post(Box::new(self.client.create_reply(post_id, reply).await?))
            }
            Record::Event { space_id, event } => {
                Entry::Event(Box::new(self.client.create_event(space_id, event).await?))
            }
        };
        Ok(Created { entry, unfinished: None })
    }

    /// Changes a record.
    pub async fn update(&self, id: &str, change: &Change) -> Result<Entry, Error> {
        Ok(match change {
            Change::Member(update) => Entry::Member(Box::new(self.client.update_member(id, update).await?)),
            Change::Post(update) => Entry::Post(Box::new(self.client.update_post(id, update).await?)),
            Change::Event(update) => Entry::Event(Box::new(self.client.update_event(id, update).await?)),
        })
    }

    /// Deletes a record; `false`: it was gone already.
    pub async fn delete(&self, kind: Kind, id: &str) -> Result<bool, Error> {
        let done = match kind {
            Kind::Member => self.client.delete_member(id).await,
            Kind::Collection => self.client.delete_collection(id).await,
            Kind::Space => self.client.delete_space(id).await,
            Kind::Post | Kind::Reply => self.client.delete_post(id).await,
            Kind::Event => self.client.delete_event(id).await,
        };
        match done {
            Ok(()) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A password that nobody knows: the service wants one, and the person sets another by mail when they
    /// come.
    fn password(&self) -> Secret {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 63")]
        let letter = || char::from(LETTERS[((self.client.fraction() * 64.0) as usize).min(63)]);
        // Services ask for letters of several kinds.
        let mut password = String::from("aA1-");
        password.extend(std::iter::repeat_with(letter).take(PASSWORD_CHARS));
        Secret::new(password)
    }
}
