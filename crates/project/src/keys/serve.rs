//! The keys of `landfall serve`: itself, who may tell it something, and what follows from that.

use super::kind::{Key, Kind, Variant};

/// What the key `by` of a section decides about its other keys.
#[derive(Debug, Clone, Copy)]
pub struct Variants {
    /// The section's name.
    pub section: &'static str,
    /// The key.
    pub by: &'static str,
    /// The words that it takes.
    pub list: &'static [Variant],
}

/// The sections whose keys depend on a word.
pub(crate) static VARIANTS: &[Variants] = &[
    Variants { section: "serve.webhooks", by: "sender", list: SENDERS },
    Variants { section: "rule", by: "do", list: DEEDS },
];

pub(crate) const SERVE: &[Key] = &[
    Key::new("listen", Kind::Listen, "Where it listens.").or("127.0.0.1:8080"),
    Key::new("admin_key", Kind::Secret, "What opens the console. Without it there is none."),
    Key::new(
        "call_secret",
        Kind::Secret,
        "Signs what `call_url` sends, after Standard Webhooks: `whsec_…`, or any text. Without it nothing is \
         signed.",
    ),
    Key::new(
        "body_bytes_max",
        Kind::Integer(1_024, 16_777_216),
        "Bytes of a webhook's body at most; a larger one is answered with 413.",
    )
    .or("1048576"),
    Key::new(
        "keep_days",
        Kind::Integer(1, 3_650),
        "Days for which events and what was done are kept. An event that is told again within that time has \
         no second effect.",
    )
    .or("30"),
    Key::new(
        "redis",
        Kind::StoreUrl(&["redis://", "rediss://", "unix://"]),
        "Where members are kept at hand and budgets are shared. Without it both are kept in the process.",
    ),
    Key::new(
        "mongodb",
        Kind::StoreUrl(&["mongodb://", "mongodb+srv://"]),
        "Where copies of events and activities go. Without it they are tables in PostgreSQL.",
    ),
    Key::new("cache_seconds", Kind::Integer(1, 2_592_000), "How long a member at hand counts as fresh.")
        .or("3600"),
    Key::new(
        "action_seconds",
        Kind::Integer(1, 3_600),
        "How long an action may take. One that was under way when a server was killed is taken up after half \
         as long again.",
    )
    .or("120"),
    Key::new("workers", Kind::Integer(1, 64), "Actions that are done at once.").or("4"),
    Key::new(
        "community",
        Kind::Text,
        "The destination or source with connector `bettermode` that messages and posts go to. Without it the \
         only one.",
    ),
    Key::new(
        "pages",
        Kind::Text,
        "The destination with connector `notion` that has a page for each member. Without it the only one.",
    ),
];

pub(crate) const WEBHOOK: &[Key] = &[
    Key::new(
        "sender",
        Kind::Choice(&["bettermode", "circle", "github", "slack", "standard", "stripe"]),
        "Who tells, which is how it is known that it is they.",
    )
    .required(),
    Key::new("enabled", Kind::Boolean, "Whether anybody is heard there.").or("true"),
];

/// Of a sender that signs.
const SIGNED: &[Key] = &[
    Key::new(
        "secret",
        Kind::Secret,
        "What it signs with; several separated by commas, while one takes over.",
    ),
    Key::new(
        "allow_unsigned",
        Kind::Boolean,
        "Whether everybody is believed while there is no secret: for trials on this machine only.",
    )
    .or("false"),
];

/// Who may tell something, as `[serve.webhooks.NAME] sender` says it.
pub static SENDERS: &[Variant] = &[
    Variant {
        name: "bettermode",
        doc: "BetterMode; at `/member`, `/activity` and `/event` of it.",
        keys: SIGNED,
    },
    Variant {
        name: "circle",
        doc: "A workflow of Circle, which does not sign: it shows a token, as `Authorization: Bearer TOKEN` \
              or as `?token=TOKEN`. `?event=member_created` names what happened where the body does not.",
        keys: &[Key::new(
            "token",
            Kind::Secret,
            "The token; several separated by commas, while one takes over.",
        )],
    },
    Variant { name: "github", doc: "GitHub, with content type `application/json`.", keys: SIGNED },
    Variant { name: "slack", doc: "Slack's Events API.", keys: SIGNED },
    Variant {
        name: "standard",
        doc: "Standard Webhooks 1.0.0 and Svix; secrets as `whsec_…`, public keys as `whpk_…`.",
        keys: SIGNED,
    },
    Variant { name: "stripe", doc: "Stripe.", keys: SIGNED },
];

