//! The connectors and their keys.

use super::kind::{Key, Kind};
use super::table::{ConnectorKind, Role};

const TIME_ZONE: Key = Key::new(
    "time_zone",
    Kind::Zone,
    "The zone of date-times that name none. Without it such a value is a reject.",
);
const CSV_EMPTY: Key = Key::new(
    "csv_empty",
    Kind::Choice(&["null", "text"]),
    "What an empty field of a CSV file without manifest means: NULL, or the empty string.",
)
.or("null");

const REQUESTS_PER_MINUTE: Key = Key::new(
    "requests_per_minute",
    Kind::Integer(1, 100_000),
    "At most so many requests a minute. Without it only the service's own answers slow the export.",
);

/// Kinds of properties that a project can ask for, in Notion's words.
const NOTION_PROPERTIES: &[&str] = &[
    "title",
    "rich_text",
    "number",
    "select",
    "multi_select",
    "status",
    "date",
    "people",
    "checkbox",
    "url",
    "email",
    "phone_number",
    "relation",
];

/// How to come into a BetterMode community.
const BETTERMODE: &[Key] = &[
    Key::new("url", Kind::HttpUrl, "The address of the API.").or("https://api.bettermode.com"),
    Key::new("network_id", Kind::Text, "The community's id.").required(),
    Key::new("api_token", Kind::Secret, "A ready token. It is used until it is refused."),
    Key::new(
        "client_id",
        Kind::Text,
        "The app's id: with it and `client_secret` tokens are fetched and renewed.",
    ),
    Key::new("client_secret", Kind::Secret, "The app's secret."),
    Key::new(
        "requests_per_burst",
        Kind::Integer(1, 100_000),
        "Requests in ten seconds at most, as the community's plan allows.",
    )
    .or("20"),
    Key::new(
        "complexity_per_burst",
        Kind::Integer(1, 10_000_000),
        "Complexity of the queries of ten seconds at most, as the community's plan allows.",
    )
    .or("2000"),
    Key::new("requests_per_day", Kind::Integer(1, 100_000_000), "Requests in a day at most.").or("50000"),
    Key::new(
        "complexity_per_day",
        Kind::Integer(1, 10_000_000_000),
        "Complexity of the queries of a day at most.",
    )
    .or("5000000"),
];

/// The connectors.
pub static CONNECTORS: &[ConnectorKind] = &[
    ConnectorKind {
        name: "bubble",
        role: Role::Source,
        doc: "A Bubble application, through its Data API.",
        keys: &[
            Key::new(
                "url",
                Kind::HttpUrl,
                "The address of the Data API; it ends in `/api/1.1`, with `/version-test` before it for the \
                 test database.",
            )
            .required(),
            Key::new("api_key", Kind::Secret, "The API token of Settings, API."),
            Key::new(
                "connections",
                Kind::Integer(1, 20),
                "Requests under way at once. Without it the connector decides.",
            ),
            REQUESTS_PER_MINUTE,
            TIME_ZONE,
            CSV_EMPTY,
        ],
    },
    ConnectorKind {
        name: "circle",
        role: Role::Source,
        doc: "A Circle community, through its Admin API, version 2.",
        keys: &[
            Key::new("url", Kind::HttpUrl, "The address of the service.").or("https://app.circle.so"),
            Key::new("api_key", Kind::Secret, "An API token of the kind \"Admin V2\"."),
            Key::new("community_id", Kind::Text, "The community's id; the token names it as well."),
            Key::new(
                "connections",
                Kind::Integer(1, 8),
                "Requests under way at once. Without it the connector decides.",
            ),
            Key::new(
                "requests_per_minute",
                Kind::Integer(1, 398),
                "At most so many requests a minute, of the 400 that the service allows. Without it 240.",
            ),
            TIME_ZONE,
            CSV_EMPTY,
        ],
    },
    ConnectorKind {
        name: "bettermode",
        role: Role::Source,
        doc: "A BetterMode community, through its GraphQL API.",
        keys: BETTERMODE,
    },
    ConnectorKind {
        name: "bettermode",
        role: Role::Destination,
        doc: "A BetterMode community, through its GraphQL API. Nobody gets a mail: members are made, not \
              invited.",
        keys: BETTERMODE,
    },
    ConnectorKind {
        name: "notion",
        role: Role::Destination,
        doc: "A database of Notion: one page for each record.",
        keys: &[
            Key::new("url", Kind::HttpUrl, "The address of the API.").or("https://api.notion.com"),
            Key::new(
                "api_token",
                Kind::Secret,
                "The token of the connection that the database is shared with.",
            ),
            Key::new(
                "requests_per_minute",
                Kind::Integer(1, 100_000),
                "At most so many requests a minute, as the workspace's plan allows.",
            )
            .or("180"),
            Key::new("database", Kind::Text, "The database's id.").required(),
            Key::new(
                "data_source",
                Kind::Text,
                "Id or name of the data source, where the database has several.",
            ),
            Key::new(
                "mark_property",
                Kind::Text,
                "The property that keeps the mark by which a page is found again whose making was not \
                 answered. It is added where it is missing.",
            )
            .or("Landfall id"),
            Key::new(
                "member_property",
                Kind::Text,
                "The property (rich text) that holds a member's id in the community: by it `landfall serve` \
                 knows a member's page.",
            )
            .or("BetterMode id"),
            Key::new(
                "properties",
                Kind::Choices(NOTION_PROPERTIES),
                "Properties that the project writes, by their names in Notion, each with its kind. \
                 `check` looks for each of them.",
            ),
            Key::new(
                "add_properties",
                Kind::Boolean,
                "Whether those that are missing are added. A rollback leaves them.",
            )
            .or("false"),
        ],
    },
    ConnectorKind {
        name: "files",
        role: Role::Source,
        doc: "A folder of CSV and NDJSON files; each file is a stream.",
        keys: &[Key::new("path", Kind::Path, "The folder.").required(), TIME_ZONE, CSV_EMPTY],
    },
    ConnectorKind {
        name: "postgres",
        role: Role::Destination,
        doc: "A PostgreSQL database, 12 or newer, or the one inside the program.",
        keys: &[
            Key::new(
                "url",
                Kind::PostgresUrl,
                "What `psql` takes, or `embedded`: PostgreSQL inside the program, its data in `.landfall/`.",
            )
            .required(),
            Key::new(
                "schema",
                Kind::Path,
                "SQL that makes the tables; it runs in one transaction when none of the mapped tables exist.",
            ),
        ],
    },
];
