//! Rejects, samples and differences, with values of records in them.

use base::RejectCode;
use report::{Difference, DifferenceField, DifferenceKind, Extras, Reject, Sample, SampleField, Values};

/// A value that must be in no summary and no JSON report.
pub const CANARY: &str = "canary.4711@example.org";

/// Rejects, samples and differences with values in them.
pub fn extras() -> Extras {
    let line = |entity: &str, id: u32, field: &str, value: Option<&str>, code, reason: &str| Reject {
        entity: entity.into(),
        source_id: format!("1699814417x{}", 738_201 + id),
        field: field.into(),
        value: value.map(Into::into),
        code,
        reason: reason.into(),
    };
    let rejects_shown = vec![
        line(
            "users",
            1,
            "email",
            Some(CANARY),
            RejectCode::Unique,
            "lower(email) is taken by 1699814402x551237",
        ),
        line(
            "users",
            2,
            "email",
            Some("Ana.Souza@Example.com"),
            RejectCode::Unique,
            "lower(email) is taken by 1699814409x100042",
        ),
        line("users", 3, "", Some("Jo\\u0000hn"), RejectCode::BadText, "NUL is in no text of PostgreSQL"),
        line(
            "coach_profiles",
            4,
            "hourly_rate",
            Some("85.005"),
            RejectCode::BadValue,
            "three decimals, the column takes two",
        ),
        line("coach_profiles", 5, "availability", Some("mondays, mostly"), RejectCode::BadValue, "not JSON"),
        line(
            "coach_profiles",
            6,
            "rating",
            Some("48.0"),
            RejectCode::OutOfRange,
            "numeric(3,2) ends at 9.99",
        ),
        line(
            "bookings",
            7,
            "client_id",
            Some("1699810000x000001"),
            RejectCode::ParentMissing,
            "no such user in the export or the destination",
        ),
        line(
            "bookings",
            8,
            "client_id",
            Some("1699814417x738202"),
            RejectCode::ParentRejected,
            "its user was rejected (unique)",
        ),
        line(
            "payments",
            9,
            "booking_id",
            None,
            RejectCode::ParentRejected,
            "its booking was rejected (parent_rejected)",
        ),
        line("payments", 10, "amount", Some("-10.00"), RejectCode::Check, "payments_amount_check"),
        line("payments", 11, "currency", Some(""), RejectCode::Check, "payments_currency_check"),
    ];
    Extras { values: Values::Shown, rejects_shown, samples: samples(), differences: differences() }
}

pub(super) fn side(
    column: &str,
    expression: &str,
    source: Option<&str>,
    destination: Option<&str>,
    equal: bool,
) -> SampleField {
    SampleField {
        column: column.into(),
        source_expression: expression.into(),
        source_text: source.map(Into::into),
        destination_text: destination.map(Into::into),
        equal,
    }
}

fn samples() -> Vec<Sample> {
    vec![
        Sample {
            entity: "bookings".into(),
            source_id: "1699901100x220914".into(),
            destination_id: "3c2f3be1-6a3c-5d2f-a6c4-6c0a0ef3a7b1".into(),
            fields: vec![
                side(
                    "client_id",
                    "ref('users', client_user_id)",
                    Some("1699814402x551237"),
                    Some("7c1959b1-9577-53eb-8f13-1172aea512c0"),
                    true,
                ),
                side(
                    "session_datetime",
                    "session_date",
                    Some("2026-03-29T01:30:00.000Z"),
                    Some("2026-03-29 02:30:00+00"),
                    false,
                ),
                side("duration_minutes", "duration", Some("60"), Some("60"), true),
                side(
                    "status",
                    "recode(booking_status, 'complete', 'completed')",
                    Some("complete"),
                    Some("completed"),
                    true,
                ),
            ],
        },
        Sample {
            entity: "users".into(),
            source_id: "1699814402x551237".into(),
            destination_id: "7c1959b1-9577-53eb-8f13-1172aea512c0".into(),
            fields: vec![
                side("email", "email", Some(CANARY), Some(CANARY), true),
                side("role", "recode(type, 'seeker', 'client')", Some("seeker"), Some("client"), true),
                side("is_active", "active", Some("yes"), Some("true"), true),
                side("email_verified", "verified", None, Some("false"), true),
                side(
                    "created_at",
                    "created_date",
                    Some("2023-11-12T18:40:17.043Z"),
                    Some("2023-11-12 18:40:17.043+00"),
                    true,
                ),
            ],
        },
        Sample {
            entity: "coach_profiles".into(),
            source_id: "1699814440x904410".into(),
            destination_id: "b8a0d1ce-6fd5-5e4b-9b59-1f6b3d2d70c2".into(),
            fields: vec![
                side("first_name", "first_name", Some("ليلى"), Some("ليلى"), true),
                side(
                    "bio",
                    "biography",
                    Some(
                        "Fünfzehn Jahre zwischen Kairo und Köln.\nIch begleite Teams über Grenzen hinweg 🌍.",
                    ),
                    Some(
                        "Fünfzehn Jahre zwischen Kairo und Köln.\nIch begleite Teams über Grenzen hinweg 🌍.",
                    ),
                    true,
                ),
                side(
                    "languages",
                    "languages_spoken",
                    Some("[\"ar\",\"de\",\"en\"]"),
                    Some("{ar,de,en}"),
                    true,
                ),
                side("hourly_rate", "rate", Some("85.5"), Some("85.50"), true),
                side("availability", "availability_data", Some(""), None, true),
            ],
        },
    ]
}

fn differences() -> Vec<Difference> {
    let field = |column: &str, hint: &str| DifferenceField { column: column.into(), hint: hint.into() };
    vec![
        Difference {
            entity: "bookings".into(),
            source_id: "1699901100x220914".into(),
            id: "3c2f3be1-6a3c-5d2f-a6c4-6c0a0ef3a7b1".into(),
            kind: DifferenceKind::Changed,
            fields: vec![field("session_datetime", "later by exactly 1 h: a time zone?")],
        },
        Difference {
            entity: "bookings".into(),
            source_id: "1699901177x101203".into(),
            id: "f0b6c1b2-22fd-5f0c-8e2a-51f3e87b7a90".into(),
            kind: DifferenceKind::Changed,
            fields: vec![
                field("session_datetime", "later by exactly 1 h: a time zone?"),
                field("status", "another value of the enum"),
            ],
        },
        Difference {
            entity: "bookings".into(),
            source_id: "1699901212x887126".into(),
            id: "0a3c8e1f-51a4-5b3a-b2c5-9f9a62d6a7f4".into(),
            kind: DifferenceKind::Missing,
            fields: vec![],
        },
    ]
}
