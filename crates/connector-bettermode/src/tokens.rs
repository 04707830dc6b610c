//! Tokens: how long they are good, and which of them are kept.

use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use webclient::{Authorization, Error, Exchange};

/// Tokens of members that are kept: each costs a request, and a community's writers come back.
pub const MEMBERS_MAX: usize = 500;

/// How long before its end a token is renewed, at most; a short-lived one is renewed after nine tenths of its
/// life.
const BEFORE_END: SignedDuration = SignedDuration::from_mins(5);

/// Whom a call is made as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// The app itself.
    App,
    /// A member, by the app's right to act as one.
    Member(String),
    /// Nobody in particular, who may log in.
    Guest,
    /// Whoever this token is of.
    Holder(Secret),
}

/// A token in use.
pub(crate) struct Token {
    pub authorization: Authorization,
    /// Where it is good, if not at the usual address.
    pub gateway: Option<Exchange>,
    /// Whether it was fetched, so that another one can be.
    pub minted: bool,
    renew_at: Option<Timestamp>,
    number: u64,
}

impl Token {
    /// A token that was got at `now`. One that cannot be renewed is used until it is refused.
    pub fn new(
        secret: &Secret,
        gateway: Option<Exchange>,
        minted: bool,
        now: Timestamp,
        renewable: bool,
    ) -> Result<Self, Error> {
        let authorization = Authorization::bearer(secret)?;
        let renew_at = expiry(secret).filter(|_| renewable).and_then(|end| renewal(now, end));
        Ok(Self { authorization, gateway, minted, renew_at, number: 0 })
    }
}

/// The tokens that are kept.
#[derive(Default)]
pub(crate) struct Kept {
    app: Option<Arc<Token>>,
    guest: Option<Arc<Token>>,
    /// The one that was used last stands last.
    members: IndexMap<String, Arc<Token>>,
    /// The ready token was refused or has ended.
    pub ready_is_over: bool,
    numbers: u64,
}

impl Kept {
    /// The token for this caller, if it is still good.
    pub fn get(&mut self, who: &Who, now: Timestamp) -> Option<Arc<Token>> {
        let token = match who {
            Who::App => self.app.clone(),
            Who::Guest => self.guest.clone(),
            Who::Member(id) => {
                let (id, token) = self.members.shift_remove_entry(id)?;
                self.members.insert(id, token.clone());
                Some(token)
            }
            Who::Holder(_) => None,
        }?;
        if token.renew_at.is_some_and(|at| at <= now) {
            self.forget(who, &token);
            return None;
        }
        Some(token)
    }

    /// Keeps a token, and forgets the member's that was not used for longest.
    pub fn keep(&mut self, who: &Who, mut token: Token) -> Arc<Token> {
        self.numbers += 1;
        token.number = self.numbers;
        let token = Arc::new(token);
        match who {
            Who::App => self.app = Some(token.clone()),
            Who::Guest => self.guest = Some(token.clone()),
            Who::Member(id) => {
                self.members.insert(id.clone(), token.clone());
                if self.members.len() > MEMBERS_MAX {
                    self.members.shift_remove_index(0);
                }
            }
            Who::Holder(_) => {}
        }
        token
    }

    /// Forgets a token, unless another one has taken its place meanwhile.
    pub fn forget(&mut self, who: &Who, token: &Token) {
        let is_it = |kept: &Option<Arc<Token>>| kept.as_ref().is_some_and(|kept| kept.number == token.number);
        match who {
            Who::App if is_it(&self.app) => {
                self.ready_is_over |= !token.minted;
                self.app = None;
            }
            Who::Guest if is_it(&self.guest) => self.guest = None,
            Who::Member(id) if is_it(&self.members.get(id).cloned()) => {
                self.members.shift_remove(id);
            }
            _ => {}
        }
    }
}

/// When a token ends, if it is a JWT that says so (RFC 7519, section 4.1.4). Nothing is verified: that is for
/// the service to do.
pub(crate) fn expiry(token: &Secret) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: serde_json::Number,
    }
    let mut parts = token.expose().split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(claims.exp.as_i64()?).ok()
}

