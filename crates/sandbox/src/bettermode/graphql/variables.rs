//! Variables of a request. Whether they fit is decided by `apollo-compiler`; the words for those that do
//! not are those of graphql-js, and all of them are told.

use crate::bettermode::moment::Moment;
use apollo_compiler::Schema;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::Operation;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use serde_json::{Map, Value, json};

/// The variables with their defaults, or entries of `errors`.
pub(super) fn read(
    schema: &Valid<Schema>,
    operation: &Operation,
    given: &Map<String, Value>,
) -> Result<Valid<JsonMap>, Vec<Value>> {
    let mut wrong = Vec::new();
    for variable in &operation.variables {
        let value = given.get(variable.name.as_str());
        let name = variable.name.as_str();
        match value {
            None if variable.ty.is_non_null() && variable.default_value.is_none() => {
                let ty = &variable.ty;
                wrong.push(format!("Variable \"${name}\" of required type \"{ty}\" was not provided."));
            }
            None => {}
            Some(Value::Null) if variable.ty.is_non_null() => {
                let ty = &variable.ty;
                wrong.push(format!("Variable \"${name}\" of non-null type \"{ty}\" must not be null."));
            }
            Some(value) => {
                let mut misfits = Vec::new();
                Walk { schema, misfits: &mut misfits }.value(&variable.ty, value, &mut Vec::new());
                wrong.extend(misfits.into_iter().map(|misfit| {
                    let place = match misfit.path.is_empty() {
                        true => String::new(),
                        false => format!(" at \"{name}{}\"", misfit.path),
                    };
                    format!(
                        "Variable \"${name}\" got invalid value {}{place}; {}",
                        misfit.value, misfit.message
                    )
                }));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.into_iter().map(|message| json!({"message": message})).collect());
    }
    let values: JsonMap =
        given.iter().map(|(key, value)| (key.as_str().into(), value.clone().into())).collect();
    let refused =
        |cause: apollo_compiler::request::RequestError| vec![json!({"message": cause.message().to_string()})];
    coerce_variable_values(schema, operation, &values).map_err(refused)
}

struct Misfit {
    /// `.input.limit`, `[0].email`.
    path: String,
    value: Value,
    message: String,
}

struct Walk<'w> {
    schema: &'w Schema,
    misfits: &'w mut Vec<Misfit>,
}

impl Walk<'_> {
    fn wrong(&mut self, path: &[String], value: &Value, message: String) {
        self.misfits.push(Misfit { path: path.concat(), value: value.clone(), message });
    }

    fn value(&mut self, ty: &Type, value: &Value, path: &mut Vec<String>) {
        if value.is_null() {
            if ty.is_non_null() {
                self.wrong(path, value, format!("Expected non-nullable type \"{ty}\" not to be null."));
            }
            return;
        }
        if ty.is_list() {
            match value {
                Value::Array(list) => {
                    for (at, item) in list.iter().enumerate() {
                        path.push(format!("[{at}]"));
                        self.value(ty.item_type(), item, path);
                        path.pop();
                    }
                }
                one => self.value(ty.item_type(), one, path),
            }
            return;
        }
        let name = ty.inner_named_type();
        match self.schema.types.get(name) {
            Some(ExtendedType::InputObject(kind)) => {
                let Value::Object(given) = value else {
                    return self.wrong(path, value, format!("Expected type \"{name}\" to be an object."));
                };
                for (key, field) in &kind.fields {
                    match given.get(key.as_str()) {
                        Some(inner) => {
                            path.push(format!(".{key}"));
                            self.value(&field.ty, inner, path);
                            path.pop();
                        }
                        None if field.ty.is_non_null() && field.default_value.is_none() => {
                            let ty = &field.ty;
                            let message =
                                format!("Field \"{key}\" of required type \"{ty}\" was not provided.");
                            self.wrong(path, value, message);
                        }
                        None => {}
                    }
                }
                for key in given.keys().filter(|key| !kind.fields.contains_key(key.as_str())) {
                    let message = format!("Field \"{key}\" is not defined by type \"{name}\".");
                    self.wrong(path, value, message);
                }
            }
            Some(ExtendedType::Enum(kind)) => {
                let known = value.as_str().is_some_and(|word| kind.values.contains_key(word));
                if !known {
                    let message = match value {
                        Value::String(word) => {
                            format!("Value \"{word}\" does not exist in \"{name}\" enum.")
                        }
                        other => format!("Enum \"{name}\" cannot represent non-string value: {other}."),
                    };
                    self.wrong(path, value, message);
                }
            }
            _ => {
                if let Some(message) = scalar(name, value) {
                    self.wrong(path, value, message);
                }
            }
        }
    }
}

/// Why a value is none of that scalar; `None` when it is.
fn scalar(name: &str, value: &Value) -> Option<String> {
    let message = match name {
        "Int" => match value.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => return None,
            Some(number) => format!("Int cannot represent non 32-bit signed integer value: {number}"),
            None => format!("Int cannot represent non-integer value: {value}"),
        },
        "Float" if !value.is_number() => format!("Float cannot represent non numeric value: {value}"),
        "String" if !value.is_string() => format!("String cannot represent a non string value: {value}"),
        "Boolean" if !value.is_boolean() => {
            format!("Boolean cannot represent a non boolean value: {value}")
        }
        "ID" if !value.is_string() && !value.is_i64() => format!("ID cannot represent value: {value}"),
        "DateTime" => match value {
            Value::String(text) => return Moment::parse(text).err(),
            other => format!("DateTime cannot represent a non string, or non Date type {other}."),
        },
        _ => return None,
    };
    Some(message)
}
