//! Rows between their wire form and a thing's fields.

use base::Fault;
use connect::destination::Table;
use connect::service::Fields;
use std::collections::BTreeMap;
use values::{Context, PgType};
use xxhash_rust::xxh3::Xxh3;

/// Columns of a table, to read and write rows of them.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<String>,
    types: Vec<PgType>,
}

impl Shape {
    /// Of these columns.
    pub(crate) fn of(table: &Table, columns: &[String]) -> Result<Self, Fault> {
        let types = columns
            .iter()
            .map(|name| table.column(name).map(|c| c.ty.clone()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Fault::bug(format!("{}: a column that it has not", table.sql)))?;
        Ok(Self { columns: columns.to_vec(), types })
    }

    /// The fields of a row in binary COPY form.
    pub(crate) fn fields(&self, row: &[u8]) -> Result<Fields, Fault> {
        let mut fields = Fields::new();
        let mut cells = cells(row);
        for (name, ty) in self.columns.iter().zip(&self.types) {
            let cell = cells.next().ok_or_else(|| Fault::bug("a row with too few cells"))?;
            let shown = cell.map(|bytes| ty.show(bytes)).transpose();
            fields.insert(name.clone(), shown.map_err(|_| Fault::bug("a cell that cannot be shown"))?);
        }
        Ok(fields)
    }

    /// A row in binary COPY form, of what a service holds; a column that it does not tell is NULL.
    pub(crate) fn row(&self, fields: &Fields, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        out.extend_from_slice(&i16::try_from(self.columns.len()).unwrap_or(i16::MAX).to_be_bytes());
        for (name, ty) in self.columns.iter().zip(&self.types) {
            let Some(text) = fields.get(name).and_then(Option::as_ref) else {
                out.extend_from_slice(&(-1i32).to_be_bytes());
                continue;
            };
            let at = out.len();
            out.extend_from_slice(&[0; 4]);
            ty.encode(text, &Context::default(), out).map_err(|bad| {
                Fault::fail(format!(
                    "the service holds something in {name} that is no {}: {}",
                    ty.name, bad.why
                ))
            })?;
            let length = i32::try_from(out.len() - at - 4).unwrap_or(i32::MAX);
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    /// Hash of these columns; equal for equal content, however it is written.
    pub(crate) fn hash(&self, fields: &Fields) -> Result<u128, Fault> {
        let mut hash = Xxh3::new();
        let (mut cell, mut form) = (Vec::new(), Vec::new());
        for (name, ty) in self.columns.iter().zip(&self.types) {
            hash.update(name.as_bytes());
            let Some(text) = fields.get(name).and_then(Option::as_ref) else {
                hash.update(&[0]);
                continue;
            };
            cell.clear();
            ty.encode(text, &Context::default(), &mut cell)
                .map_err(|bad| Fault::fail(format!("{name} holds what is no {}: {}", ty.name, bad.why)))?;
            form.clear();
            ty.canonical(&cell, &mut form).map_err(|_| Fault::bug("a cell without a form"))?;
            hash.update(&[1]);
            hash.update(&(form.len() as u64).to_be_bytes());
            hash.update(&form);
        }
        Ok(hash.digest128())
    }

    /// Columns whose content differs.
    pub(crate) fn differing(&self, wanted: &Fields, there: &Fields) -> Result<Vec<String>, Fault> {
        let mut differing = Vec::new();
        for (name, ty) in self.columns.iter().zip(&self.types) {
            let text = |fields: &Fields| fields.get(name).cloned().flatten();
            let equal = match (text(wanted), text(there)) {
                (None, None) => true,
                (Some(a), Some(b)) => a == b || ty.equal(&encoded(ty, &a)?, &encoded(ty, &b)?),
                _ => false,
            };
            if !equal {
                differing.push(name.clone());
            }
        }
        Ok(differing)
    }
}

fn encoded(ty: &PgType, text: &str) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    ty.encode(text, &Context::default(), &mut out)
        .map_err(|bad| Fault::fail(format!("the service holds what is no {}: {}", ty.name, bad.why)))?;
    Ok(out)
}

/// Some of the fields.
pub(crate) fn only(fields: &Fields, columns: &[String]) -> Fields {
    columns.iter().map(|name| (name.clone(), fields.get(name).cloned().flatten())).collect::<BTreeMap<_, _>>()
}

/// The cells of a row in binary COPY form.
fn cells(row: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = row.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(4)?;
        let length = i32::from_be_bytes(length.try_into().ok()?);
        let Ok(length) = usize::try_from(length) else {
            rest = after;
            return Some(None);
        };
        let (cell, after) = after.split_at_checked(length)?;
        rest = after;
        Some(Some(cell))
    })
}
