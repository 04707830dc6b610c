//! [`EffectStore`] over PostgreSQL: single statements, so that no call needs a transaction of its own.

use super::rows::micros;
use super::store::RejectColumns;
use super::{PgLedger, lease_check, lease_lost};
use crate::connect::fault;
use async_trait::async_trait;
use base::Fault;
use base::ids::RunId;
use ledger::effects::{Action, EFFECT_PAGE, Effect, EffectBatch, EffectState, EffectStore, Intent};
use ledger::{Counts, invariants};
use std::collections::HashMap;
use tokio_postgres::{Error, Row};

/// The columns of an effect, in the order of [`effect`].
const EFFECT: &str = "source_id, record, action, state, key, content, image::text, \
                      (extract(epoch FROM intended_at) * 1000000)::bigint, number";

#[async_trait]
impl EffectStore for PgLedger {
    async fn intend(&self, run: RunId, entity: &str, intents: &[Intent]) -> Result<(), Fault> {
        let ids: Vec<&str> = intents.iter().map(|i| i.source_id.as_str()).collect();
        let records: Vec<i64> = intents.iter().map(|i| i.record.cast_signed()).collect();
        let actions: Vec<&str> = intents.iter().map(|i| i.action.word()).collect();
        let keys: Vec<Option<&str>> = intents.iter().map(|i| i.key.as_deref()).collect();
        let image = |i: &Intent| i.image.as_ref().map(serde_json::to_string).transpose();
        let images: Vec<Option<String>> =
            intents.iter().map(image).collect::<Result<_, _>>().map_err(|e| Fault::bug(e.to_string()))?;
        let sql = format!(
            "WITH lease AS ({}) \
             INSERT INTO landfall.effects (run, entity, source_id, record, action, state, key, image) \
             SELECT $1, $2, s, r, a, 'intended', k, i::jsonb FROM lease, \
                unnest($3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[]) AS x(s, r, a, k, i) \
             ON CONFLICT (run, entity, source_id) DO UPDATE SET state = effects.state \
             RETURNING 1",
            lease_check(self.project_name(), self.epoch())
        );
        let written = self
            .session()
            .query(&sql, &[&run.0, &entity, &ids, &records, &actions, &keys, &images])
            .await
            .map_err(|e| fault(&e, "write down what is to be done"))?;
        if written.len() == intents.len() { Ok(()) } else { Err(lease_lost()) }
    }

    async fn effects(
        &self,
        run: RunId,
        entity: &str,
        source_ids: &[String],
    ) -> Result<Vec<Option<Effect>>, Fault> {
        let sql = format!(
            "SELECT {EFFECT} FROM landfall.effects WHERE run = $1 AND entity = $2 AND source_id = ANY ($3)"
        );
        let rows = self.session().query(&sql, &[&run.0, &entity, &source_ids]).await.map_err(reading)?;
        let mut found: HashMap<String, Effect> = HashMap::with_capacity(rows.len());
        for row in &rows {
            let effect = effect(row)?;
            found.insert(effect.intent.source_id.clone(), effect);
        }
        Ok(source_ids.iter().map(|id| found.remove(id)).collect())
    }

