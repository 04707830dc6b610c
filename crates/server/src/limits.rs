//! Bounds of the server, with their units and reasons.

/// Events in one commit: beyond it a larger group saves nothing measurable and delays its first sender.
pub const GROUP_EVENTS_MAX: usize = 512;
/// Bytes of bodies in one commit: one statement of this size is written in a few milliseconds.
pub const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Events that wait for a keeper: one more group. Behind a keeper that hangs, the others are told to come
/// again.
pub const QUEUE_EVENTS_MAX: usize = 512;
/// Bytes of bodies that are being read or wait, all together.
pub const BODIES_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Connections at once; others wait in the system's queue.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Bytes of the head of a request: real ones have some kilobytes.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Seconds after which a sender that was turned away may come again.
pub const RETRY_AFTER_SECONDS: u64 = 5;
/// Bytes of a body that is too large which are read nevertheless, so that its sender gets to read the answer.
pub const DRAIN_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Events judged in one transaction.
pub const JUDGE_EVENTS: usize = 256;
/// Old events forgotten in one transaction.
pub const FORGET_EVENTS: usize = 1_000;
/// Times that the end of an action is written, when the database is away, before its hold is left to run out.
pub const FINISH_TRIES: u32 = 5;

/// Attempts beyond those that are allowed: each replay of a dead letter is one, and so is each that ended
/// with its server.
pub const BEGUN_BEYOND_MAX: u32 = 16;

/// Members that one reminder goes to: a larger event is announced by a post.
pub const REMIND_MEMBERS_MAX: usize = 5_000;
/// Reminders of one event.
pub const REMINDERS_MAX: usize = 16;
/// Seconds that the clock of a service may be ahead of ours when something is looked for by its time.
pub const CLOCK_SLACK_SECONDS: i64 = 120;

/// Characters of a request's id that somebody else made.
pub const REQUEST_ID_CHARS_MAX: usize = 128;
/// Lines of a page of the console.
pub const LINES_PER_PAGE: usize = 50;
/// Bytes of a form of the console.
pub const FORM_BYTES_MAX: usize = 16 * 1024;
/// Seconds that a login lasts: a working day.
pub const SESSION_SECONDS: i64 = 8 * 3600;
/// Seconds in which a login form has to be sent.
pub const LOGIN_FORM_SECONDS: i64 = 3600;
/// Wrong keys from one address in a window.
pub const LOGINS_PER_ADDRESS: u32 = 5;
/// Wrong keys from everywhere in a window: many addresses are cheap. So many addresses are remembered, too.
pub const LOGINS_ALL: u32 = 60;
/// The window, seconds.
pub const LOGIN_WINDOW_SECONDS: i64 = 60;
