//! Names of tables as people write them.

/// A quoted name without the quotes and the schema that it does not need: `"public"."users"` is `users`.
pub fn table(quoted: &str) -> String {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let parts: Vec<&str> = quoted.split('.').map(|part| part.trim_matches('"')).collect();
    if !parts.iter().all(|part| plain(part)) {
        return quoted.to_owned();
    }
    parts.join(".").trim_start_matches("public.").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_only_where_sql_needs_it() {
        for (quoted, expected) in [
            (r#""public"."users""#, "users"),
            (r#""app"."users_2""#, "app.users_2"),
            (r#""users""#, "users"),
            (r#""public"."Users""#, r#""public"."Users""#),
            (r#""a.b"."c d""#, r#""a.b"."c d""#),
            (r#""a""b""#, r#""a""b""#),
        ] {
            assert_eq!(table(quoted), expected);
        }
    }
}
