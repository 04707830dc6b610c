//! Ctrl-C and SIGTERM: the first asks the command to stop, the second ends it at once.

use crate::face::Face;
use crate::level::Level;
use base::{Class, Exit, Fault};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How often a wish to stop is looked for: a person does not notice a twentieth of a second.
const LOOK: Duration = Duration::from_millis(50);

/// What a person is told after the first signal.
const STOPPING: &str = "stopping after what is under way; once more to stop at once";

/// Listens from here on, for the whole program.
pub fn listen(face: &Face) {
    let face = face.clone();
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            let exit = tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Terminated,
            };
            if exit == Exit::Interrupted && face.lent() {
                continue;
            }
            if face.cancel().asked().is_some() {
                leave(exit);
            }
            face.cancel().stop(exit.code());
            face.log(Level::Warning, STOPPING);
            face.warn(STOPPING);
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "the second Ctrl-C means at once; the ledger makes that safe")]
fn leave(exit: Exit) -> ! {
    std::process::exit(exit.code().into())
}

/// Waits until somebody asks to stop.
pub async fn wish(face: &Face) {
    while face.cancel().asked().is_none() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until somebody asks to stop, and then for `grace`, in which the command may end by itself; the fault
/// for one that does not.
pub async fn asked(face: &Face, grace: Duration) -> Fault {
    wish(face).await;
    tokio::time::sleep(grace).await;
    Fault::new(Class::Interrupt, "stopped on request")
}
