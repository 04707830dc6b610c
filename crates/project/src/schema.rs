//! The JSON Schema of the project file, from the table of keys.

use crate::keys::{CONNECTORS, ConnectorKind, Key, Kind, Role, SECTIONS, Section, Shape, Variants};
use serde_json::{Map, Value, json};

/// A string that reads a variable: the checker looks at what it becomes.
const VARIABLE: &str = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}";

/// The JSON Schema (draft 2020-12) of `landfall.toml`, for editors. It is a little wider than the checker: it
/// knows no variables, no second section, and no names that other sections give.
pub fn schema() -> Value {
    let mut properties = Map::new();
    for section in SECTIONS {
        match section.name.split_once('.') {
            // The section that it is within stands before it.
            Some((outer, name)) => properties[outer]["properties"][name] = section_schema(section),
            None => drop(properties.insert(section.name.to_owned(), section_schema(section))),
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "landfall.toml",
        "description": "What landfall moves, from where to where, and how.",
        "type": "object",
        "properties": properties,
        "required": ["project"],
        "additionalProperties": false,
    })
}

fn section_schema(section: &Section) -> Value {
    match section.shape {
        Shape::One => described(table(section.keys, &[]), section.doc),
        Shape::List => json!({ "description": section.doc, "type": "array", "items": own(section) }),
        Shape::Named => {
            let joint = if section.name == "option" { "-" } else { "_" };
            json!({
                "description": section.doc,
                "type": "object",
                "patternProperties": { format!("^[a-z][a-z0-9{joint}]*$"): own(section) },
                "additionalProperties": false,
            })
        }
        Shape::System(role) => {
            let kinds: Vec<Value> =
                CONNECTORS.iter().filter(|c| c.role == role).map(|c| connector(c, section.keys)).collect();
            let one = json!({ "anyOf": kinds });
            json!({
                "description": section.doc,
                "anyOf": [
                    one.clone(),
                    {
                        "type": "object",
                        "patternProperties": { "^[a-z][a-z0-9_]*$": one },
                        "propertyNames": { "not": { "enum": key_names(role) } },
                        "additionalProperties": false,
                    },
                ],
            })
        }
    }
}

/// One table of a section.
fn own(section: &Section) -> Value {
    let Some(Variants { by, list, .. }) = section.variants() else { return table(section.keys, &[]) };
    let variants = list.iter().map(|variant| {
        let mut schema = described(table(section.keys, variant.keys), variant.doc);
        schema["properties"][*by]["const"] = json!(variant.name);
        if let Some(decides) = schema["properties"][*by].as_object_mut() {
            decides.shift_remove("anyOf");
        }
        schema
    });
    json!({ "anyOf": variants.collect::<Vec<Value>>() })
}

/// Names that no system of this role can have, because they are keys.
fn key_names(role: Role) -> Vec<&'static str> {
    let mut names = vec!["connector"];
    for key in CONNECTORS.iter().filter(|c| c.role == role).flat_map(|c| c.keys) {
        if !names.contains(&key.name) {
            names.push(key.name);
        }
    }
    names
}

fn connector(kind: &ConnectorKind, common: &[Key]) -> Value {
    let mut schema = described(table(common, kind.keys), kind.doc);
    schema["properties"]["connector"] = json!({ "description": common[0].doc, "const": kind.name });
    schema
}

fn table(keys: &[Key], more: &[Key]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in keys.iter().chain(more) {
        let mut schema = described(kind(key.kind), key.doc);
        if let Some(default) = key.default {
            schema["default"] = match key.kind {
                Kind::Integer(..) => default.parse::<i64>().map_or(Value::Null, Value::from),
                Kind::Boolean => Value::from(default == "true"),
                _ => Value::from(default),
            };
        }
        properties.insert(key.name.to_owned(), schema);
        if key.required {
            required.push(key.name);
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// `schema` with its description first, as people read it.
fn described(schema: Value, doc: &str) -> Value {
    let mut out = Map::new();
    out.insert("description".to_owned(), Value::from(doc));
    if let Value::Object(rest) = schema {
        out.extend(rest);
    }
    Value::Object(out)
}

fn kind(kind: Kind) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    // A string that holds a variable is fine wherever its value would be.
    let or_variable = |schema: Value| json!({ "anyOf": [schema, { "type": "string", "pattern": VARIABLE }] });
    match kind {
        Kind::Text | Kind::Path | Kind::Sql => text,
        Kind::Field => or_variable(json!({ "type": "string", "pattern": "^[^A-Z\\s]+$" })),
        Kind::Fields => {
            json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true })
        }
        Kind::FileName => {
            or_variable(json!({ "type": "string", "pattern": "^[^./\\\\:][^/\\\\:]*\\.json$" }))
        }
        Kind::HttpUrl => or_variable(json!({ "type": "string", "pattern": "^https?://[^@?#\\s]+$" })),
        Kind::PostgresUrl => {
            let pattern = "^(embedded|postgres(ql)?(\\+[^:]+)?://.*|[a-z_]+\\s*=.*)$";
            or_variable(json!({ "type": "string", "pattern": pattern }))
        }
        Kind::Secret => json!({ "type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-)?\\}$" }),
        Kind::Integer(low, high) => {
            or_variable(json!({ "type": "integer", "minimum": low, "maximum": high }))
        }
        Kind::Boolean => or_variable(json!({ "type": "boolean" })),
        Kind::Choice(words) => or_variable(json!({ "enum": words })),
        Kind::Columns => json!({ "type": "object", "minProperties": 1, "additionalProperties": text }),
        Kind::Choices(words) => {
            let word = or_variable(json!({ "enum": words }));
            json!({ "type": "object", "minProperties": 1, "additionalProperties": word })
        }
        Kind::Uuid => or_variable(json!({ "type": "string", "pattern": "^[0-9A-Fa-f{}:urn-]{32,45}$" })),
        Kind::Rejects => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^([0-9]+|[0-9.]+ *%)$" },
            { "type": "string", "pattern": VARIABLE },
        ] }),
        Kind::Zone => text,
        Kind::Variable => json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }),
        Kind::Listen => {
            or_variable(json!({ "type": "string", "pattern": "^[0-9A-Fa-f.:\\[\\]]+:[0-9]{1,5}$" }))
        }
        Kind::StoreUrl(schemes) => {
            let beginning = schemes.join("|").replace('+', "\\+");
            or_variable(json!({ "type": "string", "pattern": format!("^({beginning})[^\\s]+$") }))
        }
        Kind::Duration => or_variable(json!({ "type": "string", "pattern": "^[0-9]+[smhd]$" })),
        Kind::Pattern => {
            or_variable(json!({ "type": "string", "pattern": "^(\\*|[^*\\s]+|[^*\\s]+\\.\\*)$" }))
        }
        Kind::Template => text,
        Kind::UrlTemplate => or_variable(
            json!({ "type": "string", "pattern": "^https?://[^@{}/?#:][^@{}/?#\\s]*([/?#].*)?$" }),
        ),
        Kind::Templates => json!({ "type": "object", "minProperties": 1, "additionalProperties": text }),
        Kind::Conditions => json!({
            "type": "object", "minProperties": 1,
            "patternProperties": { "^([a-z][a-z0-9_]*|body\\..+)$": { "type": ["string", "object"] } },
            "additionalProperties": false,
        }),
        Kind::List(element) => {
            json!({ "type": "array", "items": self::kind(*element), "minItems": 1, "uniqueItems": true })
        }
    }
}
