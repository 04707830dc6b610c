//! A project with everything that it needs at hand.

use base::{Class, Clock, Fault};
use connect::Source;
use connect::destination::Destination;
use export::ExportFolder;
use project::Project;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use uuid::Uuid;

/// A project, its sources and its destination.
#[derive(Clone)]
pub struct Job {
    /// The project.
    pub project: Project,
    /// The sources by name; a command that needs none may leave them out.
    pub sources: BTreeMap<String, Arc<dyn Source>>,
    /// The destination.
    pub destination: Arc<dyn Destination>,
    /// Where the export is.
    pub folder: ExportFolder,
    /// The namespace of derived ids.
    pub namespace: Uuid,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who hears of progress.
    pub observer: Arc<dyn Observer>,
    /// Whether somebody asked to stop.
    pub cancel: Cancel,
}

impl Job {
    /// The source of that name.
    pub fn source(&self, name: &str) -> Result<&Arc<dyn Source>, Fault> {
        self.sources.get(name).ok_or_else(|| Fault::bug(format!("the source {name:?} is not open")))
    }

    /// A path of the project file.
    pub fn path(&self, path: &std::path::Path) -> PathBuf {
        self.project.path(path)
    }

    /// Tells the observer.
    pub fn tell(&self, event: Event) {
        self.observer.event(&event);
    }
}

/// What happens, for progress bars and the log. No value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A phase begins: `export`, `load`, `verify`, `check`, `rollback`; the entity, and how much there is to
    /// do.
    Began {
        /// The phase.
        phase: &'static str,
        /// The entity, or the check's name.
        name: String,
        /// Records, when known.
        total: Option<u64>,
    },
    /// So much of it is done.
    Progress {
        /// The phase.
        phase: &'static str,
        /// The entity.
        name: String,
        /// Records so far.
        done: u64,
        /// Records, when known.
        total: Option<u64>,
    },
    /// It is through.
    Ended {
        /// The phase.
        phase: &'static str,
        /// The entity.
        name: String,
        /// Records.
        done: u64,
        /// Seconds that it took.
        seconds: f64,
        /// What it came to, in words without values.
        outcome: String,
    },
    /// Something worth a line in the log.
    Note(String),
    /// Something worth a person's attention.
    Warning(String),
}

/// Hears of progress. It must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Nobody listens.
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: &Event) {}
}

/// A wish to stop, seen between pages and batches.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicU8>);

impl Cancel {
    /// Asks to stop, with the exit status that the command is to end with (130, 143).
    pub fn stop(&self, status: u8) {
        self.0.store(status, Ordering::SeqCst);
    }

    /// The exit status to end with, once somebody asked.
    pub fn asked(&self) -> Option<u8> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            status => Some(status),
        }
    }

    /// A fault once somebody asked.
    pub fn check(&self) -> Result<(), Fault> {
        match self.asked() {
            None => Ok(()),
            Some(_) => Err(Fault::new(Class::Interrupt, "stopped on request")),
        }
    }
}
