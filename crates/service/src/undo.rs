//! Undoing what a run did to a service: newest first, each thing looked at before it is touched.

use crate::ServiceDestination;
use crate::row::Shape;
use crate::since;
use base::{Fault, ids::record_id};
use connect::destination::Table;
use connect::service::{Deleted, Fields, Lost, Made, Thing};
use connect::undo::{KEPT_NAMED_MAX, Kept, UndoProgress, UndoReport, UndoRequest, Undone, Why};
use ledger::effects::{Action, Effect, EffectState};
use ledger::{EntityRun, RunStatus};
use std::collections::BTreeSet;

/// Undoes what the run did to this service. The caller undoes the rest of the run and settles its status.
pub async fn undo(
    destination: &ServiceDestination,
    request: &UndoRequest,
    progress: &mut (dyn FnMut(UndoProgress) + Send),
) -> Result<UndoReport, Fault> {
    let all = connect::destination::Destination::ledger(destination).entities(request.run).await?;
    let ours: Vec<EntityRun> =
        all.into_iter().filter(|e| e.service.as_deref() == Some(&*destination.name)).collect();
    let tables = destination.catalogue().await?;
    let mut work = Work {
        destination,
        request,
        tables,
        needed: BTreeSet::new(),
        going: BTreeSet::new(),
        kept: Vec::new(),
    };
    let mut entities = Vec::new();
    for entity in ours.iter().rev() {
        let undone = work.entity(entity, progress).await.map_err(|f| f.at(&entity.entity))?;
        entities.push((entity.entity.clone(), undone));
    }
    let kept_any = entities.iter().any(|(_, u)| u.kept() > 0);
    let status = if kept_any { RunStatus::PartlyRolledBack } else { RunStatus::RolledBack };
    Ok(UndoReport { entities, kept: work.kept, status, already: false, notes: Vec::new() })
}

struct Work<'a> {
    destination: &'a ServiceDestination,
    request: &'a UndoRequest,
    tables: Vec<Table>,
    /// Things that kept things refer to.
    needed: BTreeSet<Thing>,
    /// Things that a dry run would have deleted.
    going: BTreeSet<Thing>,
    kept: Vec<Kept>,
}

/// What is to become of a thing.
enum Verdict {
    /// It goes, or gets its columns back.
    Undo { forced: bool },
    /// It stays.
    Keep(Why),
    /// It is not there any more.
    Gone,
}

