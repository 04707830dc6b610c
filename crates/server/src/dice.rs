//! Chance, from one seed.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Random numbers for jitter, keys and ids. The seed must be a secret: the key of the console's cookies is
/// drawn from it.
pub struct Dice(Mutex<ChaCha20Rng>);

impl Dice {
    /// From 32 random bytes of the machine.
    pub fn new(seed: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha20Rng::from_seed(seed)))
    }

    /// From 0 up to, not including, 1.
    pub fn fraction(&self) -> f64 {
        self.rng(|rng| rng.random())
    }

    /// 32 random bytes.
    pub fn key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        self.rng(|rng| rng.fill_bytes(&mut key));
        key
    }

    /// 16 random bytes, in hex.
    pub fn id(&self) -> String {
        let mut bytes = [0; 16];
        self.rng(|rng| rng.fill_bytes(&mut bytes));
        hex(&bytes)
    }

    fn rng<T>(&self, draw: impl FnOnce(&mut ChaCha20Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
