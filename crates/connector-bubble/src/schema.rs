//! What the service says about its types: `/meta`, else Swagger 2.0. Both are read defensively, because the
//! shape of neither is sure.

use serde_json::{Map, Value};

/// A field as the service declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The internal id.
    pub id: String,
    /// The name that people see.
    pub display: String,
    /// Its type, in the service's words.
    pub kind: String,
}

/// A type that the API exposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// Its name in paths.
    pub name: String,
    /// The name that people see.
    pub display: Option<String>,
    /// Its fields, as far as they are declared.
    pub fields: Vec<Declared>,
}

/// Reads `/meta`: `get` names the exposed types (a list, or a map to their fields), `types` describes them.
/// `None`: it names no type.
pub fn from_meta(meta: &Value) -> Option<Vec<Exposed>> {
    let meta = meta.get("response").filter(|inner| inner.get("get").is_some()).unwrap_or(meta);
    let types = meta.get("types").and_then(Value::as_object);
    let mut out: Vec<Exposed> = match (meta.get("get"), types) {
        (Some(Value::Array(names)), _) => names
            .iter()
            .filter_map(|n| n.as_str().or_else(|| word(n, &["name", "id", "type"])))
            .map(bare)
            .collect(),
        (Some(Value::Object(map)), _) => map
            .iter()
            .map(|(name, about)| Exposed {
                display: word(about, &["display"]).map(str::to_owned),
                fields: fields(about),
                ..bare(name)
            })
            .collect(),
        (_, Some(types)) => types.keys().map(|name| bare(name)).collect(),
        _ => return None,
    };
    for exposed in &mut out {
        let Some(about) = types.and_then(|types| described(types, &exposed.name)) else { continue };
        exposed.display = exposed.display.take().or_else(|| word(about, &["display"]).map(str::to_owned));
        if exposed.fields.is_empty() {
            exposed.fields = fields(about);
        }
    }
    Some(out)
}

/// Reads Swagger 2.0: `definitions`, of which those with a path `/obj/NAME` are types, if there are such
/// paths.
pub fn from_swagger(swagger: &Value) -> Option<Vec<Exposed>> {
    let definitions = swagger.get("definitions")?.as_object()?;
    let listed: Vec<&str> = swagger
        .get("paths")
        .and_then(Value::as_object)
        .map(|paths| paths.keys().filter_map(|path| path.split("/obj/").nth(1)?.split('/').next()).collect())
        .unwrap_or_default();
    let out = definitions.iter().filter(|(name, _)| listed.is_empty() || listed.contains(&name.as_str()));
    Some(
        out.map(|(name, about)| Exposed {
            fields: about.get("properties").map(fields).unwrap_or_default(),
            ..bare(name)
        })
        .collect(),
    )
}

fn bare(name: &str) -> Exposed {
    Exposed { name: name.to_owned(), display: None, fields: Vec::new() }
}

/// What `types` says of an exposed name: under that name, under `custom.NAME`, or under a type whose display
/// name gives it.
fn described<'a>(types: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let squeezed = |text: &str| text.to_lowercase().replace(' ', "");
    types.get(name).or_else(|| types.get(&format!("custom.{name}"))).or_else(|| {
        types.values().find(|about| word(about, &["display"]).is_some_and(|d| squeezed(d) == name))
    })
}

fn word<'a>(about: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| about.get(*key)?.as_str())
}

/// The built-in fields go by these names in records, whatever a declaration calls them.
const BUILT_IN: [&str; 5] = ["_id", "Created Date", "Modified Date", "Created By", "Slug"];

