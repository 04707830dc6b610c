//! `absolute_url`: addresses that work outside the page that they stood in.

use super::Function;

/// `absolute_url(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "absolute_url",
    usage: "absolute_url(value [, base])",
    doc: "A protocol-relative address (`//host/path`) gets `https:`; with `base`, a path (`/path`) gets \
    that in front. \
          Others as they are.",
    examples: &[
        ("absolute_url('//cdn.example/a.png')", "https://cdn.example/a.png"),
        ("absolute_url('https://cdn.example/a.png')", "https://cdn.example/a.png"),
        ("absolute_url('/a.png', 'https://app.example/')", "https://app.example/a.png"),
        ("absolute_url('')", ""),
        ("absolute_url(NULL)", "NULL"),
    ],
    arguments: (1, 2),
    in_pairs: false,
    null_gives_null: true,
    body: absolute_url,
};

fn absolute_url(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(url) = arguments[0] else { return Ok(None) };
    Ok(Some(match arguments.get(1) {
        _ if url.starts_with("//") => format!("https:{url}"),
        Some(Some(base)) if url.starts_with('/') => format!("{}{url}", base.trim_end_matches('/')),
        _ => url.to_owned(),
    }))
}
