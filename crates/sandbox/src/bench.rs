//! The input of benchmarks: an export of bookings of any size and of the users they refer to, as an export
//! writes them.

use std::io::{self, Write};

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 20;

/// Different notes; enough that no cache of a few values helps a reader, few enough to be made in no time.
const NOTES: usize = 4096;

/// Users that bookings refer to when nothing else is said.
const USERS: u64 = 100_000;

/// The source columns, in the order of the file.
pub const COLUMNS: [&str; 10] = [
    "_id",
    "client_user_id",
    "coach_user_id",
    "session_date",
    "duration",
    "booking_status",
    "notes",
    "created_by",
    "created_date",
    "modified_date",
];

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rows beneath the header.
    pub rows: u64,
    /// Where the randomness comes from.
    pub seed: u64,
    /// Users that bookings refer to, [`user_id`] of 0 to this.
    pub users: u64,
    /// Whether one row in a thousand has a cell that cannot be moved.
    pub bad_cells: bool,
    /// Whether another row in a thousand breaks a rule that the destination may have: one in two thousand a
    /// CHECK of the status, as many the uniqueness of client, coach and time of creation.
    pub violations: bool,
}

/// Of a thousand rows, the one with a bad cell.
const BAD_CELL_AT: u64 = 499;
/// Of a thousand rows, the one that breaks a rule.
const VIOLATION_AT: u64 = 749;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    Client,
    Duration,
    Date,
    Status,
    Repeat,
}

impl Options {
    /// Good rows, 100,000 users.
    pub fn new(rows: u64, seed: u64) -> Self {
        Self { rows, seed, users: USERS, bad_cells: false, violations: false }
    }

