//! What `landfall serve` does, checked.

use super::TableRef;
use crate::keys::Role;
use crate::spanned::{Span, Spanned};
use base::template::Hole;
use base::{Problem, Secret, Template};
use jiff::SignedDuration;

/// `[serve]`, its webhooks, and the rules. A file without `[serve]` has its defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeConfig {
    /// Where it listens: address and port.
    pub listen: String,
    /// What opens the console; `None`: there is none.
    pub admin_key: Option<Secret>,
    /// What signs the calls of `call_url`; `None`: they are not signed.
    pub call_secret: Option<Secret>,
    /// Bytes of a webhook's body at most.
    pub body_bytes_max: usize,
    /// Days for which events and actions are kept.
    pub keep_days: u32,
    /// The address of Redis, which may hold a password; `None`: it is not used.
    pub redis: Option<Secret>,
    /// The address of MongoDB, which may hold a password; `None`: it is not used.
    pub mongodb: Option<Secret>,
    /// How long a cached member counts as fresh, seconds.
    pub cache_seconds: u32,
    /// How long an action may take, seconds.
    pub action_seconds: u32,
    /// Actions that are done at once.
    pub workers: usize,
    /// The BetterMode community that actions talk to; `None`: no rule needs one.
    pub community: Option<SystemRef>,
    /// The Notion destination that has the members' pages; `None`: no rule needs one.
    pub pages: Option<SystemRef>,
    /// The webhooks, in the file's order.
    pub webhooks: Vec<WebhookConfig>,
    /// The rules, in the file's order.
    pub rules: Vec<RuleConfig>,
    /// The section's head; empty without one.
    pub span: Span,
}

/// A `[source…]` or `[destination…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemRef {
    /// Which of the two.
    pub role: Role,
    /// Its name; `""`: the only one, which has none.
    pub name: String,
}

/// `[serve.webhooks.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookConfig {
    /// Its name, which its address and its events carry.
    pub name: String,
    /// Who tells: one of [`crate::keys::SENDERS`].
    pub sender: String,
    /// Whether anybody is heard there.
    pub enabled: bool,
    /// What it signs with, several separated by commas.
    pub secret: Option<Secret>,
    /// What it shows instead, several separated by commas.
    pub token: Option<Secret>,
    /// Whether everybody is believed while there is no secret.
    pub allow_unsigned: bool,
    /// The section's head.
    pub span: Span,
}

/// `[[rule]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleConfig {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// The kinds of event that it is for: `member.created`, `member.*`, `*`; at least one.
    pub on: Vec<Spanned<String>>,
    /// What an event must tell.
    pub when: Vec<(Spanned<Hole>, Spanned<String>)>,
    /// What it causes.
    pub deed: Deed,
    /// How long to wait first.
    pub after: Option<SignedDuration>,
    /// The section's head.
    pub span: Span,
}

/// What a rule causes: one of [`crate::keys::DEEDS`].
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Row, cached member and page of a member follow.
    ProcessMember {
        /// The row; `None`: none does.
        row: Option<RowConfig>,
        /// Whether the page follows.
        pages: bool,
    },
    /// It is written down that a member did something.
    TrackActivity,
    /// What will take place is kept.
    ScheduleEvent {
        /// How long before it to remind; empty if and only if there is no text.
        remind: Vec<SignedDuration>,
        /// What a reminder says.
        text: Option<Spanned<Template>>,
    },
    /// A direct message is sent.
    SendMessage {
        /// To whom.
        to: Spanned<Template>,
        /// What it says.
        text: Spanned<Template>,
    },
    /// A post is published.
    PublishPost {
        /// Where.
        space: Spanned<Template>,
        /// Its title.
        title: Spanned<Template>,
        /// HTML.
        content: Spanned<Template>,
        /// In whose name; `None`: the app's.
        author: Option<Spanned<Template>>,
    },
    /// Another address is called.
    CallUrl {
        /// An address that is fixed up to the end of its host.
        url: Spanned<Template>,
    },
}

/// A row that follows a member, in the database of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct RowConfig {
    /// The table.
    pub table: Spanned<TableRef>,
    /// The column that holds the member's id.
    pub key: Spanned<String>,
    /// Other columns, in the file's order.
    pub columns: Vec<(Spanned<String>, Spanned<Template>)>,
}

impl ServeConfig {
    /// What `landfall serve` refuses to start with, and other commands need not know: webhooks that would
    /// believe everybody.
    pub fn refusals(&self) -> Vec<Problem> {
        let enabled = self.webhooks.iter().filter(|webhook| webhook.enabled);
        let refused = enabled.filter_map(|webhook| {
            let path = format!("serve.webhooks.{}", webhook.name);
            let (what, hint) = webhook.refusal()?;
            let problem = Problem::error(format!("`[{path}]` {what}"));
            Some(problem.span(Some(webhook.span.clone())).hint(hint))
        });
        refused.collect()
    }
}

impl WebhookConfig {
    /// Why it cannot be heard, and what to do.
    fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let none = |secret: &Option<Secret>| {
            secret.as_ref().is_none_or(|secret| secret.expose().split(',').all(|one| one.trim().is_empty()))
        };
        match self.sender.as_str() {
            "circle" => none(&self.token).then_some((
                "has no token, and Circle signs nothing",
                "set the variable of its `token`, or `enabled = false`",
            )),
            _ => (none(&self.secret) && !self.allow_unsigned).then_some((
                "has no secret, so that nobody could be believed",
                "set the variable of its `secret`, or `enabled = false`; for trials, `allow_unsigned = true`",
            )),
        }
    }
}
