//! Tokens, who gets them, what they may, and how a refusal looks.

use super::support::{By, Service, service};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::Duration;

const LIMITED: &str = "query($n: String!, $c: PermissionContext, $e: String, $m: String) { \
    limitedToken(networkId: $n, context: $c, entityId: $e, impersonateMemberId: $m) { accessToken \
    gatewayUrl } }";
const LOGIN: &str = "mutation($u: String!, $p: String!) { loginNetwork(input: {usernameOrEmail: $u, \
    password: $p}) { accessToken refreshToken member { id username } role { type } network { id } \
    networkPublicInfo { id } } }";
const ME: &str = "{ authMember { id username role { type scopes } } }";

impl Service {
    fn basic(&self) -> By {
        By::Basic(self.running.client_id.clone(), self.running.client_secret.clone())
    }

    fn network(&self) -> Value {
        json!({"n": self.running.network_id})
    }
}

fn payload(token: &str) -> Value {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "it looks like a JWT: {token}");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_get_a_token_without_a_header_and_little_else() {
    let service = service(4, "").await;
    let query = "query($d: String) { tokens(networkDomain: $d) { accessToken refreshToken role { type \
        scopes } member { id name status } network { name } networkPublicInfo { domain } } }";
    let variables = json!({"d": service.running.network_domain});
    let reply = service.ask(&By::Nobody, query, variables).await;
    assert!(reply.text("/tokens/member/id").starts_with("GUEST_"));
    assert_eq!(reply.data("/tokens/role/type"), "guest");
    let scopes = reply.data("/tokens/role/scopes");
    for scope in ["network:view", "network:login", "network:join"] {
        assert!(scopes.as_array().is_some_and(|all| all.contains(&scope.into())), "{scope}");
    }
    let guest = By::Token(reply.text("/tokens/accessToken"));
    let life = payload(&reply.text("/tokens/accessToken"));
    assert_eq!(life["exp"].as_i64().zip(life["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(24 * 3600));
    assert_eq!(service.ask(&guest, "{ posts(limit: 1) { totalCount } }", json!({})).await.status, 200);
    for query in ["{ members(limit: 1) { totalCount } }", "{ apiRateLimitStats { limit } }"] {
        let reply = service.ask(&guest, query, json!({})).await;
        assert_eq!(reply.error(), (403, "Forbidden resource".to_owned()), "{query}");
    }
    for (query, error) in [
        ("{ tokens { accessToken } }", (400, "networkDomain is required")),
        ("{ tokens(networkDomain: \"other.test\") { accessToken } }", (404, "Network not found")),
        ("{ tokens(networkId: \"x\") { accessToken } }", (404, "Network not found")),
        ("{ tokens(ssoToken: \"x\") { accessToken } }", (400, "ssoToken is not valid")),
        ("{ tokens(refreshToken: \"x\") { accessToken } }", (401, "Unauthorized")),
        ("{ network { id } }", (401, "Unauthorized")),
    ] {
        let reply = service.ask(&By::Nobody, query, json!({})).await;
        assert_eq!(reply.error(), (error.0, error.1.to_owned()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_sign_in_with_a_guest_token_and_refresh() {
    let service = service(0, "").await;
    let variables = json!({"u": "River@Example.test", "p": sandbox::bettermode::Running::PASSWORD});
    let guest = By::Token(service.guest().await);
    for by in [By::Nobody, By::App, By::Member(service.running.owner_id.clone())] {
        let reply = service.ask(&by, LOGIN, variables.clone()).await;
        assert_eq!(reply.error(), (401, "Unauthorized".to_owned()), "{by:?}");
    }
    let reply = service.ask(&guest, LOGIN, variables).await;
    assert_eq!(reply.data("/loginNetwork/role/type"), "admin");
    assert_eq!(reply.text("/loginNetwork/member/id"), service.running.owner_id);
    let by = By::Token(reply.text("/loginNetwork/accessToken"));
    assert_eq!(service.ask(&by, ME, json!({})).await.data("/authMember/username"), "river");
    let refresh = reply.text("/loginNetwork/refreshToken");
    let reply = service.ask(&By::Token(refresh.clone()), ME, json!({})).await;
    assert_eq!(reply.error().0, 401, "a refresh token opens nothing");
    let query = "query($r: String) { tokens(refreshToken: $r) { accessToken member { username } } }";
    let reply = service.ask(&By::Nobody, query, json!({"r": refresh})).await;
    assert_eq!(reply.data("/tokens/member/username"), "river");
    for (user, password) in [("river", "wrong password"), ("nobody", "correct horse battery staple")] {
        let reply = service.ask(&guest, LOGIN, json!({"u": user, "p": password})).await;
        assert_eq!(reply.error().0, 400, "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_its_token_with_basic_auth() {
    let service = service(4, "").await;
    let reply = service.ask(&service.basic(), LIMITED, service.network()).await;
    assert_eq!(reply.data("/limitedToken/gatewayUrl"), Value::Null);
    let token = reply.text("/limitedToken/accessToken");
    let life = payload(&token);
    assert_eq!(life["exp"].as_i64().zip(life["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(30 * 86_400));
    let me = service.ask(&By::Token(token), ME, json!({})).await;
    assert_eq!(
        (me.text("/authMember/id"), me.data("/authMember/role/type")),
        (service.running.bot_id.clone(), json!("admin"))
    );

    let (id, secret) = (service.running.client_id.clone(), service.running.client_secret.clone());
    let network = service.running.network_id.clone();
    for (by, variables, error) in [
        (By::Nobody, service.network(), (401, "Unauthorized")),
        (By::App, service.network(), (401, "Unauthorized")),
        (By::Basic(id.clone(), "wrong".into()), service.network(), (404, "App not found")),
        (By::Basic("wrong".into(), secret), service.network(), (404, "App not found")),
        (service.basic(), json!({"n": "other"}), (403, "Forbidden resource")),
        (service.basic(), json!({"n": network, "c": "NETWORK", "e": "other"}), (403, "Forbidden resource")),
        (service.basic(), json!({"n": network, "c": "SPACE"}), (400, "entityId is required")),
        (service.basic(), json!({"n": network, "m": "nobody"}), (404, "Member not found")),
    ] {
        let reply = service.ask(&by, LIMITED, variables.clone()).await;
        assert_eq!(reply.error(), (error.0, error.1.to_owned()), "{by:?} {variables}");
    }
    let full = json!({"n": network, "c": "NETWORK", "e": network});
    assert_eq!(service.ask(&service.basic(), LIMITED, full).await.status, 200);
    let reply = service.ask(&service.basic(), "{ network { id } }", json!({})).await;
    assert_eq!(reply.error().0, 401, "credentials are for tokens only");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impersonating_token_is_the_member_with_the_members_powers() {
    let service = service(4, "").await;
    let member = service.member("Ada").await;
    let variables = json!({"n": service.running.network_id, "m": member});
    let token = service.ask(&service.basic(), LIMITED, variables).await.text("/limitedToken/accessToken");
    let by = By::Token(token);
    let me = service.ask(&by, ME, json!({})).await;
    assert_eq!(
        (me.text("/authMember/id"), me.data("/authMember/role/type")),
        (member.clone(), json!("member"))
    );
    let query = "mutation($i: CreateSpaceInput!) { createSpace(input: $i) { id } }";
    let reply = service.ask(&by, query, json!({"i": {"name": "Mine"}})).await;
    assert_eq!(reply.error().0, 403);
    service.running.people().suspend(&member).expect("a suspension");
    assert_eq!(service.ask(&by, ME, json!({})).await.error().0, 403, "a suspended member's token");
    let variables = json!({"n": service.running.network_id, "m": member});
    assert_eq!(service.ask(&service.basic(), LIMITED, variables).await.error().0, 403);
    service.running.people().delete_member(&member).expect("a deletion");
    assert_eq!(service.ask(&by, ME, json!({})).await.error().0, 401, "a deleted member's token");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_by_time_by_revocation_and_cannot_be_made_up() {
    let service = service(0, "[auth]\napp_seconds = 60").await;
    let token = service.running.app_token();
    let by = By::Token(token.clone());
    service.clock.advance(Duration::from_secs(59));
    assert_eq!(service.ask(&by, ME, json!({})).await.status, 200);
    service.clock.advance(Duration::from_secs(1));
    assert_eq!(service.ask(&by, ME, json!({})).await.error(), (401, "Unauthorized".to_owned()));

    let fresh = By::Token(service.running.app_token());
    assert_eq!(service.ask(&fresh, ME, json!({})).await.status, 200);
    service.running.revoke_tokens();
    assert_eq!(service.ask(&fresh, ME, json!({})).await.error().0, 401);
    assert_eq!(service.ask(&By::App, ME, json!({})).await.status, 200, "a new one is good");

    let genuine = service.running.app_token();
    let (head, rest) = genuine.split_once('.').expect("three parts");
    let (body, seal) = rest.split_once('.').expect("three parts");
    let mut claims = payload(&genuine);
    claims["exp"] = json!(99_999_999_999_i64);
    let forged = URL_SAFE_NO_PAD.encode(claims.to_string());
    for token in [
        format!("{head}.{forged}.{seal}"),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        "abc".to_owned(),
        String::new(),
    ] {
        assert_eq!(service.ask(&By::Token(token.clone()), ME, json!({})).await.error().0, 401, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_shape_that_the_scenario_chooses() {
    for (scenario, http, top, extensions, code) in [
        ("", 200, json!(401), Value::Null, json!("108")),
        ("[http]\nunauthorized = \"401\"", 401, json!(401), Value::Null, json!("108")),
        ("[errors]\nstatus_at = \"extensions\"", 200, Value::Null, json!(401), json!("108")),
        ("[errors]\nstatus_at = \"both\"\ndetails = false", 200, json!(401), json!(401), Value::Null),
    ] {
        let service = service(0, scenario).await;
        for by in [By::Nobody, By::Token("abc".into())] {
            let reply = service.ask(&by, "{ network { id } }", json!({})).await;
            let (body, error) = (reply.json(), reply.json()["errors"][0].clone());
            assert_eq!(reply.status, http, "{scenario}");
            assert_eq!(
                (error["status"].clone(), error["extensions"]["status"].clone()),
                (top.clone(), extensions.clone())
            );
            assert_eq!(
                (error["message"].clone(), error["code"].clone()),
                (json!("Unauthorized"), code.clone())
            );
            assert_eq!(error.get("timestamp").is_some(), !code.is_null());
            assert!(body.get("data").is_some_and(Value::is_null), "{scenario}");
        }
        let reply = service.app("{ member(id: \"nobody\") { id } }").await;
        assert_eq!(reply.status, 200, "only 401 may be a status of HTTP");
        assert_eq!(reply.json()["errors"][0]["path"], json!(["member"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_not_installed_or_lacks_a_scope_is_forbidden() {
    let service = service(0, "[auth]\ninstalled = false").await;
    let reply = service.ask(&service.basic(), LIMITED, service.network()).await;
    assert_eq!(reply.error(), (403, "Forbidden resource".to_owned()));
    assert_eq!(service.app("{ network { id } }").await.error().0, 403);

    let service = self::service(2, "[auth]\nwithheld = [\"member:delete\"]\nmay_import = false").await;
    let query = "mutation { deleteMember(id: \"x\") { status } }";
    let reply = service.app(query).await;
    assert_eq!((reply.error().0, reply.json()["errors"][0]["path"].clone()), (403, json!(["deleteMember"])));
    let owner = By::Member(service.running.owner_id.clone());
    assert_eq!(service.ask(&owner, query, json!({})).await.error().0, 404, "a person has what the app lacks");
    assert_eq!(service.app("{ members(limit: 1) { totalCount } }").await.status, 200);

    let space = service.space("Here").await;
    for (key, value) in [
        ("createdAt", json!("2023-01-01T00:00:00Z")),
        ("publishedAt", json!("2023-01-01T00:00:00Z")),
        ("ownerId", json!(service.running.owner_id)),
        ("externalId", json!("src-1")),
    ] {
        let mut input = service.post_input(Some("T"), "<p>B</p>").await;
        input[key] = value;
        assert_eq!(service.create_post(&By::App, &space, input).await.error().0, 403, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_and_the_gateway_follow_their_switches() {
    let query = "{ __schema { queryType { name } } }";
    let open = service(0, "").await;
    assert_eq!(open.ask(&By::Nobody, query, json!({})).await.data("/__schema/queryType/name"), "Query");
    let closed = service(0, "[auth]\nintrospection_needs_token = true\ngateway = true").await;
    assert_eq!(closed.ask(&By::Nobody, query, json!({})).await.error().0, 401);
    assert_eq!(closed.app(query).await.status, 200);
    let reply = closed.ask(&closed.basic(), LIMITED, closed.network()).await;
    assert_eq!(reply.text("/limitedToken/gatewayUrl"), closed.running.address);
}
