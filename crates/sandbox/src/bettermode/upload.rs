//! The storage behind images: it takes a form, as S3 does, and shows what it took.

use super::answer::Answer;
use super::app::App;
use super::commands::IMAGE_MAX;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;

/// Parts of a form besides the file.
const FIELDS_MAX: usize = 20;

/// The name of the part with the file; it comes last.
const FILE: &str = "file";

/// What the form holds.
#[derive(Default)]
struct Form {
    fields: Vec<(String, String)>,
    file: Option<(Option<String>, Bytes)>,
}

/// `POST /upload/ID`: 204 when the form is as the place wants it, else a 403 or 400 of XML.
pub(crate) async fn filled(app: &App, method: &Method, id: &str, headers: &HeaderMap, body: Bytes) -> Answer {
    if *method != Method::POST {
        return refused(405, "MethodNotAllowed");
    }
    if headers.contains_key(header::AUTHORIZATION) {
        // The form is signed; a second way to say who one is makes the storage refuse.
        return refused(400, "InvalidArgument");
    }
    let form = match form(headers, body).await {
        Ok(form) => form,
        Err(code) => return refused(400, code),
    };
    let Some((content_type, bytes)) = form.file else { return refused(400, "InvalidArgument") };
    match app.state().fill(id, &form.fields, content_type.as_deref(), bytes) {
        Ok(()) => Answer::new(204, "application/xml", ""),
        Err((status, code)) => refused(status, code),
    }
}

async fn form(headers: &HeaderMap, body: Bytes) -> Result<Form, &'static str> {
    let broken = "MalformedPOSTRequest";
    let mut request = Request::new(Body::from(body));
    *request.headers_mut() = headers.clone();
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken)?;
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(|_| broken)? {
        let name = part.name().ok_or(broken)?.to_owned();
        // What follows the file is not read.
        if form.file.is_some() || form.fields.len() >= FIELDS_MAX {
            return Err("InvalidArgument");
        }
        if name == FILE {
            let content_type = part.content_type().map(str::to_owned);
            form.file = Some((content_type, part.bytes().await.map_err(|_| broken)?));
        } else {
            form.fields.push((name, part.text().await.map_err(|_| broken)?));
        }
    }
    Ok(form)
}

/// `GET /media/ID`.
pub(crate) fn shown(app: &App, method: &Method, id: &str) -> Answer {
    if *method != Method::GET {
        return refused(405, "MethodNotAllowed");
    }
    let state = app.state();
    let found =
        state.media.get(id).and_then(|media| Some((media.content_type.clone(), media.bytes.clone()?)));
    match found {
        Some((content_type, bytes)) => {
            Answer::new(200, "application/octet-stream", bytes).header(header::CONTENT_TYPE, content_type)
        }
        None => refused(404, "NoSuchKey"),
    }
}

fn refused(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    Answer::new(status, "application/xml", body)
}

/// The largest body of a request, bytes: an image with its form.
pub(crate) const BODY_MAX: usize = IMAGE_MAX as usize + (64 << 10);
