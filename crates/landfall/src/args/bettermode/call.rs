//! From what people type to the calls of the client.

use super::{BettermodeCommand, Id, Limit, Plan, Reacting};
use base::Fault;
use connector_bettermode::calls::{
    Call, EventCall, EventPlan, MemberCall, MessageCall, NetworkCall, PostCall, SpaceCall,
};
use connector_bettermode::types::{Invitee, MemberUpdate, NewCollection, NewMember, NewSpace};
use std::path::Path;

/// What a command reads besides its arguments.
pub trait Reads {
    /// Standard input, as text.
    fn input(&self) -> Result<String, Fault>;
    /// A file.
    fn file(&self, path: &Path) -> Result<Vec<u8>, Fault>;
}

impl BettermodeCommand {
    /// The call that it stands for.
    pub fn call(self, reads: &dyn Reads) -> Result<Call, Fault> {
        let text = |text: String| if text == "-" { reads.input() } else { Ok(text) };
        let some = |given: Option<String>| given.map(text).transpose();
        Ok(match self {
            Self::GetMember(Id { id }) => Call::Members(MemberCall::Get { id }),
            Self::GetMemberByEmail { email } => Call::Members(MemberCall::ByEmail { email }),
            Self::GetMemberByExternalId(Id { id }) => Call::Members(MemberCall::ByExternalId { id }),
            Self::Members { query, limit: Limit { limit } } => {
                Call::Members(MemberCall::List { query, limit })
            }
            Self::CountMembers => Call::Members(MemberCall::Count),
            Self::AddMember { email, name, username, external_id } => {
                let member = NewMember { username, external_id, ..NewMember::verified(email, name) };
                Call::Members(MemberCall::Add { member: Box::new(member) })
            }
            Self::UpdateMember { id, name, username, email, tagline, role } => {
                let update =
                    MemberUpdate { name, username, email, tagline, role_id: role, ..MemberUpdate::default() };
                Call::Members(MemberCall::Update { id, update: Box::new(update) })
            }
            Self::InviteMember { email, name, message } => {
                let invitee = Invitee { email, name, role_id: None };
                Call::Members(MemberCall::Invite { invitee, message })
            }
            Self::SuspendMember(Id { id }) => Call::Members(MemberCall::Suspend { id }),
            Self::UnsuspendMember(Id { id }) => Call::Members(MemberCall::Unsuspend { id }),
            Self::DeleteMember(Id { id }) => Call::Members(MemberCall::Delete { id }),
            Self::Roles => Call::Members(MemberCall::Roles),
            Self::MemberFields => Call::Members(MemberCall::Fields),
            Self::Spaces(Limit { limit }) => Call::Spaces(SpaceCall::List { limit }),
            Self::CountSpaces => Call::Spaces(SpaceCall::Count),
            Self::Space(Id { id }) => Call::Spaces(SpaceCall::Get { id }),
            Self::SpaceBySlug { slug } => Call::Spaces(SpaceCall::BySlug { slug }),
            Self::CreateSpace { name, slug, collection, description, private, hidden, invite_only } => {
                let space = NewSpace {
                    name,
                    slug,
                    collection_id: collection,
                    description,
                    private: Some(private),
                    hidden: Some(hidden),
                    invite_only: Some(invite_only),
                    ..NewSpace::default()
                };
                Call::Spaces(SpaceCall::Create { space: Box::new(space) })
            }
            Self::DeleteSpace(Id { id }) => Call::Spaces(SpaceCall::Delete { id }),
            Self::SpaceMembers { id, limit: Limit { limit } } => {
                Call::Spaces(SpaceCall::Members { id, limit })
            }
            Self::AddToSpace { space: id, members } => Call::Spaces(SpaceCall::AddMembers { id, members }),
            Self::RemoveFromSpace { space: id, members } => {
                Call::Spaces(SpaceCall::RemoveMembers { id, members })
            }
            Self::Collections => Call::Spaces(SpaceCall::Collections),
            Self::CreateCollection { name, description } => {
                let collection = NewCollection { name, description, ..NewCollection::default() };
                Call::Spaces(SpaceCall::CreateCollection { collection })
            }
            Self::DeleteCollection(Id { id }) => Call::Spaces(SpaceCall::DeleteCollection { id }),
            Self::Posts { space, limit: Limit { limit } } => Call::Posts(PostCall::List { space, limit }),
            Self::CountPosts => Call::Posts(PostCall::Count),
            Self::Post(Id { id }) => Call::Posts(PostCall::Get { id }),
            Self::PostsOf { member, limit: Limit { limit } } => {
                Call::Posts(PostCall::OfMember { member, limit })
            }
            Self::CreatePost { space, title, author, content } => {
                Call::Posts(PostCall::Create { space, title, content: text(content)?, author })
            }
            Self::UpdatePost { id, title, content } => {
                Call::Posts(PostCall::Update { id, title, content: some(content)? })
            }
            Self::DeletePost(Id { id }) => Call::Posts(PostCall::Delete { id }),
            Self::Comments { post, limit: Limit { limit } } => {
                Call::Posts(PostCall::Comments { post, limit })
            }
            Self::Comment { post, author, text: content } => {
                Call::Posts(PostCall::Comment { post, content: text(content)?, author })
            }
            Self::Reactions { post, limit: Limit { limit } } => {
                Call::Posts(PostCall::Reactions { post, limit })
            }
            Self::React(Reacting { post, member, reaction }) => {
                Call::Posts(PostCall::React { post, reaction, member })
            }
            Self::Unreact(Reacting { post, member, reaction }) => {
                Call::Posts(PostCall::Unreact { post, reaction, member })
            }
            Self::PostTypes(Limit { limit }) => Call::Posts(PostCall::Types { limit }),
            Self::Tags(Limit { limit }) => Call::Posts(PostCall::Tags { limit }),
            Self::CreateTag { title, slug } => Call::Posts(PostCall::CreateTag { title, slug }),
            Self::Events { space, limit: Limit { limit } } => Call::Events(EventCall::List { space, limit }),
            Self::CountEvents => Call::Events(EventCall::Count),
            Self::Event(Id { id }) => Call::Events(EventCall::Get { id }),
            Self::CreateEvent { space, plan } => {
                Call::Events(EventCall::Create { space, plan: Box::new(plan.read(&some)?) })
            }
            Self::UpdateEvent { id, plan } => {
                Call::Events(EventCall::Update { id, plan: Box::new(plan.read(&some)?) })
            }
            Self::DeleteEvent(Id { id }) => Call::Events(EventCall::Delete { id }),
            Self::Registrations { event: id, limit: Limit { limit } } => {
                Call::Events(EventCall::Registrations { id, limit })
            }
            Self::Register { event: id, member } => Call::Events(EventCall::Register { id, member }),
            Self::CancelRegistration { event: id, member } => Call::Events(EventCall::Cancel { id, member }),
            Self::SendMessage { to, text: content } => {
                Call::Messages(MessageCall::Send { to, text: text(content)? })
            }
            Self::Messages { member, limit: Limit { limit } } => {
                Call::Messages(MessageCall::With { member, limit })
            }
            Self::Chats(Limit { limit }) => Call::Messages(MessageCall::Chats { limit }),
            Self::Chat(Id { id }) => Call::Messages(MessageCall::Chat { id }),
            Self::Contactable { member } => Call::Messages(MessageCall::Contactable { member }),
            Self::Network => Call::Network(NetworkCall::Get),
            Self::RateLimits => Call::Network(NetworkCall::RateLimits),
            Self::EventTypes => Call::Network(NetworkCall::EventTypes),
            Self::UploadImage { file, content_type } => {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Call::Network(NetworkCall::UploadImage { name, content_type, content: reads.file(&file)? })
            }
        })
    }
}

impl Plan {
    fn read(
        self,
        some: &dyn Fn(Option<String>) -> Result<Option<String>, Fault>,
    ) -> Result<EventPlan, Fault> {
        let Self { title, content, start, end, time_zone, hosts, capacity } = self;
        Ok(EventPlan { title, content: some(content)?, start, end, time_zone, hosts, capacity })
    }
}
