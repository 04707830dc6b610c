//! `from_base64`: bytes for a `bytea` column.

use super::Function;

/// `from_base64(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "from_base64",
    usage: "from_base64(value)",
    doc: "Base64 (standard or URL alphabet, with or without padding) as `\\x…`, the form that a `bytea` \
    column takes.",
    examples: &[
        ("from_base64('aGk=')", "\\x6869"),
        ("from_base64('_-8')", "\\xffef"),
        ("from_base64('')", "\\x"),
    ],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: from_base64,
};

fn from_base64(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(text) = arguments[0] else { return Ok(None) };
    let mut hex = String::from("\\x");
    let (mut bits, mut held) = (0u32, 0u32);
    let letters = text.trim_end_matches('=');
    let padding = text.len() - letters.len();
    if letters.len() % 4 == 1 || padding > 2 || (padding > 0 && text.len() % 4 != 0) {
        return Err("not Base64: its length is wrong".into());
    }
    for letter in letters.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return Err("not Base64: a letter outside its alphabet".into()),
        };
        bits = ((bits << 6) | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            hex.push_str(&format!("{:02x}", (bits >> held) & 0xff));
        }
    }
    // Else several texts would stand for the same bytes, and one of them was cut or changed on its way.
    if bits & ((1 << held) - 1) != 0 {
        return Err("not Base64: the last letter has bits that belong to no byte".into());
    }
    Ok(Some(hex))
}
