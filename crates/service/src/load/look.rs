//! What is known of the records of a batch before anything is done.

use super::{Row, ServiceLoader};
use crate::read::READ_AT_ONCE;
use crate::row::only;
use base::{Fault, RejectCode, SkipReason};
use connect::destination::Mode;
use connect::service::{Fields, Refusal, referred_own};
use jiff::Timestamp;
use ledger::Fate;
use ledger::effects::{Action, Effect, EffectState};
use std::collections::HashMap;

/// The way of a record.
#[derive(Debug)]
pub(crate) enum Way {
    /// This run has done it already, before it was interrupted.
    Done { key: String, action: Action },
    /// Nothing like it is there.
    New,
    /// This run was about to make it, and does not know whether it did.
    Lost { since: Timestamp },
    /// A thing is there with other content in these columns.
    Change { key: String, image: Fields, columns: Vec<String> },
    /// Nothing is to be done.
    Decided(Fate, Option<Refusal>),
}

/// The records of a batch with their ways.
pub(crate) struct Looked {
    pub(crate) rows: Vec<(Row, Way)>,
    /// Things that were there and are taken for a record's: source id, key.
    pub(crate) adopted: Vec<(String, String)>,
    /// Keys of records of the same entity that records refer to, as far as they are known.
    pub(crate) own: HashMap<String, String>,
}

/// A record whose thing is there.
struct There {
    key: String,
    adopted: bool,
}

impl ServiceLoader {
    /// Looks, and changes nothing.
    pub(crate) async fn look(&self, rows: Vec<Row>) -> Result<Looked, Fault> {
        let ids: Vec<String> = rows.iter().map(|r| r.source_id.clone()).collect();
        let effects = self.effects.effects(self.spec.run, &self.spec.entity, &ids).await?;
        let known = self.home.mapped_ids(&self.spec.entity, &ids).await?;
        let own = self.own_keys(&rows).await?;
        let mut looked = Looked { rows: Vec::with_capacity(rows.len()), adopted: Vec::new(), own };
        let mut there: Vec<(Row, There)> = Vec::new();
        for ((row, effect), known) in rows.into_iter().zip(effects).zip(known) {
            match effect {
                Some(Effect { state: EffectState::Done, intent, .. }) => {
                    let key = intent.key.ok_or_else(|| Fault::bug("an effect that is done has no key"))?;
                    looked.rows.push((row, Way::Done { key, action: intent.action }));
                    continue;
                }
                Some(Effect { state: EffectState::Intended, intent, intended_at, .. })
                    if intent.action == Action::Create =>
                {
                    looked.rows.push((row, Way::Lost { since: intended_at }));
                    continue;
                }
                Some(Effect { state: EffectState::Intended, intent, .. }) => {
                    // An update whose answer is not known is written again, which is harmless; what was there
                    // before it is in the ledger.
                    let (Some(key), Some(image)) = (intent.key, intent.image) else {
                        return Err(Fault::bug("an update that is intended says not of what"));
                    };
                    let columns = image.keys().cloned().collect();
                    looked.rows.push((row, Way::Change { key, image, columns }));
                    continue;
                }
                _ => {}
            }
            if let Some(key) = known {
                there.push((row, There { key, adopted: false }));
                continue;
            }
            match self.matched(&row).await? {
                Matched::None => looked.rows.push((row, Way::New)),
                Matched::One(key) => {
                    let taken = there.iter().any(|(_, other)| other.key == key);
                    let holder = self.effects.holder(&self.spec.entity, &key).await?;
                    if taken || holder.is_some_and(|holder| holder != row.source_id) {
                        let column = self.lookup.as_ref().map(|l| l.column.clone()).unwrap_or_default();
                        let reason = format!("{key} is the thing of another record already");
                        let why = Refusal { column, code: RejectCode::Unique, reason };
                        looked.rows.push((row, Way::Decided(Fate::Rejected(why.code), Some(why))));
                    } else {
                        there.push((row, There { key, adopted: true }));
                    }
                }
                Matched::Many(column, n) => {
                    let reason = format!("{n} things of the service have this value");
                    let why = Refusal { column, code: RejectCode::MatchMany, reason };
                    looked.rows.push((row, Way::Decided(Fate::Rejected(why.code), Some(why))));
                }
            }
        }
        let mut there = there.into_iter();
        loop {
            let page: Vec<(Row, There)> = there.by_ref().take(READ_AT_ONCE).collect();
            if page.is_empty() {
                break;
            }
            self.compare(page, &mut looked).await?;
        }
        looked.rows.sort_by_key(|(row, _)| row.record);
        Ok(looked)
    }

