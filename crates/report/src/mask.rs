//! Values that are not to be seen.

/// Letters from which the first one is left standing; of a shorter text it would be too much.
const FIRST_SHOWN_FROM: usize = 4;

/// Up to this length the number of letters is said; beyond it only its class.
const EXACT_UP_TO: usize = 32;

/// `anna@example.org` → `a••• (16)`; of a long text only the class of its length: `D••• (100+)`.
pub fn mask(value: &str) -> String {
    let letters = value.chars().count();
    let first = value.chars().next().filter(|c| letters >= FIRST_SHOWN_FROM && !c.is_control());
    let mut out = first.map(String::from).unwrap_or_default();
    if letters > 0 {
        out.push_str("•••");
        out.push(' ');
    }
    match [1_000_000, 100_000, 10_000, 1_000, 100].iter().find(|class| letters >= **class) {
        Some(class) => out.push_str(&format!("({class}+)")),
        None if letters > EXACT_UP_TO => out.push_str(&format!("({EXACT_UP_TO}+)")),
        None => out.push_str(&format!("({letters})")),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_value_shows_its_first_letter_and_its_length_and_no_more() {
        for (value, expected) in [
            ("", "(0)".to_owned()),
            ("x", "••• (1)".to_owned()),
            ("abc", "••• (3)".to_owned()),
            ("anna@example.org", "a••• (16)".to_owned()),
            ("šárka", "š••• (5)".to_owned()),
            ("\u{1b}[31m", "••• (5)".to_owned()),
            (&"d".repeat(33), "d••• (32+)".to_owned()),
            (&"d".repeat(140), "d••• (100+)".to_owned()),
            (&"d".repeat(2_000_000), "d••• (1000000+)".to_owned()),
        ] {
            assert_eq!(mask(value), expected);
        }
    }
}
