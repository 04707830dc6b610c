//! Events, and who answered.

use super::posts::body;
use crate::circle::view::{COMMUNITY_ID, View, date, date_or_null, slug};
use crate::community::{Attendee, Event, Kind, Location};
use serde_json::{Value, json};

impl View<'_> {
    pub fn event(&self, event: &Event) -> Value {
        let community = self.community();
        let name = community.event_name(event);
        let slug = slug(&name, event.id);
        let space = &community.spaces[event.space];
        let host = self.member(event.host);
        let profile = community.profile(event.host);
        let rendered = self.render(&community.event_doc(event));
        let link = match (event.location, event.odd) {
            (_, Some(Kind::EventNoUrl)) => None,
            (Location::Virtual, _) => Some(format!("https://meet.example/{}", event.id)),
            _ => None,
        };
        json!({
            "id": event.id,
            "name": name,
            "slug": slug,
            "url": self.site(&format!("c/{}/{slug}", space.slug)),
            "starts_at": date(event.starts),
            "ends_at": date_or_null(event.ends),
            "duration_in_seconds": event.duration_seconds,
            "location_type": event.location.word(),
            "virtual_location_url": link,
            "in_person_location": self.meeting_place(event),
            "rsvp_disabled": event.rsvp_disabled,
            "space": self.space(event.space),
            "community_id": COMMUNITY_ID,
            "body": body(event.id, &json!(rendered.html), "Event"),
            "tiptap_body": self.tiptap(&rendered),
            "user_id": host.user_id,
            "community_member_id": host.id,
            "member_name": profile.name,
            "member_email": self.shown_email(event.host),
            "likes_count": event.likes,
            "comments_count": event.comments,
            "cover_image_url": null,
            "published_at": date(event.created),
            "created_at": date(event.created),
            "updated_at": date(event.updated),
        })
    }

    /// An address as JSON within a text; in one case only its text.
    fn meeting_place(&self, event: &Event) -> Option<String> {
        let (name, address) = self.community().place(event)?;
        let plain = event.odd == Some(Kind::EventPlaceText);
        Some(if plain {
            address.to_owned()
        } else {
            json!({"name": name, "formatted_address": address}).to_string()
        })
    }

    /// The same event in the members' own list of what is in a space.
    pub fn headless_event(&self, event: &Event) -> Value {
        let mut record = self.event(event);
        record["post_type"] = json!("event");
        record["status"] = json!("published");
        record["community_member"] = self.person(event.host);
        record
    }

    pub fn event_attendee(&self, attendee: &Attendee) -> Value {
        let status = if attendee.coming { "yes" } else { "no" };
        let (kind, name, email, member, lead) = match &attendee.who {
            Ok(number) => {
                let name = self.community().profile(*number).name;
                ("community_member", name, self.shown_email(*number), Some(self.member(*number).id), None)
            }
            Err(lead) => ("lead", String::new(), Some(lead.email.clone()), None, Some(lead.id)),
        };
        json!({
            "id": attendee.id,
            "contact_type": kind,
            "community_member_id": member,
            "lead_id": lead,
            "member_name": name,
            "member_email": email,
            "rsvp_status": status,
            "rsvp_date": date(attendee.at),
        })
    }
}
