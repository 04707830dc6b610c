//! Keys and tokens of the console. Everything is signed with a key of this process: a restart ends all
//! logins.

use super::attempts::Attempts;
use crate::dice::hex;
use crate::limits::{LOGIN_FORM_SECONDS, SESSION_SECONDS};
use base::Secret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What a signature is for: one for a cookie is none for a form.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Admin,
    Session,
    Form,
    Login,
}

/// Lets in who has the key.
pub(crate) struct Door {
    key: [u8; 32],
    admin: Option<Secret>,
    pub(super) attempts: Attempts,
}

impl Door {
    /// With a random key of the process. An empty admin key is none.
    pub fn new(key: [u8; 32], admin: Option<Secret>) -> Self {
        Self { key, admin: admin.filter(|admin| !admin.is_empty()), attempts: Attempts::default() }
    }

    /// Whether there is a console.
    pub fn is_there(&self) -> bool {
        self.admin.is_some()
    }

    /// Whether this is the admin key; the time that it takes says nothing about it, not even its length.
    pub fn is_admin(&self, given: &str) -> bool {
        let Some(admin) = &self.admin else { return false };
        let (given, admin) = (self.sign(Purpose::Admin, given), self.sign(Purpose::Admin, admin.expose()));
        given.as_bytes().ct_eq(admin.as_bytes()).into()
    }

    /// The cookie of a new login.
    pub fn session(&self, nonce: &str, now: Timestamp) -> String {
        self.until(Purpose::Session, nonce, now.as_second().saturating_add(SESSION_SECONDS))
    }

    /// Whether a cookie is one of ours and has not ended.
    pub fn is_session(&self, cookie: &str, now: Timestamp) -> bool {
        self.holds(Purpose::Session, cookie, now)
    }

    /// What the forms of a login carry, so that no other page can send them.
    pub fn form_token(&self, cookie: &str) -> String {
        self.sign(Purpose::Form, cookie)
    }

    /// Whether a form was made for this login.
    pub fn is_form_token(&self, cookie: &str, token: &str) -> bool {
        self.form_token(cookie).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// What the login form carries.
    pub fn login_token(&self, nonce: &str, now: Timestamp) -> String {
        self.until(Purpose::Login, nonce, now.as_second().saturating_add(LOGIN_FORM_SECONDS))
    }

    /// Whether a login form is ours and was made lately.
    pub fn is_login_token(&self, token: &str, now: Timestamp) -> bool {
        self.holds(Purpose::Login, token, now)
    }

    /// `end.nonce.signature`.
    fn until(&self, purpose: Purpose, nonce: &str, end: i64) -> String {
        let what = format!("{end}.{nonce}");
        let signature = self.sign(purpose, &what);
        format!("{what}.{signature}")
    }

    fn holds(&self, purpose: Purpose, signed: &str, now: Timestamp) -> bool {
        let Some((what, signature)) = signed.rsplit_once('.') else { return false };
        let ours = bool::from(self.sign(purpose, what).as_bytes().ct_eq(signature.as_bytes()));
        let end = what.split_once('.').and_then(|(end, _)| end.parse::<i64>().ok());
        ours && end.is_some_and(|end| now.as_second() < end)
    }

    fn sign(&self, purpose: Purpose, what: &str) -> String {
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(format!("{purpose:?}|{what}").as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn only_what_this_process_signed_for_this_purpose_opens() {
        let door = Door::new([7; 32], Some(Secret::new("open sesame")));
        let other = Door::new([8; 32], Some(Secret::new("open sesame")));
        let session = door.session("abc", at(0));
        let changed = session.replacen("abc", "abd", 1);
        let longer = session.replacen(&SESSION_SECONDS.to_string(), "99999999", 1);
        for (cookie, now, expected) in [
            (session.as_str(), 0, true),
            (session.as_str(), SESSION_SECONDS - 1, true),
            (session.as_str(), SESSION_SECONDS, false),
            (changed.as_str(), 0, false),
            (longer.as_str(), 0, false),
            (&other.session("abc", at(0)), 0, false),
            (&door.login_token("abc", at(0)), 0, false),
            (&door.form_token("abc"), 0, false),
            ("", 0, false),
            (".", 0, false),
            ("..", 0, false),
        ] {
            assert_eq!(door.is_session(cookie, at(now)), expected, "{cookie} at {now}");
        }
        assert!(door.is_form_token(&session, &door.form_token(&session)));
        assert!(!door.is_form_token(&session, &door.form_token(&changed)));
        assert!(!door.is_form_token(&session, ""));
        assert!(door.is_login_token(&door.login_token("n", at(0)), at(LOGIN_FORM_SECONDS - 1)));
        assert!(!door.is_login_token(&door.login_token("n", at(0)), at(LOGIN_FORM_SECONDS)));
    }

    #[test]
    fn the_key_and_nothing_else_is_the_key() {
        let door = Door::new([7; 32], Some(Secret::new("open sesame")));
        for (given, expected) in
            [("open sesame", true), ("open sesam", false), ("open sesame ", false), ("", false)]
        {
            assert_eq!(door.is_admin(given), expected, "{given:?}");
        }
        for none in [None, Some(Secret::new(""))] {
            let door = Door::new([7; 32], none);
            assert!(!door.is_there());
            assert!(!door.is_admin(""));
        }
    }
}
