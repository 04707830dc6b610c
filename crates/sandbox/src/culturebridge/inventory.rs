//! What is odd in a data set, kind by kind, with the ids: the ground truth for tests and demos.

use crate::kinds::kinds;
use crate::table::Id;
use base::RejectCode;
use std::collections::BTreeMap;

/// What must come of a record of some kind when CultureBridge moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is carried, and nothing is said.
    Carried,
    /// It is carried, and the rule of that name reports it.
    Finding(&'static str),
    /// It is rejected with that code.
    Reject(RejectCode),
}

use Outcome::{Carried, Finding, Reject};

kinds! {
    /// A way of being odd. Kinds that are rejected share no record with any other rejected kind.
    Kind {
        /// Neither an authentication e-mail nor one of the application's own: logs in by Google or LinkedIn
        /// only.
        EmailMissing => "email_missing", "user", Reject(RejectCode::NotNull);
        /// The e-mail equals that of an earlier user but for case.
        EmailTwin => "email_twin", "user", Reject(RejectCode::Unique);
        /// The earlier user of such a pair.
        EmailTwinFirst => "email_twin_first", "user", Carried;
        /// The application's own `email` differs from the authentication e-mail.
        EmailCustom => "email_custom", "user", Carried;
        /// Only the application's own `email` is there.
        EmailCustomOnly => "email_custom_only", "user", Carried;
        /// The e-mail has no proper format.
        EmailFormat => "email_format", "user", Finding("e-mail format");
        /// A password in plain text.
        PasswordPlain => "password_plain", "user", Carried;
        /// A password as a bcrypt hash.
        PasswordBcrypt => "password_bcrypt", "user", Carried;
        /// A password as a PHC string (Argon2id).
        PasswordPhc => "password_phc", "user", Carried;
        /// An empty password.
        PasswordEmpty => "password_empty", "user", Carried;
        /// A password of more than 72 bytes.
        PasswordLong => "password_long", "user", Carried;
        /// `active` or `verified` is not there.
        FlagOmitted => "flag_omitted", "user", Carried;
        /// A list names a user who does not exist.
        ListDangling => "list_dangling", "user", Carried;
        /// A field whose name says secret is filled.
        SecretNote => "secret_note", "user", Carried;
        /// A social log-in stands beside the e-mail, or instead of it.
        SocialLogin => "social_login", "user", Carried;

        /// The photo, the phone number or the time zone is not there.
        ClientFieldOmitted => "client_field_omitted", "client_profile", Carried;
        /// The quiz is JSON text instead of an object.
        QuizText => "quiz_text", "client_profile", Carried;
        /// The quiz is text that is not JSON.
        QuizBroken => "quiz_broken", "client_profile", Reject(RejectCode::BadValue);
        /// Emoji in the first name.
        TextEmoji => "text_emoji", "client_profile", Carried;
        /// A line break of two characters in the first name.
        TextLineBreak => "text_line_break", "client_profile", Carried;
        /// Quotation marks in the first name.
        TextQuotes => "text_quotes", "client_profile", Carried;
        /// A comma in the last name.
        TextComma => "text_comma", "client_profile", Carried;
        /// Blanks in front of the last name.
        TextLeadingBlanks => "text_leading_blanks", "client_profile", Carried;
        /// A combining accent in the first name.
        TextCombining => "text_combining", "client_profile", Carried;
        /// A lone surrogate in the last name.
        TextSurrogate => "text_surrogate", "client_profile", Reject(RejectCode::BadText);
        /// The second profile of a user.
        ProfileSecond => "profile_second", "client_profile", Reject(RejectCode::Unique);
        /// The profile of a user who does not exist.
        ProfileOrphan => "profile_orphan", "client_profile", Reject(RejectCode::ParentMissing);

        /// NUL in the biography.
        TextNul => "text_nul", "coach_profile", Reject(RejectCode::BadText);
        /// A rate with three decimals.
        RateDecimals => "rate_decimals", "coach_profile", Reject(RejectCode::BadValue);
        /// A rate below 25 or above 500.
        RateOutside => "rate_outside", "coach_profile", Finding("hourly rate");
        /// A rate as text.
        RateText => "rate_text", "coach_profile", Carried;
        /// A rating of 12.345.
        RatingDecimals => "rating_decimals", "coach_profile", Reject(RejectCode::BadValue);
        /// Lists as comma-separated text.
        ListText => "list_text", "coach_profile", Carried;

        /// The client does not exist.
        ClientMissing => "client_missing", "booking", Reject(RejectCode::ParentMissing);
        /// The coach does not exist.
        CoachMissing => "coach_missing", "booking", Reject(RejectCode::ParentMissing);
        /// The client is there and is rejected himself.
        ClientRejected => "client_rejected", "booking", Reject(RejectCode::ParentRejected);
        /// A duration of `90 min`.
        DurationWords => "duration_words", "booking", Reject(RejectCode::BadValue);
        /// A duration of 0.
        DurationZero => "duration_zero", "booking", Finding("duration");
        /// A duration below 0.
        DurationNegative => "duration_negative", "booking", Finding("duration");
        /// A duration as text.
        DurationText => "duration_text", "booking", Carried;
        /// A status that the destination does not know.
        StatusUnknown => "status_unknown", "booking", Reject(RejectCode::Check);
        /// Confirmed, and nothing was paid.
        ConfirmedUnpaid => "confirmed_unpaid", "booking", Finding("confirmed bookings have payments");
        /// The session's date as epoch milliseconds.
        SessionEpoch => "session_epoch", "booking", Carried;
        /// Created Date and Modified Date as epoch milliseconds.
        CreatedEpoch => "created_epoch", "booking", Carried;
        /// Created By is no user, or is not there.
        CreatedByOdd => "created_by_odd", "booking", Carried;

        /// The payment's Stripe intent is that of an earlier one.
        IntentTwice => "intent_twice", "payment", Reject(RejectCode::Unique);
        /// The earlier payment of such a pair.
        IntentFirst => "intent_first", "payment", Carried;
        /// An amount of 0.
        AmountZero => "amount_zero", "payment", Finding("amount");
        /// An amount as text.
        AmountText => "amount_text", "payment", Carried;
        /// The payment of a booking that is rejected.
        BookingRejected => "booking_rejected", "payment", Reject(RejectCode::ParentRejected);
    }
}

