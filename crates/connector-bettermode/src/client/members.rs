//! Members, invitations, roles, custom fields.

use super::{Client, IDS_MAX, Walk};
use crate::errors::Error;
use crate::queries;
use crate::types::{
    FieldInfo, Invitee, JsonText, Member, MemberInvitation, MemberStatus, MemberUpdate, NewMember, Role,
    Session,
};
use base::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

/// Which members to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFilter {
    /// Words to look for; the service decides where.
    pub query: Option<String>,
    /// Only those with one of these roles.
    pub role_ids: Vec<String>,
    /// Only those of this status. The default is all that can be asked for: what the service lists when
    /// nothing is said is not documented, and whoever is left out would be made a second time.
    pub status: Vec<MemberStatus>,
    /// Only those with this address, in whatever way the service compares it; a filter that it does not know
    /// may be dropped without a word. [`Client::get_member_by_email`] looks twice.
    pub email: Option<String>,
}

impl Default for MemberFilter {
    fn default() -> Self {
        let status = vec![MemberStatus::Verified, MemberStatus::Unverified, MemberStatus::Suspended];
        Self { query: None, role_ids: Vec::new(), status, email: None }
    }
}

impl MemberFilter {
    pub(crate) fn variables(&self) -> Value {
        let mut variables = json!({"orderBy": "createdAt", "status": self.status});
        if let Some(query) = &self.query {
            variables["query"] = Value::from(query.as_str());
        }
        if !self.role_ids.is_empty() {
            variables["roleIds"] = json!(self.role_ids);
        }
        if let Some(email) = &self.email {
            let value = JsonText::text(email);
            variables["filterBy"] = json!([{"key": "email", "operator": "equals", "value": value}]);
        }
        variables
    }
}

impl Client {
    /// A member by id; `None`: there is none.
    pub async fn get_member(&self, id: &str) -> Result<Option<Member>, Error> {
        self.find(&queries::MEMBER, json!({ "id": id })).await
    }

    /// A member by the id that another system gave.
    pub async fn get_member_by_external_id(&self, external_id: &str) -> Result<Option<Member>, Error> {
        self.find(&queries::MEMBER, json!({"externalId": external_id})).await
    }

    /// A member by address, in any case of its letters. The service's filter may mind the case, so the
    /// address is asked for as it is and in small letters; what comes is compared, because a filter that the
    /// service does not know may be dropped without a word. Two members of one address are an error
    /// ([`Error::Many`]).
    pub async fn get_member_by_email(&self, email: &str) -> Result<Option<Member>, Error> {
        let wanted = email.trim();
        if wanted.is_empty() {
            return Err(Error::Wrong { what: "the e-mail address is empty".into() });
        }
        let folded = wanted.to_lowercase();
        let mut spellings = vec![wanted];
        spellings.extend((folded != wanted).then_some(folded.as_str()));
        for spelling in spellings {
            let filter = MemberFilter { email: Some(spelling.to_owned()), ..MemberFilter::default() };
            let (mut walk, mut found, mut shown) = (self.members(&filter), Vec::new(), 0);
            while let Some(page) = walk.next_page().await? {
                shown += page.nodes.len();
                if shown > EMAIL_HITS_MAX {
                    let what = "the service does not filter members by e-mail address".to_owned();
                    return Err(Error::Odd { operation: queries::MEMBERS.name, what });
                }
                let is_it =
                    |one: &Member| one.email.as_ref().is_some_and(|email| email.to_lowercase() == folded);
                found.extend(page.nodes.into_iter().filter(is_it));
            }
            match found.len() {
                0 => {}
                1 => return Ok(found.pop()),
                count => return Err(Error::Many { operation: queries::MEMBERS.name, count }),
            }
        }
        Ok(None)
    }

    /// Members, oldest first.
    pub fn members(&self, filter: &MemberFilter) -> Walk<Member> {
        Walk::new(self, &queries::MEMBERS, filter.variables())
    }

