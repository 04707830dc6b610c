//! One request, as data.

use crate::error::Error;
use base::Secret;
use reqwest::header::HeaderValue;

/// How the key stands in the `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `Bearer KEY` (RFC 6750).
    Bearer,
    /// `Token KEY`, as services wrote it before that.
    Token,
}

/// Whom a request is sent as. It shows nothing of the secret.
#[derive(Debug, Clone)]
pub struct Authorization(pub(crate) Kind);

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Key(HeaderValue),
    Basic { user: String, password: Secret },
}

impl Authorization {
    /// `Authorization: Bearer TOKEN`.
    pub fn bearer(token: &Secret) -> Result<Self, Error> {
        Self::keyed(Scheme::Bearer, token)
    }

    /// A key behind the word of its scheme.
    pub fn keyed(scheme: Scheme, key: &Secret) -> Result<Self, Error> {
        let word = match scheme {
            Scheme::Bearer => "Bearer",
            Scheme::Token => "Token",
        };
        let mut value = HeaderValue::from_str(&format!("{word} {}", key.expose())).map_err(|_| {
            Error::Setup { what: "the key holds a character that no HTTP header can carry".into() }
        })?;
        value.set_sensitive(true);
        Ok(Self(Kind::Key(value)))
    }

    /// `Authorization: Basic …` (RFC 7617), UTF-8.
    pub fn basic(user: impl Into<String>, password: Secret) -> Self {
        Self(Kind::Basic { user: user.into(), password })
    }
}

/// What a request carries.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// Nothing: the request is a GET.
    None,
    /// A JSON document: the request is a POST.
    Json(&'a [u8]),
    /// A JSON document that changes what is there: the request is a PATCH (RFC 5789).
    Patch(&'a [u8]),
    /// A form with a file, as browsers send it (RFC 7578): the request is a POST.
    Form(&'a Form<'a>),
}

/// A form with one file, which comes last: object stores ignore what follows it.
#[derive(Clone)]
pub struct Form<'a> {
    /// Names and values of the fields before the file.
    pub fields: &'a [(String, String)],
    /// The file's name.
    pub file_name: &'a str,
    /// Its media type, `image/png`.
    pub content_type: &'a str,
    /// What it holds.
    pub content: &'a [u8],
}

impl Form<'_> {
    pub(crate) fn multipart(&self) -> Result<reqwest::multipart::Form, Error> {
        let file = reqwest::multipart::Part::bytes(self.content.to_vec())
            .file_name(self.file_name.to_owned())
            .mime_str(self.content_type)
            .map_err(|_| Error::Setup { what: "the file's media type cannot be read".into() })?;
        let form = self.fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| {
            form.text(name.clone(), value.clone())
        });
        Ok(form.part("file", file))
    }
}

/// A request below the address of an [`crate::Exchange`].
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Segments of the path behind the address.
    pub segments: &'a [&'a str],
    /// The query, names and values.
    pub query: &'a [(&'a str, &'a str)],
    /// Whom it is sent as; `None`: nobody.
    pub authorization: Option<&'a Authorization>,
    /// What it carries.
    pub payload: Payload<'a>,
}

impl<'a> Call<'a> {
    /// A JSON document, posted to the address itself.
    pub fn post(authorization: Option<&'a Authorization>, json: &'a [u8]) -> Self {
        Self { segments: &[], query: &[], authorization, payload: Payload::Json(json) }
    }
}
