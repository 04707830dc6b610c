//! Events and who comes.

use super::tell::target;
use super::{Actor, EventInput, May, free, need_text, slug_of};
use crate::bettermode::html;
use crate::bettermode::refusal::Refusal;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::{
    Event, EventStatus, NotificationSettings, PhysicalLocation, Registration, State, VirtualLocation,
};

impl State {
    /// A new event; whoever asks has made it, now.
    pub fn create_event(&mut self, by: &Actor, space: &str, input: EventInput) -> Result<String, Refusal> {
        self.need_right(by, space, May::Post)?;
        let quiet = NotificationSettings {
            notify_on_delete: false,
            notify_on_register: false,
            notify_on_update: false,
            remind_before: false,
        };
        let blank = Event {
            id: String::new(),
            title: String::new(),
            content: String::new(),
            slug: String::new(),
            status: EventStatus::Published,
            start_time: self.now,
            end_time: self.now,
            time_zone: String::new(),
            capacity: None,
            space_id: space.to_owned(),
            created_by_id: by.member.clone(),
            host_ids: Vec::new(),
            created_at: self.now,
            updated_at: self.now,
            thumbnail_id: None,
            tag_ids: Vec::new(),
            attachment_ids: Vec::new(),
            notification_settings: quiet,
            recurrence_config: None,
            virtual_locations: Vec::new(),
            physical_locations: Vec::new(),
        };
        let mut event = self.edited(blank, input)?;
        event.id = self.ids.next();
        let id = event.id.clone();
        self.events.insert(id.clone(), event);
        self.tell_event("event.created", by, &id);
        self.send_to_space(SentKind::EventNotice, space, &[&by.member]);
        Ok(id)
    }

    /// The event with the parts that the input has; all of it checked.
    fn edited(&mut self, mut event: Event, input: EventInput) -> Result<Event, Refusal> {
        event.title = input.title.unwrap_or(event.title);
        event.content = input.content.unwrap_or(event.content);
        event.start_time = input.start_time.unwrap_or(event.start_time);
        event.end_time = input.end_time.unwrap_or(event.end_time);
        event.time_zone = input.time_zone.unwrap_or(event.time_zone);
        event.host_ids = input.host_ids.unwrap_or(event.host_ids);
        event.notification_settings = input.notification_settings.unwrap_or(event.notification_settings);
        event.thumbnail_id = input.thumbnail_id.or(event.thumbnail_id);
        event.tag_ids = input.tag_ids.unwrap_or(event.tag_ids);
        event.attachment_ids = input.attachment_ids.unwrap_or(event.attachment_ids);
        event.recurrence_config = input.recurrence_config.or(event.recurrence_config);
        need_text("title", &event.title)?;
        need_text("content", &html::text_of(&event.content))?;
        if event.end_time <= event.start_time {
            return Err(Refusal::invalid("endTime", "The event ends before it begins"));
        }
        if jiff::tz::TimeZone::get(&event.time_zone).is_err() {
            return Err(Refusal::invalid("timeZone", "There is no such time zone"));
        }
        for host in &event.host_ids {
            self.member(host).map_err(|_| Refusal::invalid("hostIds", "There is no such member"))?;
        }
        for media in event.attachment_ids.iter().chain(&event.thumbnail_id) {
            self.need_media(media)?;
        }
        if event.tag_ids.iter().any(|tag| !self.tags.contains_key(tag)) {
            return Err(Refusal::invalid("tagIds", "There is no such tag"));
        }
        if let Some(capacity) = input.capacity {
            let most = u64::try_from(capacity).ok().filter(|most| *most > 0);
            event.capacity = Some(most.ok_or_else(|| Refusal::invalid("capacity", "Nobody could come"))?);
        }
        let taken = |slug: &str| self.events.values().any(|other| other.slug == slug && other.id != event.id);
        match input.slug {
            Some(slug) if taken(&slug) => return Err(Refusal::invalid("slug", "The slug is already taken")),
            Some(slug) => event.slug = slug,
            None if event.slug.is_empty() => event.slug = free(slug_of(&event.title), taken),
            None => {}
        }
        if let Some(list) = input.virtual_locations {
            let place = |given: super::VirtualInput| VirtualLocation {
                id: self.ids.next(),
                provider: given.provider,
                url: given.url,
            };
            event.virtual_locations = list.into_iter().map(place).collect();
        }
        if let Some(list) = input.physical_locations {
            let place = |given: super::PhysicalInput| PhysicalLocation {
                id: self.ids.next(),
                place_id: Some(given.place_id),
                latitude: given.latitude,
                longitude: given.longitude,
                display_name: given.display_name,
                formatted_address: given.formatted_address,
            };
            event.physical_locations = list.into_iter().map(place).collect();
        }
        Ok(event)
    }

