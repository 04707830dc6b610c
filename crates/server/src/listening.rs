//! Connections: taken within a bound, each with time-outs, and ended one by one when the server stops.

use crate::common::Core;
use crate::limits::{CONNECTIONS_MAX, HEAD_BYTES_MAX};
use crate::log::Level;
use crate::routes::Peer;
use crate::stopping::asked;
use axum::Router;
use base::Fault;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long to wait after a connection could not be taken: the system lacks something, mostly file handles.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes an address; port 0 is any free one.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Fault> {
    let refused = |error: std::io::Error| {
        Fault::usage(format!("cannot listen on {address}: {error}"))
            .hint("choose another one with --listen HOST:PORT")
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// Serves until the wish to stop; then no connection is taken, and those that are there end with the answer
/// that they are at, within [`crate::Times::stop`].
pub(crate) async fn listening(
    core: &Arc<Core>,
    listener: TcpListener,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut stopped = stop.clone();
    loop {
        let taken = async {
            // The semaphore is never closed.
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            () = asked(&mut stopped) => break,
            (place, accepted) = taken => match accepted {
                Ok((stream, peer)) => {
                    let (router, head) = (router.clone(), core.config.times.head);
                    let serving = serve_one(stream, peer, router, head, stop.clone());
                    connections.spawn(async move {
                        serving.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    core.log(Level::Error, "connection not taken", &[("fault", &error)]);
                    sleep(PAUSE).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(core.config.times.stop, all).await.is_err() {
        core.log(Level::Warning, "connections cut", &[("connections", &connections.len())]);
        connections.shutdown().await;
    }
}

/// Serves one connection. One that breaks has no one to be told.
async fn serve_one(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and waited for.
    let _ = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        routes.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEAD_BYTES_MAX);
    // One who has sent all and closes its side still gets its answer.
    builder.half_close(true);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = asked(&mut stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
