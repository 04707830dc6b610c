//! Figures of the server in the text format of Prometheus (exposition format 0.0.4), kept by ourselves: a
//! handful of counters and histograms is less than what a registry would bring.

mod family;
mod text;

pub(crate) use family::{Family, Histogram};

use bridge::store::Counts;

/// Seconds: from what a disk takes to what a sender waits for.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds of an action: services take their time.
const ACTION_SECONDS: &[f64] = &[0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];
/// Events of a group.
const GROUPS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The figures that are counted as things happen.
pub(crate) struct Metrics {
    /// Webhooks by sender and outcome.
    pub events: Family,
    /// From the queue to the answer of the inbox.
    pub keep_seconds: Histogram,
    /// Events stored by one commit.
    pub group_events: Histogram,
    /// Events whose rules were asked.
    pub judged: Family,
    /// Attempts by work and ending.
    pub actions: Family,
    /// How long an attempt took.
    pub action_seconds: Histogram,
    /// Requests by area and status.
    pub requests: Family,
    /// Faults of the server's own loops.
    pub faults: Family,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            events: Family::new("landfall_webhooks_total", "Webhooks by outcome", &["sender", "outcome"]),
            keep_seconds: Histogram::new("landfall_keep_seconds", "Time to store an event", SECONDS),
            group_events: Histogram::new("landfall_group_events", "Events stored by one commit", GROUPS),
            judged: Family::new("landfall_events_judged_total", "Events whose rules were asked", &[]),
            actions: Family::new("landfall_actions_total", "Attempts at actions", &["work", "ending"]),
            action_seconds: Histogram::new("landfall_action_seconds", "Time of an attempt", ACTION_SECONDS),
            requests: Family::new("landfall_requests_total", "Requests answered", &["area", "status"]),
            faults: Family::new("landfall_faults_total", "Faults of the server's loops", &["loop"]),
        }
    }
}

/// What is looked up when the figures are asked for.
pub(crate) struct Looked {
    /// Events that wait for a keeper.
    pub waiting: usize,
    /// Actions that this server is at.
    pub busy: u64,
    /// How it stands in the database; `None`: it is away.
    pub counts: Option<Counts>,
}

impl Metrics {
    /// All figures, as text.
    pub fn text(&self, looked: &Looked) -> String {
        let mut out = String::new();
        self.events.write(&mut out);
        self.keep_seconds.write(&mut out);
        self.group_events.write(&mut out);
        self.judged.write(&mut out);
        self.actions.write(&mut out);
        self.action_seconds.write(&mut out);
        self.requests.write(&mut out);
        self.faults.write(&mut out);
        let mut gauge = |name, help, value| text::gauge(&mut out, name, help, value);
        gauge("landfall_reception_waiting", "Events that wait to be stored", looked.waiting as u64);
        gauge("landfall_workers_busy", "Actions that this server is at", looked.busy);
        gauge("landfall_database_up", "Whether the database answers", looked.counts.is_some().into());
        let Some(counts) = looked.counts else { return out };
        for (name, help, value) in [
            ("landfall_inbox_new", "Events that nobody has looked at", counts.events_new),
            ("landfall_inbox_judged", "Events that were judged and are kept", counts.events_judged),
            ("landfall_outbox_pending", "Actions that wait", counts.pending),
            ("landfall_outbox_running", "Actions under way on any server", counts.running),
            ("landfall_outbox_done", "Actions that are done and kept", counts.done),
            ("landfall_outbox_dead", "Dead letters", counts.dead),
            (
                "landfall_outbox_oldest_due_seconds",
                "Wait of the oldest due action",
                counts.oldest_due_seconds,
            ),
        ] {
            gauge(name, help, value);
        }
        out
    }
}
