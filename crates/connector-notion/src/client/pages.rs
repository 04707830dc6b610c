//! Calls about pages and their values.

use super::Client;
use super::session::{Method, Request};
use crate::errors::Error;
use crate::types::{Page, plain_id};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The entries of a value that is a list: `{"type": "relation", "relation": …}` each.
pub type PropertyItems = Vec<Box<RawValue>>;

impl Client {
    /// A page; [`Error::NotFound`]: it is not there, or not shared with the connection.
    pub async fn page(&self, id: &str) -> Result<Page, Error> {
        self.session.call(&Request::new("read a page", Method::Get, &["pages", id])).await
    }

    /// Makes a page of a data source. `properties`: property id → value. There is no key that would keep the
    /// service from making it twice: after [`Error::UnknownOutcome`] look first.
    pub async fn create_page(
        &self,
        data_source_id: &str,
        properties: &Map<String, Value>,
    ) -> Result<Page, Error> {
        let parent = json!({"type": "data_source_id", "data_source_id": data_source_id});
        let body = json!({"parent": parent, "properties": properties});
        self.session.call(&Request::new("create a page", Method::Post(&body), &["pages"])).await
    }

    /// Writes values of a page. `properties`: property id → value.
    pub async fn update_page(&self, id: &str, properties: &Map<String, Value>) -> Result<Page, Error> {
        let body = json!({ "properties": properties });
        self.session.call(&Request::new("change a page", Method::Patch(&body), &["pages", id])).await
    }

    /// Puts a page into the trash, from where people can take it back.
    pub async fn trash_page(&self, id: &str) -> Result<Page, Error> {
        let body = json!({"in_trash": true});
        self.session
            .call(&Request::new("put a page into the trash", Method::Patch(&body), &["pages", id]))
            .await
    }

    /// A value that is a list, in full: the page itself shows only its beginning.
    pub async fn property_items(&self, page_id: &str, property_id: &str) -> Result<PropertyItems, Error> {
        let property = plain_id(property_id);
        let path = ["pages", page_id, "properties", property.as_str()];
        self.session.whole_list("read a value of a page", &path).await
    }
}
