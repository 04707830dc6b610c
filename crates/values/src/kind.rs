//! The types of columns, as the destination's catalogue has them.

/// A column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgType {
    /// The type's number in the destination's catalogue.
    pub oid: u32,
    /// Its name as `format_type()` prints it: `numeric(10,2)`.
    pub name: String,
    /// Which rules its values follow.
    pub kind: Kind,
}

/// The rules that values of a type follow, with the column's modifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `numeric`, `numeric(p,s)`
    Numeric(Option<NumericSize>),
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `text`
    Text,
    /// `varchar`, `varchar(n)`: n characters
    Varchar(Option<u32>),
    /// `bpchar`, `char(n)`: n characters
    Bpchar(Option<u32>),
    /// `citext` of the extension of that name
    Citext,
    /// `uuid`
    Uuid,
    /// `bytea`
    Bytea,
    /// `date`
    Date,
    /// `time`, `time(p)`
    Time(Option<u8>),
    /// `timestamp`, `timestamp(p)`
    Timestamp(Option<u8>),
    /// `timestamptz`, `timestamptz(p)`
    Timestamptz(Option<u8>),
    /// `interval`; a precision or fields are read from the type's name (`interval(3)`, `interval day to
    /// hour`)
    Interval,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// An enum with its labels.
    Enum(Vec<String>),
    /// An array of that element type; its elements are no arrays.
    Array(Box<PgType>),
    /// A domain; its checks are the server's.
    Domain {
        /// The type under it.
        base: Box<PgType>,
        /// Whether it takes no NULL.
        not_null: bool,
    },
    /// Any other type: it is not loaded.
    Other,
}

/// The modifier of a `numeric` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumericSize {
    /// Decimal digits in all, 1 to 1000.
    pub precision: u16,
    /// Digits behind the point, -1000 to 1000 (before PostgreSQL 15: 0 to precision).
    pub scale: i16,
}

impl PgType {
    /// The type of a built-in kind with its well-known number and name, for tests and sandboxes. Enums,
    /// citext and what is made of them have no well-known number: theirs is 0.
    pub fn simple(kind: Kind) -> Self {
        let (oid, name) = match &kind {
            Kind::Bool => (16, "boolean".into()),
            Kind::Int2 => (21, "smallint".into()),
            Kind::Int4 => (23, "integer".into()),
            Kind::Int8 => (20, "bigint".into()),
            Kind::Numeric(None) => (1700, "numeric".into()),
            Kind::Numeric(Some(s)) => (1700, format!("numeric({},{})", s.precision, s.scale)),
            Kind::Float4 => (700, "real".into()),
            Kind::Float8 => (701, "double precision".into()),
            Kind::Text => (25, "text".into()),
            Kind::Varchar(size) => (1043, sized("character varying", *size)),
            Kind::Bpchar(None) => (1042, "bpchar".into()),
            Kind::Bpchar(size) => (1042, sized("character", *size)),
            Kind::Citext => (0, "citext".into()),
            Kind::Uuid => (2950, "uuid".into()),
            Kind::Bytea => (17, "bytea".into()),
            Kind::Date => (1082, "date".into()),
            Kind::Time(p) => (1083, sized("time", *p) + " without time zone"),
            Kind::Timestamp(p) => (1114, sized("timestamp", *p) + " without time zone"),
            Kind::Timestamptz(p) => (1184, sized("timestamp", *p) + " with time zone"),
            Kind::Interval => (1186, "interval".into()),
            Kind::Json => (114, "json".into()),
            Kind::Jsonb => (3802, "jsonb".into()),
            Kind::Enum(_) => (0, "enum".into()),
            Kind::Array(element) => (array_oid(&element.kind), format!("{}[]", element.name)),
            Kind::Domain { base, .. } => (base.oid, base.name.clone()),
            Kind::Other => (0, "other".into()),
        };
        Self { oid, name, kind }
    }

    /// Whether values of this type can be loaded: false for [`Kind::Other`], and for arrays and domains of
    /// it.
    pub fn loadable(&self) -> bool {
        match &self.kind {
            Kind::Other => false,
            Kind::Array(element) => element.loadable() && !element.is_array(),
            Kind::Domain { base, .. } => base.loadable(),
            _ => true,
        }
    }

    /// Whether it is an array, or a domain of one.
    fn is_array(&self) -> bool {
        matches!(self.base().kind, Kind::Array(_))
    }

    /// The type below all domains.
    pub(crate) fn base(&self) -> &Self {
        let mut base = self;
        while let Kind::Domain { base: below, .. } = &base.kind {
            base = below;
        }
        base
    }
}

/// `name` or `name(size)`.
fn sized(name: &str, size: Option<impl std::fmt::Display>) -> String {
    match size {
        Some(size) => format!("{name}({size})"),
        None => name.to_owned(),
    }
}

/// The number of the array type over a built-in element type (`src/include/catalog/pg_type.dat`).
fn array_oid(element: &Kind) -> u32 {
    match element {
        Kind::Bool => 1000,
        Kind::Int2 => 1005,
        Kind::Int4 => 1007,
        Kind::Int8 => 1016,
        Kind::Numeric(_) => 1231,
        Kind::Float4 => 1021,
        Kind::Float8 => 1022,
        Kind::Text => 1009,
        Kind::Varchar(_) => 1015,
        Kind::Bpchar(_) => 1014,
        Kind::Uuid => 2951,
        Kind::Bytea => 1001,
        Kind::Date => 1182,
        Kind::Time(_) => 1183,
        Kind::Timestamp(_) => 1115,
        Kind::Timestamptz(_) => 1185,
        Kind::Interval => 1187,
        Kind::Json => 199,
        Kind::Jsonb => 3807,
        Kind::Domain { base, .. } => array_oid(&base.kind),
        Kind::Citext | Kind::Enum(_) | Kind::Array(_) | Kind::Other => 0,
    }
}