/// When a token that was got at `now` and ends at `end` is to be renewed; `None`: one that has ended when it
/// came is a matter of clocks, and is used until it is refused.
fn renewal(now: Timestamp, end: Timestamp) -> Option<Timestamp> {
    let life = end.duration_since(now);
    if !life.is_positive() {
        return None;
    }
    let before = BEFORE_END.min(life / 10);
    Some(end - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a timestamp")
    }

    fn jwt(claims: &str) -> Secret {
        Secret::new(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)))
    }

    fn token(seconds: i64) -> Token {
        let secret = jwt(&format!(r#"{{"exp":{}}}"#, NOW + seconds));
        Token::new(&secret, None, true, at(NOW), true).expect("a token")
    }

    #[test]
    fn the_end_of_a_token_is_read_if_it_says_so() {
        for (secret, end) in [
            (jwt(r#"{"exp":1700000000,"sub":"m"}"#), Some(NOW)),
            (Secret::new("e30.eyJleHAiOjF9.x"), Some(1)),
            (Secret::new("e30.eyJleHAiOjF9==.x"), Some(1)),
            (jwt(r#"{"sub":"m"}"#), None),
            (jwt(r#"{"exp":"soon"}"#), None),
            (jwt("no json"), None),
            (Secret::new("opaque"), None),
            (Secret::new("a.b"), None),
            (Secret::new("a.!!.c"), None),
            (jwt(r#"{"exp":99999999999999}"#), None),
        ] {
            assert_eq!(expiry(&secret), end.map(at), "{end:?}");
        }
    }

    #[test]
    fn a_token_is_renewed_before_its_end() {
        for (life, renewed_after) in [
            (30 * 86_400, Some(30 * 86_400 - 300)),
            (3_000, Some(2_700)),
            (60, Some(54)),
            (0, None),
            (-5, None),
        ] {
            assert_eq!(renewal(at(NOW), at(NOW + life)), renewed_after.map(|s| at(NOW + s)), "{life}");
        }
        let mut kept = Kept::default();
        kept.keep(&Who::App, token(3_000));
        assert!(kept.get(&Who::App, at(NOW + 2_699)).is_some());
        assert!(kept.get(&Who::App, at(NOW + 2_700)).is_none());
        assert!(kept.get(&Who::App, at(NOW)).is_none(), "it is forgotten");
        let secret = jwt(&format!(r#"{{"exp":{}}}"#, NOW + 3_000));
        let last = Token::new(&secret, None, false, at(NOW), false).expect("a token");
        kept.keep(&Who::App, last);
        assert!(kept.get(&Who::App, at(NOW + 9_000)).is_some(), "there is no other one");
    }

    #[test]
    fn a_refused_token_is_forgotten_and_its_successor_is_not() {
        let mut kept = Kept::default();
        for who in [Who::App, Who::Guest, Who::Member("m".into())] {
            let old = kept.keep(&who, token(3_000));
            let new = kept.keep(&who, token(3_000));
            kept.forget(&who, &old);
            assert!(kept.get(&who, at(NOW)).is_some(), "{who:?}");
            kept.forget(&who, &new);
            assert!(kept.get(&who, at(NOW)).is_none(), "{who:?}");
        }
        assert!(!kept.ready_is_over);
        let ready = Token::new(&Secret::new("ready"), None, false, at(NOW), true).expect("a token");
        let ready = kept.keep(&Who::App, ready);
        kept.forget(&Who::App, &ready);
        assert!(kept.ready_is_over);
    }

    #[test]
    fn members_tokens_are_bounded_and_the_least_used_goes_first() {
        let mut kept = Kept::default();
        let member = |n: usize| Who::Member(format!("m{n}"));
        for n in 0..MEMBERS_MAX {
            kept.keep(&member(n), token(3_000));
        }
        assert!(kept.get(&member(0), at(NOW)).is_some());
        kept.keep(&member(MEMBERS_MAX), token(3_000));
        assert_eq!(kept.members.len(), MEMBERS_MAX);
        assert!(kept.get(&member(0), at(NOW)).is_some(), "it was used");
        assert!(kept.get(&member(1), at(NOW)).is_none());
    }
}
