//! Rows and parameters in PostgreSQL's wire form, without a detour through Rust types.

use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use values::Cells;

/// A field as it came.
pub(crate) struct Raw<'a>(pub(crate) Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(Some(raw)))
    }
    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(None))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Cells as an array parameter; NULLs stay NULL.
#[derive(Debug)]
pub(crate) struct CellArray<'a> {
    /// The cells.
    pub(crate) cells: &'a Cells,
    /// The rows of them that are meant, in this order; `None`: all.
    pub(crate) rows: Option<&'a [u32]>,
    /// The type of an element.
    pub(crate) element: u32,
}

impl ToSql for CellArray<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let count = self.rows.map_or(self.cells.len(), <[u32]>::len);
        out.put_i32(1);
        out.put_i32(1);
        out.put_u32(self.element);
        out.put_i32(i32::try_from(count)?);
        out.put_i32(1);
        for i in 0..count {
            let row = self.rows.map_or(i, |rows| rows[i] as usize);
            put_field(out, self.cells.get(row))?;
        }
        Ok(IsNull::No)
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

/// Appends a field: its length (−1 for NULL) and bytes.
pub(crate) fn put_field(
    out: &mut impl BufMut,
    field: Option<&[u8]>,
) -> Result<(), std::num::TryFromIntError> {
    match field {
        None => out.put_i32(-1),
        Some(bytes) => {
            out.put_i32(i32::try_from(bytes.len())?);
            out.put_slice(bytes);
        }
    }
    Ok(())
}

/// The fields of a row in binary COPY form (count, then length and bytes each).
pub(crate) fn fields(row: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = &row[2..];
    std::iter::from_fn(move || {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_be_bytes(*head)).ok();
        let (field, behind) = tail.split_at(length.unwrap_or(0));
        rest = behind;
        Some(length.map(|_| field))
    })
}

/// Appends a row made of fields.
pub(crate) fn put_row(out: &mut Vec<u8>, fields: &[Option<&[u8]>]) -> Result<(), std::num::TryFromIntError> {
    out.put_i16(i16::try_from(fields.len())?);
    fields.iter().try_for_each(|f| put_field(out, *f))
}
