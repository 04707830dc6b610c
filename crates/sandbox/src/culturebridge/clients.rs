//! The profiles of clients.

use super::casting::{self, Cast, allot};
use super::schema::CLIENT_PROFILE;
use super::words::{GOALS, Person, QUIZ_NOTES, TIME_ZONES};
use super::{END, Inventory, Kind, Settings};
use crate::json::{self, Object};
use crate::rng::Rng;
use crate::table::{Id, Table};
use crate::time::DAY;
use std::collections::HashMap;

pub(super) fn make(settings: &Settings, cast: &Cast, inventory: &mut Inventory) -> Table {
    let mut rng = Rng::new(settings.seed, "client profiles");
    let owners: Vec<u32> = cast.clients[..cast.clients.len() - cast.spare.len()].to_vec();
    let kinds = kinds(settings, owners.len(), &mut rng);
    let mut maker = Maker { settings, table: Table::default(), json: Vec::with_capacity(2048), rng };
    let mut plain = Vec::new();
    for (i, owner) in owners.iter().enumerate() {
        let user = cast.ids[*owner as usize];
        let created = user.ms as i64 + maker.rng.between(30_000, 1_800_000) as i64;
        let kind = kinds.get(&(i as u32)).copied();
        if kind.is_none() {
            plain.push((*owner, created));
        }
        let person = Person::of(settings.seed, *owner);
        maker.profile(user, &person, created, kind, inventory);
    }
    // A second profile of someone whose first one is carried, made later, so that the first one wins.
    for _ in 0..settings.scale() {
        if plain.is_empty() {
            break;
        }
        let at = maker.rng.index(plain.len());
        let (owner, created) = plain.swap_remove(at);
        let (user, person) = (cast.ids[owner as usize], Person::of(settings.seed, owner));
        let later = (created + maker.rng.between(1, 90) as i64 * DAY).min(END);
        maker.profile(user, &person, later, Some(Kind::ProfileSecond), inventory);
    }
    for _ in 0..settings.scale() {
        let user = casting::nobody(&mut maker.rng);
        let created = END - maker.rng.between(1, 700) as i64 * DAY;
        let person = Person::new(&mut maker.rng);
        maker.profile(user, &person, created, Some(Kind::ProfileOrphan), inventory);
    }
    maker.table
}

fn kinds(settings: &Settings, profiles: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let mut kinds = HashMap::new();
    let mut pool: Vec<u32> = (0..profiles as u32).collect();
    let wants = [
        (Kind::QuizBroken, scale),
        (Kind::TextEmoji, scale),
        (Kind::TextLineBreak, scale),
        (Kind::TextQuotes, scale),
        (Kind::TextComma, scale),
        (Kind::TextLeadingBlanks, scale),
        (Kind::TextCombining, scale),
        (Kind::TextSurrogate, scale),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    if scale > 0 {
        // The oldest ones were written by a plug-in that knew no objects.
        pool.sort_unstable();
        for record in pool.iter().take((profiles / 20).max(1)) {
            kinds.insert(*record, Kind::QuizText);
        }
    }
    kinds
}

struct Maker<'a> {
    settings: &'a Settings,
    table: Table,
    json: Vec<u8>,
    rng: Rng,
}

impl Maker<'_> {
    fn profile(
        &mut self,
        user: Id,
        person: &Person,
        created: i64,
        kind: Option<Kind>,
        inventory: &mut Inventory,
    ) {
        let rng = &mut self.rng;
        let id = Id { ms: created as u64, tail: casting::tail(rng) };
        let modified = casting::modified(created, rng);
        if let Some(kind) = kind {
            inventory.note(kind, id);
        }
        let mut profile = Object::new(&mut self.json, &CLIENT_PROFILE, self.settings.keys);
        profile.text("_id", &id.to_string());
        profile.date("Created Date", created, false);
        profile.date("Modified Date", modified, false);
        profile.text("Created By", &user.to_string());
        profile.text("user_id", &user.to_string());
        profile.text("first_name", &first_name(person.first, kind));
        match kind {
            // The head of a pair without its tail, as careless cutting of an emoji leaves it.
            Some(Kind::TextSurrogate) => profile.raw("last_name", &format!("\"{} \\ud83d\"", person.last)),
            Some(Kind::TextComma) => profile.text("last_name", &format!("{}, Jr.", person.last)),
            Some(Kind::TextLeadingBlanks) => profile.text("last_name", &format!("  {}", person.last)),
            _ => profile.text("last_name", person.last),
        }
        let omitted = [rng.chance(80), rng.chance(60), rng.chance(30)];
        if !omitted[0] {
            profile.text("photo", &photo(person, created, rng));
        }
        if !omitted[1] {
            profile.text("phone_number", &format!("+1-555-01{:02}", rng.below(100)));
        }
        if !omitted[2] {
            profile.text("time_zone", rng.pick(TIME_ZONES));
        }
        if omitted.contains(&true) {
            inventory.note(Kind::ClientFieldOmitted, id);
        }
        let quiz = quiz(rng);
        match kind {
            Some(Kind::QuizText) => profile.text("quiz_responses", &quiz),
            Some(Kind::QuizBroken) => profile.text("quiz_responses", &quiz[..quiz.len() - 1]),
            _ => profile.raw("quiz_responses", &quiz),
        }
        profile.raw("user_preferences", &preferences(rng));
        profile.end();
        self.table.push(id, created, modified, kind.is_none(), &self.json);
    }
}

fn first_name(name: &str, kind: Option<Kind>) -> String {
    match kind {
        Some(Kind::TextEmoji) => format!("{name} 🎉👩🏽‍🚀"),
        Some(Kind::TextLineBreak) => format!("{name}\r\n(called {name})"),
        Some(Kind::TextQuotes) => format!("{name} \"the 'O'\""),
        Some(Kind::TextCombining) => format!("{name} Jose\u{301}"),
        _ => name.to_owned(),
    }
}

/// Images have addresses of several shapes; most lack the scheme.
fn photo(person: &Person, created: i64, rng: &mut Rng) -> String {
    let (n, handle) = (rng.below(1_000_000), person.handle.replace('.', "-"));
    match rng.below(10) {
        0..=4 => format!("//s3.amazonaws.com/appforest_uf/f{created}x{n:06}/{handle}.jpg"),
        5..=7 => format!("//culturebridge.cdn.bubble.io/f{created}x{n:06}/{handle}%20photo.png"),
        8 => format!("https://culturebridge.cdn.bubble.io/f{created}x{n:06}/{handle}.webp"),
        _ => format!("https://pictures.example/{handle}/{n}.jpg"),
    }
}

fn quiz(rng: &mut Rng) -> String {
    let mut out = format!(
        "{{\"goal\":\"{}\",\"score\":{},\"answers\":[\"{}\",\"{}\",\"{}\"],\"abroad_before\":{},\"note\":",
        rng.pick(GOALS),
        json::cents(rng.below(1000)),
        ["a", "b", "c", "d"][rng.index(4)],
        ["a", "b", "c", "d"][rng.index(4)],
        ["a", "b", "c", "d"][rng.index(4)],
        rng.chance(500),
    )
    .into_bytes();
    json::push_text(&mut out, rng.pick(QUIZ_NOTES));
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn preferences(rng: &mut Rng) -> String {
    format!(
        "{{\"language\":\"{}\",\"session_length\":{},\"notifications\":{{\"email\":{},\"sms\":{}}}}}",
        ["en", "de", "pt-BR", "ja", "ar", "fr"][rng.index(6)],
        [30, 45, 60, 90][rng.index(4)],
        rng.chance(800),
        rng.chance(200),
    )
}
