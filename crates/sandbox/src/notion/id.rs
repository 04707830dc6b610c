//! Ids: UUIDs, with or without dashes.

use crate::rng::Rng;

/// The id of a page, a block, a database, a data source or a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(u128);

/// Where the dashes stand, if any.
const DASHES: [usize; 4] = [8, 13, 18, 23];

impl Id {
    /// A new one, of version 4.
    pub fn draw(rng: &mut Rng) -> Self {
        let bits = (u128::from(rng.bits()) << 64) | u128::from(rng.bits());
        let version = bits & !(0xf000 << 64) | (0x4000 << 64);
        Self(version & !(0b11 << 62) | (0b10 << 62))
    }

    /// Reads one; all dashes or none.
    pub fn parse(text: &str) -> Option<Self> {
        let dashed = text.len() == 36 && DASHES.iter().all(|at| text.as_bytes()[*at] == b'-');
        let digits: String = if dashed { text.replace('-', "") } else { text.to_owned() };
        let sound = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        sound.then(|| u128::from_str_radix(&digits, 16).ok()).flatten().map(Self)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:032x}", self.0);
        let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
        write!(f, "{a}-{b}-{c}-{d}-{e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_both_spellings_and_no_other() {
        let id = Id::draw(&mut Rng::new(1, "id"));
        let text = id.to_string();
        assert_eq!((text.len(), &text[14..15]), (36, "4"));
        assert!("89ab".contains(&text[19..20]), "{text}");
        for same in [text.clone(), text.replace('-', ""), text.to_uppercase()] {
            assert_eq!(Id::parse(&same), Some(id), "{same}");
        }
        let misplaced = text.replacen('-', "", 1) + "-";
        for other in ["", "members", &text[1..], &format!("{text}0"), &misplaced, &text.replace('4', "g")] {
            assert_eq!(Id::parse(other), None, "{other}");
        }
    }
}
