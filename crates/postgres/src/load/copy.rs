//! Rows out as binary COPY.

use super::PgLoader;
use crate::wire::{fields, put_row};
use base::Fault;
use bytes::Bytes;
use connect::destination::{Batch, StandIn};
use futures::SinkExt;
use std::borrow::Cow;
use values::copy::{HEADER, TRAILER};

/// Bytes handed to the connection at a time: enough to keep the server busy, little enough that the driver's
/// own buffer stays small.
const CHUNK: usize = 128 * 1024;

/// The rows of a batch as they are inserted.
pub(super) struct Rows<'a> {
    wire: Cow<'a, [u8]>,
    ends: Cow<'a, [usize]>,
}

impl<'a> Rows<'a> {
    /// The rows as they are in the batch.
    pub(super) fn whole(batch: &'a Batch) -> Self {
        Self { wire: Cow::Borrowed(&batch.wire), ends: Cow::Borrowed(&batch.ends) }
    }
}

impl PgLoader {
    /// The rows with their late columns open.
    pub(super) fn open_rows<'a>(&self, batch: &'a Batch) -> Result<Rows<'a>, Fault> {
        if self.spec.late.is_empty() {
            return Ok(Rows::whole(batch));
        }
        let mut wire = Vec::with_capacity(batch.wire.len());
        let mut ends = Vec::with_capacity(batch.ends.len());
        for row in 0..batch.rows() {
            let mut fields: Vec<_> = fields(batch.row(row)).collect();
            for late in &self.spec.late {
                fields[late.column] = match (late.stand_in, self.spec.key.first(), fields[late.column]) {
                    (StandIn::OwnKey, Some(key), Some(_)) => fields[*key],
                    _ => None,
                };
            }
            put_row(&mut wire, &fields).map_err(|_| Fault::bug("a row that COPY cannot carry"))?;
            ends.push(wire.len());
        }
        Ok(Rows { wire: Cow::Owned(wire), ends: Cow::Owned(ends) })
    }

    /// COPYs rows into the table.
    pub(super) async fn copy_rows(
        &self,
        batch: &Rows<'_>,
        rows: &[u32],
    ) -> Result<(), tokio_postgres::Error> {
        let sink = self.session.copy_in::<_, Bytes>(&self.copy).await?;
        let mut sink = std::pin::pin!(sink);
        let mut chunk = Vec::with_capacity(CHUNK + CHUNK / 4);
        chunk.extend_from_slice(&HEADER);
        // Rows that stand side by side go out as one piece.
        let mut next = 0;
        while next < rows.len() {
            let first = rows[next] as usize;
            let start = if first == 0 { 0 } else { batch.ends[first - 1] };
            let mut end = batch.ends[first];
            next += 1;
            while next < rows.len() && rows[next] == rows[next - 1] + 1 && end - start + chunk.len() < CHUNK {
                end = batch.ends[rows[next] as usize];
                next += 1;
            }
            chunk.extend_from_slice(&batch.wire[start..end]);
            if chunk.len() >= CHUNK {
                let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK + CHUNK / 4));
                sink.send(Bytes::from(full)).await?;
            }
        }
        chunk.extend_from_slice(&TRAILER);
        sink.send(Bytes::from(chunk)).await?;
        sink.finish().await.map(drop)
    }
}
