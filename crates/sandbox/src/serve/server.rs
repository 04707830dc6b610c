//! A listener on the loopback interface, and the task that serves it.

use crate::SandboxError;
use axum::Router;
use axum::serve::ListenerExt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long [`Server::stop`] waits for answers on their way: longer than any test's pause.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// A port that is taken and not served yet.
pub(crate) struct Bound {
    listener: TcpListener,
    pub port: u16,
}

/// A server at work; dropping it stops it.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Bound {
    /// Takes a port of 127.0.0.1; 0 takes a free one.
    pub async fn new(port: u16) -> Result<Self, SandboxError> {
        let cannot = |cause| SandboxError::Listen { port, cause };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        Ok(Self { listener, port })
    }

    /// Serves it. Handlers may ask for `ConnectInfo<SocketAddr>`, the address of who asks.
    pub fn serve(self, router: Router) -> Server {
        // Small answers must not wait for the acknowledgement of the ones before.
        let listener = self.listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let until = async move { drop(stopped.await) };
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            // It ends with an error only when the listener is gone: then there is nobody to tell.
            drop(axum::serve(listener, service).with_graceful_shutdown(until).await);
        });
        Server { stop: Some(stop), task }
    }
}

impl Server {
    /// Stops: no new connections, answers on their way are finished for two seconds.
    pub async fn stop(mut self) {
        self.stop.take();
        if tokio::time::timeout(STOP_WAIT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Without its sender the server stops by itself.
        self.stop.take();
    }
}
