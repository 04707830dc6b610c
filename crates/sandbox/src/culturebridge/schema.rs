//! The data types of CultureBridge as its Bubble application declares them.

use crate::schema::{Field, FieldKind, Type};

const fn field(display: &'static str, id: &'static str, kind: FieldKind) -> Field {
    Field { display, id, kind }
}

/// The number of `_id` in every type's fields.
pub const ID: usize = 0;
/// The number of `Created Date`.
pub const CREATED: usize = 1;
/// The number of `Modified Date`.
pub const MODIFIED: usize = 2;

const BUILT_IN: [Field; 5] = [
    field("_id", "_id", FieldKind::Text),
    field("Created Date", "Created Date", FieldKind::Date),
    field("Modified Date", "Modified Date", FieldKind::Date),
    field("Created By", "Created By", FieldKind::User),
    field("Slug", "Slug", FieldKind::Text),
];

const fn with_built_in<const N: usize, const M: usize>(own: [Field; N]) -> [Field; M] {
    let mut all = [BUILT_IN[0]; M];
    let mut i = 0;
    while i < M {
        all[i] = if i < BUILT_IN.len() { BUILT_IN[i] } else { own[i - BUILT_IN.len()] };
        i += 1;
    }
    all
}

/// People who can log in. `authentication` is in the records, and in no declaration.
pub static USER: Type = Type {
    name: "user",
    fields: &with_built_in::<8, 13>([
        field("email", "email_text", FieldKind::Text),
        field("password", "password_text", FieldKind::Text),
        field("type", "type_option_user_type", FieldKind::OptionSet("user_type")),
        field("active", "active_boolean", FieldKind::Flag),
        field("verified", "verified_boolean", FieldKind::Flag),
        field("user_signed_up", "user_signed_up", FieldKind::Flag),
        field("favourite_coaches", "favourite_coaches_list_user", FieldKind::List(&FieldKind::User)),
        field("api_secret_note", "api_secret_note_text", FieldKind::Text),
    ]),
};

/// What clients say of themselves.
pub static CLIENT_PROFILE: Type = Type {
    name: "client_profile",
    fields: &with_built_in::<8, 13>([
        field("user_id", "user_id_user", FieldKind::User),
        field("first_name", "first_name_text", FieldKind::Text),
        field("last_name", "last_name_text", FieldKind::Text),
        field("photo", "photo_image", FieldKind::Image),
        field("phone_number", "phone_number_text", FieldKind::Text),
        field("time_zone", "timezone_text", FieldKind::Text),
        field("quiz_responses", "quiz_responses_text", FieldKind::Text),
        field("user_preferences", "user_preferences_text", FieldKind::Text),
    ]),
};

/// What coaches offer.
pub static COACH_PROFILE: Type = Type {
    name: "coach_profile",
    fields: &with_built_in::<12, 17>([
        field("user_id", "user_id_user", FieldKind::User),
        field("first_name", "first_name_text", FieldKind::Text),
        field("last_name", "last_name_text", FieldKind::Text),
        field("biography", "bio_text", FieldKind::Text),
        field(
            "expertise_areas",
            "expertise_areas_list_option_expertise",
            FieldKind::List(&FieldKind::OptionSet("expertise")),
        ),
        field("languages_spoken", "languages_spoken_list_text", FieldKind::List(&FieldKind::Text)),
        field("countries_experience", "countries_experience_list_text", FieldKind::List(&FieldKind::Text)),
        field("rate", "rate_number", FieldKind::Number),
        field("availability_data", "availability_data_text", FieldKind::Text),
        field("average_rating", "average_rating_number", FieldKind::Number),
        field("session_count", "session_count_number", FieldKind::Number),
        field("office_address", "office_address_geographic_address", FieldKind::Address),
    ]),
};

/// Sessions that a client booked with a coach.
pub static BOOKING: Type = Type {
    name: "booking",
    fields: &with_built_in::<6, 11>([
        field("client_user_id", "client_user_id_user", FieldKind::User),
        field("coach_user_id", "coach_user_id_user", FieldKind::User),
        field("session_date", "session_date_date", FieldKind::Date),
        field("duration", "duration_number", FieldKind::Number),
        field(
            "booking_status",
            "booking_status_option_booking_status",
            FieldKind::OptionSet("booking_status"),
        ),
        field("notes", "notes_text", FieldKind::Text),
    ]),
};

/// What was paid for bookings.
pub static PAYMENT: Type = Type {
    name: "payment",
    fields: &with_built_in::<6, 11>([
        field("booking_ref", "booking_ref_custom_booking", FieldKind::Thing("booking")),
        field("payment_amount", "payment_amount_number", FieldKind::Number),
        field("currency_code", "currency_code_text", FieldKind::Text),
        field(
            "payment_status",
            "payment_status_option_payment_status",
            FieldKind::OptionSet("payment_status"),
        ),
        field("stripe_session", "stripe_session_text", FieldKind::Text),
        field("stripe_intent", "stripe_intent_text", FieldKind::Text),
    ]),
};

/// All types, in the order of [`super::Dataset::tables`].
pub static TYPES: [&Type; 5] = [&USER, &CLIENT_PROFILE, &COACH_PROFILE, &BOOKING, &PAYMENT];
