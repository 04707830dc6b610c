//! Collections and spaces.

use super::{Client, Walk};
use crate::errors::Error;
use crate::queries;
use crate::types::{Collection, NewCollection, NewSpace, NewSpaceMember, Space, SpaceMember};
use serde_json::{Value, json};

impl Client {
    /// All collections.
    pub async fn collections(&self) -> Result<Vec<Collection>, Error> {
        self.call(&queries::COLLECTIONS, json!({})).await
    }

    /// Makes a collection. [`Error::UnknownOutcome`]: look among [`Client::collections`] before trying again.
    pub async fn create_collection(&self, collection: &NewCollection) -> Result<Collection, Error> {
        self.call(&queries::CREATE_COLLECTION, json!({ "input": collection })).await
    }

    /// Deletes a collection.
    pub async fn delete_collection(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::DELETE_COLLECTION, json!({ "id": id })).await
    }

    /// A space by id; `None`: there is none.
    pub async fn get_space(&self, id: &str) -> Result<Option<Space>, Error> {
        self.find(&queries::SPACE, json!({ "id": id })).await
    }

    /// A space by its name in addresses.
    pub async fn get_space_by_slug(&self, slug: &str) -> Result<Option<Space>, Error> {
        self.find(&queries::SPACE, json!({ "slug": slug })).await
    }

    /// Spaces, oldest first.
    pub fn spaces(&self) -> Walk<Space> {
        Walk::new(self, &queries::SPACES, json!({}))
    }

    /// How many spaces there are.
    pub async fn spaces_total(&self) -> Result<Option<u64>, Error> {
        Walk::<Value>::new(self, &queries::SPACE_IDS, json!({})).total().await
    }

    /// Makes a space. [`Error::UnknownOutcome`]: look among [`Client::spaces`] before trying again.
    pub async fn create_space(&self, space: &NewSpace) -> Result<Space, Error> {
        self.call(&queries::CREATE_SPACE, json!({ "input": space })).await
    }

    /// Deletes a space, with everything in it.
    pub async fn delete_space(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::DELETE_SPACE, json!({ "id": id })).await
    }

    /// Who is in a space.
    pub fn space_members(&self, space_id: &str) -> Walk<SpaceMember> {
        Walk::new(self, &queries::SPACE_MEMBERS, json!({"spaceId": space_id}))
    }

    /// Puts members into a space.
    pub async fn add_space_members(&self, space_id: &str, members: &[NewSpaceMember]) -> Result<(), Error> {
        let variables = json!({"spaceId": space_id, "input": members});
        self.raw(&queries::ADD_SPACE_MEMBERS, variables).await.map(drop)
    }

    /// Takes members out of a space.
    pub async fn remove_space_members(&self, space_id: &str, member_ids: &[String]) -> Result<(), Error> {
        let variables = json!({"spaceId": space_id, "memberIds": member_ids});
        self.act(&queries::REMOVE_SPACE_MEMBERS, variables).await
    }
}
