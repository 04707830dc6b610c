//! Settings, as comments and front matter give them: `timeout: 10m`, one a line or apart by `;`.

use super::outline::Comment;
use crate::TIMEOUT_SECONDS_MAX;
use crate::model::Need;
use base::Problem;
use jiff::SignedDuration;

/// The names of the settings.
const NAMES: &[&str] = &["timeout", "on failure", "needs", "by", "record"];

/// What a place of the document sets; what it leaves open is `None`.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub timeout: Option<SignedDuration>,
    /// The name of a section, as written.
    pub on_failure: Option<String>,
    pub needs: Option<Vec<Need>>,
    pub another: bool,
    pub record_output: bool,
}

impl Settings {
    /// Adds what a comment sets. A comment that sets nothing is for readers.
    pub(super) fn add(&mut self, comment: &Comment, problems: &mut Vec<Problem>) {
        for part in comment.text.split(['\n', ';']) {
            let Some((name, value)) = part.split_once(':') else { continue };
            let (name, value) = (name.trim().to_lowercase(), unquoted(value.trim()));
            let problem = |what: String| Problem::error(what).span(Some(comment.span.clone()));
            let wrong = match name.as_str() {
                "timeout" => match duration(value) {
                    Some(timeout) => {
                        self.timeout = Some(timeout);
                        continue;
                    }
                    None => problem(format!("`{value}` is no time of at most a day")).hint("timeout: 10m"),
                },
                "on failure" => {
                    let section = target(value);
                    if !section.is_empty() {
                        self.on_failure = Some(section.to_owned());
                        continue;
                    }
                    problem("`on failure` names no section".to_owned()).hint("on failure: Rollback")
                }
                "needs" => match needs(value) {
                    Ok(needs) => {
                        self.needs.get_or_insert_default().extend(needs);
                        continue;
                    }
                    Err(odd) => problem(format!("`{odd}` is no variable and no program"))
                        .hint("needs: $DATABASE_URL, psql"),
                },
                "by" if matches!(value.to_lowercase().as_str(), "another" | "another person") => {
                    self.another = true;
                    continue;
                }
                "by" => problem(format!("nobody knows who `{value}` is")).hint("by: another person"),
                "record" if value.eq_ignore_ascii_case("output") => {
                    self.record_output = true;
                    continue;
                }
                "record" => problem(format!("`{value}` cannot be recorded")).hint("record: output"),
                other => match base::names::nearest(other, NAMES.iter().copied()) {
                    Some(near) if !value.is_empty() => {
                        Problem::warning(format!("there is no setting `{other}`"))
                            .span(Some(comment.span.clone()))
                            .hint(format!("did you mean `{near}`?"))
                    }
                    _ => continue,
                },
            };
            problems.push(wrong);
        }
    }
}

/// A time above 0 and of at most a day: `90s`, `10m`, `1h 30m`, `10 minutes`.
fn duration(value: &str) -> Option<SignedDuration> {
    let max = SignedDuration::from_secs(TIMEOUT_SECONDS_MAX);
    value.parse().ok().filter(|d: &SignedDuration| d.is_positive() && *d <= max)
}

/// `go to section Rollback` is `Rollback`.
fn target(value: &str) -> &str {
    let mut rest = value;
    for words in ["go to ", "section "] {
        if rest.get(..words.len()).is_some_and(|head| head.eq_ignore_ascii_case(words)) {
            rest = rest[words.len()..].trim_start();
        }
    }
    unquoted(rest)
}

/// Variables begin with `$`; the others are programs.
fn needs(value: &str) -> Result<Vec<Need>, String> {
    let list =
        value.trim_matches(['[', ']']).split(',').map(|word| unquoted(word.trim())).filter(|w| !w.is_empty());
    list.map(|word| {
        let (name, variable) = match word.strip_prefix('$') {
            Some(name) => (name, true),
            None => (word, false),
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (!variable && "-.+/".contains(c));
        if name.is_empty()
            || !name.chars().all(fits)
            || (variable && name.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Err(word.to_owned());
        }
        Ok(if variable { Need::Variable(name.to_owned()) } else { Need::Program(name.to_owned()) })
    })
    .collect()
}

fn unquoted(value: &str) -> &str {
    value.trim_matches(['"', '\'', '`']).trim()
}
