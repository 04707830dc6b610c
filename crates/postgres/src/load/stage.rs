//! A temporary table beside the destination's, for what needs SQL over mapped rows.

use super::PgLoader;
use crate::catalogue::quote_list;
use crate::connect::fault;
use crate::wire::{fields, put_field};
use base::Fault;
use bytes::{BufMut, Bytes};
use connect::destination::Batch;
use futures::SinkExt;
use values::copy::{HEADER, TRAILER};

impl PgLoader {
    /// Puts rows into `pg_temp.landfall_stage`: the written columns, and the row's position as
    /// `landfall_row`. What stood there before is gone; the table lives until the transaction ends.
    pub(super) async fn stage(&self, batch: &Batch, rows: &[u32]) -> Result<(), Fault> {
        let doing = |e: tokio_postgres::Error| fault(&e, "stage rows").at(&self.spec.entity);
        let columns = quote_list(&self.spec.columns, "");
        let client: &tokio_postgres::Client = &self.session;
        client
            .batch_execute(&format!(
                "CREATE TEMP TABLE IF NOT EXISTS landfall_stage ON COMMIT DROP AS \
                 SELECT 0 AS landfall_row, {columns} FROM {} WITH NO DATA; TRUNCATE pg_temp.landfall_stage",
                self.spec.table.sql
            ))
            .await
            .map_err(doing)?;
        let sql = format!("COPY pg_temp.landfall_stage (landfall_row, {columns}) FROM STDIN (FORMAT binary)");
        let sink = client.copy_in::<_, Bytes>(sql.as_str()).await.map_err(doing)?;
        let mut sink = std::pin::pin!(sink);
        let mut out = HEADER.to_vec();
        for row in rows {
            let fields: Vec<_> = fields(batch.row(*row as usize)).collect();
            out.put_i16(
                i16::try_from(fields.len() + 1).map_err(|_| Fault::bug("a row with too many columns"))?,
            );
            let number = row.to_be_bytes();
            let all = std::iter::once(Some(number.as_slice())).chain(fields);
            for field in all {
                put_field(&mut out, field).map_err(|_| Fault::bug("a field with too many bytes"))?;
            }
        }
        out.extend_from_slice(&TRAILER);
        sink.send(Bytes::from(out)).await.map_err(doing)?;
        sink.finish().await.map(drop).map_err(doing)
    }
}
