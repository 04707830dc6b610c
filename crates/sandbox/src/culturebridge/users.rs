//! The user records.

use super::casting::{self, Cast, Role};
use super::schema::USER;
use super::words::{Person, SECRET_NOTES};
use super::{Inventory, Kind, Settings};
use crate::json::{self, Object};
use crate::rng::Rng;
use crate::table::{Id, Table};

pub(super) fn make(settings: &Settings, cast: &Cast, inventory: &mut Inventory) -> Table {
    let mut rng = Rng::new(settings.seed, "users");
    let mut table = Table::default();
    let mut json = Vec::with_capacity(1024);
    // The twins' first e-mails wait here for their seconds, which come later.
    let mut twins: Vec<String> = Vec::new();
    for (i, id) in cast.ids.iter().enumerate() {
        let kind = cast.kinds.get(&(i as u32)).copied();
        let person = Person::of(settings.seed, i as u32);
        let email = email(&person, i, kind, &mut twins);
        let created = id.ms as i64;
        let modified = casting::modified(created, &mut rng);
        if let Some(kind) = kind {
            inventory.note(kind, *id);
        }

        let mut user = Object::new(&mut json, &USER, settings.keys);
        user.text("_id", &id.to_string());
        user.date("Created Date", created, false);
        user.date("Modified Date", modified, false);
        match rng.below(10) {
            0..=2 => user.text("Created By", &id.to_string()),
            3 => user.text("Created By", &format!("admin_user_culturebridge_{}", settings.suffix())),
            _ => {}
        }
        if rng.chance(300) {
            user.text("Slug", &format!("{}-{i}", person.handle));
        }
        let social = kind == Some(Kind::EmailMissing) || rng.chance(150);
        if social {
            inventory.note(Kind::SocialLogin, *id);
        }
        let known = !matches!(kind, Some(Kind::EmailMissing | Kind::EmailCustomOnly));
        let login = known.then_some(email.as_str());
        user.raw("authentication", &authentication(login, social, &person, *id, &mut rng));
        match kind {
            Some(Kind::EmailCustomOnly) => user.text("email", &email),
            // Another address altogether, or the same with another case and a blank: both occur in grown
            // data.
            Some(Kind::EmailCustom) if i % 2 == 0 => user.text("email", &format!("old.{email}")),
            Some(Kind::EmailCustom) => user.text("email", &format!("{} ", email.to_uppercase())),
            Some(Kind::EmailMissing) => {}
            _ if rng.chance(300) => user.text("email", &email),
            _ => {}
        }
        if let Some(password) = password(kind, &person, i, &mut rng) {
            user.text("password", &password);
        }
        user.text("type", role(cast.roles[i]));
        let (active, verified) = (rng.chance(940), rng.chance(850));
        let omitted = [rng.chance(40), rng.chance(80)];
        if !omitted[0] {
            user.flag("active", active);
        }
        if !omitted[1] {
            user.flag("verified", verified);
        }
        if omitted.contains(&true) {
            inventory.note(Kind::FlagOmitted, *id);
        }
        user.flag("user_signed_up", true);
        favourites(&mut user, cast, kind, &mut rng);
        if kind == Some(Kind::SecretNote) {
            user.text("api_secret_note", rng.pick(SECRET_NOTES));
        }
        user.end();
        table.push(*id, created, modified, kind.is_none(), &json);
    }
    table
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Seeker => "seeker",
        Role::Coach => "coach",
        Role::Admin => "admin",
    }
}

/// The user's e-mail; the index makes it unique, also without regard to case.
fn email(person: &Person, i: usize, kind: Option<Kind>, twins: &mut Vec<String>) -> String {
    let plain = format!("{}{i}@{}", person.handle, person.domain);
    match kind {
        Some(Kind::EmailTwinFirst) => {
            twins.push(plain.clone());
            plain
        }
        // Twins are drawn in pairs and every first stands before its second, so one is always waiting.
        Some(Kind::EmailTwin) => match twins.pop() {
            Some(first) => first
                .split_once('@')
                .map_or(plain, |(name, domain)| format!("{}@{domain}", name.to_uppercase())),
            None => plain,
        },
        Some(Kind::EmailFormat) if i.is_multiple_of(3) => format!("{}{i}.{}", person.handle, person.domain),
        Some(Kind::EmailFormat) if i % 3 == 1 => format!("{}{i}@@{}", person.handle, person.domain),
        Some(Kind::EmailFormat) => format!("{} {i}@{}", person.handle, person.domain),
        _ => plain,
    }
}

fn authentication(email: Option<&str>, social: bool, person: &Person, id: Id, rng: &mut Rng) -> String {
    let mut out = b"{".to_vec();
    if let Some(email) = email {
        out.extend_from_slice(b"\"email\":{\"email\":");
        json::push_text(&mut out, email);
        let confirmed = if rng.chance(850) { "true" } else { "false" };
        out.extend_from_slice(format!(",\"email_confirmed\":{confirmed}}}").as_bytes());
    }
    if social {
        if out.len() > 1 {
            out.push(b',');
        }
        let provider = if rng.chance(700) { "Google" } else { "LinkedIn" };
        out.extend_from_slice(format!("\"{provider}\":{{\"id\":\"{}\",\"name\":", id.tail).as_bytes());
        json::push_text(&mut out, &format!("{} {}", person.first, person.last));
        out.extend_from_slice(b"}");
    }
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn favourites(user: &mut Object<'_>, cast: &Cast, kind: Option<Kind>, rng: &mut Rng) {
    let dangling = kind == Some(Kind::ListDangling);
    if !dangling && !rng.chance(200) {
        return;
    }
    let mut list: Vec<String> = (0..rng.between(1, 3))
        .map(|_| cast.ids[cast.coaches[rng.index(cast.coaches.len())] as usize].to_string())
        .collect();
    if dangling {
        list.insert(rng.index(list.len()), casting::nobody(rng).to_string());
    }
    user.texts("favourite_coaches", &list);
}

/// What the field `password` holds, mostly nothing. The hashes are well-formed; nobody knows a word for them.
fn password(kind: Option<Kind>, person: &Person, i: usize, rng: &mut Rng) -> Option<String> {
    match kind? {
        Kind::PasswordPlain => Some(format!("{}-{}!{i}", person.last, rng.below(10_000))),
        Kind::PasswordBcrypt => Some(bcrypt(["2a$10", "2b$12", "2y$11"][i % 3], rng)),
        Kind::PasswordPhc => Some(format!(
            "$argon2id$v=19$m=65536,t=3,p=4${}A${}A",
            letters(BASE64, 21, rng),
            letters(BASE64, 42, rng)
        )),
        Kind::PasswordEmpty => Some(String::new()),
        Kind::PasswordLong => Some(format!("{}-{}", person.handle, "a long walk to the sea ".repeat(4))),
        _ => None,
    }
}

const BCRYPT64: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn letters(alphabet: &[u8; 64], count: usize, rng: &mut Rng) -> String {
    (0..count).map(|_| alphabet[rng.index(64)] as char).collect()
}

/// 22 characters for 128 bits of salt, 31 for 184 bits of digest: the last one of each has spare bits, which
/// are 0.
fn bcrypt(head: &str, rng: &mut Rng) -> String {
    let salt = format!("{}{}", letters(BCRYPT64, 21, rng), BCRYPT64[rng.index(4) * 16] as char);
    let digest = format!("{}{}", letters(BCRYPT64, 30, rng), BCRYPT64[rng.index(16) * 4] as char);
    format!("${head}${salt}{digest}")
}
