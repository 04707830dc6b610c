//! The end of a command's output, without secrets.

use base::Secret;

/// Bytes of output that a journal keeps of a command at most: enough for the last words, too little for a
/// dump.
const TAIL_BYTES_MAX: usize = 4 * 1024;

/// Shorter values are not looked for: they would hide half of the text.
const SECRET_BYTES_MIN: usize = 4;

/// What stands for a secret.
const MASK: &str = "***";

/// The end of a growing output.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    /// Bytes that are kept: the tail, and the longest secret in front of it.
    keep: usize,
}

impl Tail {
    /// An empty one, for an output that may hold these.
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let longest = secrets.iter().map(|s| s.expose().len()).max().unwrap_or_default();
        Self { bytes: Vec::new(), keep: TAIL_BYTES_MAX + longest }
    }

    /// Takes more of the output.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // Cutting seldom keeps it cheap.
        if self.bytes.len() > 2 * self.keep {
            self.bytes.drain(..self.bytes.len() - self.keep);
        }
    }

    /// The end, with each secret masked.
    pub(crate) fn text(&self, secrets: &[Secret]) -> String {
        let begin = self.bytes.len().saturating_sub(self.keep);
        let mut text = String::from_utf8_lossy(&self.bytes[begin..]).into_owned();
        let mut known: Vec<&str> =
            secrets.iter().map(Secret::expose).filter(|s| s.len() >= SECRET_BYTES_MIN).collect();
        known.sort_by_key(|s| std::cmp::Reverse(s.len()));
        for secret in known {
            text = text.replace(secret, MASK);
        }
        let mut cut = text.len().saturating_sub(TAIL_BYTES_MAX);
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        text.split_off(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_also_where_the_tail_begins_in_it() {
        let secret = "s3cr3t-0123456789".to_owned();
        let secrets = [Secret::new(secret.clone()), Secret::new("abc"), Secret::new("")];
        for padding in 0..60 {
            let mut tail = Tail::new(&secrets);
            tail.push(&vec![b'x'; 3 * TAIL_BYTES_MAX]);
            tail.push(secret.as_bytes());
            tail.push(&vec![b'y'; TAIL_BYTES_MAX - padding]);
            let text = tail.text(&secrets);
            assert!(text.len() <= TAIL_BYTES_MAX, "{padding}");
            for part in 1..secret.len() {
                let end = format!("{}y", &secret[part..]);
                assert!(!text.contains(&end) || part == secret.len(), "{padding}: {part}");
            }
        }
        let mut tail = Tail::new(&secrets);
        tail.push(format!("key {secret} abc ü").as_bytes());
        assert_eq!(tail.text(&secrets), "key *** abc ü", "short values stay");
    }
}
