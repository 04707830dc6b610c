//! What a run does to things of a service, where no transaction spans the call and the ledger: an intent is
//! written before each call, its answer after it.

use crate::{Counts, Fates, Reject};
use async_trait::async_trait;
use base::Fault;
use base::ids::RunId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Effects handed out at a time.
pub const EFFECT_PAGE: usize = 500;

/// What is done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// It is written over.
    Update,
}

impl Action {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
        }
    }
    /// The action of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Action::Create, Action::Update].into_iter().find(|a| a.word() == word)
    }
}

/// How far an effect has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectState {
    /// The call is about to be made, or its answer was lost.
    Intended,
    /// The call was answered: it is there.
    Done,
    /// It was taken back.
    Undone,
    /// A rollback found nothing any more.
    Gone,
    /// It was done, and somebody dropped the record by which it could be undone.
    Forgotten,
}

impl EffectState {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            EffectState::Intended => "intended",
            EffectState::Done => "done",
            EffectState::Undone => "undone",
            EffectState::Gone => "gone",
            EffectState::Forgotten => "forgotten",
        }
    }
    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        use EffectState::{Done, Forgotten, Gone, Intended, Undone};
        [Intended, Done, Undone, Gone, Forgotten].into_iter().find(|s| s.word() == word)
    }
}

/// What is about to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Number of the record in the export.
    pub record: u64,
    /// The source's id.
    pub source_id: String,
    /// What.
    pub action: Action,
    /// The thing's key, of one that is there.
    pub key: Option<String>,
    /// The columns that an update writes, as they were: column → text.
    pub image: Option<BTreeMap<String, Option<String>>>,
}

/// What was done, or is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Its number; later intents have greater ones.
    pub number: i64,
    /// The intent.
    pub intent: Intent,
    /// How far it has come.
    pub state: EffectState,
    /// Hash of the columns as the run left them.
    pub content: Option<u128>,
    /// When it was intended, by the ledger's clock.
    pub intended_at: Timestamp,
}

/// A batch of records, all of whose calls are answered.
#[derive(Debug)]
pub struct EffectBatch<'a> {
    /// The run.
    pub run: RunId,
    /// The entity.
    pub entity: &'a str,
    /// Number of its first record in the export.
    pub first_record: u64,
    /// Where the export goes on after it, in bytes.
    pub next_byte: u64,
    /// The fate of every record.
    pub fates: &'a Fates,
    /// Keys of things that were made: source id, key.
    pub made: &'a [(String, String)],
    /// Keys of things that were there and are taken for the record's: source id, key.
    pub adopted: &'a [(String, String)],
    /// Why records were rejected.
    pub rejects: &'a [Reject],
}

/// The part of the ledger that services need.
#[async_trait]
pub trait EffectStore: Send + Sync {
    /// Writes intents down. Those that stand there already are left as they are.
    async fn intend(&self, run: RunId, entity: &str, intents: &[Intent]) -> Result<(), Fault>;
    /// What stands there of these records of the run.
    async fn effects(
        &self,
        run: RunId,
        entity: &str,
        source_ids: &[String],
    ) -> Result<Vec<Option<Effect>>, Fault>;
    /// A call was answered: the thing is there under this key, with this content.
    async fn done(
        &self,
        run: RunId,
        entity: &str,
        source_id: &str,
        key: &str,
        content: u128,
    ) -> Result<(), Fault>;
    /// A call was refused: nothing came of the intent.
    async fn withdrawn(&self, run: RunId, entity: &str, source_id: &str) -> Result<(), Fault>;
    /// The content that runs of the project left last in the things with these keys.
    async fn contents(&self, entity: &str, keys: &[String]) -> Result<Vec<Option<u128>>, Fault>;
    /// The record whose thing this is, by the id map: its source id.
    async fn holder(&self, entity: &str, key: &str) -> Result<Option<String>, Fault>;
    /// Of these records, those that the run rejected.
    async fn rejected(&self, run: RunId, entity: &str, source_ids: &[String]) -> Result<Vec<bool>, Fault>;
    /// Commits a batch with its keys and rejects, in one transaction under the lease.
    async fn commit(&self, batch: &EffectBatch<'_>) -> Result<Counts, Fault>;

    /// Effects of the run that are done or still intended, newest first, [`EFFECT_PAGE`] at a time, of those
    /// before that number.
    async fn to_undo(&self, run: RunId, entity: &str, before: Option<i64>) -> Result<Vec<Effect>, Fault>;
    /// An effect was taken back, or its thing was gone.
    async fn undone(
        &self,
        run: RunId,
        entity: &str,
        source_id: &str,
        state: EffectState,
    ) -> Result<(), Fault>;
    /// Names things that a rollback kept: entity, key, why.
    async fn keep(&self, run: RunId, kept: &[(String, String, String)]) -> Result<(), Fault>;
    /// Marks the entity's batches whose effects are all undone.
    async fn close_batches(&self, run: RunId, entity: &str) -> Result<(), Fault>;
}