    fn oddity(&self, row: u64) -> Option<Oddity> {
        let thousand = (row / 1000) as usize;
        match row % 1000 {
            BAD_CELL_AT if self.bad_cells => {
                Some([Oddity::Client, Oddity::Duration, Oddity::Date][thousand % 3])
            }
            VIOLATION_AT if self.violations => Some([Oddity::Status, Oddity::Repeat][thousand % 2]),
            _ => None,
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows beneath the header.
    pub rows: u64,
    /// Bytes, the header included.
    pub bytes: u64,
    /// Rows whose duration is `90 min`.
    pub bad_duration: u64,
    /// Rows whose session is `next week`.
    pub bad_date: u64,
    /// Rows whose client does not exist.
    pub bad_client: u64,
    /// Rows whose status the application does not know: `rescheduled`.
    pub unknown_status: u64,
    /// Rows with client, coach and time of creation of the row before.
    pub repeats: u64,
}

impl Written {
    /// Rows that cannot be moved, whatever rules the destination has.
    pub fn bad_cells(&self) -> u64 {
        self.bad_duration + self.bad_date + self.bad_client
    }

    /// Rows that break a rule, where the destination has it.
    pub fn violations(&self) -> u64 {
        self.unknown_status + self.repeats
    }
}

/// The id of user `i` of the pool.
pub fn user_id(i: u64) -> String {
    let mut out = Vec::with_capacity(29);
    push_user(&mut out, i);
    String::from_utf8_lossy(&out).into_owned()
}

/// The ids end in fewer digits than those of bookings: the service's own vary in length, too.
fn push_user(out: &mut Vec<u8>, i: u64) {
    push_digits(out, 1_690_000_000_000 + i, 13);
    out.push(b'x');
    push_digits(out, 100_000_000_000_000 + mix(i) % 900_000_000_000_000, 15);
}

/// Writes an export with good rows and 100,000 users.
pub fn bookings_csv(rows: u64, seed: u64, write: &mut impl Write) -> io::Result<Written> {
    bookings_csv_with(&Options::new(rows, seed), write)
}

/// Writes an export of bookings: RFC 4180, line feeds, created in ascending order; an absent note is an
/// empty field without quotes.
pub fn bookings_csv_with(options: &Options, write: &mut impl Write) -> io::Result<Written> {
    let notes = notes(options.seed);
    let users = options.users.max(1);
    let mut written = Written { rows: options.rows, ..Written::default() };
    let mut state = options.seed ^ 0x5851_F42D_4C95_7F2D;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(state)
    };
    let mut out = Vec::with_capacity(BUFFER + 2048);
    out.extend_from_slice(COLUMNS.join(",").as_bytes());
    out.push(b'\n');
    let mut created = 1_700_000_000_000i64;
    let (mut client, mut coach) = (0, 0);
    for row in 0..options.rows {
        let (bits, more) = (next(), next());
        let oddity = options.oddity(row);
        if oddity == Some(Oddity::Repeat) {
            written.repeats += 1;
        } else {
            created += (bits & 0xFF) as i64 * 200;
            client = (bits >> 8) % users;
            coach = (more >> 8) % users;
        }
        push_digits(&mut out, created as u64, 13);
        out.push(b'x');
        push_digits(&mut out, 100_000_000_000_000_000 + mix(row ^ bits) % 900_000_000_000_000_000, 18);
        out.push(b',');
        let start = out.len();
        push_user(&mut out, client);
        if oddity == Some(Oddity::Client) {
            // No user's id begins with a 9.
            out[start] = b'9';
            written.bad_client += 1;
        }
        out.push(b',');
        push_user(&mut out, coach);
        out.push(b',');
        if oddity == Some(Oddity::Date) {
            out.extend_from_slice(b"next week");
            written.bad_date += 1;
        } else {
            let session = created / 900_000 * 900_000 + (more & 15) as i64 * crate::time::DAY;
            crate::time::push_iso(&mut out, session);
        }
        out.push(b',');
        if oddity == Some(Oddity::Duration) {
            out.extend_from_slice(b"90 min");
            written.bad_duration += 1;
        } else {
            out.extend_from_slice([&b"30"[..], b"45", b"60", b"90"][(bits >> 40 & 3) as usize]);
        }
        out.push(b',');
        if oddity == Some(Oddity::Status) {
            out.extend_from_slice(b"rescheduled");
            written.unknown_status += 1;
        } else {
            let words = [&b"pending"[..], b"confirmed", b"complete", b"cancelled"];
            out.extend_from_slice(words[(bits >> 42 & 3) as usize]);
        }
        out.push(b',');
        out.extend_from_slice(&notes[(more >> 40) as usize % NOTES]);
        out.push(b',');
        push_user(&mut out, client);
        out.push(b',');
        crate::time::push_iso(&mut out, created);
        out.push(b',');
        crate::time::push_iso(&mut out, created + (more >> 20 & 0xFFFF) as i64 * 10_000);
        out.push(b'\n');
        if out.len() >= BUFFER {
            written.bytes += out.len() as u64;
            write.write_all(&out)?;
            out.clear();
        }
    }
    written.bytes += out.len() as u64;
    write.write_all(&out)?;
    write.flush()?;
    Ok(written)
}

/// Writes an export of the users that bookings refer to: `_id`, `email`, `created_date`.
pub fn users_csv(users: u64, write: &mut impl Write) -> io::Result<()> {
    let mut out = Vec::with_capacity(users as usize * 80);
    out.extend_from_slice(b"_id,email,created_date\n");
    for i in 0..users {
        push_user(&mut out, i);
        out.extend_from_slice(format!(",user{i}@example.org,").as_bytes());
        crate::time::push_iso(&mut out, 1_690_000_000_000 + i as i64);
        out.push(b'\n');
    }
    write.write_all(&out)?;
    write.flush()
}

/// Appends the last `width` decimal digits, two at a time.
fn push_digits(out: &mut Vec<u8>, value: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let slots = &mut out[start..];
    let mut left = value;
    let mut at = width;
    while at >= 2 {
        let pair = (left % 100) as u8;
        left /= 100;
        at -= 2;
        slots[at] = b'0' + pair / 10;
        slots[at + 1] = b'0' + pair % 10;
    }
    if at == 1 {
        slots[0] = b'0' + (left % 10) as u8;
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

const PLAIN: &[&str] = &[
    "first session went well",
    "please call before",
    "moved from May to June",
    "bring the questionnaire",
    "prefers the morning",
    "asked for a receipt",
    "wants to talk about the team",
    "second try",
    "ok",
    "no camera this time",
    "see the letter",
    "colleague joins later",
];
const FOREIGN: &[&str] = &[
    "Gespräch über Führung",
    "está mudándose",
    "déjà confirmé",
    "późno wieczorem",
    "Ōsaka geç kalır",
    "São Paulo às 9",
    "größer als gedacht",
    "año próximo",
    "żółty dom",
    "señal débil",
];
const MARKED: &[&str] = &["yes, really", "called \"the bridge\"", "one, two, three", "\"later\", he said"];

/// Notes as CSV fields: 10 % empty, 78 % with other than ASCII, 32 % with a comma or a quotation mark, 74
/// characters on average over all of them.
fn notes(seed: u64) -> Vec<Vec<u8>> {
    let mut rng = crate::rng::Rng::new(seed, "notes");
    let mut notes: Vec<Vec<u8>> = Vec::with_capacity(NOTES);
    for i in 0..NOTES {
        // By number, so that the shares are exact; which rows get which note is random.
        let share = i * 1000 / NOTES;
        if share < 100 {
            notes.push(Vec::new());
            continue;
        }
        let foreign = share < 880;
        let marked = (i * 37) % 900 < 320;
        let wanted = rng.between(61, 104) as usize;
        let mut text = String::new();
        if foreign {
            text.push_str(rng.pick(FOREIGN));
        }
        if marked {
            text.push_str(if text.is_empty() { "" } else { "; " });
            text.push_str(rng.pick(MARKED));
        }
        while text.chars().count() < wanted {
            text.push_str(if text.is_empty() { "" } else { " - " });
            text.push_str(rng.pick(PLAIN));
        }
        let text: String = text.chars().take(wanted).collect();
        let text = text.trim_end();
        notes.push(match marked {
            true => format!("\"{}\"", text.replace('"', "\"\"")).into_bytes(),
            false => text.as_bytes().to_vec(),
        });
    }
    rng.shuffle(&mut notes);
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(options: &Options) -> (Written, String) {
        let mut out = Vec::new();
        let written = bookings_csv_with(options, &mut out).expect("a vector takes everything");
        (written, String::from_utf8(out).expect("UTF-8"))
    }

    /// The fields of a line; no field has a line break.
    fn fields(line: &str) -> Vec<String> {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                other => field.push(other),
            }
        }
        fields.push(field);
        fields
    }

    #[test]
    fn the_mix_of_rows_is_the_documented_one() {
        let (written, text) = rows(&Options::new(20_000, 3));
        assert_eq!(written.bytes, text.len() as u64);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 20_001);
        assert_eq!(lines[0], COLUMNS.join(","));
        let per_row = (text.len() - lines[0].len()) as f64 / 20_000.0;
        assert!((230.0..=300.0).contains(&per_row), "{per_row} bytes a row");
        let notes: Vec<String> = lines[1..].iter().map(|line| fields(line)[6].clone()).collect();
        assert!(lines.iter().all(|line| fields(line).len() == 10));
        let share = |test: &dyn Fn(&String) -> bool| notes.iter().filter(|n| test(n)).count() as f64 / 200.0;
        for (name, got, wanted) in [
            ("empty", share(&|n| n.is_empty()), 10.0),
            ("not ASCII", share(&|n| !n.is_ascii()), 78.0),
            ("comma or quote", share(&|n| n.contains([',', '"'])), 32.0),
        ] {
            assert!((got - wanted).abs() < 2.0, "{name}: {got} %");
        }
        let mean = notes.iter().map(|n| n.chars().count()).sum::<usize>() as f64 / 20_000.0;
        assert!((71.0..=77.0).contains(&mean), "{mean} characters");
    }

