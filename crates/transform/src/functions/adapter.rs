//! The bridge from a [`Function`] to DataFusion's scalar functions.

use super::Function;
use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A [`Function`] in DataFusion's clothes: every argument is coerced to text, the result is text.
#[derive(Debug)]
pub(super) struct TextFunction {
    function: Function,
    signature: Signature,
}

impl TextFunction {
    pub(super) fn new(function: Function) -> Self {
        Self { function, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// Names are unique, so two functions of one name are the same.
impl PartialEq for TextFunction {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}
impl Eq for TextFunction {}
impl Hash for TextFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let (least, most) = self.function.arguments;
        if arguments.len() < least || arguments.len() > most {
            return plan_err!(
                "{} takes {}, but {} stand here; write {}",
                self.function.name,
                how_many(least, most),
                arguments.len(),
                self.function.usage
            );
        }
        if self.function.in_pairs && arguments.len().is_multiple_of(2) {
            return plan_err!(
                "{}: the last value has no partner; write {}",
                self.function.name,
                self.function.usage
            );
        }
        Ok(vec![DataType::Utf8; arguments.len()])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { args.number_rows };
        let columns = args.args.iter().map(Texts::of).collect::<Result<Vec<_>>>()?;
        let mut result = StringBuilder::with_capacity(rows, rows * 16);
        let mut row_arguments: Vec<Option<&str>> = Vec::with_capacity(columns.len());
        for row in 0..rows {
            row_arguments.clear();
            row_arguments.extend(columns.iter().map(|c| c.get(row)));
            if self.function.null_gives_null && row_arguments.first() == Some(&None) {
                result.append_null();
                continue;
            }
            match (self.function.body)(&row_arguments) {
                Ok(value) => result.append_option(value),
                Err(reason) => return Err(DataFusionError::Execution(reason)),
            }
        }
        let result: ArrayRef = Arc::new(result.finish());
        if all_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

fn how_many(least: usize, most: usize) -> String {
    match (least, most) {
        (1, 1) => "one argument".into(),
        (l, m) if l == m => format!("{l} arguments"),
        (l, super::ARGUMENTS_MAX) => format!("{l} arguments or more"),
        (l, m) => format!("{l} to {m} arguments"),
    }
}

/// An argument: a column of texts, or one text for all records.
enum Texts<'a> {
    One(Option<&'a str>),
    Column(&'a arrow::array::StringArray),
}

impl<'a> Texts<'a> {
    fn of(argument: &'a ColumnarValue) -> Result<Self> {
        match argument {
            ColumnarValue::Scalar(ScalarValue::Utf8(text)) => Ok(Texts::One(text.as_deref())),
            ColumnarValue::Scalar(ScalarValue::Null) => Ok(Texts::One(None)),
            ColumnarValue::Array(array) if array.data_type() == &DataType::Utf8 => {
                Ok(Texts::Column(array.as_string::<i32>()))
            }
            other => plan_err!("an argument of type {} was not made text", other.data_type()),
        }
    }

    fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Texts::One(text) => *text,
            Texts::Column(column) => column.is_valid(row).then(|| column.value(row)),
        }
    }
}
