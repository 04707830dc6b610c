//! The profiles of coaches.

use super::casting::{self, Cast, allot};
use super::schema::COACH_PROFILE;
use super::words::{BIOGRAPHIES, CITIES, COUNTRIES, EXPERTISE, LANGUAGES, Person};
use super::{Inventory, Kind, Settings};
use crate::json::{self, Object};
use crate::rng::Rng;
use crate::table::{Id, Table};
use std::collections::HashMap;

pub(super) fn make(settings: &Settings, cast: &Cast, inventory: &mut Inventory) -> Table {
    let mut rng = Rng::new(settings.seed, "coach profiles");
    let kinds = kinds(settings, cast.coaches.len(), &mut rng);
    let mut table = Table::default();
    let mut out = Vec::with_capacity(4096);
    for (i, coach) in cast.coaches.iter().enumerate() {
        let user = cast.ids[*coach as usize];
        let created = user.ms as i64 + rng.between(60_000, 7_200_000) as i64;
        let id = Id { ms: created as u64, tail: casting::tail(&mut rng) };
        let modified = casting::modified(created, &mut rng);
        let kind = kinds.get(&(i as u32)).copied();
        if let Some(kind) = kind {
            inventory.note(kind, id);
        }
        let person = Person::of(settings.seed, *coach);
        let mut profile = Object::new(&mut out, &COACH_PROFILE, settings.keys);
        profile.text("_id", &id.to_string());
        profile.date("Created Date", created, false);
        profile.date("Modified Date", modified, false);
        profile.text("Created By", &user.to_string());
        if rng.chance(700) {
            profile.text("Slug", &person.handle.replace('.', "-"));
        }
        profile.text("user_id", &user.to_string());
        profile.text("first_name", person.first);
        profile.text("last_name", person.last);
        profile.text("biography", &biography(kind, &mut rng));
        let as_text = kind == Some(Kind::ListText);
        for (field, words, most) in [
            ("expertise_areas", EXPERTISE, 4),
            ("languages_spoken", LANGUAGES, 3),
            ("countries_experience", COUNTRIES, 5),
        ] {
            let list = some_of(words, most, &mut rng);
            if as_text {
                profile.text(field, &list.join(", "));
            } else {
                profile.texts(field, &list);
            }
        }
        let cents = rng.between(50, 1000) * 50;
        match kind {
            Some(Kind::RateDecimals) => profile.raw("rate", &format!("{}.125", cents / 100)),
            Some(Kind::RateOutside) => profile.raw("rate", if i % 2 == 0 { "15" } else { "750" }),
            Some(Kind::RateText) => profile.text("rate", &format!("{}.{:02}", cents / 100, cents % 100)),
            _ => profile.raw("rate", &json::cents(cents)),
        }
        profile.raw("availability_data", &availability(&mut rng));
        let rating = if kind == Some(Kind::RatingDecimals) {
            "12.345".to_owned()
        } else {
            json::cents(rng.between(320, 500))
        };
        profile.raw("average_rating", &rating);
        profile.raw("session_count", &rng.below(400).to_string());
        let (city, lat, lng) = CITIES[rng.index(CITIES.len())];
        profile.raw(
            "office_address",
            &format!(
                "{{\"address\":\"{} Bridge St, {city}\",\"lat\":{lat},\"lng\":{lng}}}",
                rng.between(1, 99)
            ),
        );
        profile.end();
        table.push(id, created, modified, kind.is_none(), &out);
    }
    table
}

fn kinds(settings: &Settings, profiles: usize, rng: &mut Rng) -> HashMap<u32, Kind> {
    let scale = settings.scale();
    let mut kinds = HashMap::new();
    let mut pool: Vec<u32> = (0..profiles as u32).collect();
    let wants = [
        (Kind::TextNul, scale),
        (Kind::RateDecimals, scale),
        (Kind::RatingDecimals, scale),
        (Kind::RateOutside, 2 * scale),
        (Kind::RateText, scale),
    ];
    allot(&mut pool, rng, &wants, &mut kinds);
    if scale > 0 {
        // In the first months the lists were typed into one text field.
        pool.sort_unstable();
        for record in pool.iter().take((profiles / 20).max(1)) {
            kinds.insert(*record, Kind::ListText);
        }
    }
    kinds
}

fn biography(kind: Option<Kind>, rng: &mut Rng) -> String {
    let sentences = rng.between(2, 4);
    let mut text = String::new();
    for i in 0..sentences {
        if i > 0 {
            text.push_str(if rng.chance(300) { "\n\n" } else { " " });
        }
        text.push_str(rng.pick(BIOGRAPHIES));
    }
    if kind == Some(Kind::TextNul) {
        text.push('\0');
    }
    text
}

/// From one to `most` different words, in random order.
fn some_of<'w>(words: &[&'w str], most: u64, rng: &mut Rng) -> Vec<&'w str> {
    let mut some: Vec<&str> = Vec::new();
    for _ in 0..rng.between(1, most) {
        let word = rng.pick(words);
        if !some.contains(&word) {
            some.push(word);
        }
    }
    some
}

fn availability(rng: &mut Rng) -> String {
    let mut days = String::new();
    for day in ["mon", "tue", "wed", "thu", "fri"] {
        if rng.chance(600) {
            let from = rng.between(7, 12);
            let comma = if days.is_empty() { "" } else { "," };
            days.push_str(&format!(
                "{comma}\"{day}\":[\"{from:02}:00\",\"{:02}:30\"]",
                from + rng.between(3, 8)
            ));
        }
    }
    format!("{{\"week\":{{{days}}},\"buffer_minutes\":{}}}", [0, 10, 15][rng.index(3)])
}
