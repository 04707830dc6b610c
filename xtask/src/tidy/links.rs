//! Links of the documents lead somewhere.

use super::files::File;
use super::{Problem, Rule};
use std::collections::BTreeSet;
use std::path::Path;

/// Relative links of Markdown files to what is not there, and to headings that a page does not have.
pub fn problems(root: &Path, files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, link) in links(&file.text) {
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = resolve(&file.path, target);
            let there = root.join(&path).exists();
            let page = files.iter().find(|other| other.path == path);
            let known = heading.is_empty() || page.is_none_or(|page| headings(&page.text).contains(heading));
            if !there || !known {
                let what = if there { "heading" } else { "file" };
                let message = format!("{link} leads to no {what}");
                problems.push(Problem {
                    file: file.path.clone(),
                    line: Some(line),
                    rule: Rule::Link,
                    message,
                });
            }
        }
    }
    problems
}

/// The relative links of a Markdown text, with their lines; what stands in code is none.
fn links(text: &str) -> Vec<(usize, &str)> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let code = line[..at].matches('`').count() % 2 == 1;
            let link = line[at + 2..].split(')').next().unwrap_or_default();
            if !code && !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") {
                found.push((number, link));
            }
        }
    }
    found
}

/// The path from the root of what a file calls `target`; itself when that is empty.
fn resolve(file: &str, target: &str) -> String {
    if target.is_empty() {
        return file.to_owned();
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names that a page's headings have as link targets: as GitHub makes them.
fn headings(text: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    text.lines().filter(|line| line.starts_with('#')).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_nothing_are_found() {
        let folder = testkit::scratch();
        let texts = [
            (
                "README.md",
                "[a](docs/a.md) [b](docs/b.md)\n`[x](code.md)`\n```\n[y](fence.md)\n```\n[w](https://x.example/z)",
            ),
            (
                "docs/a.md",
                "# The Title, here\n[up](../README.md) [self](#the-title-here) [no](#nothing)\n[f](./) ![p](p.png)",
            ),
        ];
        let file = |(path, text): (&str, &str)| {
            folder.write(path, text);
            File { path: path.into(), text: text.into() }
        };
        let files = texts.map(file);
        let found: Vec<_> = problems(folder.path(), &files).iter().map(ToString::to_string).collect();
        let expected = [
            "README.md:1: docs/b.md leads to no file (Link)",
            "docs/a.md:2: #nothing leads to no heading (Link)",
            "docs/a.md:3: p.png leads to no file (Link)",
        ];
        assert_eq!(found, expected);
    }
}
