//! Kinds of properties as column types.

use crate::types::PropertyKind;
use connect::destination::Column;
use values::{Kind, PgType};

/// The column of a property. None refuses NULL: a page may lack any value, even its title.
pub(super) fn column(name: &str, kind: &PropertyKind) -> Column {
    Column { not_null: false, ..of(name, column_type(kind)) }
}

/// The column of the key.
pub(super) fn key(name: &str) -> Column {
    of(name, PgType::simple(Kind::Text))
}

fn of(name: &str, ty: PgType) -> Column {
    Column { name: name.into(), ty, not_null: true, default: None, generated: false, sequence: None }
}

/// The type of a property's values.
pub(super) fn column_type(kind: &PropertyKind) -> PgType {
    PgType::simple(match kind {
        PropertyKind::Number => Kind::Numeric(None),
        PropertyKind::Checkbox => Kind::Bool,
        PropertyKind::Date => Kind::Timestamptz(Some(3)),
        PropertyKind::MultiSelect | PropertyKind::People | PropertyKind::Relation => {
            Kind::Array(Box::new(PgType::simple(Kind::Text)))
        }
        _ => Kind::Text,
    })
}
