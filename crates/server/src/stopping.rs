//! The wish to stop, as the loops see it.

use std::time::Duration;
use tokio::sync::watch;

/// Waits for the wish to stop.
pub(crate) async fn asked(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone wishes for the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits, but not longer than until the wish to stop.
pub(crate) async fn pause(time: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = asked(stop) => {}
        () = tokio::time::sleep(time) => {}
    }
}