    /// The keys of records of this entity that rows refer to.
    async fn own_keys(&self, rows: &[Row]) -> Result<HashMap<String, String>, Fault> {
        let mut ids: Vec<String> =
            rows.iter().flat_map(|row| self.refers(&row.fields)).map(|(_, id)| id.to_owned()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let keys = self.home.mapped_ids(&self.spec.entity, &ids).await?;
        Ok(ids.into_iter().zip(keys).filter_map(|(id, key)| key.map(|k| (id, k))).collect())
    }

    /// The things that a record's value finds.
    async fn matched(&self, row: &Row) -> Result<Matched, Fault> {
        let Some(lookup) = &self.lookup else { return Ok(Matched::None) };
        let Some(value) = row.fields.get(&lookup.column).and_then(Option::as_ref) else {
            return Ok(Matched::None);
        };
        let mut keys = self.service.look_up(&self.spec.table.name, &lookup.column, value).await?;
        Ok(match keys.len() {
            0 => Matched::None,
            1 => Matched::One(keys.remove(0)),
            n => Matched::Many(lookup.column.clone(), n),
        })
    }

    /// Compares records with the things that are there.
    async fn compare(&self, page: Vec<(Row, There)>, looked: &mut Looked) -> Result<(), Fault> {
        let keys: Vec<String> = page.iter().map(|(_, t)| t.key.clone()).collect();
        let columns = &self.compared.columns;
        let found = self.service.read(&self.spec.table.name, &keys, columns).await?;
        let left = self.effects.contents(&self.spec.entity, &keys).await?;
        for (((row, there), found), left) in page.into_iter().zip(found).zip(left) {
            // A thing that people have deleted since is made again.
            let Some(found) = found else {
                looked.rows.push((row, Way::New));
                continue;
            };
            let wanted = self.resolved(&row.fields, &looked.own).unwrap_or_else(|_| row.fields.clone());
            let differing = self.compared.differing(&wanted, &found)?;
            if there.adopted {
                looked.adopted.push((row.source_id.clone(), there.key.clone()));
            }
            let way = if differing.is_empty() {
                Way::Decided(Fate::Unchanged, None)
            } else {
                // No run has written a thing that was adopted.
                let ours = match left {
                    Some(content) => content == self.compared.hash(&found)?,
                    None => true,
                };
                let adopted = there.adopted || left.is_none();
                self.other_content(There { adopted, ..there }, found, differing, ours)
            };
            looked.rows.push((row, way));
        }
        Ok(())
    }

    /// What becomes of a record whose thing has other content; `ours`: nobody has changed it since a run
    /// wrote it.
    fn other_content(&self, there: There, found: Fields, differing: Vec<String>, ours: bool) -> Way {
        let reject = |reason: &str| {
            let why = Refusal {
                column: String::new(),
                code: RejectCode::ExistsDifferent,
                reason: format!("{} {}: {reason}", self.spec.table.sql, there.key),
            };
            Way::Decided(Fate::Rejected(why.code), Some(why))
        };
        match self.spec.mode {
            Mode::Skip => Way::Decided(Fate::Skipped(SkipReason::Exists), None),
            Mode::Insert if there.adopted => Way::Decided(Fate::Skipped(SkipReason::Exists), None),
            Mode::Insert => reject("it is there with other content"),
            Mode::Update if !ours => reject("somebody changed it since a run wrote it"),
            Mode::Update => {
                let columns: Vec<String> =
                    differing.into_iter().filter(|name| self.updated.contains(name)).collect();
                Way::Change { image: only(&found, &columns), key: there.key, columns }
            }
        }
    }

    /// The records of the same entity that fields refer to: column, source id.
    pub(crate) fn refers<'a>(&'a self, fields: &'a Fields) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.own.iter().filter_map(|column| {
            let text = fields.get(column)?.as_deref()?;
            Some((column.as_str(), referred_own(text)?))
        })
    }

    /// The fields with keys in place of references to records of the same entity; the source id of the first
    /// one that has no key.
    pub(crate) fn resolved(&self, fields: &Fields, own: &HashMap<String, String>) -> Result<Fields, String> {
        let mut resolved = fields.clone();
        for (column, id) in self.refers(fields) {
            let key = own.get(id).ok_or_else(|| id.to_owned())?;
            resolved.insert(column.to_owned(), Some(key.clone()));
        }
        Ok(resolved)
    }
}

/// What a look-up found.
enum Matched {
    None,
    One(String),
    Many(String, usize),
}
