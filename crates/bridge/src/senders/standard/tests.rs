//! The scenarios of the libraries of Standard Webhooks, and what went wrong elsewhere.

use super::super::support::{NOW, Told, case, judge, judged};
use super::*;
use base::Secret;
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// The vector that the libraries share.
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
const AT: &str = "1649367553";
const BODY: &str = r#"{"email":"test@example.com","username":"test_user"}"#;
const SIGNED: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

/// The moment of the vector.
const THEN: Timestamp = Timestamp::constant(1_649_367_553, 0);

const WRONG: Told<'_> = Told::No("the signature is wrong");
const MISSING: Told<'_> = Told::No("the id, the timestamp or the signature is missing");
const FAR: Told<'_> = Told::No("the timestamp is more than five minutes away");
const GOOD: Told<'_> = Told::Event(UNNAMED, ID);

fn sign(secret: &str, id: &str, at: &str, body: &str) -> String {
    let key = BASE64.decode(secret.trim_start_matches("whsec_")).expect("base64");
    let signature = keys::hmac(&key, &[format!("{id}.{at}.{body}").as_bytes()]);
    format!("v1,{}", BASE64.encode(signature))
}

fn asked(secrets: &str, prefix: &str, [id, at, signature]: [&str; 3], body: &str) -> Told<'static> {
    let names = ["id", "timestamp", "signature"].map(|name| format!("{prefix}-{name}"));
    let headers = case(&[(&names[0], id), (&names[1], at), (&names[2], signature)]);
    judge("standard", secrets, &headers, body, THEN)
}

#[test]
fn only_what_is_signed_by_a_secret_is_taken() {
    let bare = SECRET.trim_start_matches("whsec_");
    let pasted = format!("v1,{SECRET}");
    let new = "whsec_bmV3LXNlY3JldC1vZi10aGUtc2VuZGVy";
    let (padded, bare_end) = ("whsec_c2VjcmV0IQ==", "whsec_c2VjcmV0IQ");
    let by_padded = sign(padded, ID, AT, BODY);
    let rotation = format!("{new} , {SECRET},");
    let by_new = sign(new, ID, AT, BODY);
    let both = format!("{by_new} {SIGNED}");
    let (cut, unpadded) = (&SIGNED[..SIGNED.len() - 6], SIGNED.trim_end_matches('='));
    let v2 = SIGNED.replace("v1,", "v2,");
    let v1a = SIGNED.replace("v1,", "v1a,");
    let noise = format!("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x {SIGNED}");
    let many = format!("{}{SIGNED}", "v1,AAAA ".repeat(SIGNATURES_MAX));
    for (name, secrets, signature, expected) in [
        ("the vector", SECRET, SIGNED, GOOD),
        ("a secret without its prefix", bare, SIGNED, GOOD),
        ("a secret pasted with its version", &pasted, SIGNED, GOOD),
        ("a secret with padding", padded, &by_padded, GOOD),
        ("the same secret without", bare_end, &by_padded, GOOD),
        ("the old of two secrets", &rotation, SIGNED, GOOD),
        ("the new of two secrets", &rotation, &by_new, GOOD),
        ("both sign", new, &both, GOOD),
        ("one of several fits", SECRET, &noise, GOOD),
        ("without padding", SECRET, unpadded, GOOD),
        ("another secret", new, SIGNED, WRONG),
        ("cut", SECRET, cut, WRONG),
        ("no version", SECRET, &SIGNED[3..], WRONG),
        ("another version only", SECRET, &v2, WRONG),
        ("the version of other keys", SECRET, &v1a, WRONG),
        ("no base64", SECRET, "v1,!!!!", WRONG),
        ("empty", SECRET, "v1,", WRONG),
        ("beyond the last that is looked at", SECRET, &many, WRONG),
        ("missing", SECRET, "-", MISSING),
    ] {
        assert_eq!(asked(secrets, "webhook", [ID, AT, signature], BODY), expected, "{name}");
        assert_eq!(asked(secrets, "svix", [ID, AT, signature], BODY), expected, "{name}, as Svix");
    }
}

#[test]
fn id_and_time_are_signed_and_wanted() {
    for (name, [id, at, signature], body, expected) in [
        ("another id", ["msg_other", AT, SIGNED], BODY, WRONG),
        ("another time", [ID, "1649367554", SIGNED], BODY, WRONG),
        ("the time written otherwise", [ID, "01649367553", SIGNED], BODY, WRONG),
        ("another body", [ID, AT, SIGNED], "{}", WRONG),
        ("the same body written otherwise", [ID, AT, SIGNED], &BODY.replace(',', ", "), WRONG),
        ("no id", ["-", AT, SIGNED], BODY, MISSING),
        ("no time", [ID, "-", SIGNED], BODY, MISSING),
        ("nothing", ["-", "-", "-"], BODY, MISSING),
    ] {
        assert_eq!(asked(SECRET, "webhook", [id, at, signature], body), expected, "{name}");
    }
    for (at, expected) in [
        ("1649367253", GOOD),
        ("1649367853", GOOD),
        ("1649367252", FAR),
        ("1649367854", FAR),
        ("0", FAR),
        ("-9223372036854775808", Told::No("the timestamp cannot be read")),
        ("hello", Told::No("the timestamp cannot be read")),
        ("1649367553.0", Told::No("the timestamp cannot be read")),
    ] {
        let signature = sign(SECRET, ID, at, BODY);
        assert_eq!(asked(SECRET, "webhook", [ID, at, &signature], BODY), expected, "{at}");
    }
}

