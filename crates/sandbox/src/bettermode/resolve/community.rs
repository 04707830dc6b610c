//! Tokens, the community itself, its roles, limits and images.

use super::{Resolved, page, unordered};
use crate::bettermode::auth::{Kind, Who};
use crate::bettermode::commands::{ImageInput, LoginInput};
use crate::bettermode::graphql::{Args, Context, Node, Reply};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{GUEST, Media, MemberStatus};
use crate::bettermode::webhook::EVENTS;
use serde_json::{Value, json};

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    Ok(Some(match name {
        "tokens" => guest_tokens(c, args)?,
        "limitedToken" => app_token(c, args)?,
        "loginNetwork" => {
            let member = c.state().log_in(&args.need::<LoginInput>("input")?)?;
            signed_in(c, member)
        }
        "authMember" => Reply::Node(Node::Member(c.by.member.clone())),
        "network" | "networkPublicInfo" => Reply::Node(Node::Network),
        "roles" => {
            let mut roles = c.state().roles.clone();
            // Roles are as old as the community: both orders are that of their making.
            let order: Option<String> = args.get("orderBy")?;
            if order.is_none() {
                roles.sort_by(|a, b| a.id.cmp(&b.id));
            }
            if args.flag("reverse") {
                roles.reverse();
            }
            Reply::Json(json!(roles))
        }
        "apiRateLimitStats" => {
            let readable = c.app.scenario.rate_limit.is_none_or(|limit| limit.stats);
            let app = matches!(c.who, Who::Holder { kind: Kind::App, .. });
            if app && !readable {
                return Err(Refusal::forbidden());
            }
            Reply::Json(c.app.limits.stats(c.state().now))
        }
        "globalEventTypes" => {
            let shown = |event: &crate::bettermode::webhook::EventName| {
                json!({
                    "name": event.name,
                    "noun": event.noun,
                    "verb": event.verb,
                    "description": format!("{}: {}", event.noun.to_lowercase(), event.words),
                    "shortDescription": event.words,
                    "requiredScope": event.scope,
                })
            };
            Reply::Json(EVENTS.iter().map(shown).collect())
        }
        "createImages" => {
            let input: Vec<ImageInput> = args.need("input")?;
            let places = c.state_mut().create_images(&c.by, input)?;
            Reply::Json(places.iter().map(|place| signed_url(&c.app.origin, place)).collect())
        }
        _ => return Ok(None),
    }))
}

/// Where the form of a place goes, and what it must carry.
fn signed_url(origin: &str, place: &Media) -> Value {
    let fields = json!({
        "key": place.key(),
        "Content-Type": place.content_type,
        "signature": place.signature,
    });
    json!({
        "mediaId": place.id,
        "signedUrl": format!("{origin}/upload/{}", place.id),
        "fields": fields.to_string(),
        "mediaUrl": format!("{origin}/media/{}", place.id),
        "mediaDownloadUrl": format!("{origin}/media/{}?download=true", place.id),
    })
}

/// `AuthToken` of a member who is known by now.
pub(super) fn signed_in(c: &Context<'_>, member: String) -> Reply {
    let now = c.state().now;
    let access = c.app.tokens.mint(Kind::Member, &member, now);
    let refresh = c.app.tokens.mint(Kind::Refresh, &member, now);
    Reply::Node(Node::Tokens { access, refresh, member })
}

fn guest_tokens(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    for credential in ["otp", "ssoToken"] {
        // The stand-in hands none out, so none can be right.
        if args.get::<String>(credential)?.is_some() {
            return Err(Refusal::invalid(credential, format!("{credential} is not valid")));
        }
    }
    let now = c.state().now;
    if let Some(token) = args.get::<String>("refreshToken")? {
        let (kind, member) = c.app.tokens.read(&token, now)?;
        if kind != Kind::Refresh {
            return Err(Refusal::unauthorized());
        }
        if member.starts_with(GUEST) {
            return Ok(guest(c, member));
        }
        if c.state().member(&member)?.status == MemberStatus::Suspended {
            return Err(Refusal::forbidden());
        }
        return Ok(signed_in(c, member));
    }
    let (domain, id) = (args.get::<String>("networkDomain")?, args.some_id("networkId")?);
    if domain.is_none() && id.is_none() {
        return Err(Refusal::missing("networkDomain"));
    }
    let ours = {
        let state = c.state();
        domain.is_none_or(|domain| domain == state.network.domain)
            && id.is_none_or(|id| id == state.network.id)
    };
    if !ours {
        return Err(Refusal::not_found("Network"));
    }
    let member = format!("{GUEST}{}", c.state_mut().ids.next());
    Ok(guest(c, member))
}

