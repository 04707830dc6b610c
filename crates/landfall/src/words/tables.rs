//! Names of tables as people write them.

/// A quoted name without the quotes and the schema that it does not need: `"public"."users"` is `users`. A
/// part that needs its quotes keeps them.
pub fn table(quoted: &str) -> String {
    let plain = |part: &str| {
        let inner = part.strip_prefix('"').and_then(|p| p.strip_suffix('"')).unwrap_or(part);
        let simple = inner.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && inner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if simple { inner.to_owned() } else { part.to_owned() }
    };
    let name = quoted.strip_prefix("\"public\".").unwrap_or(quoted);
    match name.split_once("\".\"") {
        Some((schema, table)) => {
            format!("{}.{}", plain(&format!("{schema}\"")), plain(&format!("\"{table}")))
        }
        None => plain(name),
    }
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
            (r#""public"."Users""#, r#""Users""#),
            (r#""a.b"."c d""#, r#""a.b"."c d""#),
            (r#""a""b""#, r#""a""b""#),
            (r#""my app"."users""#, r#""my app".users"#),
            ("users", "users"),
        ] {
            assert_eq!(table(quoted), expected, "{quoted}");
        }
    }
}
