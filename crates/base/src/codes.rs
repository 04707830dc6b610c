//! Why a record was not carried: one word per reason, the same in code, files and tables.

use serde::{Deserialize, Serialize};

macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$vdoc:meta])* $variant:ident = $byte:literal => $word:literal),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $byte),+ }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word for files and tables.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The reason of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }

            /// The reason of that number (stable; stored in the ledger).
            pub fn from_byte(byte: u8) -> Option<Self> {
                match byte { $($byte => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// Why a record could not be carried.
    RejectCode {
        /// The record has no value for the entity's key.
        NoKey = 1 => "no_key",
        /// Several records share the key, differ, and nothing says which is the newest.
        KeyTwice = 2 => "key_twice",
        /// The destination holds a row of that key with other content.
        ExistsDifferent = 3 => "exists_different",
        /// `match` found more than one row.
        MatchMany = 4 => "match_many",
        /// The record refers to one that was rejected.
        ParentRejected = 5 => "parent_rejected",
        /// The record refers to one that is neither in the export nor in the destination.
        ParentMissing = 6 => "parent_missing",
        /// `where` gave NULL.
        WhereUnknown = 7 => "where_unknown",
        /// NUL or a lone surrogate in a text.
        BadText = 8 => "bad_text",
        /// The value does not convert to the column's type.
        BadValue = 9 => "bad_value",
        /// The text is longer than the column takes.
        TooLong = 10 => "too_long",
        /// The number or date lies outside what the column takes.
        OutOfRange = 11 => "out_of_range",
        /// NULL for a NOT NULL column without default.
        NotNull = 12 => "not_null",
        /// A unique key of the destination is taken.
        Unique = 13 => "unique",
        /// A check constraint of the destination (or of a domain) says no.
        Check = 14 => "check",
        /// A foreign key of the destination finds no row.
        ForeignKey = 15 => "foreign_key",
        /// An exclusion constraint of the destination says no.
        Exclusion = 16 => "exclusion",
    }
}

words! {
    /// Why a record was left out on purpose.
    SkipReason {
        /// `where` is false for it.
        Where = 1 => "where",
        /// It lies behind `--max-records`.
        Limit = 2 => "limit",
        /// Its row is there already, and the mode leaves such rows alone.
        Exists = 3 => "exists",
        /// Same key and content as an earlier line.
        Duplicate = 4 => "duplicate",
        /// A newer record of the same key is in the export.
        Superseded = 5 => "superseded",
        /// It refers to a record that was left out by a filter or limit.
        ParentSkipped = 6 => "parent_skipped",
    }
}