pub(crate) const RULE: &[Key] = &[
    Key::new("name", Kind::Text, "Its name: events and what came of them show it.").required(),
    Key::new(
        "on",
        Kind::List(&Kind::Pattern),
        "The kinds of event that it is for: `member.created`, `member.*` for all of a noun, `*` for all.",
    )
    .required(),
    Key::new(
        "when",
        Kind::Conditions,
        "What else must hold, all of it: a name that the event tells, or `body.` and a path, and its text.",
    ),
    Key::new(
        "do",
        Kind::Choice(&[
            "process_member",
            "track_activity",
            "schedule_event",
            "send_message",
            "publish_post",
            "call_url",
        ]),
        "What it causes.",
    )
    .required(),
];

const AFTER: Key = Key::new("after", Kind::Duration, "How long to wait first. Without it, not at all.");

/// What a rule can cause, as `[[rule]] do` says it.
pub static DEEDS: &[Variant] = &[
    Variant {
        name: "process_member",
        doc: "The row, the cached member and the page of a member follow. An event that is older than what \
              is known of the member changes nothing.",
        keys: &[
            Key::new(
                "table",
                Kind::Text,
                "The table whose row follows, `DESTINATION.TABLE` as in an entity's `into`; in the database \
                 of the ledger.",
            ),
            Key::new("key", Kind::Text, "The table's column that holds the member's id."),
            Key::new(
                "fields",
                Kind::Templates,
                "Other columns, each with its text; one whose holes the event does not tell stays as it is.",
            ),
            Key::new("pages", Kind::Boolean, "Whether the member's page follows.").or("false"),
        ],
    },
    Variant {
        name: "track_activity",
        doc: "It is written down that a member did something. A post counts when it is published.",
        keys: &[],
    },
    Variant {
        name: "schedule_event",
        doc: "What will take place is kept, and those who registered are reminded.",
        keys: &[
            Key::new("remind", Kind::List(&Kind::Duration), "How long before it to remind."),
            Key::new("text", Kind::Template, "What a reminder says."),
        ],
    },
    Variant {
        name: "send_message",
        doc: "A direct message is sent.",
        keys: &[
            Key::new("to", Kind::Template, "The id of the member who gets it: `{member_id}`.").required(),
            Key::new("text", Kind::Template, "What it says.").required(),
            AFTER,
        ],
    },
    Variant {
        name: "publish_post",
        doc: "A post is published.",
        keys: &[
            Key::new("space", Kind::Template, "The id of the space.").required(),
            Key::new("title", Kind::Template, "Its title.").required(),
            Key::new("content", Kind::Template, "What it says, HTML. What fills a hole is text in it.")
                .required(),
            Key::new("author", Kind::Template, "The id of the member in whose name. Without it the app's."),
            AFTER,
        ],
    },
    Variant {
        name: "call_url",
        doc: "Another address is called with the event.",
        keys: &[
            Key::new(
                "url",
                Kind::UrlTemplate,
                "The address. What fills a hole is percent-encoded and stays in its part.",
            )
            .required(),
            AFTER,
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_key_are_those_that_have_keys() {
        for (keys, by, variants) in [(WEBHOOK, "sender", SENDERS), (RULE, "do", DEEDS)] {
            let key = keys.iter().find(|key| key.name == by).expect("the key");
            let names: Vec<&str> = variants.iter().map(|variant| variant.name).collect();
            assert!(matches!(key.kind, Kind::Choice(words) if words == names), "{by}");
        }
    }
}
