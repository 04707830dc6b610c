//! The table of what can be odd in a data set: one line a kind, with its word, its stream and what comes of
//! it.

/// Makes `enum Kind` with `ALL`, `word`, `stream`, `outcome` and `from_word`; `Outcome` is the caller's.
macro_rules! kinds {
    (
        $(#[$about:meta])*
        Kind {
            $($(#[$doc:meta])* $variant:ident => $word:literal, $stream:literal, $outcome:expr;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];
            /// The word for it.
            pub fn word(self) -> &'static str {
                match self { $(Kind::$variant => $word),+ }
            }
            /// The type that its records are of.
            pub fn stream(self) -> &'static str {
                match self { $(Kind::$variant => $stream),+ }
            }
            /// What must come of them.
            pub fn outcome(self) -> Outcome {
                match self { $(Kind::$variant => $outcome),+ }
            }
            /// The kind of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.word() == word)
            }
        }
    };
}

pub(crate) use kinds;
