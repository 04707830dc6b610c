//! Passwords: kept, hashed on all cores, or unusable; never written in plain text.

use base::Fault;
use rand::RngCore;
use std::collections::BTreeMap;

/// bcrypt's work factor: 2^12 rounds.
pub const COST: u32 = 12;

/// Seconds that one hash takes on one core, roughly; for the plan's estimate.
pub const SECONDS_EACH: f64 = 0.25;

/// bcrypt looks at the first 72 bytes only; a longer password would be cut.
pub const BYTES_MAX: usize = 72;

/// In a CSV with a manifest, stands in place of a password that there is not, with the reason behind it.
pub const NONE_MARK: char = '!';

/// What a password in the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found<'a> {
    /// A hash that is kept as it is.
    Hash(&'a str),
    /// A plain text that can be hashed.
    Plain(&'a str),
    /// Nothing that could be hashed, and why: `no_password`, `too_long`, `nul`.
    None(&'static str),
}

/// The reasons for which there is no hash.
const REASONS: [&str; 3] = ["no_password", "too_long", "nul"];

/// Looks at a password. `exported`: it stands in a CSV that landfall wrote, so a mark may stand for a reason.
pub fn look(value: Option<&str>, exported: bool) -> Found<'_> {
    let Some(text) = value.filter(|t| !t.is_empty()) else { return Found::None("no_password") };
    if exported
        && let Some(reason) =
            text.strip_prefix(NONE_MARK).and_then(|r| REASONS.into_iter().find(|known| *known == r))
    {
        return Found::None(reason);
    }
    if is_hash(text) {
        Found::Hash(text)
    } else if text.contains('\0') {
        Found::None("nul")
    } else if text.len() > BYTES_MAX {
        Found::None("too_long")
    } else {
        Found::Plain(text)
    }
}

/// Whether a text is a bcrypt hash (`$2b$12$` and 53 letters) or in PHC format (`$argon2id$v=19$…`).
pub fn is_hash(text: &str) -> bool {
    is_bcrypt(text) || is_phc(text)
}

fn is_bcrypt(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("$2") else { return false };
    let Some((version, rest)) = rest.split_once('$') else { return false };
    let Some((cost, body)) = rest.split_once('$') else { return false };
    let letters = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'/');
    ["", "a", "b", "x", "y"].contains(&version)
        && cost.len() == 2
        && cost.parse::<u8>().is_ok_and(|c| (4..=31).contains(&c))
        && body.len() == 53
        && letters(body)
}

/// The PHC string format: `$id[$v=…][$params]$salt$hash`, with an id that names a password hash.
fn is_phc(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else { return false };
    let parts: Vec<&str> = rest.split('$').collect();
    let known = ["argon2id", "argon2i", "argon2d", "scrypt", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"];
    let plain =
        |s: &&str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=,.-_".contains(&b));
    parts.len() >= 3 && known.contains(&parts[0]) && parts.iter().all(plain)
}

/// Hashes plain texts on all cores; the result has their order.
pub fn hash_all(plain: &[&str]) -> Result<Vec<String>, Fault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(text) = plain.get(i) else { return Ok(done) };
            done.push((i, hash(text)?));
        }
    };
    let shares = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores.min(plain.len())).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|_| Err(Fault::bug("a thread that hashes passwords panicked"))))
            .collect::<Result<Vec<_>, Fault>>()
    })?;
    let mut hashes = vec![String::new(); plain.len()];
    for (i, hash) in shares.into_iter().flatten() {
        hashes[i] = hash;
    }
    Ok(hashes)
}

/// One hash, `$2b$12$…`.
pub fn hash(plain: &str) -> Result<String, Fault> {
    bcrypt::non_truncating_hash(plain, COST)
        .map_err(|_| Fault::bug("bcrypt refused a password that was looked at"))
}

/// A well-formed hash of random salt and digest: no password fits it that anybody could find.
pub fn unusable(random: &mut dyn RngCore) -> String {
    let mut salt = [0u8; 16];
    let mut digest = [0u8; 23];
    random.fill_bytes(&mut salt);
    random.fill_bytes(&mut digest);
    format!("$2b${COST:02}${}{}", encode(&salt), encode(&digest))
}

/// bcrypt's own Base64: another alphabet, no padding.
fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for i in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text
}

/// Whether a password fits a hash; for the sample that verify tries.
pub fn fits(plain: &str, hash: &str) -> bool {
    bcrypt::verify(plain, hash).unwrap_or(false)
}

/// What became of passwords.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct PasswordCounts {
    /// Hashes taken as they are.
    pub kept: u64,
    /// Plain texts that were hashed.
    pub hashed: u64,
    /// Users without one, by reason.
    pub unusable: BTreeMap<String, u64>,
}

impl PasswordCounts {
    /// Counts one.
    pub fn add(&mut self, found: Found<'_>) {
        match found {
            Found::Hash(_) => self.kept += 1,
            Found::Plain(_) => self.hashed += 1,
            Found::None(reason) => *self.unusable.entry(reason.into()).or_default() += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn a_password_is_never_taken_for_what_it_is_not() {
        let hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
        let long = "x".repeat(73);
        for (value, exported, expected) in [
            (None, false, Found::None("no_password")),
            (Some(""), false, Found::None("no_password")),
            (Some(hash), false, Found::Hash(hash)),
            (Some("$2b$12$tooshort"), false, Found::Plain("$2b$12$tooshort")),
            (
                Some("$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"),
                false,
                Found::Hash("$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"),
            ),
            (Some("$5 is the price$ok$yes"), false, Found::Plain("$5 is the price$ok$yes")),
            (Some("secret"), false, Found::Plain("secret")),
            (Some("a\0b"), false, Found::None("nul")),
            (Some(long.as_str()), false, Found::None("too_long")),
            (Some("!too_long"), true, Found::None("too_long")),
            (Some("!too_long"), false, Found::Plain("!too_long")),
            (Some("!hello"), true, Found::Plain("!hello")),
        ] {
            assert_eq!(look(value, exported), expected, "{value:?} {exported}");
        }
    }

    #[test]
    fn an_unusable_hash_is_well_formed_and_never_the_same() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let (a, b) = (unusable(&mut random), unusable(&mut random));
        assert!(is_bcrypt(&a) && a.len() == 60, "{a}");
        assert_ne!(a, b);
        assert!(!fits("", &a));
    }

    #[test]
    fn a_hashed_password_fits_and_no_other_does() {
        let hashes = hash_all(&["correct horse", "battery"]).unwrap();
        assert!(hashes[0].starts_with("$2b$12$"));
        assert!(fits("correct horse", &hashes[0]) && !fits("correct horse", &hashes[1]));
    }
}