impl Work<'_> {
    async fn entity(
        &mut self,
        entity: &EntityRun,
        progress: &mut (dyn FnMut(UndoProgress) + Send),
    ) -> Result<Undone, Fault> {
        let run = self.request.run;
        let table = self.table(entity)?.clone();
        let effects = &self.destination.effects;
        let mut undone = Undone::default();
        let mut before = None;
        loop {
            let page = effects.to_undo(run, &entity.entity, before).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.number);
            for effect in &page {
                self.effect(entity, &table, effect, &mut undone).await?;
                let (done, total) = (undone.rows(), entity.source);
                progress(UndoProgress { entity: entity.entity.clone(), done, total });
            }
        }
        if !self.request.dry_run {
            effects.close_batches(run, &entity.entity).await?;
        }
        Ok(undone)
    }

    fn table(&self, entity: &EntityRun) -> Result<&Table, Fault> {
        let found = self.tables.iter().find(|t| t.sql == entity.table);
        found.ok_or_else(|| Fault::usage(format!("the service has no {} any more", entity.table)))
    }

    async fn effect(
        &mut self,
        entity: &EntityRun,
        table: &Table,
        effect: &Effect,
        undone: &mut Undone,
    ) -> Result<(), Fault> {
        let (service, run) = (&self.destination.service, self.request.run);
        let Some(key) = self.key(entity, table, effect).await? else {
            // The call was never made.
            return self.mark(entity, effect, EffectState::Undone).await;
        };
        let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let found = service.read(&table.name, std::slice::from_ref(&key), &columns).await?;
        let there = found.into_iter().next().flatten();
        let verdict = self.verdict(entity, table, effect, &key, there.as_ref()).await?;
        let forced = match verdict {
            Verdict::Gone => {
                undone.gone += 1;
                return self.mark(entity, effect, EffectState::Gone).await;
            }
            Verdict::Keep(why) => {
                match why {
                    Why::Changed => undone.kept_changed += 1,
                    Why::Needed => undone.kept_needed += 1,
                }
                self.keep(entity, table, &key, there.as_ref(), why);
                return Ok(());
            }
            Verdict::Undo { forced } => forced,
        };
        undone.forced += u64::from(forced);
        match effect.intent.action {
            Action::Create => undone.deleted += 1,
            Action::Update => undone.restored += 1,
        }
        if self.request.dry_run {
            self.going.insert(Thing { table: table.name.clone(), key });
            return Ok(());
        }
        match (effect.intent.action, &effect.intent.image) {
            (Action::Create, _) => match service.delete(&table.name, &key).await? {
                Deleted::Done | Deleted::Gone => {}
            },
            (Action::Update, Some(image)) => self.restore(table, &key, image).await?,
            (Action::Update, None) => {
                return Err(Fault::bug(format!("run {run}: an update without what was there before")));
            }
        }
        self.mark(entity, effect, EffectState::Undone).await
    }

    /// The key of an effect's thing; of one whose answer was lost it is looked up.
    async fn key(&self, entity: &EntityRun, table: &Table, effect: &Effect) -> Result<Option<String>, Fault> {
        if effect.state == EffectState::Done || effect.intent.action == Action::Update {
            return Ok(effect.intent.key.clone());
        }
        let mark = record_id(&self.destination.namespace(), &entity.entity, &effect.intent.source_id);
        let (since, mark) = (since(effect.intended_at), mark.to_string());
        self.destination.service.find(&table.name, &Lost { fields: None, mark: &mark, since }).await
    }

    async fn verdict(
        &self,
        entity: &EntityRun,
        table: &Table,
        effect: &Effect,
        key: &str,
        there: Option<&Fields>,
    ) -> Result<Verdict, Fault> {
        let Some(there) = there else { return Ok(Verdict::Gone) };
        let changed = match effect.content {
            Some(content) => Shape::of(table, &entity.columns)?.hash(there)? != content,
            None => false,
        };
        let built_on = match effect.intent.action {
            Action::Create => self.destination.service.built_on(&table.name, key).await?,
            Action::Update => Vec::new(),
        };
        let thing = Thing { table: table.name.clone(), key: key.to_owned() };
        let needed = built_on.iter().any(|thing| !self.going.contains(thing)) || self.needed.contains(&thing);
        Ok(match (changed, needed) {
            (false, false) => Verdict::Undo { forced: false },
            _ if self.request.force => Verdict::Undo { forced: true },
            (true, _) => Verdict::Keep(Why::Changed),
            (false, true) => Verdict::Keep(Why::Needed),
        })
    }

    /// Notes a thing that stays, and what it refers to: that stays, too.
    fn keep(&mut self, entity: &EntityRun, table: &Table, key: &str, there: Option<&Fields>, why: Why) {
        if self.kept.len() < KEPT_NAMED_MAX {
            self.kept.push(Kept { entity: entity.entity.clone(), key: key.to_owned(), why });
        }
        for reference in &table.foreign_keys {
            let (Some(column), Some(there)) = (reference.columns.first(), there) else { continue };
            let Some(Some(referred)) = there.get(column) else { continue };
            let name = reference.to.rsplit('.').next().unwrap_or(&reference.to);
            self.needed.insert(Thing { table: name.to_owned(), key: referred.clone() });
        }
    }

    async fn restore(&self, table: &Table, key: &str, image: &Fields) -> Result<(), Fault> {
        match self.destination.service.update(&table.name, key, image).await? {
            Made::Done(_) => Ok(()),
            Made::Refused(why) => Err(Fault::stop(format!(
                "the service does not take back what {} was: {}",
                table.sql, why.reason
            ))),
            Made::Unknown(fault) => Err(fault.hint("landfall rollback    goes on where it stopped")),
        }
    }

    async fn mark(&self, entity: &EntityRun, effect: &Effect, state: EffectState) -> Result<(), Fault> {
        if self.request.dry_run {
            return Ok(());
        }
        let (run, id) = (self.request.run, &effect.intent.source_id);
        self.destination.effects.undone(run, &entity.entity, id, state).await
    }
}
