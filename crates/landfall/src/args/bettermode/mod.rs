//! What people type behind `landfall bettermode`: one verb for each call of the client.

mod call;

pub use call::Reads;

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `landfall bettermode`.
#[derive(Debug, Args)]
pub struct Bettermode {
    /// Act as this member instead of the app
    #[arg(long = "as", value_name = "ID", global = true)]
    pub acting_as: Option<String>,
    /// The call
    #[command(subcommand)]
    pub command: BettermodeCommand,
}

/// How many records of a list.
#[derive(Debug, Args)]
pub struct Limit {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
}

/// One id.
#[derive(Debug, Args)]
pub struct Id {
    /// The id
    pub id: String,
}

/// The calls.
#[derive(Debug, Subcommand)]
pub enum BettermodeCommand {
    /// A member by id
    GetMember(Id),
    /// A member by e-mail address
    GetMemberByEmail {
        /// The address, in any case
        email: String,
    },
    /// A member by the id that another system gave
    GetMemberByExternalId(Id),
    /// Members, oldest first
    Members {
        /// Words to look for
        #[arg(long)]
        query: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// How many members there are
    CountMembers,
    /// Make a member without a mail, whose address counts as proven
    AddMember {
        /// The address
        #[arg(long)]
        email: String,
        /// The name
        #[arg(long)]
        name: String,
        /// The name in addresses
        #[arg(long)]
        username: Option<String>,
        /// The id that another system gave
        #[arg(long)]
        external_id: Option<String>,
    },
    /// Change a member
    UpdateMember {
        /// Whom
        id: String,
        /// The name
        #[arg(long)]
        name: Option<String>,
        /// The name in addresses
        #[arg(long)]
        username: Option<String>,
        /// The address
        #[arg(long)]
        email: Option<String>,
        /// A line about the person
        #[arg(long)]
        tagline: Option<String>,
        /// The id of the role
        #[arg(long)]
        role: Option<String>,
    },
    /// Mail somebody an invitation
    InviteMember {
        /// Their address
        email: String,
        /// Their name
        #[arg(long)]
        name: Option<String>,
        /// What the mail says besides
        #[arg(long)]
        message: Option<String>,
    },
    /// Lock a member out
    SuspendMember(Id),
    /// Let a member in again
    UnsuspendMember(Id),
    /// Delete a member; what they wrote stays
    DeleteMember(Id),
    /// The roles of the community
    Roles,
    /// The custom fields of members
    MemberFields,
    /// Spaces, oldest first
    Spaces(Limit),
    /// How many spaces there are
    CountSpaces,
    /// A space by id
    Space(Id),
    /// A space by its name in addresses
    SpaceBySlug {
        /// That name
        slug: String,
    },
    /// Make a space
    CreateSpace {
        /// Its name
        #[arg(long)]
        name: String,
        /// Its name in addresses
        #[arg(long)]
        slug: Option<String>,
        /// The id of its collection
        #[arg(long)]
        collection: Option<String>,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// Only members of it see what is in it
        #[arg(long)]
        private: bool,
        /// Others do not see that there is such a space
        #[arg(long)]
        hidden: bool,
        /// Nobody enters without an invitation
        #[arg(long)]
        invite_only: bool,
    },
    /// Delete a space with everything in it
    DeleteSpace(Id),
    /// Who is in a space
    SpaceMembers {
        /// Which
        id: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Put members into a space
    AddToSpace {
        /// Which
        #[arg(long, value_name = "ID")]
        space: String,
        /// Whom
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// Take members out of a space
    RemoveFromSpace {
        /// Which
        #[arg(long, value_name = "ID")]
        space: String,
        /// Whom
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// All collections of spaces
    Collections,
    /// Make a collection
    CreateCollection {
        /// Its name
        #[arg(long)]
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// Delete a collection
    DeleteCollection(Id),
    /// Posts, oldest first
    Posts {
        /// Only those of this space
        #[arg(long, value_name = "ID")]
        space: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// How many posts there are
    CountPosts,
    /// A post or comment, with its reactions
    Post(Id),
    /// What a member wrote: ids, titles, dates
    PostsOf {
        /// Whose
        member: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Publish a post
    CreatePost {
        /// The space
        #[arg(long, value_name = "ID")]
        space: String,
        /// Its title
        #[arg(long)]
        title: String,
        /// In whose name
        #[arg(long, value_name = "ID")]
        author: Option<String>,
        /// What it says, HTML; - reads it from standard input
        #[arg(long, value_name = "HTML", allow_hyphen_values = true)]
        content: String,
    },
    /// Change what a post or comment says
    UpdatePost {
        /// Which
        id: String,
        /// Its new title
        #[arg(long)]
        title: Option<String>,
        /// What it says now, HTML; - reads it from standard input
        #[arg(long, value_name = "HTML", allow_hyphen_values = true)]
        content: Option<String>,
    },
    /// Delete a post or comment with the replies to it
    DeletePost(Id),
    /// Comments below a post, or answers to a comment
    Comments {
        /// Of which
        post: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Answer a post or comment
    Comment {
        /// Which
        #[arg(long, value_name = "ID")]
        post: String,
        /// In whose name
        #[arg(long, value_name = "ID")]
        author: Option<String>,
        /// What it says, HTML; - reads it from standard input
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Who reacted to a post, and how
    Reactions {
        /// Which
        post: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// React to a post
    React(Reacting),
    /// Take a reaction back
    Unreact(Reacting),
    /// The types that posts and comments have here
    PostTypes(Limit),
    /// Tags
    Tags(Limit),
    /// Make a tag
    CreateTag {
        /// Its title
        title: String,
        /// Its name in addresses
        #[arg(long)]
        slug: Option<String>,
    },
    /// Events
    Events {
        /// Only those of this space
        #[arg(long, value_name = "ID")]
        space: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// How many events there are
    CountEvents,
    /// An event
    Event(Id),
    /// Make an event
    CreateEvent {
        /// The space
        #[arg(long, value_name = "ID")]
        space: String,
        #[command(flatten)]
        plan: Plan,
    },
    /// Change an event; what is not given stays
    UpdateEvent {
        /// Which
        id: String,
        #[command(flatten)]
        plan: Plan,
    },
    /// Call an event off
    DeleteEvent(Id),
    /// Who comes to an event, and who came no longer
    Registrations {
        /// To which
        event: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Register somebody for an event
    Register {
        /// For which
        event: String,
        /// Whom [default: the app]
        #[arg(long, value_name = "ID")]
        member: Option<String>,
    },
    /// Take a registration back
    CancelRegistration {
        /// For which
        event: String,
        /// Whose [default: the app's]
        #[arg(long, value_name = "ID")]
        member: Option<String>,
    },
    /// Send a direct message
    SendMessage {
        /// To whom
        #[arg(long, value_name = "ID")]
        to: String,
        /// What it says; - reads it from standard input
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// The chat with a member, newest message first
    Messages {
        /// With whom
        member: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Chats of the app, or of the member of --as
    Chats(Limit),
    /// A chat by id
    Chat(Id),
    /// Whether a member takes messages
    Contactable {
        /// Who
        member: String,
    },
    /// The community: whether the token is good
    Network,
    /// What is left of the service's rate limits
    RateLimits,
    /// What webhooks can tell of
    EventTypes,
    /// Upload an image, to be shown in a post
    UploadImage {
        /// The file
        file: PathBuf,
        /// Its media type
        #[arg(long, value_name = "TYPE", default_value = "image/png")]
        content_type: String,
    },
}

/// A reaction of somebody.
#[derive(Debug, Args)]
pub struct Reacting {
    /// To which post
    #[arg(long, value_name = "ID")]
    pub post: String,
    /// In whose name [default: the app's]
    #[arg(long, value_name = "ID")]
    pub member: Option<String>,
    /// The key, such as +1
    #[arg(allow_hyphen_values = true)]
    pub reaction: String,
}

/// What is said of an event.
#[derive(Debug, Args)]
pub struct Plan {
    /// Its title
    #[arg(long)]
    pub title: Option<String>,
    /// What it is about, HTML; - reads it from standard input
    #[arg(long, value_name = "HTML", allow_hyphen_values = true)]
    pub content: Option<String>,
    /// When it begins: 2026-05-01T10:00 in --time-zone, or 2026-05-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// When it ends
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// The time zone that it is shown in [default of a new event: UTC]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// A member who gives it (may be repeated)
    #[arg(long = "host", value_name = "ID")]
    pub hosts: Vec<String>,
    /// How many may come
    #[arg(long, value_name = "N")]
    pub capacity: Option<u64>,
}
