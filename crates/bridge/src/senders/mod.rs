//! Senders that need no connector: how each signs, and where it says what happened.
//!
//! Every one goes the same way ([`frame`]): no route but its own, then the signature over the raw bytes, then
//! the body. A kind of sender is a file here and a line of [`KINDS`].

mod circle;
mod frame;
mod github;
mod keys;
mod slack;
mod standard;
mod stripe;
#[cfg(test)]
mod support;
mod window;

pub use frame::derived_id;
pub use window::WINDOW;

use crate::sender::Sender;
use base::Secret;

/// What a section of the project says about its sender.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The section's name, which its events carry.
    pub name: String,
    /// What it signs with: several separated by commas, while one takes over from another. `None`, or
    /// nothing but commas: none.
    pub secret: Option<Secret>,
    /// What it shows instead of a signature; several as above.
    pub token: Option<Secret>,
    /// Believes everything while there is no secret.
    pub allow_unsigned: bool,
}

/// Why there can be no such sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It signs, and we have nothing to check that with.
    #[error("no secret is set, and unsigned webhooks are not allowed")]
    NoSecret,
    /// It shows a token, and we do not know which.
    #[error("no token is set")]
    NoToken,
    /// A secret cannot be one of this sender.
    #[error("secret {number} of the setting {what}")]
    BadSecret {
        /// Which of those between the commas, from 1.
        number: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// There are more secrets than anybody changes at once.
    #[error("more than {} secrets are set", keys::SECRETS_MAX)]
    TooMany,
    /// No sender of this kind is known here.
    #[error("there is no such kind of sender")]
    NoKind,
}

/// A kind of sender.
#[derive(Clone, Copy)]
pub struct SenderKind {
    /// What `sender` says in the project file.
    pub word: &'static str,
    make: fn(&Settings) -> Result<Box<dyn Sender>, Unfit>,
}

impl std::fmt::Debug for SenderKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word)
    }
}

/// The kinds of sender.
pub const KINDS: &[SenderKind] = &[
    SenderKind { word: "circle", make: circle::make },
    SenderKind { word: "github", make: github::make },
    SenderKind { word: "slack", make: slack::make },
    SenderKind { word: "standard", make: standard::make },
    SenderKind { word: "stripe", make: stripe::make },
];

/// A sender of a kind.
pub fn sender(word: &str, settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    let kind = KINDS.iter().find(|kind| kind.word == word).ok_or(Unfit::NoKind)?;
    (kind.make)(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(secret: Option<&str>, token: Option<&str>, allow_unsigned: bool) -> Settings {
        Settings {
            name: "x".to_owned(),
            secret: secret.map(Secret::new),
            token: token.map(Secret::new),
            allow_unsigned,
        }
    }

    #[test]
    fn nothing_is_believed_by_accident() {
        for (word, secret, token, unsigned, expected) in [
            ("github", Some("s"), None, false, Ok(())),
            ("github", Some("s, t"), None, false, Ok(())),
            ("github", None, None, true, Ok(())),
            ("github", None, None, false, Err(Unfit::NoSecret)),
            ("github", Some(""), None, false, Err(Unfit::NoSecret)),
            ("github", Some(" , ,"), None, false, Err(Unfit::NoSecret)),
            ("github", Some("a,b,c,d,e,f,g,h,i"), None, false, Err(Unfit::TooMany)),
            ("stripe", None, Some("t"), false, Err(Unfit::NoSecret)),
            ("slack", None, None, false, Err(Unfit::NoSecret)),
            ("standard", None, None, false, Err(Unfit::NoSecret)),
            ("standard", Some("whsec_"), None, false, Err(Unfit::NoSecret)),
            ("standard", Some("whsec_"), None, true, Ok(())),
            ("circle", None, Some("t"), false, Ok(())),
            ("circle", Some("s"), None, false, Err(Unfit::NoToken)),
            ("circle", None, None, true, Err(Unfit::NoToken)),
            ("circle", None, Some(", "), true, Err(Unfit::NoToken)),
            ("bettermode", Some("s"), None, false, Err(Unfit::NoKind)),
            ("", Some("s"), None, false, Err(Unfit::NoKind)),
        ] {
            let found = sender(word, &settings(secret, token, unsigned)).map(|_| ());
            assert_eq!(found, expected, "{word} {secret:?} {token:?} {unsigned}");
        }
        assert!(KINDS.iter().map(|kind| kind.word).is_sorted());
    }
}