fn guest(c: &Context<'_>, member: String) -> Reply {
    let now = c.state().now;
    let access = c.app.tokens.mint(Kind::Guest, &member, now);
    let refresh = c.app.tokens.mint(Kind::Refresh, &member, now);
    Reply::Node(Node::Tokens { access, refresh, member })
}

fn app_token(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    let Who::Credentials { id, secret } = c.who else { return Err(Refusal::unauthorized()) };
    if *id != c.app.client_id || *secret != c.app.client_secret {
        let message = "App not found".to_owned();
        return Err(Refusal { message, ..Refusal::not_found("App") });
    }
    let network = args.need::<String>("networkId")?;
    let state = c.state();
    let (context, entity) = (args.get::<String>("context")?, args.get::<String>("entityId")?);
    if network != state.network.id || !c.app.scenario.auth.installed {
        return Err(Refusal::forbidden());
    }
    match context.as_deref() {
        // Without a context, and in that of the community, the entity is the community.
        None | Some("NETWORK") if entity.as_ref().is_some_and(|entity| *entity != network) => {
            return Err(Refusal::forbidden());
        }
        None | Some("NETWORK") => {}
        Some(context) => {
            let entity = entity.ok_or_else(|| Refusal::missing("entityId"))?;
            let known = match context {
                "SPACE" => state.spaces.contains_key(&entity),
                "POST" => state.posts.contains_key(&entity),
                "MEMBER" => state.members.contains_key(&entity),
                _ => state.events.contains_key(&entity),
            };
            if !known {
                return Err(Refusal::forbidden());
            }
        }
    }
    let token = match args.get::<String>("impersonateMemberId")? {
        None => c.app.tokens.mint(Kind::App, &state.bot_id, state.now),
        Some(member) => {
            let member = state.member(&member)?;
            if member.status == MemberStatus::Suspended {
                return Err(Refusal::forbidden());
            }
            // Such a token has the member's powers, and lives as long as an app's.
            c.app.tokens.mint(Kind::App, &member.id, state.now)
        }
    };
    let gateway = c.app.scenario.auth.gateway.then_some(&c.app.origin);
    Ok(Reply::Json(json!({"accessToken": token, "gatewayUrl": gateway})))
}

pub(super) fn tokens(c: &Context<'_>, access: &str, refresh: &str, member: &str, name: &str) -> Reply {
    let state = c.state();
    match name {
        "accessToken" => Reply::Json(access.into()),
        "refreshToken" => Reply::Json(refresh.into()),
        "member" => Reply::Node(Node::Oneself(member.to_owned())),
        "role" => Reply::Json(json!(state.role_of(state.role_type(member)))),
        _ => Reply::Node(Node::Network),
    }
}

pub(super) fn network(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    let state = c.state();
    Ok(Some(match name {
        "roles" => Reply::Json(json!(state.roles)),
        "postTypes" => {
            let context: Option<String> = args.get("context")?;
            let fits = |kind: &&crate::bettermode::state::PostType| {
                context.as_ref().is_none_or(|context| json!(kind.context) == json!(context))
            };
            let found = state.post_types.values().filter(fits);
            Reply::Nodes(found.map(|kind| Node::PostType(kind.id.clone())).collect())
        }
        "spaces" => {
            let ids = state.spaces.keys().filter(|id| state.sees_space(&c.by, id)).cloned();
            return page(c, args, "network.spaces", unordered(ids), Node::Space);
        }
        "members" => return super::members::listed(c, args, "network.members"),
        _ => return Ok(None),
    }))
}
