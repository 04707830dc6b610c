//! Uploads: announced, then sent to a store without a token.

use crate::queries::check_variables;
use crate::rig::{TOKEN, client};
use crate::stub::{Act, Request, Stub};
use connector_bettermode::Error;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A service whose store is at `/store` of its own address, or elsewhere; the store gives these answers.
async fn service(signed: Option<&str>, fields: Value, store: Vec<Act>) -> Stub {
    let own = Arc::new(Mutex::new(String::new()));
    let (base, elsewhere, mut at) = (own.clone(), signed.map(str::to_owned), 0);
    let stub = Stub::start(move |request: &Request| {
        if request.path == "/store" {
            at += 1;
            return store[(at - 1).min(store.len() - 1)].clone();
        }
        let here = format!("{}/store?sig=1", base.lock().expect("not poisoned"));
        let signed = elsewhere.clone().unwrap_or(here);
        Act::Data(json!({"createImages": [{"mediaId": "md1", "signedUrl": signed, "fields": fields, "mediaUrl": "u"}]}))
    })
    .await;
    own.lock().expect("not poisoned").push_str(&stub.url);
    stub
}

#[tokio::test]
async fn an_image_is_announced_and_uploaded_without_a_token() {
    let fields = json!("{\"key\":\"a/b.png\",\"policy\":\"p\"}");
    let stub =
        service(None, fields, vec![Act::Answer(503, String::new()), Act::Answer(204, String::new())]).await;
    let image = client(&stub).upload_image("b.png", "image/png", b"PNG bytes").await.expect("an image");
    assert_eq!((image.media_id.as_str(), image.media_url.as_deref()), ("md1", Some("u")));
    let requests = stub.requests();
    check_variables(&requests[0]);
    let input = json!([{"contentType": "image/png", "name": "b.png", "size": 9}]);
    assert_eq!(requests[0].variables["input"], input);
    assert_eq!(requests.len(), 3, "the upload is tried again");
    for upload in &requests[1..] {
        assert_eq!(upload.authorization, None);
        for part in ["name=\"key\"", "a/b.png", "name=\"policy\"", "filename=\"b.png\"", "PNG bytes"] {
            assert!(upload.body.contains(part), "{part} is not in {}", upload.body);
        }
        assert!(!upload.body.contains(TOKEN));
    }
}

#[tokio::test]
async fn an_upload_goes_only_where_it_may_and_its_failure_is_told() {
    for (signed, store, refused_here) in [
        (Some("https://store.invalid/x"), Act::Answer(204, String::new()), true),
        (Some("http://store.invalid/x"), Act::Answer(204, String::new()), true),
        (Some("nonsense"), Act::Answer(204, String::new()), true),
        (None, Act::Answer(403, String::new()), false),
    ] {
        let stub = service(signed, json!({}), vec![store]).await;
        let error = client(&stub).upload_image("b.png", "image/png", b"x").await.expect_err("refused");
        assert_eq!(matches!(error, Error::Odd { .. }), refused_here, "{signed:?}: {error:?}");
        assert!(!format!("{error:?}").contains("sig=1"), "a signed address is a secret");
    }
    let stub = service(None, json!({}), vec![Act::Answer(204, String::new())]).await;
    let error = client(&stub).upload_image("b.png", "image/png", b"").await.expect_err("empty");
    assert!(matches!(error, Error::Wrong { .. }) && stub.requests().is_empty());
    let none = Stub::script(vec![Act::Data(json!({"createImages": []}))]).await;
    let error = client(&none).upload_image("b.png", "image/png", b"x").await.expect_err("no address");
    assert!(matches!(error, Error::Odd { .. }), "{error:?}");
}