    fn tell_event(&mut self, name: &'static str, by: &Actor, id: &str) {
        let Some(event) = self.events.get(id) else { return };
        let object = self.event_wire(event);
        let concerns = target(&[("spaceId", &event.space_id), ("eventId", id)]);
        self.tell(name, by, object, None, concerns);
    }

    /// An event that the actor may change: an admin, or whoever made it.
    fn owned_event(&self, by: &Actor, id: &str) -> Result<Event, Refusal> {
        let event = self.visible_event(by, id)?;
        self.need_admin_or(by, &event.created_by_id)?;
        Ok(event.clone())
    }

    /// An event in a space that the actor sees.
    pub fn visible_event(&self, by: &Actor, id: &str) -> Result<&Event, Refusal> {
        let event = self.event(id)?;
        if self.sees_space(by, &event.space_id) { Ok(event) } else { Err(Refusal::not_found("Event")) }
    }

    fn send_to_registered(&mut self, event: &str, except: &str) {
        let of_event = |r: &&Registration| r.event_id == event && r.stands() && r.member_id != except;
        let to: Vec<String> =
            self.registrations.values().filter(of_event).map(|r| r.member_id.clone()).collect();
        for member in to {
            self.sent.note(SentKind::EventNotice, &member);
        }
    }

    /// Changes an event.
    pub fn update_event(&mut self, by: &Actor, id: &str, input: EventInput) -> Result<String, Refusal> {
        let event = self.owned_event(by, id)?;
        let mut event = self.edited(event, input)?;
        event.updated_at = self.now;
        let notify = event.notification_settings.notify_on_update;
        self.events.insert(id.to_owned(), event);
        self.tell_event("event.updated", by, id);
        if notify {
            self.send_to_registered(id, &by.member);
        }
        Ok(id.to_owned())
    }

    /// Calls an event off.
    pub fn delete_event(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        let event = self.owned_event(by, id)?;
        if event.notification_settings.notify_on_delete {
            self.send_to_registered(id, &by.member);
        }
        self.tell_event("event.deleted", by, id);
        self.events.insert(id.to_owned(), Event { status: EventStatus::Deleted, ..event });
        Ok(true)
    }

    fn registration_of(&self, event: &str, member: &str) -> Option<&Registration> {
        self.registrations.values().find(|r| r.event_id == event && r.member_id == member && r.stands())
    }

    /// Whoever asks comes; not twice, and not to a full event.
    pub fn register(&mut self, by: &Actor, event: &str) -> Result<bool, Refusal> {
        self.member(&by.member)?;
        let found = self.visible_event(by, event)?;
        let full = found.capacity.is_some_and(|most| self.registered(event) as u64 >= most);
        if full || self.registration_of(event, &by.member).is_some() {
            return Ok(false);
        }
        let (host, notify) = (found.created_by_id.clone(), found.notification_settings.notify_on_register);
        let registration = Registration {
            id: self.ids.next(),
            event_id: event.to_owned(),
            member_id: by.member.clone(),
            registered_at: self.now,
            cancelled_at: None,
        };
        let object = self.registration_wire(&registration);
        self.registrations.insert(registration.id.clone(), registration);
        if notify && host != by.member {
            self.sent.note(SentKind::EventNotice, &host);
        }
        let concerns = target(&[("eventId", event), ("memberId", &by.member)]);
        self.tell("event_registration.created", by, object, None, concerns);
        Ok(true)
    }

    /// Whoever asks comes no longer.
    pub fn cancel_registration(&mut self, by: &Actor, event: &str) -> Result<bool, Refusal> {
        self.visible_event(by, event)?;
        let Some(id) = self.registration_of(event, &by.member).map(|r| r.id.clone()) else {
            return Ok(false);
        };
        let now = self.now;
        let Some(registration) = self.registrations.get_mut(&id) else { return Ok(false) };
        registration.cancelled_at = Some(now);
        let registration = registration.clone();
        let object = self.registration_wire(&registration);
        let concerns = target(&[("eventId", event), ("memberId", &by.member)]);
        self.tell("event_registration.deleted", by, object, None, concerns);
        Ok(true)
    }
}
