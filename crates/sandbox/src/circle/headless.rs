//! The members' own API: what one member may see, and the token for it.

use super::admin::{by_email, present_attendees};
use super::app::App;
use super::endpoint::Headless;
use super::params::{Page, Params};
use super::refusal::Refusal;
use super::view::{COMMUNITY_ID, View, date};
use crate::community::{Lesson, Room, Space, SpaceKind, Standing, Status, Thread, mix, sample};
use crate::serve::answer::Answer;
use serde_json::{Map, Value, json};

/// Messages on each side of an id when the request does not say.
const WINDOW: u64 = 20;

/// A request of a member.
struct Visit<'a> {
    view: View<'a>,
    member: u32,
    page: Page,
}

/// `POST /auth_token`: tokens for one member, named in one of three ways. Nobody is made by it.
pub(super) fn auth_token(app: &App, body: &[u8], now: i64) -> Result<Answer, Refusal> {
    let wanted: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| Refusal::Malformed("the body is not a JSON object".to_owned()))?;
    let names = ["sso_user_id", "community_member_id", "email"];
    let mut given =
        names.iter().filter_map(|name| Some((*name, wanted.get(*name).filter(|v| !v.is_null())?)));
    let (name, value) = given.next().ok_or(Refusal::Unprocessable("email", "can't be blank"))?;
    if given.next().is_some() {
        return Err(Refusal::Unprocessable("base", "only one identifier is allowed"));
    }
    let data = app.data();
    let view = View { app, data: &data, now };
    let community = view.community();
    let number = match (name, value) {
        ("community_member_id", Value::Number(id)) => id.as_u64().and_then(|id| data.member(id)),
        ("email", Value::String(email)) => by_email(&view, email),
        ("sso_user_id", Value::String(id)) => {
            let mut all = 0..community.members.len() as u32;
            all.find(|i| {
                community.is_listed(view.member(*i)) && community.profile(*i).sso.as_ref() == Some(id)
            })
        }
        _ => return Err(Refusal::Unprocessable(name, "is invalid")),
    };
    let number = number.ok_or(Refusal::Missing("Community member"))?;
    let pair = app.tokens.mint(number, now);
    Ok(Answer::json(
        200,
        &json!({
            "access_token": pair.access,
            "refresh_token": pair.refresh,
            "access_token_expires_at": date(pair.access_ends),
            "refresh_token_expires_at": date(pair.refresh_ends),
            "community_member_id": view.member(number).id,
            "community_id": COMMUNITY_ID,
        }),
    ))
}

/// A `GET` of the members' own API.
pub(super) fn get(
    app: &App,
    call: Headless<'_>,
    member: u32,
    params: &Params,
    now: i64,
) -> Result<Answer, Refusal> {
    let data = app.data();
    let page = params.page(&app.scenario.paging)?;
    let visit = Visit { view: View { app, data: &data, now }, member, page };
    match call {
        Headless::PostLikes(id) => {
            let thread = visit.thread(id)?;
            visit.likes(visit.view.data.place(thread).0, visit.thread_likes(thread))
        }
        Headless::CommentLikes(id) => {
            let comment = visit.comment(id)?;
            let comment = &visit.view.community().comments[comment as usize];
            visit.likes(comment.id, comment.likes)
        }
        Headless::SpacePosts(id) => visit.space_posts(id, params),
        Headless::PostComments(id) => {
            let thread = visit.thread(id)?;
            let comments = &visit.view.community().comments;
            let top = (0..comments.len() as u32).rev().filter(|i| {
                let comment = &comments[*i as usize];
                comment.thread == thread && comment.parent.is_none() && !comment.removed
            });
            Ok(visit.answer(&top.collect::<Vec<_>>(), |i| visit.view.bare_comment(*i)))
        }
        Headless::CommentReplies(id) => {
            let replies: Vec<u32> = visit.view.data.replies(visit.comment(id)?).rev().collect();
            Ok(visit.answer(&replies, |i| visit.view.bare_comment(*i)))
        }
        Headless::EventAttendees(id) => match visit.thread(id)? {
            Thread::Event(event) => {
                let all = present_attendees(&visit.view, event);
                Ok(visit.answer(&all, |attendee| visit.view.event_attendee(attendee)))
            }
            _ => Err(Refusal::Missing("Post")),
        },
        Headless::CourseSections(id) => visit.sections(id),
        Headless::LessonFiles(course, id) => {
            let space = visit.space(course)?;
            let lessons = visit.lessons(space);
            let found = lessons.iter().find(|lesson| lesson.id.to_string() == id);
            let lesson = found.ok_or(Refusal::Missing("Course lesson"))?;
            Ok(visit.answer(&[lesson], |lesson| visit.view.lesson_file(lesson)))
        }
        Headless::Members => visit.members(params),
        Headless::Rooms => {
            let rooms = visit.view.community().rooms.iter();
            let rooms: Vec<_> =
                rooms.filter(|room| visit.view.community().is_in_room(member, room)).collect();
            Ok(visit.answer(&rooms, |room| visit.view.chat_room(room)))
        }
        Headless::RoomMessages(uuid) => visit.messages(uuid, params),
    }
}

