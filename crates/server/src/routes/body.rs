//! Bodies, within bounds: of one, of all together, and in time.

use crate::limits::DRAIN_BYTES_MAX;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// Bytes that one permit of the room for bodies stands for.
pub(crate) const PERMIT_BYTES: usize = 1024;

/// How long a body that nobody wants is read, so that its sender gets to read the answer.
const DRAIN: Duration = Duration::from_secs(1);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBody {
    /// It is larger than allowed.
    TooLarge,
    /// It did not come in time.
    Slow,
    /// The connection broke.
    Cut,
    /// All bodies together are larger than allowed.
    NoRoom,
}

/// The whole body, at most `max` bytes, within `time`, and its share of `room`.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    max: usize,
    time: Duration,
    room: &Arc<Semaphore>,
) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), NoBody> {
    let mut stream = body.into_data_stream();
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let whole = async {
        if announced.is_some_and(|bytes: u64| bytes > max as u64) {
            return Err(NoBody::TooLarge);
        }
        let mut bytes = Vec::new();
        let mut share: Option<OwnedSemaphorePermit> = None;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| NoBody::Cut)?;
            if bytes.len() + chunk.len() > max {
                return Err(NoBody::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
            let wanted = bytes.len().div_ceil(PERMIT_BYTES);
            let more = wanted - share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            if more > 0 {
                let more = u32::try_from(more).map_err(|_| NoBody::TooLarge)?;
                let more = room.clone().try_acquire_many_owned(more).map_err(|_| NoBody::NoRoom)?;
                match &mut share {
                    None => share = Some(more),
                    Some(share) => share.merge(more),
                }
            }
        }
        Ok((bytes, share))
    };
    let read = timeout(time, whole).await;
    match read {
        Ok(Err(NoBody::TooLarge)) => {
            // One who still writes while we close would lose the answer.
            let mut drained = 0;
            let drain = async {
                while let Some(Ok(chunk)) = stream.next().await {
                    drained += chunk.len();
                    if drained > DRAIN_BYTES_MAX {
                        break;
                    }
                }
            };
            tokio::select! { () = drain => {}, () = sleep(DRAIN) => {} }
            Err(NoBody::TooLarge)
        }
        Ok(result) => result,
        Err(_) => Err(NoBody::Slow),
    }
}
