//! Rows out as binary COPY.

use super::PgLoader;
use bytes::Bytes;
use connect::destination::Batch;
use futures::SinkExt;
use values::copy::{HEADER, TRAILER};

/// Bytes handed to the connection at a time: enough to keep the server busy, little enough that the driver's
/// own buffer stays small.
const CHUNK: usize = 128 * 1024;

impl PgLoader {
    /// COPYs rows of a batch into the table.
    pub(super) async fn copy_rows(&self, batch: &Batch, rows: &[u32]) -> Result<(), tokio_postgres::Error> {
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