impl Visit<'_> {
    fn answer<T>(&self, all: &[T], show: impl Fn(&T) -> Value) -> Answer {
        self.page.answer(&self.view.app.scenario.paging, all, show)
    }

    /// What is private is not there for others.
    fn sees(&self, space: &Space) -> bool {
        let community = self.view.community();
        !space.private || community.is_in(self.view.member(self.member), space)
    }

    fn space(&self, id: &str) -> Result<usize, Refusal> {
        let spaces = self.view.community().spaces;
        let found = spaces.iter().position(|space| space.id.to_string() == id && self.sees(space));
        found.ok_or(Refusal::Missing("Space"))
    }

    fn thread(&self, id: &str) -> Result<Thread, Refusal> {
        let found = id.parse().ok().and_then(|id| self.view.data.thread(id));
        found.filter(|thread| self.may_read(*thread)).ok_or(Refusal::Missing("Post"))
    }

    fn may_read(&self, thread: Thread) -> bool {
        let community = self.view.community();
        let published = match thread {
            Thread::Post(i) => community.posts[i as usize].status == Status::Published,
            Thread::Image(_) | Thread::Event(_) => true,
        };
        published && self.sees(&community.spaces[self.view.data.place(thread).1])
    }

    fn comment(&self, id: &str) -> Result<u32, Refusal> {
        let found = id.parse().ok().and_then(|id| self.view.data.comment(id));
        let readable = |i: &u32| self.may_read(self.view.community().comments[*i as usize].thread);
        found.filter(readable).ok_or(Refusal::Missing("Comment"))
    }

    fn thread_likes(&self, thread: Thread) -> u32 {
        let community = self.view.community();
        match thread {
            Thread::Post(i) => community.posts[i as usize].likes,
            Thread::Image(i) => community.images[i as usize].likes,
            Thread::Event(i) => community.events[i as usize].likes,
        }
    }

    /// Who liked the thing of that id.
    fn likes(&self, id: u64, likes: u32) -> Result<Answer, Refusal> {
        let community = self.view.community();
        let named = &community.named;
        let seed = mix(community.settings.seed ^ id.rotate_left(32));
        let all = sample(seed, u64::from(likes), named.len() as u64).map(|i| named[i as usize]);
        let all: Vec<u32> = all.filter(|i| community.is_listed(self.view.member(*i))).collect();
        Ok(self.answer(&all, |i| self.view.person(*i)))
    }

    fn space_posts(&self, id: &str, params: &Params) -> Result<Answer, Refusal> {
        let number = self.space(id)?;
        let community = self.view.community();
        let oldest = params.choice("sort", &[("latest", false), ("oldest", true)], false)?;
        let posts =
            community.posts.iter().enumerate().map(|(i, post)| (post.created, Thread::Post(i as u32)));
        let images =
            community.images.iter().enumerate().map(|(i, post)| (post.created, Thread::Image(i as u32)));
        let events = community.events.iter().enumerate().map(|(i, e)| (e.created, Thread::Event(i as u32)));
        let everything = posts.chain(images).chain(events);
        let mut all: Vec<Thread> = everything
            .map(|(_, thread)| thread)
            .filter(|thread| self.view.data.place(*thread).1 == number && self.is_there(*thread))
            .collect();
        if !oldest {
            all.reverse();
        }
        Ok(self.answer(&all, |thread| match thread {
            Thread::Post(i) => self.view.headless_post(&community.posts[*i as usize]),
            Thread::Image(i) => self.view.headless_post(&community.images[*i as usize]),
            Thread::Event(i) => self.view.headless_event(&community.events[*i as usize]),
        }))
    }

    fn is_there(&self, thread: Thread) -> bool {
        self.view.data.thread(self.view.data.place(thread).0) == Some(thread) && self.may_read(thread)
    }

    /// The lessons of a course that are published.
    fn lessons(&self, space: usize) -> Vec<Lesson> {
        let lessons = self.view.community().lessons().into_iter();
        lessons.filter(|lesson| lesson.space == space && lesson.status == Status::Published).collect()
    }

    fn sections(&self, id: &str) -> Result<Answer, Refusal> {
        let space = self.space(id)?;
        if self.view.community().spaces[space].kind != SpaceKind::Course {
            return Err(Refusal::Missing("Course"));
        }
        let lessons = self.lessons(space);
        let sections = self.view.community().sections().into_iter();
        let sections: Vec<_> = sections.filter(|section| section.space == space).collect();
        Ok(self.answer(&sections, |section| {
            let mut record = self.view.course_section(section);
            let own = lessons.iter().filter(|lesson| lesson.section == section.id);
            let own = own.map(|lesson| json!({"id": lesson.id, "name": lesson.name}));
            record["lessons"] = own.collect();
            record
        }))
    }

    /// Active members, newest first, by page or after the last one seen.
    fn members(&self, params: &Params) -> Result<Answer, Refusal> {
        let community = self.view.community();
        let after = params.text("search_after").map(|text| {
            text.parse::<u64>()
                .map_err(|_| Refusal::Malformed("search_after is not one that was given".to_owned()))
        });
        let after = after.transpose()?;
        let listed = |i: &u32| {
            let member = self.view.member(*i);
            community.is_listed(member) && member.standing == Standing::Active
        };
        let all: Vec<u32> = (0..community.members.len() as u32).rev().filter(listed).collect();
        let rest: Vec<u32> = match after {
            Some(after) => all.iter().copied().filter(|i| self.view.member(*i).id < after).collect(),
            None => all.clone(),
        };
        let page = if after.is_some() { Page { number: 1, ..self.page } } else { self.page };
        let part = page.of(&rest);
        let records: Vec<Value> = part.iter().map(|i| self.view.person(*i)).collect();
        let last = part.last().map(|i| self.view.member(*i).id.to_string());
        let paging = &self.view.app.scenario.paging;
        let mut body = page.envelope(paging, rest.len() as u64, records);
        body.insert("count".to_owned(), json!(all.len()));
        body.insert("next_search_after".to_owned(), json!(last));
        Ok(Answer::json(200, &Value::Object(body)))
    }

    /// A window of messages around an id; without one, the newest.
    fn messages(&self, uuid: &str, params: &Params) -> Result<Answer, Refusal> {
        let community = self.view.community();
        let found = community.rooms.iter().find(|room| room.uuid == uuid);
        let room: &Room = found
            .filter(|room| community.is_in_room(self.member, room))
            .ok_or(Refusal::Missing("Chat room"))?;
        let id = params.number("id")?;
        let most = self.view.app.scenario.paging.max_per_page;
        let before = params.number("previous_per_page")?.unwrap_or(WINDOW).min(most);
        let after = params.number("next_per_page")?.unwrap_or(WINDOW).min(most);
        let all: Vec<_> = (0..room.messages).map(|k| community.message(room, k)).collect();
        let at = id.map_or(all.len(), |id| all.partition_point(|message| message.id < id));
        let has_id = id.is_some_and(|id| all.get(at).is_some_and(|message| message.id == id));
        let next = at + usize::from(has_id);
        let (from, to) = (at.saturating_sub(before as usize), (next + after as usize).min(all.len()));
        let keep = |k: &usize| *k != at || !has_id || self.view.app.scenario.headless.window_has_id;
        let window: Vec<_> = (from..to).filter(keep).map(|k| &all[k]).collect();
        Ok(Answer::json(
            200,
            &json!({
                "first_id": window.first().map(|message| message.id),
                "last_id": window.last().map(|message| message.id),
                "has_previous_page": from > 0,
                "has_next_page": to < all.len(),
                "total_count": all.len(),
                "records": window.iter().map(|m| self.view.chat_message(room, m)).collect::<Vec<_>>(),
            }),
        ))
    }
}
