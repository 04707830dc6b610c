//! The variables of a community that moves from Circle to BetterMode.

/// What the names of Circle's variables begin with.
pub(super) const CIRCLE: &str = "CIRCLE_";

/// Whether what Circle sends is still taken.
pub(super) const ENABLE_CIRCLE: &str = "INTEGRATION_ENABLE_CIRCLE";

/// Whether what BetterMode sends is taken.
pub(super) const ENABLE_BETTERMODE: &str = "INTEGRATION_ENABLE_BETTERMODE";

/// What Circle must show with each webhook; wanted only while both platforms run side by side.
pub(super) const CIRCLE_WEBHOOK_TOKEN: &str = "CIRCLE_WEBHOOK_TOKEN";

/// A variable of the new `.env`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct New {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is, one line. No quotation mark: a quote that is open further up must not be closed by it.
    pub(super) about: &'static str,
}

/// What the new `.env` has, in order.
pub(super) const NEW: &[New] = &[
    New { name: "BETTERMODE_NETWORK_ID", about: "The id of the community on BetterMode." },
    New { name: "BETTERMODE_CLIENT_ID", about: "The id of the app on the developer page of BetterMode." },
    New { name: "BETTERMODE_CLIENT_SECRET", about: "Its secret; tokens are made with the two and renewed." },
    New { name: "BETTERMODE_API_TOKEN", about: "A token that is ready, in place of id and secret." },
    New {
        name: "BETTERMODE_WEBHOOK_SECRET",
        about: "The signing secret of the app; several, apart by commas, while it is changed.",
    },
    New {
        name: "BETTERMODE_API_URL",
        about: "Another address of the API; empty: https://api.bettermode.com",
    },
    New { name: ENABLE_BETTERMODE, about: "Whether webhooks of BetterMode are taken: true or false." },
    New {
        name: ENABLE_CIRCLE,
        about: "Whether webhooks of Circle are taken, too: true during the change, false after it.",
    },
    New {
        name: CIRCLE_WEBHOOK_TOKEN,
        about: "What Circle shows with each webhook; without it the route is off.",
    },
    New { name: "NOTION_API_TOKEN", about: "The token of the Notion integration; empty: no pages." },
    New { name: "NOTION_MEMBERS_DATABASE_ID", about: "The Notion database with one page per member." },
    New { name: "DATABASE_URL", about: "PostgreSQL; empty: the one inside the program." },
    New { name: "REDIS_URL", about: "Redis; empty: cache and limits stay within the process." },
    New { name: "MONGODB_URL", about: "MongoDB; empty: events and activities are tables in PostgreSQL." },
    New { name: "LANDFALL_LISTEN", about: "Where the server listens; empty: 127.0.0.1:8080" },
    New { name: "ADMIN_API_KEY", about: "The key of the console and of what only admins may do." },
];

/// Names that older servers had, and what is read in their place. The value is the same.
pub(super) const RENAMED: &[(&str, &str)] =
    &[("MONGODB_URI", "MONGODB_URL"), ("REDIS_URI", "REDIS_URL"), ("TEST_MODE", "TESTING_MODE")];

/// Whether a switch is on; `None`: nobody can tell.
pub(super) fn switch(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
