//! The server as a whole: it listens, its loops run, and it stops without losing anything.

use crate::actions::Actions;
use crate::common::Core;
use crate::config::Config;
use crate::judging::judging;
use crate::listening::{bind, listening};
use crate::log::Level;
use crate::parts::Parts;
use crate::pruning::pruning;
use crate::reception::Reception;
use crate::routes::{Front, router};
use crate::working::working;
use base::Fault;
use bridge::ports::Performer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A server that has its address and takes no request yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    core: Arc<Core>,
    performer: Arc<dyn Performer>,
}

impl Server {
    /// Takes the address. Fails when somebody else has it.
    pub async fn bind(config: Config, parts: Parts) -> Result<Self, Fault> {
        let performer = Arc::new(Actions::new(&parts)?);
        let (listener, address) = bind(config.listen).await?;
        Ok(Self { listener, address, core: Arc::new(Core::new(config, parts)), performer })
    }

    /// Does actions in another way than [`Actions`].
    #[must_use]
    pub fn with_performer(mut self, performer: Arc<dyn Performer>) -> Self {
        self.performer = performer;
        self
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, and then loses nothing: no connection is taken, requests under way are answered,
    /// what they brought is stored, actions under way end within a bound. What is left is left to the next
    /// server, in the database.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Fault> {
        let Self { listener, address, core, performer } = self;
        let (stopping, stopped) = watch::channel(false);
        let busy = Arc::new(AtomicU64::new(0));
        let mut keepers = JoinSet::new();
        let reception = Reception::open(&core, &mut keepers);
        let mut loops = JoinSet::new();
        loops.spawn(judging(core.clone(), stopped.clone()));
        loops.spawn(working(core.clone(), performer, busy.clone(), stopped.clone()));
        loops.spawn(pruning(core.clone(), stopped.clone()));
        let front = Arc::new(Front::new(core.clone(), reception, busy));
        let listen = listening(&core, listener, router(front), stopped);
        core.log(Level::Info, "serving", &[("address", &format_args!("http://{address}"))]);

        let mut fault = None;
        let wish = async {
            tokio::select! {
                () = stop => {}
                // None of them ends by itself.
                _ = loops.join_next() => fault = Some(Fault::bug("a loop of the server ended by itself")),
                _ = keepers.join_next() => fault = Some(Fault::bug("a keeper of the server ended by itself")),
            }
            core.log(Level::Info, "stopping", &[]);
            stopping.send_replace(true);
        };
        // The routes go with `listen`, and with them the way to the keepers, who then store what waits and
        // end.
        futures::join!(listen, wish);
        let rest = async { while keepers.join_next().await.is_some() {} };
        if timeout(core.config.times.keep.saturating_mul(2), rest).await.is_err() {
            core.log(Level::Error, "events that nobody was told of are not stored", &[]);
        }
        let rest = async { while loops.join_next().await.is_some() {} };
        if timeout(core.config.times.stop.saturating_mul(2), rest).await.is_err() {
            core.log(Level::Error, "a loop did not stop in time", &[]);
            loops.shutdown().await;
        }
        core.log(Level::Info, "stopped", &[]);
        fault.map_or(Ok(()), Err)
    }
}

/// Serves until `stop`: see [`Server::run`]. The address is said in the log.
pub async fn serve(config: Config, parts: Parts, stop: impl Future<Output = ()>) -> Result<(), Fault> {
    Server::bind(config, parts).await?.run(stop).await
}
