//! A client's turn at the session: from its first message until the server says that it is idle again.
//!
//! Pure: it is told each message that goes by, and says when the client may go on speaking and when the turn
//! is over. To know that, at most one `ReadyForQuery` is outstanding: behind a `Query` or `Sync` the client
//! is not read until the server has answered. A pipelining client loses nothing but a little time.

/// Where a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The client may speak; nothing that ends with `ReadyForQuery` is under way.
    Open,
    /// The server owes a `ReadyForQuery`. `simple`: for a `Query` or function call, not for a `Sync`.
    Owed { simple: bool },
    /// The client is sending the data of a COPY. `simple`: a `Query` began it, so its end brings a
    /// `ReadyForQuery` without a `Sync`. `over`: the next `Sync` counts; before, the server ignores it.
    CopyIn { simple: bool, over: bool },
}

/// What to do with a message of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Do {
    /// Pass it on.
    Pass,
    /// Leave it out: the server would ignore it.
    Drop,
}

/// How to bring a turn to its end whose client is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rest {
    /// Tell the server that the COPY has failed.
    pub(super) copy_fail: bool,
    /// Send something that fails, so that the `Sync` commits nothing: a client that is gone before its own
    /// `Sync` has committed nothing.
    pub(super) spoil: bool,
    /// Send a `Sync`.
    pub(super) sync: bool,
    /// Wait for `ReadyForQuery`.
    pub(super) wait: bool,
}

/// A client's turn.
#[derive(Debug)]
pub(super) struct Turn {
    phase: Phase,
    /// Messages of the extended protocol went out and no `Sync` yet.
    unsynced: bool,
    /// The turn has a transaction block of the client's own.
    began: bool,
    status: u8,
}

