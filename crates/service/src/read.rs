//! What a service holds, as rows.

use crate::row::Shape;
use base::Fault;
use connect::destination::{RowSink, Table};
use connect::service::{Fields, Service, ThingSink};

/// Things read in one call of the port: the connector cuts it into what its service takes.
pub(crate) const READ_AT_ONCE: usize = 100;

/// Streams columns of all things of a kind.
pub(crate) async fn scan(
    service: &dyn Service,
    table: &Table,
    columns: &[String],
    sink: &mut dyn RowSink,
) -> Result<(), Fault> {
    let mut rows = Rows { shape: Shape::of(table, columns)?, key: key(table)?, row: Vec::new(), sink };
    service.list(&table.name, columns, &mut rows).await
}

/// Streams columns of the things with these keys.
pub(crate) async fn fetch(
    service: &dyn Service,
    table: &Table,
    keys: &[String],
    columns: &[String],
    sink: &mut dyn RowSink,
) -> Result<(), Fault> {
    let mut rows = Rows { shape: Shape::of(table, columns)?, key: key(table)?, row: Vec::new(), sink };
    for page in keys.chunks(READ_AT_ONCE) {
        let found = service.read(&table.name, page, columns).await?;
        for (key, fields) in page.iter().zip(found) {
            if let Some(fields) = fields {
                rows.thing(key, fields)?;
            }
        }
    }
    Ok(())
}

fn key(table: &Table) -> Result<String, Fault> {
    table.primary_key.first().cloned().ok_or_else(|| Fault::bug(format!("{} has no key", table.sql)))
}

/// Hands things on as rows.
struct Rows<'a> {
    shape: Shape,
    key: String,
    row: Vec<u8>,
    sink: &'a mut dyn RowSink,
}

impl ThingSink for Rows<'_> {
    fn thing(&mut self, key: &str, mut fields: Fields) -> Result<(), Fault> {
        fields.insert(self.key.clone(), Some(key.to_owned()));
        self.shape.row(&fields, &mut self.row)?;
        self.sink.row(&self.row)
    }
}
