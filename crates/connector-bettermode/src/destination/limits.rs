//! What the service does not let anybody set, as data: the plan and the report name it.

use super::Kind;

/// Something that cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limitation {
    /// Which field, as the service calls it.
    pub field: &'static str,
    /// Why.
    pub why: Why,
}

/// Why something cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No input takes it.
    NoInput,
    /// It is the member whose token is used; somebody else only by acting as that member.
    TokensMember,
    /// It is always the moment of the call.
    Now,
    /// The service works it out from other records.
    Derived,
    /// It can be given when the record is made, and not changed later.
    OnlyWhenMade,
}

const fn limit(field: &'static str, why: Why) -> Limitation {
    Limitation { field, why }
}

/// What cannot be set of records of this kind.
pub fn cannot_set(kind: Kind) -> &'static [Limitation] {
    const MEMBER: &[Limitation] = &[
        limit("password", Why::OnlyWhenMade),
        limit("emailStatus", Why::Derived),
        limit("verifiedAt", Why::NoInput),
        limit("lastSeenAt", Why::Derived),
        limit("score", Why::Derived),
        limit("badges", Why::NoInput),
        limit("teammate", Why::NoInput),
    ];
    const PLACE: &[Limitation] = &[
        limit("name", Why::OnlyWhenMade),
        limit("description", Why::OnlyWhenMade),
        limit("externalId", Why::OnlyWhenMade),
        limit("createdAt", Why::OnlyWhenMade),
    ];
    const POST: &[Limitation] = &[
        limit("createdById", Why::TokensMember),
        limit("repliedToId", Why::OnlyWhenMade),
        limit("spaceId", Why::OnlyWhenMade),
        limit("repliesCount", Why::Derived),
        limit("reactionsCount", Why::Derived),
        limit("isAnonymous", Why::NoInput),
    ];
    const EVENT: &[Limitation] = &[
        limit("createdById", Why::TokensMember),
        limit("createdAt", Why::Now),
        limit("updatedAt", Why::Now),
        limit("externalId", Why::NoInput),
        limit("externalUrl", Why::NoInput),
        limit("registrationsCount", Why::Derived),
    ];
    match kind {
        Kind::Member => MEMBER,
        Kind::Collection | Kind::Space => PLACE,
        Kind::Post | Kind::Reply => POST,
        Kind::Event => EVENT,
    }
}

/// Whether records of this kind can be changed at all.
pub fn can_change(kind: Kind) -> bool {
    match kind {
        Kind::Member | Kind::Post | Kind::Reply | Kind::Event => true,
        Kind::Collection | Kind::Space => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{MemberUpdate, NewEvent, NewMember, NewPost, NotificationSettings};
    use serde_json::{Value, json};

    #[test]
    fn what_cannot_be_set_is_not_sent() {
        let moment = crate::types::Moment::new("2025-01-01T00:00:00.000Z");
        let event = NewEvent {
            title: "t".into(),
            content: "c".into(),
            start_time: moment.clone(),
            end_time: moment.clone(),
            time_zone: "UTC".into(),
            host_ids: vec!["m".into()],
            notification_settings: NotificationSettings::SILENT,
            slug: Some("s".into()),
            capacity: Some(1),
            virtual_locations: Vec::new(),
        };
        let sent = |value: Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        for (kind, fields) in [
            (Kind::Event, sent(json!(event))),
            (Kind::Post, sent(json!(NewPost::published("p", Vec::new())))),
            (Kind::Member, sent(json!(NewMember::verified("a@example.test", "A")))),
            (Kind::Member, sent(json!(MemberUpdate { created_at: Some(moment), ..Default::default() }))),
        ] {
            for one in cannot_set(kind) {
                assert!(!fields.iter().any(|field| field == one.field), "{kind:?}: {}", one.field);
            }
        }
        let named =
            |kind, field: &str| cannot_set(kind).iter().find(|one| one.field == field).map(|one| one.why);
        assert_eq!(named(Kind::Event, "createdAt"), Some(Why::Now));
        assert_eq!(named(Kind::Event, "createdById"), Some(Why::TokensMember));
        assert_eq!(named(Kind::Post, "createdAt"), None, "posts can be dated");
    }
}