    #[test]
    fn rows_refer_to_the_pool_and_what_is_odd_is_counted() {
        let options = Options { users: 50, bad_cells: true, violations: true, ..Options::new(30_000, 4) };
        let (written, text) = rows(&options);
        assert_eq!((written.bad_client, written.bad_duration, written.bad_date), (10, 10, 10));
        assert_eq!((written.unknown_status, written.repeats), (15, 15));
        let pool: Vec<String> = (0..50).map(user_id).collect();
        let (mut stray, mut bad, mut unknown, mut ids) = (0, 0, 0, std::collections::BTreeSet::new());
        let mut once = std::collections::BTreeSet::new();
        for line in text.lines().skip(1) {
            let fields = fields(line);
            stray += u64::from(!pool.contains(&fields[1]));
            bad += u64::from(fields[4].parse::<u32>().is_err()) + u64::from(!fields[3].ends_with('Z'));
            unknown += u64::from(fields[5] == "rescheduled");
            assert!(pool.contains(&fields[2]));
            ids.insert(fields[0].clone());
            once.insert((fields[1].clone(), fields[2].clone(), fields[8].clone()));
        }
        assert_eq!((stray, bad, unknown), (10, 20, 15));
        assert_eq!((written.bad_cells(), written.violations()), (30, 30));
        assert_eq!((ids.len(), once.len()), (30_000, 30_000 - 15), "only repeats repeat");
    }

    #[test]
    fn every_user_that_bookings_refer_to_is_in_the_export_of_users() {
        let mut out = Vec::new();
        users_csv(50, &mut out).expect("a vector takes everything");
        let text = String::from_utf8(out).expect("UTF-8");
        let ids: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(ids, (0..50).map(user_id).collect::<Vec<_>>());
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(rows(&Options::new(500, 5)).1, rows(&Options::new(500, 5)).1);
        assert_ne!(rows(&Options::new(500, 5)).1, rows(&Options::new(500, 6)).1);
    }
}
