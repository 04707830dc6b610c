//! Calls about people.

use super::{done, found, list, shown};
use crate::client::{Client, MemberFilter};
use crate::destination::{Destination, Entry, Record};
use crate::types::{Invitee, MemberUpdate, NewMember};
use base::Fault;
use serde_json::Value;

/// A call about people.
#[derive(Clone, PartialEq)]
pub enum MemberCall {
    /// A member by id.
    Get {
        /// The id.
        id: String,
    },
    /// A member by e-mail address.
    ByEmail {
        /// The address, in any case.
        email: String,
    },
    /// A member by the id that another system gave.
    ByExternalId {
        /// That id.
        id: String,
    },
    /// Members, oldest first.
    List {
        /// Words to look for.
        query: Option<String>,
        /// How many at most.
        limit: usize,
    },
    /// How many there are.
    Count,
    /// Makes a member without a mail, whose address counts as proven.
    Add {
        /// What is given.
        member: Box<NewMember>,
    },
    /// Changes a member.
    Update {
        /// Whom.
        id: String,
        /// What.
        update: Box<MemberUpdate>,
    },
    /// Mails somebody an invitation.
    Invite {
        /// Whom.
        invitee: Invitee,
        /// What the mail says besides.
        message: Option<String>,
    },
    /// Locks a member out.
    Suspend {
        /// Whom.
        id: String,
    },
    /// Lets a member in again.
    Unsuspend {
        /// Whom.
        id: String,
    },
    /// Deletes a member.
    Delete {
        /// Whom.
        id: String,
    },
    /// The roles of the community.
    Roles,
    /// The custom fields of members.
    Fields,
}

impl MemberCall {
    pub(super) fn changes(&self) -> Option<String> {
        Some(match self {
            Self::Add { .. } => "makes a member, without a mail".into(),
            Self::Update { id, .. } => format!("changes the member {id}"),
            Self::Invite { .. } => "mails an invitation".into(),
            Self::Suspend { id } => format!("locks the member {id} out"),
            Self::Unsuspend { id } => format!("lets the member {id} in again"),
            Self::Delete { id } => format!("deletes the member {id}; what they wrote stays"),
            Self::Get { .. }
            | Self::ByEmail { .. }
            | Self::ByExternalId { .. }
            | Self::List { .. }
            | Self::Count
            | Self::Roles
            | Self::Fields => return None,
        })
    }
}

pub(super) async fn run(client: &Client, call: MemberCall) -> Result<Value, Fault> {
    match call {
        MemberCall::Get { id } => found(client.get_member(&id).await?, "member"),
        MemberCall::ByEmail { email } => found(client.get_member_by_email(&email).await?, "member"),
        MemberCall::ByExternalId { id } => found(client.get_member_by_external_id(&id).await?, "member"),
        MemberCall::List { query, limit } => {
            let filter = MemberFilter { query, ..MemberFilter::default() };
            list(client.members(&filter), limit).await
        }
        MemberCall::Count => shown(client.members_total().await?),
        MemberCall::Add { member } => {
            let record = Record::Member { member: *member, then: Box::default() };
            match Destination::new(client.clone()).create(&record).await?.entry {
                Entry::Member(member) => shown(member),
                _ => Err(Fault::bug("a member was to be made, and something else was")),
            }
        }
        MemberCall::Update { id, update } => shown(client.update_member(&id, &update).await?),
        MemberCall::Invite { invitee, message } => {
            shown(client.invite_members(std::slice::from_ref(&invitee), message.as_deref()).await?)
        }
        MemberCall::Suspend { id } => Ok(done(client.suspend_member(&id).await?)),
        MemberCall::Unsuspend { id } => Ok(done(client.unsuspend_member(&id).await?)),
        MemberCall::Delete { id } => Ok(done(client.delete_member(&id).await?)),
        MemberCall::Roles => shown(client.roles().await?),
        MemberCall::Fields => shown(client.member_fields().await?),
    }
}
