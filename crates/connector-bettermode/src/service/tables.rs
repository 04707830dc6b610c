//! The kinds of records as tables: what can be set and read back. What the service does not let anybody set
//! ([`crate::destination::cannot_set`]) is no column.

use crate::destination::Kind;
use connect::destination::{Column, ForeignKey, Table};
use values::{Kind as Type, PgType};

/// The kind that a table holds.
pub(super) fn kind_of(table: &str) -> Option<Kind> {
    Some(match table {
        "members" => Kind::Member,
        "collections" => Kind::Collection,
        "spaces" => Kind::Space,
        "posts" => Kind::Post,
        "comments" => Kind::Reply,
        "events" => Kind::Event,
        _ => return None,
    })
}

/// All of them.
pub(super) fn tables() -> Vec<Table> {
    let (text, time, flag) = (Type::Text, Type::Timestamptz(Some(3)), Type::Bool);
    let texts = || Type::Array(Box::new(PgType::simple(Type::Text)));
    vec![
        table(
            "members",
            &[
                ("email", text.clone(), true),
                ("name", text.clone(), true),
                ("username", text.clone(), false),
                ("external_url", text.clone(), false),
                ("tagline", text.clone(), false),
                ("locale", text.clone(), false),
                ("time_zone", text.clone(), false),
                ("role_id", text.clone(), false),
                ("fields", Type::Jsonb, false),
                ("created_at", time.clone(), false),
            ],
            &[],
        ),
        table(
            "collections",
            &[
                ("name", text.clone(), true),
                ("description", text.clone(), false),
                ("created_at", time.clone(), false),
            ],
            &[],
        ),
        table(
            "spaces",
            &[
                ("name", text.clone(), true),
                ("slug", text.clone(), false),
                ("type", text.clone(), false),
                ("collection_id", text.clone(), false),
                ("description", text.clone(), false),
                ("private", flag.clone(), false),
                ("hidden", flag.clone(), false),
                ("invite_only", flag.clone(), false),
                ("external_url", text.clone(), false),
                ("created_at", time.clone(), false),
            ],
            &[("collection_id", "collections")],
        ),
        table(
            "posts",
            &[
                ("space_id", text.clone(), true),
                ("owner_id", text.clone(), false),
                ("title", text.clone(), true),
                ("content", text.clone(), true),
                ("slug", text.clone(), false),
                ("locked", flag, false),
                ("external_url", text.clone(), false),
                ("created_at", time.clone(), false),
                ("published_at", time.clone(), false),
            ],
            &[("space_id", "spaces"), ("owner_id", "members")],
        ),
        table(
            "comments",
            &[
                ("post_id", text.clone(), true),
                ("reply_to", text.clone(), false),
                ("owner_id", text.clone(), false),
                ("content", text.clone(), true),
                ("external_url", text.clone(), false),
                ("created_at", time.clone(), false),
            ],
            &[("post_id", "posts"), ("reply_to", "comments"), ("owner_id", "members")],
        ),
        table(
            "events",
            &[
                ("space_id", text.clone(), true),
                ("title", text.clone(), true),
                ("content", text.clone(), true),
                ("start_time", time.clone(), true),
                ("end_time", time, true),
                ("time_zone", text, true),
                ("host_ids", texts(), true),
                ("capacity", Type::Int8, false),
            ],
            &[("space_id", "spaces")],
        ),
    ]
}

fn table(name: &str, columns: &[(&str, Type, bool)], refers: &[(&str, &str)]) -> Table {
    let column = |name: &str, ty: Type, not_null: bool| Column {
        name: name.into(),
        ty: PgType::simple(ty),
        not_null,
        default: None,
        generated: false,
        sequence: None,
    };
    let key = std::iter::once(column("id", Type::Text, true));
    Table {
        destination: String::new(),
        given_key: true,
        schema: String::new(),
        name: name.into(),
        sql: name.into(),
        columns: key.chain(columns.iter().map(|(n, ty, nn)| column(n, ty.clone(), *nn))).collect(),
        primary_key: vec!["id".into()],
        foreign_keys: refers
            .iter()
            .map(|(column, to)| ForeignKey {
                name: (*column).into(),
                table: name.into(),
                columns: vec![(*column).into()],
                to: (*to).into(),
                to_columns: vec!["id".into()],
            })
            .collect(),
        referenced_by: Vec::new(),
        triggers: Vec::new(),
    }
}