#[test]
fn headers_of_two_generations_are_never_mixed() {
    for (headers, expected) in [
        (vec![("webhook-id", ID), ("webhook-timestamp", AT), ("svix-signature", SIGNED)], MISSING),
        (vec![("svix-id", ID), ("svix-timestamp", AT), ("webhook-signature", SIGNED)], MISSING),
        (
            vec![("webhook-id", "x"), ("svix-id", ID), ("svix-timestamp", AT), ("svix-signature", SIGNED)],
            MISSING,
        ),
        (vec![("webhook-id", ""), ("svix-id", ID), ("svix-timestamp", AT), ("svix-signature", SIGNED)], GOOD),
    ] {
        assert_eq!(judge("standard", SECRET, &case(&headers), BODY, THEN), expected, "{headers:?}");
    }
}

#[test]
fn a_public_key_checks_what_its_private_key_signed() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let public = format!("whpk_{}", BASE64.encode(pair.public_key().as_ref()));
    let signed = |text: &str| format!("v1a,{}", BASE64.encode(pair.sign(text.as_bytes()).as_ref()));
    let good = signed(&format!("{ID}.{AT}.{BODY}"));
    let (other, both) = (signed("another text"), format!("{public},{SECRET}"));
    let two = format!("v1,AAAA {good}");
    // Who knows the public key must not be able to sign with it.
    let forged = sign(&BASE64.encode(pair.public_key().as_ref()), ID, AT, BODY);
    for (name, secrets, signature, expected) in [
        ("its own", public.as_str(), good.as_str(), GOOD),
        ("among others", &both, &two, GOOD),
        ("the other kind of key", &both, SIGNED, GOOD),
        ("of another text", &public, &other, WRONG),
        ("as the other version", &public, &good.replace("v1a", "v1"), WRONG),
        ("only the shared one is known", SECRET, &good, WRONG),
        ("the public key used as a secret", &public, &forged, WRONG),
        ("cut", &public, &good[..40], WRONG),
    ] {
        assert_eq!(asked(secrets, "webhook", [ID, AT, signature], BODY), expected, "{name}");
    }
}

#[test]
fn a_secret_that_cannot_be_one_is_refused_with_its_number_and_never_shown() {
    for (secret, number, what) in [
        ("whsec_not base64", 1, "is no base64"),
        ("whsec_aaaa,hunter2!", 2, "is no base64"),
        ("whpk_aaaa", 1, "is no public key of Ed25519: those have 32 bytes"),
        ("whsk_aaaa", 1, "is a private key; only its sender may have that, here belongs the `whpk_` one"),
    ] {
        let settings = Settings { secret: Some(Secret::new(secret)), ..Settings::default() };
        let unfit = checks(&settings).map(|_| ()).expect_err("a refusal");
        assert_eq!(unfit, Unfit::BadSecret { number, what }, "{secret}");
        assert!(!unfit.to_string().contains("hunter2"));
    }
}

#[test]
fn the_body_says_what_happened_and_when() {
    for (body, kind, occurred) in [
        (
            r#"{"type":"user.created","timestamp":"2022-04-07T21:00:00.5Z"}"#,
            "user.created",
            "2022-04-07T21:00:00.5Z",
        ),
        (r#"{"type":"user.created","timestamp":"yesterday"}"#, "user.created", "2022-04-07T21:39:13Z"),
        (
            r#"{"type":"user.created","timestamp":"2099-01-01T00:00:00Z"}"#,
            "user.created",
            "2022-04-07T21:39:13Z",
        ),
        (r#"{"type":""}"#, "webhook", "2022-04-07T21:39:13Z"),
        (r#"{"type":["x"]}"#, "webhook", "2022-04-07T21:39:13Z"),
        (r"{}", "webhook", "2022-04-07T21:39:13Z"),
    ] {
        let signature = sign(SECRET, ID, AT, body);
        let headers =
            case(&[("webhook-id", ID), ("webhook-timestamp", AT), ("webhook-signature", &signature)]);
        let (event, answer) = judged("standard", SECRET, &headers, body, THEN).expect("believed");
        let event = event.expect("an event");
        assert_eq!((event.kind.as_str(), event.occurred.to_string().as_str()), (kind, occurred), "{body}");
        assert_eq!((event.id.as_str(), event.subject.as_str(), answer), (ID, "", None));
    }
    assert_eq!(
        asked(SECRET, "webhook", [ID, AT, &sign(SECRET, ID, AT, "[")], "["),
        Told::Odd("the body is not JSON")
    );
}

proptest! {
    #[test]
    fn a_signature_fits_its_own_message_and_no_other(
        id in "[!-~]{1,40}", body in "\\{\"a\":\"[ -!#-\\[\\]-~é]{0,60}\"\\}",
        flip in 0usize..256, bit in 0u8..7,
    ) {
        let at = NOW.as_second().to_string();
        let signature = sign(SECRET, &id, &at, &body);
        let headers = case(&[("svix-id", &id), ("svix-timestamp", &at), ("svix-signature", &signature)]);
        prop_assume!(id != "-");
        prop_assert!(judged("standard", SECRET, &headers, &body, NOW).is_ok());
        let mut bytes = body.into_bytes();
        let place = flip % bytes.len();
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(judge("standard", SECRET, &headers, &changed, NOW), WRONG);
    }
}
