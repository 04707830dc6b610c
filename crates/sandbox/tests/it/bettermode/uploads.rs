//! Images: a place is asked for, filled by a form, and shown in posts.

use super::support::{By, Service, service};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const CREATE: &str = "mutation($i: [CreateImageInput!]!) { createImages(input: $i) { mediaId signedUrl \
    fields mediaUrl mediaDownloadUrl } }";

const PNG: &[u8] = b"\x89PNG not really";

impl Service {
    async fn place(&self) -> Value {
        let image = json!({"contentType": "image/png", "name": "a.png", "size": PNG.len()});
        self.ask(&By::App, CREATE, json!({"i": [image]})).await.data("/createImages/0")
    }
}

fn fields(place: &Value) -> Vec<(String, String)> {
    let fields: Value = serde_json::from_str(place["fields"].as_str().expect("a text")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    fields.as_object().expect("an object").iter().map(|(key, value)| (key.clone(), text(value))).collect()
}

fn form(fields: Vec<(String, String)>, file: Option<(&'static [u8], &str)>) -> Form {
    let form = fields.into_iter().fold(Form::new(), |form, (key, value)| form.text(key, value));
    match file {
        None => form,
        Some((bytes, kind)) => {
            form.part("file", Part::bytes(bytes).file_name("a.png").mime_str(kind).expect("a type"))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_goes_from_its_form_into_a_post() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let place = service.place().await;
    let id = place["mediaId"].as_str().expect("an id");
    let html = format!("<p>See</p><figure data-type=\"image\" data-id=\"{id}\"></figure>");
    let input = service.post_input(Some("T"), &html).await;
    let reply = service.create_post(&By::App, &space, input.clone()).await;
    assert_eq!(reply.error().1, "The media is not uploaded");
    let client = crate::support::client();
    let url = place["signedUrl"].as_str().expect("an address");
    let answer = client
        .post(url)
        .multipart(form(fields(&place), Some((PNG, "image/png"))))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 204);
    let made = service.create_post(&By::App, &space, input).await.text("/createPost/id");
    let query = format!("{{ post(id: \"{made}\") {{ imageIds }} }}");
    assert_eq!(service.app(&query).await.data("/post/imageIds"), json!([id]));
    let shown = client.get(place["mediaUrl"].as_str().expect("an address")).send().await.expect("an answer");
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.bytes().await.expect("bytes").as_ref(), PNG);
    let picture = "mutation($p: String) { updateMember(input: {profilePictureId: $p}) { profilePicture { \
        __typename ... on Image { name status } } } }";
    let reply = service.ask(&By::App, picture, json!({"p": id})).await;
    assert_eq!(
        reply.data("/updateMember/profilePicture"),
        json!({"__typename": "Image", "name": "a.png", "status": "Ok"})
    );
    let nowhere = service.post_input(Some("T"), "<figure data-type=\"image\" data-id=\"x\"></figure>").await;
    assert_eq!(
        service.create_post(&By::App, &space, nowhere).await.error(),
        (404, "Media not found".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_as_it_was_signed_is_refused() {
    let service = service(0, "").await;
    let place = service.place().await;
    let client = crate::support::client();
    let url = place["signedUrl"].as_str().expect("an address");
    let whole = fields(&place);
    let without = |name: &str| -> Vec<(String, String)> {
        whole.iter().filter(|(key, _)| key != name).cloned().collect()
    };
    let mut changed = whole.clone();
    changed[0].1.push('x');
    let image = Some((PNG, "image/png"));
    for (fields, file, status) in [
        (without("signature"), image, 403),
        (without("key"), image, 403),
        (changed, image, 403),
        (without("Content-Type"), image, 400),
        (whole.clone(), Some((PNG, "image/gif")), 400),
        (whole.clone(), Some((&b"short"[..], "image/png")), 400),
        (whole.clone(), None, 400),
    ] {
        let shown = format!("{fields:?} {file:?}");
        let answer = client.post(url).multipart(form(fields, file)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{shown}");
    }
    let late = form(Vec::new(), image);
    let late = whole.iter().fold(late, |form, (key, value)| form.text(key.clone(), value.clone()));
    let answer = client.post(url).multipart(late).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400, "fields behind the file are not read");
    let token = client
        .post(url)
        .bearer_auth("x")
        .multipart(form(whole.clone(), image))
        .send()
        .await
        .expect("an answer");
    assert_eq!(token.status().as_u16(), 400, "the storage wants no token");
    assert_eq!(client.post(url).body("x").send().await.expect("an answer").status().as_u16(), 400);
    let elsewhere = format!("{}/upload/nothing", service.running.address);
    let answer = client.post(elsewhere).multipart(form(whole, image)).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 404);
    let empty = client.get(place["mediaUrl"].as_str().expect("an address")).send().await.expect("an answer");
    assert_eq!(empty.status().as_u16(), 404, "nothing arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_for_images_of_a_sensible_size() {
    let service = service(0, "").await;
    for image in [
        json!({"contentType": "text/html", "name": "a", "size": 1}),
        json!({"contentType": "image/png", "name": " ", "size": 1}),
        json!({"contentType": "image/png", "name": "a", "size": 0}),
        json!({"contentType": "image/png", "name": "a", "size": 1.5}),
        json!({"contentType": "image/png", "name": "a", "size": 99_999_999}),
    ] {
        assert_eq!(service.ask(&By::App, CREATE, json!({"i": [image]})).await.error().0, 400, "{image}");
    }
    assert_eq!(service.ask(&By::App, CREATE, json!({"i": []})).await.error().0, 400);
    let guest = By::Token(service.guest().await);
    let image = json!({"contentType": "image/png", "name": "a", "size": 1});
    assert_eq!(service.ask(&guest, CREATE, json!({"i": [image]})).await.error().0, 403);
}