    /// How many members there are, of whatever status.
    pub async fn members_total(&self) -> Result<Option<u64>, Error> {
        let variables = MemberFilter::default().variables();
        Walk::<Value>::new(self, &queries::MEMBER_IDS, variables).total().await
    }

    /// Members with these ids, in the order in which the service shows them; those that are gone are left
    /// out.
    pub async fn members_by_ids(&self, ids: &[String]) -> Result<Vec<Member>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS_MAX) {
            found.extend(self.call::<Vec<Member>>(&queries::MEMBERS_BY_IDS, json!({ "ids": some })).await?);
        }
        Ok(found)
    }

    /// Makes a member without asking anybody: for a person who is one already, elsewhere. With `verified` no
    /// mail should go out; that is what the inputs say, and nobody has tried it (`NOTES.md`). The password is
    /// what the service wants; nobody needs to know it.
    ///
    /// [`Error::UnknownOutcome`]: look with [`Client::get_member_by_external_id`] or
    /// [`Client::get_member_by_email`] before trying again.
    pub async fn join_network(&self, member: &NewMember, password: &Secret) -> Result<Member, Error> {
        #[derive(Deserialize)]
        struct Joined {
            member: Member,
        }
        let mut input = json!(member);
        input["password"] = Value::from(password.expose());
        let joined: Joined = self.call(&queries::JOIN_NETWORK, json!({ "input": input })).await?;
        Ok(joined.member)
    }

    /// **Mails** each of these people an invitation. Whoever moves a community wants
    /// [`Client::join_network`] instead.
    pub async fn invite_members(
        &self,
        invitees: &[Invitee],
        message: Option<&str>,
    ) -> Result<Vec<MemberInvitation>, Error> {
        let mut input = json!({ "invitees": invitees });
        if let Some(message) = message {
            input["invitationMessage"] = Value::from(message);
        }
        self.call(&queries::INVITE_MEMBERS, json!({ "input": input })).await
    }

    /// Changes a member.
    pub async fn update_member(&self, id: &str, update: &MemberUpdate) -> Result<Member, Error> {
        self.call(&queries::UPDATE_MEMBER, json!({"id": id, "input": update})).await
    }

    /// Deletes a member. What the member wrote stays.
    pub async fn delete_member(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::DELETE_MEMBER, json!({ "id": id })).await
    }

    /// Locks a member out, until [`Client::unsuspend_member`].
    pub async fn suspend_member(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::SUSPEND_MEMBER, json!({"memberId": id})).await
    }

    /// Lets a member in again.
    pub async fn unsuspend_member(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::UNSUSPEND_MEMBER, json!({"memberId": id})).await
    }

    /// All roles of the community.
    pub async fn roles(&self) -> Result<Vec<Role>, Error> {
        self.call(&queries::ROLES, json!({})).await
    }

    /// The custom fields that members have here.
    pub async fn member_fields(&self) -> Result<Vec<FieldInfo>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            member_fields: Option<Inner>,
        }
        #[derive(Deserialize)]
        struct Inner {
            fields: Option<Vec<FieldInfo>>,
        }
        let found: Fields = self.call(&queries::MEMBER_FIELDS, json!({})).await?;
        Ok(found.member_fields.and_then(|inner| inner.fields).unwrap_or_default())
    }

    /// Logs a member in by name (or address) and password, as a guest does. The session's token serves
    /// [`Client::holding`].
    pub async fn login(&self, username_or_email: &str, password: &Secret) -> Result<Session, Error> {
        let input = json!({"usernameOrEmail": username_or_email, "password": password.expose()});
        let guest = self.as_guest();
        match guest.call(&queries::LOGIN, json!({ "input": input })).await {
            // The guest's token is a fresh one: what is refused is the password.
            Err(Error::Unauthorized { operation, .. }) => {
                Err(Error::Refused { operation, status: Some(401), code: None, said: None })
            }
            result => result,
        }
    }
}

/// Members that may answer to one address before something is wrong with the filter.
const EMAIL_HITS_MAX: usize = 100;
