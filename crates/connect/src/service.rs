//! A service as a place where rows go to: kinds of things that it holds, made, read, changed and deleted by
//! calls.
//!
//! A service keeps no transaction with us, so every call stands alone: an intent is in the ledger before it,
//! its answer after it. What a call came to is therefore one of three things ([`Made`]): done, refused, or
//! unknown because the answer was lost.

use crate::destination::Table;
use async_trait::async_trait;
use base::{Fault, Problem, RejectCode};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The columns of a thing, as text in the form that its column's type shows; `None` is NULL.
pub type Fields = BTreeMap<String, Option<String>>;

/// Why a service does not take a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The column at fault; empty: the thing as a whole.
    pub column: String,
    /// The code of the reject.
    pub code: RejectCode,
    /// Why, one sentence without the value.
    pub reason: String,
}

/// What a call that makes or changes a thing came to.
#[derive(Debug)]
pub enum Made {
    /// It is there, under this key.
    Done(String),
    /// The service does not take it, and nothing was made.
    Refused(Refusal),
    /// The answer was lost: whether it was made must be looked up before anything is tried again.
    Unknown(Fault),
}

/// What a call that deletes a thing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone now.
    Done,
    /// It was gone already.
    Gone,
}

/// Takes the things of a kind as they are listed.
pub trait ThingSink: Send {
    /// A thing: its key and the columns asked for.
    fn thing(&mut self, key: &str, fields: Fields) -> Result<(), Fault>;
}

/// A look for the thing that an earlier call may have made.
#[derive(Debug)]
pub struct Lost<'a> {
    /// What the call was to make; a rollback does not know it any more.
    pub fields: Option<&'a Fields>,
    /// The mark that the call gave it ([`Service::create`]).
    pub mark: &'a str,
    /// When the call was intended, or a little before.
    pub since: Timestamp,
}

/// A configured service.
///
/// Faults: [`base::Class::Retry`] has been retried within the client's bounds already and stops the run;
/// credentials and rights are [`base::Class::Stop`] or [`base::Class::Usage`] with the way to mend them.
#[async_trait]
pub trait Service: Send + Sync {
    /// Where it is, without credentials: `api.bettermode.com, network net01`.
    fn address(&self) -> String;
    /// Its kinds of things, as tables; the key is one text column that the service fills. Foreign keys say
    /// which column of a kind names things of another.
    async fn tables(&self) -> Result<Vec<Table>, Fault>;
    /// Reach, rights and settings: every problem for these kinds.
    async fn check(&self, tables: &[String]) -> Result<Vec<Problem>, Fault>;
    /// How many things of a kind there are; `None`: only a walk over all could tell.
    async fn count(&self, table: &str) -> Result<Option<u64>, Fault>;
    /// Calls that may be under way at once.
    fn calls_at_once(&self) -> usize {
        1
    }
    /// Columns by whose value a thing can be looked up (`match`), those whose letters' case does not count
    /// first marked so.
    fn lookups(&self, table: &str) -> Vec<Lookup>;
    /// Things whose column has this value: their keys.
    async fn look_up(&self, table: &str, column: &str, value: &str) -> Result<Vec<String>, Fault>;
    /// Makes a thing. `mark` is ours and unlike any other's: the service keeps it with the thing where it
    /// can, so that a lost answer is found again.
    async fn create(&self, table: &str, fields: &Fields, mark: &str) -> Result<Made, Fault>;
    /// The thing that a call made whose answer was lost.
    async fn find(&self, table: &str, lost: &Lost<'_>) -> Result<Option<String>, Fault>;
    /// Writes columns of a thing. Writing the same twice is harmless.
    async fn update(&self, table: &str, key: &str, fields: &Fields) -> Result<Made, Fault>;
    /// Columns of the things with these keys; `None` for one that is not there.
    async fn read(
        &self,
        table: &str,
        keys: &[String],
        columns: &[String],
    ) -> Result<Vec<Option<Fields>>, Fault>;
    /// All things of a kind, in any order.
    async fn list(&self, table: &str, columns: &[String], sink: &mut dyn ThingSink) -> Result<(), Fault>;
    /// Deletes a thing.
    async fn delete(&self, table: &str, key: &str) -> Result<Deleted, Fault>;
    /// Keys of things that people have built on this one since: answers to a post, posts of a member. Each
    /// with its kind.
    async fn built_on(&self, table: &str, key: &str) -> Result<Vec<Thing>, Fault>;
    /// Mails that making so many things of a kind would send to people; `None`: the service does not say.
    fn mails(&self, table: &str, things: u64) -> Option<u64>;
}

/// A column by which things are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The column.
    pub column: String,
    /// Whether letters' case does not count: `match = "lower(COLUMN)"`; else `match = "COLUMN"`.
    pub folds_case: bool,
}

/// A thing of a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thing {
    /// Its kind.
    pub table: String,
    /// Its key.
    pub key: String,
}

/// Marks a cell that holds the source id of a record of the same entity, whose key is known only when that
/// record is made. It is looked for only in columns of references
/// ([`crate::destination::LoadSpec::own`]); a text of people may begin with anything.
const OWN: char = '\u{1}';

/// A reference to a record of the same entity, by its source id.
pub fn own_reference(source_id: &str) -> String {
    format!("{OWN}{source_id}")
}

/// The source id of such a reference. One inside of a longer text is no key of anything: the whole text is
/// given, which is nobody's id.
pub fn referred_own(text: &str) -> Option<&str> {
    text.strip_prefix(OWN).or_else(|| text.contains(OWN).then_some(text))
}
