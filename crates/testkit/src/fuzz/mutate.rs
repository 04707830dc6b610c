//! Inputs out of inputs.

use super::random::Random;

/// No input is longer, but for an [`AVALANCHE`].
const INPUT_BYTES_MAX: usize = 4_096;
/// Bytes of one piece over and over: what recurses or adds up shows it.
const AVALANCHE: usize = 20_000;
/// One input of so many has an avalanche; they are slow.
const AVALANCHE_EVERY: usize = 2_000;
/// Changes in one input at most; mostly few, because one is explained more easily.
const CHANGES_MAX: usize = 6;

/// Numbers at the edges of types, calendars and formats.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "00",
    "1e9",
    "60",
    "24",
    "31",
    "99",
    "127",
    "255",
    "256",
    "9999",
    "10000",
    "32768",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "0.0000001",
    "1e400",
    "1e-400",
    "99999999999999999999999999999999",
];

/// Bytes that end, join or break texts.
const BYTES: &[u8] = b"\0\t\n\r \"',;:.-+{}[]()\\/\xff\xfe\xc3\xe2\xf0\x80\x7f09azAZ";

/// Letters of several bytes, with marks, from the right, in pairs, invisible.
const LETTERS: &[&str] =
    &["é", "e\u{301}", "ß", "İ", "א", "👍", "👩‍👩‍👧", "\u{feff}", "\u{200b}", "\u{2028}", "\u{10ffff}"];

/// Makes inputs.
#[derive(Debug)]
pub(super) struct Mutator<'a> {
    pub(super) random: Random,
    pieces: &'a [&'a str],
}

impl<'a> Mutator<'a> {
    pub(super) fn new(random: Random, pieces: &'a [&'a str]) -> Self {
        Self { random, pieces }
    }

    /// A changed input of the pool, which is not empty.
    pub(super) fn next(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = pool[self.random.below(pool.len())].clone();
        let changes = 1 + self.random.below(CHANGES_MAX);
        for _ in 0..=self.random.below(changes) {
            self.change(&mut input, pool);
        }
        input.truncate(INPUT_BYTES_MAX);
        if self.random.below(AVALANCHE_EVERY) == 0 {
            let (at, _) = self.range(&input);
            let piece = if self.pieces.is_empty() { "[" } else { self.random.one_of(self.pieces) };
            splice(&mut input, at, at, piece.repeat(AVALANCHE / piece.len().max(1)).as_bytes());
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let (from, to) = self.range(input);
        match self.random.below(12) {
            0 if !input.is_empty() => {
                let at = from.min(input.len() - 1);
                input[at] ^= 1 << self.random.below(8);
            }
            1 if !input.is_empty() => {
                let at = from.min(input.len() - 1);
                input[at] = BYTES[self.random.below(BYTES.len())];
            }
            2 => input.insert(from, BYTES[self.random.below(BYTES.len())]),
            3 => drop(input.drain(from..to)),
            4 => {
                let again = input[from..to].to_vec();
                splice(input, to, to, &again);
            }
            5 | 6 if !self.pieces.is_empty() => {
                let piece = self.random.one_of(self.pieces);
                let to = if self.random.below(2) == 0 { from } else { to };
                splice(input, from, to, piece.as_bytes());
            }
            7 => self.number(input, from),
            8 => {
                let other = &pool[self.random.below(pool.len())];
                let (start, end) = self.range(other);
                splice(input, from, to, &other[start..end]);
            }
            9 => input.truncate(from),
            10 => {
                let letter = self.random.one_of(LETTERS);
                splice(input, from, from, letter.as_bytes());
            }
            _ => {
                let moved: Vec<u8> = input.drain(from..to).collect();
                let at = self.random.below(input.len() + 1);
                splice(input, at, at, &moved);
            }
        }
    }

    /// A range of an input, mostly short.
    fn range(&mut self, input: &[u8]) -> (usize, usize) {
        let from = self.random.below(input.len() + 1);
        let longest = if self.random.below(4) == 0 { input.len() } else { 8 };
        let to = (from + self.random.below(longest + 1)).min(input.len());
        (from, to)
    }

    /// Another number where the digits at or behind `from` stand.
    fn number(&mut self, input: &mut Vec<u8>, from: usize) {
        let digit = |at: &usize| input[*at].is_ascii_digit();
        let start = (from..input.len()).find(digit).unwrap_or(from);
        let end = (start..input.len()).find(|at| !digit(at)).unwrap_or(input.len());
        let number = self.random.one_of(NUMBERS);
        splice(input, start, end, number.as_bytes());
    }
}

fn splice(input: &mut Vec<u8>, from: usize, to: usize, with: &[u8]) {
    drop(input.splice(from..to, with.iter().copied()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn inputs_differ_are_bounded_and_the_same_for_a_seed() {
        let pool = vec![b"2024-05-06T07:08:09Z".to_vec(), b"{\"a\":[1,2]}".to_vec(), vec![]];
        let make = |seed| {
            let mut mutator = Mutator::new(Random::new(seed), &["[", "\r\n"]);
            (0..20_000).map(|_| mutator.next(&pool)).collect::<Vec<_>>()
        };
        let inputs = make(7);
        assert_eq!(inputs, make(7));
        assert_ne!(inputs, make(8));
        assert!(inputs.iter().collect::<HashSet<_>>().len() > 5_000);
        assert!(inputs.iter().all(|input| input.len() <= AVALANCHE + INPUT_BYTES_MAX));
        assert!(inputs.iter().any(|input| input.len() > INPUT_BYTES_MAX), "no avalanche");
    }
}