impl Turn {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Open, unsynced: false, began: false, status: b'I' }
    }

    /// Whether the client is to be read.
    pub(super) fn listening(&self) -> bool {
        !matches!(self.phase, Phase::Owed { .. })
    }

    /// The client sends a message of this kind; what becomes of it.
    pub(super) fn hears(&mut self, tag: u8) -> Do {
        match (self.phase, tag) {
            (Phase::CopyIn { simple: true, over: false }, b'c' | b'f') => {
                self.phase = Phase::Owed { simple: true }
            }
            (Phase::CopyIn { simple: false, .. }, b'c' | b'f') => {
                self.phase = Phase::CopyIn { simple: false, over: true };
            }
            (Phase::CopyIn { simple: false, over: true }, b'S') => self.synced(),
            (Phase::CopyIn { over, .. }, b'd' | b'H' | b'S') => {
                return if over { Do::Drop } else { Do::Pass };
            }
            // Anything else breaks the COPY off, in the server too.
            (Phase::CopyIn { simple: true, .. }, _) => self.phase = Phase::Owed { simple: true },
            (Phase::CopyIn { simple: false, .. }, _) => {
                self.phase = Phase::CopyIn { simple: false, over: true }
            }
            (_, b'd' | b'c' | b'f') => return Do::Drop,
            (_, b'Q' | b'F') => self.phase = Phase::Owed { simple: true },
            (_, b'S') => self.synced(),
            _ => self.unsynced = true,
        }
        Do::Pass
    }

    fn synced(&mut self) {
        self.unsynced = false;
        self.phase = Phase::Owed { simple: false };
    }

    /// The server sends `CopyInResponse`.
    pub(super) fn copy_in(&mut self) {
        // A `Sync` that went out with the statement is read by the COPY, which ignores it.
        let simple = self.phase == Phase::Owed { simple: true };
        self.unsynced |= !simple;
        self.phase = Phase::CopyIn { simple, over: false };
    }

    /// The server sends `ErrorResponse`.
    pub(super) fn failed(&mut self) {
        match &mut self.phase {
            Phase::CopyIn { simple: true, .. } => self.phase = Phase::Owed { simple: true },
            Phase::CopyIn { over, .. } => *over = true,
            _ => {}
        }
    }

    /// The server sends `CommandComplete` for the start of a transaction block.
    pub(super) fn begun(&mut self) {
        self.began = true;
    }

    /// The server sends `ReadyForQuery`; whether the turn is over.
    pub(super) fn ready(&mut self, status: u8) -> bool {
        self.phase = Phase::Open;
        self.unsynced = false;
        self.status = status;
        status == b'I'
    }

    /// Whether a transaction has failed that the client knows nothing of: the server stays in it after an
    /// error inside a PL/pgSQL block with an exception handler, which the embedded server cannot run.
    pub(super) fn astray(&self, status: u8) -> bool {
        status == b'E' && !self.began
    }

    /// What is left to do when the client is gone.
    pub(super) fn rest(&self) -> Rest {
        match self.phase {
            Phase::Open => {
                let open = self.unsynced;
                Rest { spoil: open, sync: open, wait: open, ..Rest::default() }
            }
            Phase::Owed { .. } => Rest { wait: true, ..Rest::default() },
            Phase::CopyIn { simple, over } => {
                Rest { copy_fail: !over, spoil: over, sync: !simple, wait: true }
            }
        }
    }

    /// Whether the server is in a transaction block after its last `ReadyForQuery`.
    pub(super) fn in_transaction(&self) -> bool {
        self.status != b'I'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `>x`: the client sends it and it is passed on; `-x`: it is dropped; `<Z:I`, `<G`, `<E`: the server's;
    /// `.`: the client is not read now.
    fn play(script: &str) -> (Turn, bool) {
        let (mut turn, mut over) = (Turn::new(), false);
        for step in script.split(' ') {
            match step.as_bytes() {
                [b'>', tag] => {
                    assert!(turn.listening(), "{script}: {step}");
                    assert_eq!(turn.hears(*tag), Do::Pass, "{script}: {step}");
                }
                [b'-', tag] => {
                    assert!(turn.listening(), "{script}: {step}");
                    assert_eq!(turn.hears(*tag), Do::Drop, "{script}: {step}");
                }
                [b'<', b'Z', b':', status] => over = turn.ready(*status),
                [b'<', b'G'] => turn.copy_in(),
                [b'<', b'E'] => turn.failed(),
                [b'<', b'B'] => turn.begun(),
                [b'.'] => assert!(!turn.listening(), "{script}: {step}"),
                _ => panic!("{step}"),
            }
        }
        (turn, over)
    }

    #[test]
    fn a_turn_ends_when_the_server_is_idle_and_owes_nothing() {
        for (script, over) in [
            (">Q . <Z:I", true),
            (">Q . <B <Z:T", false),
            (">Q . <B <Z:T >Q . <E <Z:E >Q . <Z:I", true),
            (">P >D >S . <Z:I", true),
            (">P >B >E >S . <E <Z:I", true),
            (">P >H >B >E", false),
            // COPY in the simple protocol: its end brings ReadyForQuery.
            (">Q . <G >d >d >c . <Z:I", true),
            (">Q . <G >d >f . <E <Z:I", true),
            (">Q . <G >d <E . <Z:I", true),
            (">Q . <G >d >Q . <E <Z:I", true),
            // In the extended one: the Sync that came with the statement is ignored, the one at the end
            // counts.
            (">B >E >S . <G >d >c >S . <Z:I", true),
            (">B >E >H <G >d >S >d >c >S . <Z:I", true),
            (">B >E >S . <G >d <E -d >c >S . <Z:I", true),
            (">B >E >S . <G >d >Q >S . <E <Z:I", true),
            // What is left of a COPY that failed is dropped.
            (">Q . <B <Z:T >Q . <G >d <E . <Z:E -d -c >Q . <Z:I", true),
        ] {
            assert_eq!(play(script).1, over, "{script}");
        }
    }

    #[test]
    fn a_turn_whose_client_is_gone_is_brought_to_its_end() {
        // f: CopyFail, x: something that fails, s: Sync, z: wait for ReadyForQuery, T: in a transaction.
        for (script, expected) in [
            (">Q", "z"),
            (">P >B", "xsz"),
            (">Q . <B <Z:T", "T"),
            (">Q . <G >d", "fz"),
            (">Q . <G >d >c", "z"),
            (">B >E >S . <G >d", "fsz"),
            (">B >E >S . <G >d >c", "xsz"),
            (">B >E >S . <G >d <E", "xsz"),
            (">Q . <B <Z:T >B >E >S . <G", "fszT"),
        ] {
            let (turn, _) = play(script);
            let rest = turn.rest();
            let words = [
                ("f", rest.copy_fail),
                ("x", rest.spoil),
                ("s", rest.sync),
                ("z", rest.wait),
                ("T", turn.in_transaction()),
            ];
            let found: String = words.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
            assert_eq!(found, expected, "{script}");
        }
    }

    #[test]
    fn a_failed_transaction_that_nobody_began_is_noticed() {
        assert!(play(">Q . <E").0.astray(b'E'));
        assert!(!play(">Q . <B <Z:T >Q . <E").0.astray(b'E'));
        assert!(!play(">Q").0.astray(b'T'));
    }
}
