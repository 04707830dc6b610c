//! One bit per record.

/// A set of numbers from 0; a million of them take 125 kB.
#[derive(Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: u64,
}

impl Bits {
    /// Puts a number in.
    pub fn set(&mut self, number: u64) {
        let (word, bit) = ((number / 64) as usize, 1u64 << (number % 64));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if self.words[word] & bit == 0 {
            self.words[word] |= bit;
            self.count += 1;
        }
    }

    /// Whether the number is in.
    pub fn get(&self, number: u64) -> bool {
        self.words.get((number / 64) as usize).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// How many numbers are in.
    pub fn count(&self) -> u64 {
        self.count
    }
}
