//! Calls about spaces and their collections.

use super::{done, found, list, shown};
use crate::client::Client;
use crate::types::{NewCollection, NewSpace, NewSpaceMember};
use base::Fault;
use serde_json::Value;

/// A call about spaces.
#[derive(Clone, PartialEq)]
pub enum SpaceCall {
    /// A space by id.
    Get {
        /// The id.
        id: String,
    },
    /// A space by its name in addresses.
    BySlug {
        /// That name.
        slug: String,
    },
    /// Spaces, oldest first.
    List {
        /// How many at most.
        limit: usize,
    },
    /// How many there are.
    Count,
    /// Makes a space.
    Create {
        /// What is given.
        space: Box<NewSpace>,
    },
    /// Deletes a space with everything in it.
    Delete {
        /// Which.
        id: String,
    },
    /// Who is in a space.
    Members {
        /// Which.
        id: String,
        /// How many at most.
        limit: usize,
    },
    /// Puts members into a space.
    AddMembers {
        /// Which.
        id: String,
        /// Whom.
        members: Vec<String>,
    },
    /// Takes members out of a space.
    RemoveMembers {
        /// Which.
        id: String,
        /// Whom.
        members: Vec<String>,
    },
    /// All collections.
    Collections,
    /// Makes a collection.
    CreateCollection {
        /// What is given.
        collection: NewCollection,
    },
    /// Deletes a collection.
    DeleteCollection {
        /// Which.
        id: String,
    },
}

impl SpaceCall {
    pub(super) fn changes(&self) -> Option<String> {
        Some(match self {
            Self::Create { .. } => "makes a space".into(),
            Self::Delete { id } => format!("deletes the space {id} with everything in it"),
            Self::AddMembers { id, members } => {
                format!("puts members into the space {id}: {}; they may be told", members.join(", "))
            }
            Self::RemoveMembers { id, members } => {
                format!("takes members out of the space {id}: {}", members.join(", "))
            }
            Self::CreateCollection { .. } => "makes a collection".into(),
            Self::DeleteCollection { id } => format!("deletes the collection {id}"),
            Self::Get { .. }
            | Self::BySlug { .. }
            | Self::List { .. }
            | Self::Count
            | Self::Members { .. }
            | Self::Collections => return None,
        })
    }
}

pub(super) async fn run(client: &Client, call: SpaceCall) -> Result<Value, Fault> {
    match call {
        SpaceCall::Get { id } => found(client.get_space(&id).await?, "space"),
        SpaceCall::BySlug { slug } => found(client.get_space_by_slug(&slug).await?, "space"),
        SpaceCall::List { limit } => list(client.spaces(), limit).await,
        SpaceCall::Count => shown(client.spaces_total().await?),
        SpaceCall::Create { space } => shown(client.create_space(&space).await?),
        SpaceCall::Delete { id } => Ok(done(client.delete_space(&id).await?)),
        SpaceCall::Members { id, limit } => list(client.space_members(&id), limit).await,
        SpaceCall::AddMembers { id, members } => {
            let member = |member_id| NewSpaceMember { member_id, role_id: None };
            let members: Vec<NewSpaceMember> = members.into_iter().map(member).collect();
            Ok(done(client.add_space_members(&id, &members).await?))
        }
        SpaceCall::RemoveMembers { id, members } => {
            Ok(done(client.remove_space_members(&id, &members).await?))
        }
        SpaceCall::Collections => shown(client.collections().await?),
        SpaceCall::CreateCollection { collection } => shown(client.create_collection(&collection).await?),
        SpaceCall::DeleteCollection { id } => Ok(done(client.delete_collection(&id).await?)),
    }
}