/// Fields from a list of objects or names, a map from names, or either under `fields`.
fn fields(about: &Value) -> Vec<Declared> {
    let field = |name: Option<&str>, about: &Value| {
        let id = word(about, &["id", "name", "key"]).or(name).or(about.as_str())?;
        let display = match id {
            built_in if BUILT_IN.contains(&built_in) => built_in,
            _ => word(about, &["display", "caption"]).unwrap_or(id),
        };
        let kind = word(about, &["type", "btype", "value"]).or(name.and(about.as_str())).unwrap_or("unknown");
        Some(Declared { id: id.to_owned(), display: display.to_owned(), kind: kind_word(kind) })
    };
    match about {
        Value::Array(list) => list.iter().filter_map(|one| field(None, one)).collect(),
        Value::Object(map) => match map.get("fields") {
            Some(inner @ (Value::Array(_) | Value::Object(_))) => fields(inner),
            _ => map
                .iter()
                .filter(|(name, one)| !(name.as_str() == "display" && one.is_string()))
                .filter_map(|(name, one)| field(Some(name), one))
                .collect(),
        },
        _ => Vec::new(),
    }
}

/// `list.text` is a list of text; everything else stays in the service's words.
fn kind_word(kind: &str) -> String {
    kind.strip_prefix("list.").map_or_else(|| kind.to_owned(), |of| format!("list of {of}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `name (display): id/display/kind …`
    fn show(exposed: Option<Vec<Exposed>>) -> Vec<String> {
        let one = |e: Exposed| {
            let fields = e.fields.iter().map(|f| format!(" {}/{}/{}", f.id, f.display, f.kind));
            format!("{} ({}):{}", e.name, e.display.unwrap_or_default(), fields.collect::<String>())
        };
        exposed.expect("types").into_iter().map(one).collect()
    }

    #[test]
    fn meta_is_read_in_every_shape_that_was_seen() {
        let f = json!([{"id": "name_text", "display": "Name", "type": "text"},
                       {"id": "_id", "display": "unique id", "type": "text"},
                       {"id": "tags_list_text", "display": "Tags", "type": "list.text"}]);
        let with = " name_text/Name/text _id/_id/text tags_list_text/Tags/list of text";
        for (meta, expected) in [
            (
                json!({"get": ["user", "unit"], "types": {"unit": {"display": "Unit", "fields": f}}}),
                vec!["user ():".to_owned(), format!("unit (Unit):{with}")],
            ),
            (
                json!({"get": ["rentalunit"], "types": {"custom.x": {"display": "Rental Unit","fields":f}}}),
                vec![format!("rentalunit (Rental Unit):{with}")],
            ),
            (
                json!({"get": ["unit"], "types": {"custom.unit": {"display": "X", "fields": f}}}),
                vec![format!("unit (X):{with}")],
            ),
            (json!({"get": {"unit": {"display": "Unit", "fields": f}}}), vec![format!("unit (Unit):{with}")]),
            (json!({"get": {"unit": f}}), vec![format!("unit ():{with}")]),
            (
                json!({"get": {"unit": {"Name": "text", "Age": {"type": "number"}}}}),
                vec!["unit (): Name/Name/text Age/Age/number".to_owned()],
            ),
            (json!({"get": [{"name": "unit"}]}), vec!["unit ():".to_owned()]),
            (json!({"types": {"unit": {"fields": f}}}), vec![format!("unit ():{with}")]),
            (json!({"get": []}), vec![]),
        ] {
            assert_eq!(show(from_meta(&meta)), expected, "{meta}");
        }
        assert_eq!(from_meta(&json!({"message": "no"})), None);
        assert_eq!(from_meta(&json!("x")), None);
    }

    #[test]
    fn swagger_names_types_by_their_paths() {
        let definition = json!({"properties": {"_id": {"type": "string"}, "Unit name": {"type": "string",
                                "description": "Name of the unit"}}});
        let types = ["unit (): _id/_id/string Unit name/Unit name/string"];
        let mut swagger = json!({"swagger": "2.0", "definitions": {"unit": definition}});
        assert_eq!(show(from_swagger(&swagger)), types);
        swagger["definitions"]["Error"] = json!({});
        swagger["paths"] = json!({"/obj/unit": {}, "/obj/unit/{UniqueID}": {}, "/wf/x": {}});
        assert_eq!(show(from_swagger(&swagger)), types);
        assert_eq!(from_swagger(&json!({"openapi": "3"})), None);
    }
}
