//! The service's self-description: `/meta` and Swagger 2.0.

use crate::culturebridge::schema::TYPES;
use crate::scenario::Scenario;
use crate::schema::{Field, FieldKind, Type};
use serde_json::{Map, Value, json};

fn exposed(scenario: &Scenario) -> impl Iterator<Item = &'static Type> {
    TYPES.into_iter().filter(|kind| !scenario.hidden_types.iter().any(|hidden| hidden == kind.name))
}

/// `/meta`: exposed types, workflow endpoints, fields by type, the application.
pub(super) fn meta(scenario: &Scenario) -> Value {
    let field = |field: &Field| json!({"id": field.id, "display": field.display, "type": field.kind.word()});
    let types: Map<String, Value> = exposed(scenario)
        .map(|kind| {
            let fields: Vec<Value> = kind.fields.iter().map(field).collect();
            (kind.name.to_owned(), json!({"display": kind.name, "fields": fields}))
        })
        .collect();
    json!({
        "get": exposed(scenario).map(|kind| kind.name).collect::<Vec<_>>(),
        "post": [{
            "endpoint": "send_reminder",
            "method": "post",
            "parameters": [
                {"key": "booking", "value": "custom.booking", "optional": false, "param_in": "body"},
            ],
            "auth_unecessary": false,
            "return_btype": {},
        }],
        "types": types,
        "app_data": {
            "appname": "culturebridge",
            "favicon": "//s3.amazonaws.com/appforest_uf/f1x1/favicon.png",
        },
    })
}

/// `/meta/swagger.json`. It advertises the token as a query parameter, as the real one does; the stand-in
/// refuses it there.
pub(super) fn swagger(scenario: &Scenario, base: &str) -> Value {
    let mut paths = Map::new();
    let mut definitions = Map::new();
    for kind in exposed(scenario) {
        let properties: Map<String, Value> = kind
            .fields
            .iter()
            .map(|field| (field.key(scenario.fields.keys).to_owned(), property(field)))
            .collect();
        definitions.insert(kind.name.to_owned(), json!({"type": "object", "properties": properties}));
        let list = json!({
            "description": format!("Retrieve a list of {}s", kind.name),
            "parameters": list_parameters(),
            "responses": responses(&json!({"type": "object", "properties": {"response": {
                "type": "object",
                "properties": {
                    "cursor": {"type": "integer"},
                    "results": {"type": "array", "items": {"$ref": format!("#/definitions/{}", kind.name)}},
                    "count": {"type": "integer", "description": "the number of results, 100 by default"},
                    "remaining": {"type": "integer"},
                },
            }}})),
        });
        let record = json!({
            "description": format!("Retrieve a specific {} object", kind.name),
            "parameters": [{"name": "UniqueID", "in": "path", "required": true, "type": "string"}],
            "responses": responses(&json!({"type": "object", "properties": {
                "response": {"$ref": format!("#/definitions/{}", kind.name)},
            }})),
        });
        paths.insert(format!("/obj/{}", kind.name), json!({"get": list}));
        paths.insert(format!("/obj/{}/{{UniqueID}}", kind.name), json!({"get": record}));
    }
    json!({
        "swagger": "2.0",
        "info": {"title": "culturebridge", "version": "1.1"},
        "basePath": base,
        "schemes": ["https"],
        "produces": ["application/json"],
        "securityDefinitions": {"api_key": {"type": "apiKey", "name": "api_token", "in": "query"}},
        "paths": paths,
        "definitions": definitions,
    })
}

fn list_parameters() -> Value {
    json!([
        {"name": "constraints", "in": "query", "type": "array", "items": {"type": "string"}},
        {"name": "cursor", "in": "query", "type": "number"},
        {"name": "limit", "in": "query", "type": "number", "default": 50, "maximum": 100},
        {"name": "sort_field", "in": "query", "type": "string"},
        {"name": "descending", "in": "query", "type": "boolean"},
        {"name": "additional_sort_fields", "in": "query", "type": "string"},
        {"name": "exclude_remaining", "in": "query", "type": "boolean"},
    ])
}

fn responses(ok: &Value) -> Value {
    let message = json!({"type": "object", "properties": {"message": {"type": "string"}}});
    let broken = json!({"type": "object", "properties": {
        "code": {"type": "string"}, "message": {"type": "string"},
    }});
    let refused = |description| json!({"description": description, "schema": message});
    json!({
        "200": {"description": "Success", "schema": ok},
        "400": refused("Bad request"),
        "401": refused("Unauthorized"),
        "404": refused("Not found"),
        "405": refused("Method not allowed"),
        "429": refused("Too many requests"),
        "500": {"description": "Internal server error", "schema": broken},
        "503": refused("Service unavailable"),
    })
}

/// The sentence names the type that a reference leads to.
fn property(field: &Field) -> Value {
    let (kind, sentence) = describe(&field.kind);
    let text = format!("{} ({sentence})", field.display);
    match field.kind {
        FieldKind::List(element) => {
            let (kind, _) = describe(element);
            json!({"type": "array", "items": {"type": kind}, "description": text})
        }
        FieldKind::Date => json!({"type": kind, "format": "date-time", "description": text}),
        _ => json!({"type": kind, "description": text}),
    }
}

fn describe(kind: &FieldKind) -> (&'static str, String) {
    match kind {
        FieldKind::Text => ("string", "a text".to_owned()),
        FieldKind::Number => ("number", "a number".to_owned()),
        FieldKind::Flag => ("boolean", "a yes / no".to_owned()),
        FieldKind::Date => ("string", "a date".to_owned()),
        FieldKind::Image => ("string", "the URL of an image".to_owned()),
        FieldKind::Address => ("object", "a geographic address".to_owned()),
        FieldKind::User => ("string", "the unique ID of an object of type user".to_owned()),
        FieldKind::Thing(name) => ("string", format!("the unique ID of an object of type {name}")),
        FieldKind::OptionSet(name) => ("string", format!("an option of the set {name}")),
        FieldKind::List(element) => ("array", format!("a list; each entry is {}", describe(element).1)),
    }
}
