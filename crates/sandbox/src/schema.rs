//! What a data type of an application looks like from outside.

/// How the keys of a record are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyMode {
    /// As people see them in the editor.
    #[default]
    Display,
    /// As the service stores them: name, `_`, type at the time of creation.
    Internal,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// A moment.
    Date,
    /// The address of an image.
    Image,
    /// An object `address`, `lat`, `lng`.
    Address,
    /// The id of a user.
    User,
    /// The id of a thing of that type.
    Thing(&'static str),
    /// The display text of an option of that set.
    OptionSet(&'static str),
    /// A list.
    List(&'static FieldKind),
}

impl FieldKind {
    /// The service's word for it: `text`, `list.user`, `custom.booking`, …
    pub fn word(&self) -> String {
        match self {
            FieldKind::Text => "text".to_owned(),
            FieldKind::Number => "number".to_owned(),
            FieldKind::Flag => "boolean".to_owned(),
            FieldKind::Date => "date".to_owned(),
            FieldKind::Image => "image".to_owned(),
            FieldKind::Address => "geographic_address".to_owned(),
            FieldKind::User => "user".to_owned(),
            FieldKind::Thing(name) => format!("custom.{name}"),
            FieldKind::OptionSet(name) => format!("option.{name}"),
            FieldKind::List(element) => format!("list.{}", element.word()),
        }
    }
}

/// A field of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in the editor.
    pub display: &'static str,
    /// The internal id; equal to the name for built-in fields.
    pub id: &'static str,
    /// What it holds.
    pub kind: FieldKind,
}

impl Field {
    /// The key of this field in records.
    pub fn key(&self, mode: KeyMode) -> &'static str {
        match mode {
            KeyMode::Display => self.display,
            KeyMode::Internal => self.id,
        }
    }
}

/// A data type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// The name in addresses.
    pub name: &'static str,
    /// All fields, the built-in ones first.
    pub fields: &'static [Field],
}

impl Type {
    /// The number of the field with that key.
    pub fn field(&self, key: &str, mode: KeyMode) -> Option<usize> {
        self.fields.iter().position(|field| field.key(mode) == key)
    }
}
