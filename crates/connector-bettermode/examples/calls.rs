//! What the calls look like, from the outside: `cargo run -p landfall-connector-bettermode --example calls`.
//!
//! It talks with a community of yours when `main` is given a token; as it stands it only shows that
//! everything fits together, and what happens when nobody answers.

use base::{Clock, Fault, Secret, SystemClock};
use connect::Source;
use connector_bettermode::destination::{Choice, Destination, Kind, Record, cannot_set, mails};
use connector_bettermode::types::{MappingField, Moment, NewMember, NewPost, PostTypeContext};
use connector_bettermode::webhook::{Headers, Payload, parse_secrets, verify};
use connector_bettermode::{BettermodeSource, Client, Error, IntegrationConfig, MemberFilter};

/// Reads: a member by any of three names, lists page by page.
async fn read(client: &Client) -> Result<usize, Error> {
    let by_email = client.get_member_by_email("Ada@example.test").await?;
    let by_id = client.get_member("mem1").await?;
    let mut walk = client.members(&MemberFilter::default());
    let mut seen = usize::from(by_email.is_some()) + usize::from(by_id.is_some());
    while let Some(page) = walk.next_page().await? {
        seen += page.nodes.len();
    }
    Ok(seen)
}

/// Writes: a post in somebody's name, a message as somebody, a reaction.
async fn write(client: &Client) -> Result<(), Error> {
    let post = client.create_post("spc1", "<p>Welcome</p>", "Hello", Some("mem1")).await?;
    client.add_reaction(&post.id, "+1", Some("mem2")).await?;
    client.acting_as("mem1").send_direct_message("mem2", "Glad that you are here").await?;
    Ok(())
}

/// A move: a record that is made once, also when the answer to the call that made it is lost.
async fn move_one(client: &Client, old_id: &str) -> Result<String, Error> {
    let destination = Destination::new(client.clone());
    let types = client.writable_post_types(&PostTypeContext::Post).await?;
    let Some(post_type) = types.first() else {
        return Err(Error::Impossible { what: "write a post here" });
    };
    let fields = vec![MappingField::text("title", "Old words"), MappingField::html("content", "<p>…</p>")];
    let mut post = NewPost::published(&post_type.id, fields);
    post.external_id = Some(old_id.to_owned());
    post.created_at = Some(Moment::new("2019-05-05T05:05:05.000Z"));
    let record = Record::Post { space_id: "spc1".into(), post };

    // The moment is written down first: what is looked for later was not made before it.
    let since = SystemClock.now();
    match destination.create(&record).await {
        Ok(made) => Ok(made.entry.id().to_owned()),
        Err(error) if error.is_unknown_outcome() => match destination.look_for(&record, since).await? {
            Some(found) => Ok(found.id().to_owned()),
            None => Ok(destination.create(&record).await?.entry.id().to_owned()),
        },
        Err(error) => Err(error),
    }
}

/// What a plan can say before anything is written.
fn plan() -> Vec<String> {
    let joined = mails(Choice::JoinVerified, 120);
    let invited = mails(Choice::Invite, 120);
    let mut lines = vec![format!("joining sends {:?} mails, inviting {:?}", joined.count, invited.count)];
    lines.extend(cannot_set(Kind::Event).iter().map(|one| format!("events: {} ({:?})", one.field, one.why)));
    lines
}

/// A webhook: believed, read, answered.
fn receive(signature: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let secrets = parse_secrets("new-secret, old-secret");
    verify(&secrets, &Headers { signature, timestamp }, body, &SystemClock).ok()?;
    let payload = Payload::read(body).ok()?;
    if let Some(told) = payload.subscription() {
        // Stored first, under `told.id`; then answered.
        let _ = (told.name.route(), told.record_key());
    }
    serde_json::to_string(&payload.succeeded()).ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let mut config = IntegrationConfig::new();
    // Nobody listens there; a real community has `connector_bettermode::address::US` or `EU`.
    config.url = "http://127.0.0.1:9".into();
    config.token = Some(Secret::new("a token"));
    let mut ports = connector_bettermode::Ports::default();
    ports.settings.retry.attempts_connect_max = 1;
    let client = Client::with(&config, ports)?;

    let source = BettermodeSource::new(client.clone());
    let member =
        Record::Member { member: NewMember::verified("ada@example.test", "Ada"), then: Box::default() };
    let outcomes = [
        read(&client).await.map(|seen| format!("{seen} members")),
        write(&client).await.map(|()| "written".to_owned()),
        move_one(&client, "src-1").await,
        Destination::new(client).create(&member).await.map(|made| made.entry.id().to_owned()),
    ];
    let mut lines = plan();
    lines.push(format!("{} at {}", source.info().connector, source.info().address));
    lines.extend(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|error| error.to_string())));
    lines.push(format!("an unsigned webhook: {:?}", receive("", "", b"{}")));
    let text = lines.join("\n") + "\n";
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())
        .map_err(|error| Fault::fail(format!("nothing can be shown: {error}")))
}
