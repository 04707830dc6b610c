//! What a key takes.

/// A key of a section.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is for, sentences for people.
    pub doc: &'static str,
    /// What counts when it is absent, as it would be written; `None`: nothing does.
    pub default: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, doc, default: None, required: false }
    }
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    pub(crate) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Text that is not empty.
    Text,
    /// The normalised name of a source's field.
    Field,
    /// A list of normalised names of fields.
    Fields,
    /// A path, from the project's folder.
    Path,
    /// The name of a `.json` file in the export folder.
    FileName,
    /// An `http://` or `https://` address without credentials and query.
    HttpUrl,
    /// `embedded`, or what `psql` takes.
    PostgresUrl,
    /// A secret: only as `${NAME}`.
    Secret,
    /// A whole number from the first to the second, both included.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// SQL.
    Sql,
    /// A table: column = SQL.
    Columns,
    /// A table: column = one of these words.
    Choices(&'static [&'static str]),
    /// A UUID.
    Uuid,
    /// A count, or a share such as `"5%"`.
    Rejects,
    /// A time zone of the IANA database.
    Zone,
    /// The name of an environment variable.
    Variable,
    /// An address of this machine and a port.
    Listen,
    /// The address of a store, with one of these schemes; a password in it only as `${NAME}`.
    StoreUrl(&'static [&'static str]),
    /// A length of time: a whole number and `s`, `m`, `h` or `d`.
    Duration,
    /// A kind of event, `member.*` for all of a noun, `*` for all.
    Pattern,
    /// A text with holes that an event fills.
    Template,
    /// An address with holes behind its host.
    UrlTemplate,
    /// A table: column = text with holes.
    Templates,
    /// A table: what an event tells = text.
    Conditions,
    /// A list of these, not empty.
    List(&'static Kind),
}

/// A word that decides which other keys a section has, and those keys.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// The keys.
    pub keys: &'static [Key],
}

impl Kind {
    /// What it takes, to follow "wants".
    pub fn wants(self) -> String {
        match self {
            Kind::Text => "text".to_owned(),
            Kind::Field => "the name of a field".to_owned(),
            Kind::Fields => "a list of names of fields".to_owned(),
            Kind::Path => "a path".to_owned(),
            Kind::FileName => "the name of a .json file".to_owned(),
            Kind::HttpUrl => "an address that begins with http:// or https://".to_owned(),
            Kind::PostgresUrl => {
                "`embedded` or an address such as postgresql://user@host/database".to_owned()
            }
            Kind::Secret => "a secret as `${NAME}`".to_owned(),
            Kind::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Boolean => "`true` or `false`".to_owned(),
            Kind::Choice(words) => format!("one of {}", listed(words)),
            Kind::Sql => "SQL as text".to_owned(),
            Kind::Columns => "a table of columns, each with its SQL".to_owned(),
            Kind::Choices(words) => format!("a table of columns, each with one of {}", listed(words)),
            Kind::Uuid => "a UUID".to_owned(),
            Kind::Rejects => "a count such as 100, or a share such as \"5%\"".to_owned(),
            Kind::Zone => "a time zone such as Europe/Berlin".to_owned(),
            Kind::Variable => "the name of an environment variable".to_owned(),
            Kind::Listen => "an address and a port such as 127.0.0.1:8080".to_owned(),
            Kind::StoreUrl(schemes) => format!("an address that begins with {}", schemes.join(" or ")),
            Kind::Duration => "a length of time such as \"10m\", \"2h\" or \"1d\"".to_owned(),
            Kind::Pattern => "a kind of event such as \"member.created\" or \"member.*\"".to_owned(),
            Kind::Template => "text, with `{name}` for what an event tells".to_owned(),
            Kind::UrlTemplate => {
                "an address such as https://host/path/{name}, with holes only behind the host".to_owned()
            }
            Kind::Templates => "a table of columns, each with its text".to_owned(),
            Kind::Conditions => "a table of what an event tells, each with a text".to_owned(),
            Kind::List(kind) => format!("a list, each {}", kind.wants()),
        }
    }

    /// The word in the reference's tables.
    pub(crate) fn word(self) -> String {
        match self {
            Kind::Text => "text".to_owned(),
            Kind::Field => "field".to_owned(),
            Kind::Uuid => "UUID".to_owned(),
            Kind::Secret => "secret".to_owned(),
            Kind::Path => "path".to_owned(),
            Kind::Fields => "list of fields".to_owned(),
            Kind::FileName => "file name".to_owned(),
            Kind::HttpUrl | Kind::PostgresUrl => "address".to_owned(),
            Kind::Integer(low, high) => format!("{low} to {high}"),
            Kind::Boolean => "true, false".to_owned(),
            Kind::Choice(words) => words.iter().map(|w| format!("`\"{w}\"`")).collect::<Vec<_>>().join(", "),
            Kind::Sql => "SQL".to_owned(),
            Kind::Columns => "table of SQL".to_owned(),
            Kind::Choices(_) => "table of words".to_owned(),
            Kind::Rejects => "count or share".to_owned(),
            Kind::Zone => "time zone".to_owned(),
            Kind::Variable => "variable".to_owned(),
            Kind::Listen | Kind::StoreUrl(_) => "address".to_owned(),
            Kind::Duration => "time".to_owned(),
            Kind::Pattern => "kind of event".to_owned(),
            Kind::Template => "text with holes".to_owned(),
            Kind::UrlTemplate => "address with holes".to_owned(),
            Kind::Templates => "table of texts with holes".to_owned(),
            Kind::Conditions => "table of texts".to_owned(),
            Kind::List(kind) => format!("list: {}", kind.word()),
        }
    }

    /// Whether a command-line option can set it: one plain value, and no SQL.
    pub(crate) fn settable(self) -> bool {
        use Kind::{Choices, Columns, Conditions, Fields, List, Sql, Template, Templates, UrlTemplate};
        let plain = !matches!(self, Sql | Columns | Choices(_) | Fields | List(_));
        plain && !matches!(self, Template | UrlTemplate | Templates | Conditions)
    }

    /// Whether it is an address in which a password could stand as text.
    pub(crate) fn may_hold_password(self) -> bool {
        matches!(self, Kind::PostgresUrl | Kind::StoreUrl(_) | Kind::UrlTemplate)
    }

    /// Whether it is written without quotes in TOML.
    pub(crate) fn bare(self) -> bool {
        matches!(self, Kind::Integer(..) | Kind::Boolean)
    }
}

/// "`a`, `b`, `c`".
pub(crate) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|w| format!("`{}`", w.as_ref())).collect::<Vec<_>>().join(", ")
}
