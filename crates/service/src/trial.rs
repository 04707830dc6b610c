//! What loading would come to, for a plan: looks, and calls nothing that writes.

use crate::load::{ServiceLoader, Way};
use async_trait::async_trait;
use base::Fault;
use connect::destination::{Batch, Loaded, Loader, Turn};
use ledger::effects::Action;
use ledger::{Counts, Fate};

/// Says what would become of batches.
pub(crate) struct ServiceTrial {
    loader: ServiceLoader,
}

impl ServiceTrial {
    pub(crate) fn new(loader: ServiceLoader) -> Self {
        Self { loader }
    }
}

#[async_trait]
impl Loader for ServiceTrial {
    async fn load(&mut self, batch: &mut Batch, turn: Turn) -> Result<Loaded, Fault> {
        turn.before.await.map_err(|_| Fault::stop("an earlier batch failed"))?;
        let looked = self.loader.look(self.loader.rows(batch)?).await?;
        for (row, way) in looked.rows {
            let fate = match way {
                Way::Decided(fate, why) => {
                    let reject = why.map(|why| self.loader.reject(batch, &row, why));
                    batch.rejects.extend(reject);
                    fate
                }
                Way::New | Way::Lost { .. } | Way::Done { action: Action::Create, .. } => Fate::Loaded,
                Way::Change { .. } | Way::Done { action: Action::Update, .. } => Fate::Updated,
            };
            batch.fates.decide(row.record, fate);
        }
        let counts = Counts::of(&batch.fates).ok_or_else(|| Fault::bug("a record without a fate"))?;
        // Nobody waits behind the last batch.
        let _ = turn.after.send(());
        let (reject_lines, adopted) = (batch.rejects.len() as u64, looked.adopted.len() as u64);
        Ok(Loaded { fates: batch.fates.clone(), counts, reject_lines, adopted })
    }
}
