//! From the array that an expression gives to the cells of a column.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use base::Fault;
use values::{Bad, Cells, Context, Kind, PgType};

/// Encodes a column. `bad` hears of each cell that does not fit; such a cell becomes NULL.
pub(crate) fn encode_column(
    array: &ArrayRef,
    ty: &PgType,
    context: &Context,
    cells: &mut Cells,
    mut bad: impl FnMut(usize, Bad),
) -> Result<(), Fault> {
    match (array.data_type(), &ty.kind) {
        (DataType::FixedSizeBinary(16), Kind::Uuid) => {
            for id in array.as_fixed_size_binary() {
                push(cells, id);
            }
        }
        (DataType::Boolean, Kind::Bool) => {
            for flag in array.as_boolean() {
                push(cells, flag.map(|f| [u8::from(f)]).as_ref().map(|b| b.as_slice()));
            }
        }
        (DataType::Int64, Kind::Int8) => {
            for n in array.as_primitive::<Int64Type>() {
                push(cells, n.map(i64::to_be_bytes).as_ref().map(|b| b.as_slice()));
            }
        }
        (DataType::Int32, Kind::Int4) => {
            for n in array.as_primitive::<Int32Type>() {
                push(cells, n.map(i32::to_be_bytes).as_ref().map(|b| b.as_slice()));
            }
        }
        (DataType::Utf8, _) => encode_texts(array.as_string::<i32>(), ty, context, cells, bad),
        _ => encode_texts(&texts(array)?, ty, context, cells, &mut bad),
    }
    Ok(())
}

fn push(cells: &mut Cells, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => cells.push(bytes),
        None => cells.push_null(),
    }
}

fn encode_texts(
    texts: &StringArray,
    ty: &PgType,
    context: &Context,
    cells: &mut Cells,
    mut bad: impl FnMut(usize, Bad),
) {
    for (row, text) in texts.iter().enumerate() {
        match text {
            None => cells.push_null(),
            Some(text) => {
                if let Err(why) = cells.push_with(|out| ty.encode(text, context, out)) {
                    bad(row, why);
                    cells.push_null();
                }
            }
        }
    }
}

/// What an expression gave, as text: times with their zone, bytes as hex, lists as JSON.
fn texts(array: &ArrayRef) -> Result<StringArray, Fault> {
    match array.data_type() {
        DataType::FixedSizeBinary(_) | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            let binary = cast(array, &DataType::Binary).map_err(|e| not_text(array, &e))?;
            Ok(binary.as_binary::<i32>().iter().map(|b| b.map(hex)).collect())
        }
        DataType::Timestamp(_, None) => {
            let text = cast(array, &DataType::Utf8).map_err(|e| not_text(array, &e))?;
            // SQL's timestamps without zone are UTC here, because the sources' texts were.
            Ok(text.as_string::<i32>().iter().map(|t| t.map(|t| format!("{t}Z"))).collect())
        }
        _ => {
            let text = cast(array, &DataType::Utf8).map_err(|e| not_text(array, &e))?;
            Ok(text.as_string::<i32>().clone())
        }
    }
}

fn not_text(array: &ArrayRef, error: &arrow::error::ArrowError) -> Fault {
    Fault::usage(format!("an expression gives {}, which no column takes: {error}", array.data_type()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::from("\\x"), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}
