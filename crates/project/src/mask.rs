//! The text of the file with literal secrets made unreadable, so that its lines can be shown with a problem.
//! Its length and its lines stay, so that places stay right.

use crate::spanned::Span;

/// Names of keys whose value is probably a secret.
pub fn looks_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["secret", "token", "password", "passwd", "api_key", "apikey", "api-key", "private_key"]
        .iter()
        .any(|word| key.contains(word))
}

/// `text` with every byte of `secrets` a `*`, but for quotes at their ends and line breaks.
pub(crate) fn masked(text: &str, secrets: &[Span]) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let hidden = secrets.iter().any(|s| {
            let edge = at == s.start || at + c.len_utf8() == s.end;
            s.contains(&at) && c != '\n' && c != '\r' && !(edge && matches!(c, '"' | '\''))
        });
        if hidden {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

/// Places of probable secrets in a text that is not TOML: what follows the `=` of such a key on its line,
/// unless it is a variable.
pub(crate) fn suspects(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once('=') {
            let body = value.trim();
            let variable = body.trim_matches(['"', '\'']).starts_with("${") && !body.contains(":-");
            let password =
                value.contains("://") && crate::address::holds_password(body.trim_matches(['"', '\'']));
            if (looks_secret(key) && !variable) || password {
                let start = at + key.len() + 1;
                found.push(start..start + value.trim_end().len());
            }
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_keeps_its_places() {
        let text = "a = \"hünter\"\nb = 1";
        let shown = masked(text, std::slice::from_ref(&(4..13)));
        assert_eq!(shown, "a = \"*******\"\nb = 1");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn a_secret_in_a_broken_file_is_found_by_its_key() {
        for (text, expected) in [
            ("api_key = \"hunter2\nx = 1", "api_key =*********\nx = 1"),
            ("token=abc", "token=***"),
            ("api_key = \"${A}\"", "api_key = \"${A}\""),
            ("url = \"postgres://u:pw@h/d", "url =*********************"),
            ("url = \"postgres://u@h/d", "url = \"postgres://u@h/d"),
        ] {
            assert_eq!(masked(text, &suspects(text)), expected, "{text}");
        }
    }
}
