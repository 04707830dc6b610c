//! Keys whose values are stored nowhere and logged nowhere.

use serde_json::Value;

/// Keys that hold secrets in the service's records, in small letters and without `_` and `-`. A webhook's
/// `object` looks like the stored record, so that a member's has some of them.
pub const SECRET_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "authorization",
    "clientsecret",
    "currentpassword",
    "hashedpassword",
    "newpassword",
    "otp",
    "password",
    "passwordhash",
    "privatekey",
    "refreshtoken",
    "resetpasswordtoken",
    "secret",
    "sessioninfo",
    "sessiontoken",
    "signingsecret",
    "ssotoken",
    "token",
    "verificationcode",
    "verificationtoken",
];

/// Nesting of an object at most; what lies deeper is dropped with its key. serde_json itself reads no deeper.
const DEPTH_MAX: usize = 128;

/// Takes every key of [`SECRET_KEYS`] out of a value, however deep, whatever it holds; of a custom field that
/// has such a name, its value. How many there were.
pub fn remove_secrets(value: &mut Value) -> usize {
    remove(value, DEPTH_MAX)
}

fn remove(value: &mut Value, depth: usize) -> usize {
    match value {
        Value::Object(fields) => {
            // A custom field: its name stands beside its value.
            let named = fields.get("key").and_then(Value::as_str).is_some_and(is_secret);
            let hidden = usize::from(named && fields.shift_remove("value").is_some());
            let before = fields.len();
            fields.retain(|key, inner| {
                let nested = inner.is_object() || inner.is_array();
                !is_secret(key) && (depth > 0 || !nested)
            });
            let gone = before - fields.len() + hidden;
            gone + fields.values_mut().map(|inner| remove(inner, depth.saturating_sub(1))).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(|item| remove(item, depth.saturating_sub(1))).sum(),
        _ => 0,
    }
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    SECRET_KEYS.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_taken_out_wherever_they_are() {
        let mut value = json!({"id": "mem1", "password": null, "Verification_Code": "1234", "tokens": 3,
            "object": {"fields": [{"key": "x", "access-token": "s3cret"}, [{"newPassword": {"a": "s3cret"}}]]},
            "actor": {"sessionInfo": ["s3cret"]}, "secretary": "Ada",
            "custom": [{"key": "pass_word", "value": "s3cret"}, {"key": "city", "value": "Paris"}]});
        assert_eq!(remove_secrets(&mut value), 6);
        let expected = json!({"id": "mem1", "tokens": 3, "object": {"fields": [{"key": "x"}, [{}]]},
            "actor": {}, "secretary": "Ada",
            "custom": [{"key": "pass_word"}, {"key": "city", "value": "Paris"}]});
        assert_eq!(value, expected);
        assert_eq!(remove_secrets(&mut value), 0);
    }

    #[test]
    fn the_list_is_in_order_and_in_its_own_spelling() {
        assert!(SECRET_KEYS.is_sorted());
        for key in SECRET_KEYS {
            assert!(is_secret(key), "{key}");
        }
    }
}