    async fn done(
        &self,
        run: RunId,
        entity: &str,
        source_id: &str,
        key: &str,
        content: u128,
    ) -> Result<(), Fault> {
        self.session()
            .execute(
                "UPDATE landfall.effects SET state = 'done', key = $4, content = $5, done_at = now() \
                 WHERE run = $1 AND entity = $2 AND source_id = $3",
                &[&run.0, &entity, &source_id, &key, &content.to_be_bytes().as_slice()],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write down what was done"))
    }

    async fn withdrawn(&self, run: RunId, entity: &str, source_id: &str) -> Result<(), Fault> {
        self.session()
            .execute(
                "DELETE FROM landfall.effects \
                 WHERE run = $1 AND entity = $2 AND source_id = $3 AND state = 'intended'",
                &[&run.0, &entity, &source_id],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write down that nothing was done"))
    }

    async fn contents(&self, entity: &str, keys: &[String]) -> Result<Vec<Option<u128>>, Fault> {
        let rows = self
            .session()
            .query(
                "SELECT DISTINCT ON (f.key) f.key, f.content FROM landfall.effects AS f \
                 JOIN landfall.runs AS r ON r.id = f.run \
                 WHERE r.project = $1 AND f.entity = $2 AND f.key = ANY ($3) \
                    AND f.state IN ('done', 'forgotten') \
                 ORDER BY f.key, f.run DESC",
                &[&self.project_name(), &entity, &keys],
            )
            .await
            .map_err(reading)?;
        let found: HashMap<&str, Option<u128>> = rows.iter().map(|r| (r.get(0), content(r, 1))).collect();
        Ok(keys.iter().map(|key| found.get(key.as_str()).copied().flatten()).collect())
    }

    async fn holder(&self, entity: &str, key: &str) -> Result<Option<String>, Fault> {
        let row = self
            .session()
            .query_opt(
                "SELECT source_id FROM landfall.id_map WHERE project = $1 AND entity = $2 AND key = $3 \
                 ORDER BY source_id LIMIT 1",
                &[&self.project_name(), &entity, &key],
            )
            .await
            .map_err(reading)?;
        Ok(row.map(|r| r.get(0)))
    }

    async fn rejected(&self, run: RunId, entity: &str, source_ids: &[String]) -> Result<Vec<bool>, Fault> {
        let rows = self
            .session()
            .query(
                "SELECT DISTINCT source_id FROM landfall.rejects \
                 WHERE run = $1 AND entity = $2 AND source_id = ANY ($3)",
                &[&run.0, &entity, &source_ids],
            )
            .await
            .map_err(reading)?;
        let found: Vec<&str> = rows.iter().map(|r| r.get(0)).collect();
        Ok(source_ids.iter().map(|id| found.contains(&id.as_str())).collect())
    }

    async fn commit(&self, batch: &EffectBatch<'_>) -> Result<Counts, Fault> {
        let counts = invariants::all_decided(batch.entity, batch.first_record, batch.fates)?;
        let int = |n: u64| i32::try_from(n).map_err(|_| Fault::bug("a batch with too many records"));
        let mapped = batch.made.iter().map(|pair| (pair, false));
        let mapped: Vec<(&(String, String), bool)> =
            mapped.chain(batch.adopted.iter().map(|pair| (pair, true))).collect();
        let ids: Vec<&str> = mapped.iter().map(|((id, _), _)| id.as_str()).collect();
        let keys: Vec<&str> = mapped.iter().map(|((_, key), _)| key.as_str()).collect();
        let adopted: Vec<bool> = mapped.iter().map(|(_, adopted)| *adopted).collect();
        let refused = RejectColumns::of(batch.rejects);
        let sql = format!(
            "WITH lease AS ({}), batch AS (\
                INSERT INTO landfall.batches (run, entity, first_record, records, next_byte, fates, loaded, \
                                              updated, adopted, xids) \
                SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, '{{}}' FROM lease RETURNING id), \
             mapped AS (\
                INSERT INTO landfall.id_map (project, entity, source_id, key, adopted, batch) \
                SELECT $10, $2, s, k, a, batch.id \
                FROM batch, unnest($11::text[], $12::text[], $13::bool[]) AS x(s, k, a) \
                ON CONFLICT (project, entity, source_id) DO UPDATE SET key = excluded.key, \
                    adopted = excluded.adopted, batch = excluded.batch), \
             refused AS (\
                INSERT INTO landfall.rejects (run, entity, record, source_id, field, value, code, reason) \
                SELECT $1, $2, r, s, f, v, c, w \
                FROM batch, unnest($14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[], \
                                   $19::text[]) AS y(r, s, f, v, c, w)) \
             SELECT id FROM batch",
            lease_check(self.project_name(), self.epoch())
        );
        let written = self
            .session()
            .query(
                &sql,
                &[
                    &batch.run.0,
                    &batch.entity,
                    &batch.first_record.cast_signed(),
                    &int(batch.fates.len() as u64)?,
                    &batch.next_byte.cast_signed(),
                    &batch.fates.0,
                    &int(counts.loaded)?,
                    &int(counts.updated)?,
                    &int(batch.adopted.len() as u64)?,
                    &self.project_name(),
                    &ids,
                    &keys,
                    &adopted,
                    &refused.records,
                    &refused.ids,
                    &refused.fields,
                    &refused.values,
                    &refused.codes,
                    &refused.reasons,
                ],
            )
            .await
            .map_err(|e| fault(&e, "write the ledger").at(batch.entity))?;
        if written.is_empty() { Err(lease_lost()) } else { Ok(counts) }
    }

    async fn to_undo(&self, run: RunId, entity: &str, before: Option<i64>) -> Result<Vec<Effect>, Fault> {
        let sql = format!(
            "SELECT {EFFECT} FROM landfall.effects \
             WHERE run = $1 AND entity = $2 AND state IN ('done', 'intended') AND number < $3 \
             ORDER BY number DESC LIMIT $4"
        );
        let before = before.unwrap_or(i64::MAX);
        let rows = self
            .session()
            .query(&sql, &[&run.0, &entity, &before, &(EFFECT_PAGE as i64)])
            .await
            .map_err(reading)?;
        rows.iter().map(effect).collect()
    }

    async fn undone(
        &self,
        run: RunId,
        entity: &str,
        source_id: &str,
        state: EffectState,
    ) -> Result<(), Fault> {
        // The id map forgets a thing that the run made; one that it only changed is there again as it was.
        self.session()
            .execute(
                "WITH undone AS (\
                    UPDATE landfall.effects SET state = $4, image = NULL \
                    WHERE run = $1 AND entity = $2 AND source_id = $3 RETURNING action, key) \
                 DELETE FROM landfall.id_map AS m USING undone AS u \
                 WHERE m.project = $5 AND m.entity = $2 AND m.source_id = $3 AND m.key = u.key \
                    AND u.action = 'create'",
                &[&run.0, &entity, &source_id, &state.word(), &self.project_name()],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write down what was undone"))
    }

    async fn keep(&self, run: RunId, kept: &[(String, String, String)]) -> Result<(), Fault> {
        let column = |i: fn(&(String, String, String)) -> &str| kept.iter().map(i).collect::<Vec<&str>>();
        let (entities, keys, whys) = (column(|k| &k.0), column(|k| &k.1), column(|k| &k.2));
        self.session()
            .execute(
                "INSERT INTO landfall.kept (run, entity, key, why) \
                 SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) \
                 ON CONFLICT (run, entity, key) DO UPDATE SET why = excluded.why",
                &[&run.0, &entities, &keys, &whys],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write down what was kept"))
    }

    async fn close_batches(&self, run: RunId, entity: &str) -> Result<(), Fault> {
        self.session()
            .execute(
                "UPDATE landfall.batches AS b SET undone_at = now() \
                 WHERE b.run = $1 AND b.entity = $2 AND b.undone_at IS NULL AND NOT EXISTS (\
                    SELECT 1 FROM landfall.effects AS f WHERE f.run = $1 AND f.entity = $2 \
                    AND f.state IN ('done', 'intended') AND f.record >= b.first_record \
                    AND f.record < b.first_record + b.records)",
                &[&run.0, &entity],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write down what was undone"))
    }
}

fn effect(row: &Row) -> Result<Effect, Fault> {
    let strange = || {
        Fault::fail("the ledger holds an effect that this version does not know")
            .hint("was it written by a newer landfall? `landfall --version` tells this one's")
    };
    let image: Option<&str> = row.get(6);
    Ok(Effect {
        number: row.get(8),
        intent: Intent {
            source_id: row.get(0),
            record: row.get::<_, i64>(1).cast_unsigned(),
            action: Action::from_word(row.get(2)).ok_or_else(strange)?,
            key: row.get(4),
            image: image.map(serde_json::from_str).transpose().map_err(|_| strange())?,
        },
        state: EffectState::from_word(row.get(3)).ok_or_else(strange)?,
        content: content(row, 5),
        intended_at: micros(row.get(7))?,
    })
}

fn content(row: &Row, column: usize) -> Option<u128> {
    let bytes: Option<&[u8]> = row.get(column);
    bytes.and_then(|b| b.try_into().ok()).map(u128::from_be_bytes)
}

fn reading(error: Error) -> Fault {
    fault(&error, "read what was done")
}
