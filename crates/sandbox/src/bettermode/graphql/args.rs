//! The arguments of a field. The schema has been asked already whether they are there and of their type.

use crate::bettermode::ids::Id;
use crate::bettermode::refusal::Refusal;
use apollo_compiler::response::JsonMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Arguments by name; one that is null is as good as none.
pub(crate) struct Args(Map<String, Value>);

impl Args {
    pub(super) fn new(arguments: &JsonMap) -> Self {
        match serde_json::to_value(arguments) {
            Ok(Value::Object(map)) => Self(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
            _ => Self(Map::new()),
        }
    }

    /// A value as that type; what the schema cannot check (a date in the text of a query) is refused here.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|cause| Refusal::invalid(name, cause.to_string()))
    }

    /// A value that the schema requires.
    pub fn need<T: DeserializeOwned>(&self, name: &str) -> Result<T, Refusal> {
        self.get(name)?.ok_or_else(|| Refusal::missing(name))
    }

    /// An `ID` that the schema requires.
    pub fn id(&self, name: &str) -> Result<String, Refusal> {
        self.need::<Id>(name).map(|id| id.0)
    }

    /// An `ID` or a text, if it is given.
    pub fn some_id(&self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.get::<Id>(name)?.map(|id| id.0))
    }

    /// A list of ids, if it is given.
    pub fn ids(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        Ok(self.get::<Vec<Id>>(name)?.map(|ids| ids.into_iter().map(|id| id.0).collect()))
    }

    /// A flag; false when it is not given.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// What a list is asked for, without what only says which page.
    pub(super) fn identity(&self) -> String {
        let page = ["limit", "after", "before", "offset"];
        let rest: Map<String, Value> = self
            .0
            .iter()
            .filter(|(name, _)| !page.contains(&name.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        Value::Object(rest).to_string()
    }
}
