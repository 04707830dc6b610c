//! Rows written over, their earlier content kept.

use super::{Attempt, Ended, PgLoader, record, refused};
use crate::catalogue::quote;
use crate::connect::fault;
use connect::destination::Batch;
use ledger::Fate;

/// Pre-images are read back by another session, perhaps of another role: their form must not depend on
/// settings.
const IMAGES_FORM: &str = "SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'; \
     SET LOCAL extra_float_digits = 1";

impl PgLoader {
    /// Keeps the pre-images of rows, then writes over them; `piecewise` goes row by row and rejects those
    /// that the server refuses.
    pub(super) async fn update(
        &mut self,
        batch: &Batch,
        attempt: &mut Attempt,
        rows: &[u32],
        piecewise: bool,
    ) -> Result<(), Ended> {
        self.stage(batch, rows).await?;
        let table = &self.spec.table.sql;
        let on = self.key_equals("t", "s");
        let mut set: Vec<String> = self
            .spec
            .updated
            .iter()
            .map(|i| quote(&self.spec.columns[*i]))
            .map(|c| format!("{c} = s.{c}"))
            .collect();
        if set.is_empty() {
            // A row of which only late columns differ is written all the same, so that it is the run's.
            let late = self.spec.late.iter().map(|l| quote(&self.spec.columns[l.column]));
            set.extend(late.map(|c| format!("{c} = t.{c}")));
        }
        let keep = format!(
            "{IMAGES_FORM}; INSERT INTO landfall.preimages (batch, image) SELECT {}, (t.*)::text \
             FROM {table} AS t JOIN pg_temp.landfall_stage AS s ON {on}",
            attempt.id
        );
        let write =
            format!("UPDATE {table} AS t SET {} FROM pg_temp.landfall_stage AS s WHERE {on}", set.join(", "));
        if !piecewise {
            return match self.session.batch_execute(&format!("{keep}; {write}")).await {
                Ok(()) => {
                    for row in rows {
                        attempt.fates.decide(record(batch, *row), Fate::Updated);
                    }
                    Ok(())
                }
                Err(error) if refused::is_about_a_row(&error) => Err(Ended::Refused),
                Err(error) => Err(fault(&error, "write over rows").at(&self.spec.entity).into()),
            };
        }
        let mut updated = Vec::with_capacity(rows.len());
        for row in rows {
            self.savepoint().await?;
            let one = format!("{keep} AND s.landfall_row = {row}; {write} AND s.landfall_row = {row}");
            match self.session.batch_execute(&one).await {
                Ok(()) => {
                    self.release().await?;
                    attempt.fates.decide(record(batch, *row), Fate::Updated);
                    updated.push(*row);
                }
                Err(error) if refused::is_about_a_row(&error) => {
                    self.back_to_savepoint().await?;
                    self.refuse(batch, attempt, *row, &error).await?;
                    // Naming the row in the way has staged that row alone.
                    self.stage(batch, rows).await?;
                }
                Err(error) => return Err(fault(&error, "write over rows").at(&self.spec.entity).into()),
            }
        }
        self.note_xids(batch, attempt, &updated).await?;
        Ok(())
    }
}
