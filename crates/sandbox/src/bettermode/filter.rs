//! `filterBy`: a key, an operator, and a value that is JSON text.

use super::ids::Id;
use super::moment::Moment;
use super::refusal::Refusal;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;

/// The operators of all lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Operator {
    Equals,
    Not,
    In,
    Nin,
    Gt,
    Gte,
    Lt,
    Lte,
    Contains,
    StartsWith,
    EndsWith,
    HasValue,
}

/// One entry as it is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterInput {
    key: Option<Id>,
    key_string: Option<String>,
    operator: Option<Operator>,
    value: String,
}

/// One entry, understood.
#[derive(Debug)]
pub(crate) struct Filter {
    pub key: String,
    operator: Operator,
    value: Value,
}

impl Filter {
    /// Reads the entries; a key must be one of `keys`, or begin with one of them that ends in a dot.
    pub fn read(input: Vec<FilterInput>, keys: &[&str]) -> Result<Vec<Self>, Refusal> {
        input.into_iter().map(|input| Self::one(input, keys)).collect()
    }

    fn one(input: FilterInput, keys: &[&str]) -> Result<Self, Refusal> {
        let invalid = |message: String| Refusal::invalid("filterBy", message);
        let key = input.key.map(|key| key.0).or(input.key_string);
        let key = key.ok_or_else(|| Refusal::missing("filterBy.key"))?;
        let known = |known: &str| known == key || (known.ends_with('.') && key.starts_with(known));
        if !keys.iter().any(|one| known(one)) {
            return Err(invalid(format!("There is no key {key} to filter by")));
        }
        let value = serde_json::from_str(&input.value)
            .map_err(|_| invalid(format!("The value of {key} is not JSON text")))?;
        let operator = input.operator.unwrap_or(Operator::Equals);
        let fits = match operator {
            Operator::In | Operator::Nin => Value::is_array(&value),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => Value::is_string(&value),
            Operator::HasValue => Value::is_boolean(&value),
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
                value.is_number() || value.is_string()
            }
            Operator::Equals | Operator::Not => true,
        };
        if !fits {
            return Err(invalid(format!("The value of {key} does not fit its operator")));
        }
        Ok(Self { key, operator, value })
    }

    /// Whether a record with that value under the key is in the list.
    pub fn takes(&self, held: &Value) -> bool {
        let text = |is: fn(&str, &str) -> bool| match (held.as_str(), self.value.as_str()) {
            (Some(held), Some(wanted)) => is(&held.to_lowercase(), &wanted.to_lowercase()),
            _ => false,
        };
        let order = |is: fn(Ordering) -> bool| compare(held, &self.value).is_some_and(is);
        let listed = || self.value.as_array().into_iter().flatten().any(|wanted| same(held, wanted));
        match self.operator {
            Operator::Equals => same(held, &self.value),
            Operator::Not => !same(held, &self.value),
            Operator::In => listed(),
            Operator::Nin => !listed(),
            Operator::Gt => order(Ordering::is_gt),
            Operator::Gte => order(Ordering::is_ge),
            Operator::Lt => order(Ordering::is_lt),
            Operator::Lte => order(Ordering::is_le),
            Operator::Contains => match held {
                Value::Array(list) => list.iter().any(|item| same(item, &self.value)),
                _ => text(|held, wanted| held.contains(wanted)),
            },
            Operator::StartsWith => text(|held, wanted| held.starts_with(wanted)),
            Operator::EndsWith => text(|held, wanted| held.ends_with(wanted)),
            Operator::HasValue => {
                let empty = held.is_null() || held.as_str() == Some("") || *held == Value::Array(Vec::new());
                Some(!empty) == self.value.as_bool()
            }
        }
    }
}

fn same(held: &Value, wanted: &Value) -> bool {
    held == wanted || compare(held, wanted) == Some(Ordering::Equal)
}

/// Dates by the moment that they name, however they are written.
fn compare(held: &Value, wanted: &Value) -> Option<Ordering> {
    match (held, wanted) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => match (Moment::parse(a), Moment::parse(b)) {
            (Ok(a), Ok(b)) => Some(a.cmp(&b)),
            _ => Some(a.cmp(b)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(operator: &str, value: &str) -> Result<Filter, Refusal> {
        let input = json!({"key": "createdAt", "operator": operator, "value": value});
        let input: FilterInput = serde_json::from_value(input).expect("an entry");
        Filter::read(vec![input], &["createdAt"]).map(|mut filters| filters.remove(0))
    }

    #[test]
    fn operators_compare_by_meaning() {
        let noon = json!("2024-01-01T12:00:00.000Z");
        for (operator, value, held, expected) in [
            ("equals", r#""2024-01-01T13:00:00+01:00""#, &noon, true),
            ("not", r#""2024-01-01T12:00:00Z""#, &noon, false),
            ("gt", r#""2024-01-01T12:00:00Z""#, &noon, false),
            ("gte", r#""2024-01-01T12:00:00Z""#, &noon, true),
            ("lt", r#""2024-01-01T12:00:00.001Z""#, &noon, true),
            ("lte", "3", &json!(3), true),
            ("lte", "3", &json!("3"), false),
            ("in", r#"["a","b"]"#, &json!("b"), true),
            ("nin", r#"["a","b"]"#, &json!("b"), false),
            ("contains", r#""DA""#, &json!("Ada"), true),
            ("contains", r#""x""#, &json!(["x", "y"]), true),
            ("startsWith", r#""ad""#, &json!("Ada"), true),
            ("endsWith", r#""da""#, &json!("Ada"), true),
            ("hasValue", "true", &json!(null), false),
            ("hasValue", "false", &json!(""), true),
            ("gt", r#""a""#, &json!(null), false),
        ] {
            let filter = filter(operator, value).expect("a filter");
            assert_eq!(filter.takes(held), expected, "{operator} {value} {held}");
        }
    }

    #[test]
    fn a_value_that_is_no_json_or_does_not_fit_is_refused() {
        for (operator, value) in [
            ("equals", "2024-01-01T12:00:00Z"),
            ("equals", "plain"),
            ("equals", ""),
            ("in", r#""a""#),
            ("contains", "1"),
            ("hasValue", r#""yes""#),
            ("gt", "[1]"),
        ] {
            assert_eq!(filter(operator, value).expect_err("refused").status, 400, "{operator} {value}");
        }
    }
}