/// The records of each kind, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    kinds: BTreeMap<Kind, Vec<Id>>,
}

impl Inventory {
    pub(super) fn note(&mut self, kind: Kind, id: Id) {
        self.kinds.entry(kind).or_default().push(id);
    }

    /// The ids of the records of a kind.
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        self.of(kind).iter().map(Id::to_string).collect()
    }

    /// The same, packed.
    pub fn of(&self, kind: Kind) -> &[Id] {
        self.kinds.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// How many records are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.of(kind).len()
    }

    /// Every kind that occurs, with its ids.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &[Id])> {
        self.kinds.iter().map(|(kind, ids)| (*kind, ids.as_slice()))
    }

    /// How many records of a type are rejected, by code.
    pub fn rejects(&self, stream: &str) -> BTreeMap<RejectCode, usize> {
        let mut codes = BTreeMap::new();
        for (kind, ids) in self.iter().filter(|(kind, _)| kind.stream() == stream) {
            if let Reject(code) = kind.outcome() {
                *codes.entry(code).or_default() += ids.len();
            }
        }
        codes
    }

    /// How many records are reported by each rule.
    pub fn findings(&self) -> BTreeMap<&'static str, usize> {
        let mut rules = BTreeMap::new();
        for (kind, ids) in self.iter() {
            if let Finding(rule) = kind.outcome() {
                *rules.entry(rule).or_default() += ids.len();
            }
        }
        rules
    }
}
