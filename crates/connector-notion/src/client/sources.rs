//! Calls about who we are, databases and data sources.

use super::Client;
use super::query::{Query, QueryWalk};
use super::session::{Method, Request};
use crate::errors::Error;
use crate::types::{DataSource, Database, User};
use serde_json::{Value, json};

impl Client {
    /// Who the token speaks for.
    pub async fn me(&self) -> Result<User, Error> {
        self.session.call(&Request::new("ask who we are", Method::Get, &["users", "me"])).await
    }

    /// A database.
    pub async fn database(&self, id: &str) -> Result<Database, Error> {
        self.session.call(&Request::new("read the database", Method::Get, &["databases", id])).await
    }

    /// Changes what a database itself has: `title`, `parent`, `is_locked`, `in_trash`.
    pub async fn update_database(&self, id: &str, changes: &Value) -> Result<Database, Error> {
        let path = ["databases", id];
        self.session.call(&Request::new("change the database", Method::Patch(changes), &path)).await
    }

    /// A data source with its properties.
    pub async fn data_source(&self, id: &str) -> Result<DataSource, Error> {
        self.session.call(&Request::new("read the data source", Method::Get, &["data_sources", id])).await
    }

    /// Changes properties of a data source: name or id → what it is to be; null removes it.
    pub async fn update_data_source(&self, id: &str, properties: &Value) -> Result<DataSource, Error> {
        let body = json!({ "properties": properties });
        let path = ["data_sources", id];
        self.session.call(&Request::new("change the data source", Method::Patch(&body), &path)).await
    }

    /// The pages of a data source that are not in the trash, the oldest first.
    pub fn query(&self, data_source_id: &str, query: Query) -> QueryWalk {
        QueryWalk::new(self.clone(), data_source_id, query)
    }
}
