//! Reads a TOML file key by key, and keeps every problem with its line.

use super::Latency;
use base::names::nearest;
use std::ops::RangeInclusive;
use toml_edit::{Item, TableLike, Value};

/// One thing that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, where in the file, and what to write instead.
    pub problem: base::Problem,
}

impl std::fmt::Display for ScenarioProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem.message)?;
        self.problem.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// A minute is longer than every time limit that a client should have.
pub(crate) const MILLISECONDS: RangeInclusive<u64> = 0..=600_000;

type Span = Option<std::ops::Range<usize>>;

/// The file and what is wrong with it.
pub(crate) struct Reader<'t> {
    text: &'t str,
    problems: Vec<ScenarioProblem>,
}

/// A table, and which of its keys were asked for.
pub(crate) struct Section<'t> {
    table: &'t dyn TableLike,
    name: String,
    span: Span,
    known: Vec<&'static str>,
}

/// Reads a file with `make`; all problems, each with its line.
pub(crate) fn read<T>(
    text: &str,
    make: impl for<'t> FnOnce(&mut Reader<'t>, &mut Section<'t>) -> T,
) -> Result<T, Vec<ScenarioProblem>> {
    let mut reader = Reader::new(text);
    let document = match toml_edit::Document::parse(text) {
        Ok(document) => document,
        Err(cause) => {
            reader.problem(cause.span(), cause.message().to_owned(), None);
            return Err(reader.problems());
        }
    };
    let mut root = reader.root(document.as_table());
    let scenario = make(&mut reader, &mut root);
    reader.finish(&root);
    let problems = reader.problems();
    if problems.is_empty() { Ok(scenario) } else { Err(problems) }
}

impl Section<'_> {
    /// The keys that the file has here.
    pub fn keys(&self) -> Vec<String> {
        self.table.iter().map(|(key, _)| key.to_owned()).collect()
    }
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, problems: Vec::new() }
    }

    /// What was found wrong, in the order of lines.
    fn problems(mut self) -> Vec<ScenarioProblem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    pub fn problem(&mut self, span: Span, message: String, hint: Option<String>) {
        let at = span.as_ref().map_or(0, |span| span.start.min(self.text.len()));
        let line = self.text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let problem = base::Problem { hint, ..base::Problem::error(message).span(span) };
        self.problems.push(ScenarioProblem { line, problem });
    }

    /// The file itself as a section.
    fn root(&self, table: &'t dyn TableLike) -> Section<'t> {
        Section { table, name: String::new(), span: Some(0..0), known: Vec::new() }
    }

    fn get(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<&'t Item> {
        section.known.push(key);
        section.table.get(key)
    }

    fn wrong(&mut self, section: &Section<'t>, key: &str, item: &Item, wanted: &str) {
        let name = path(&section.name, key);
        self.problem(item.span(), format!("{name} is not {wanted}"), None);
    }

    /// A table inside another one.
    pub fn section(&mut self, parent: &mut Section<'t>, key: &'static str) -> Option<Section<'t>> {
        let item = self.get(parent, key)?;
        self.table(parent, key, item)
    }

    /// A table under a name that the file chose.
    pub fn named(&mut self, parent: &Section<'t>, key: &str) -> Option<Section<'t>> {
        let item = parent.table.get(key)?;
        self.table(parent, key, item)
    }

    fn table(&mut self, parent: &Section<'t>, key: &str, item: &'t Item) -> Option<Section<'t>> {
        match item.as_table_like() {
            Some(table) => {
                Some(Section { table, name: path(&parent.name, key), span: item.span(), known: Vec::new() })
            }
            None => {
                self.wrong(parent, key, item, "a table");
                None
            }
        }
    }

    /// The tables of an array of tables.
    pub fn sections(&mut self, parent: &mut Section<'t>, key: &'static str) -> Vec<Section<'t>> {
        let Some(item) = self.get(parent, key) else { return Vec::new() };
        let name = path(&parent.name, key);
        let section =
            |table: &'t dyn TableLike, span| Section { table, name: name.clone(), span, known: Vec::new() };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| section(table, table.span())).collect();
        }
        let inline: Option<Vec<_>> = item
            .as_array()
            .map(|array| array.iter().map(|v| v.as_inline_table().map(|table| (table, v.span()))).collect())
            .unwrap_or(None);
        match inline {
            Some(tables) => tables.into_iter().map(|(table, span)| section(table, span)).collect(),
            None => {
                self.wrong(parent, key, item, "an array of tables");
                Vec::new()
            }
        }
    }

    /// How long every answer takes: the same in every scenario.
    pub fn latency(&mut self, root: &mut Section<'t>) -> Latency {
        let Some(mut s) = self.section(root, "latency") else { return Latency::default() };
        let latency = Latency {
            milliseconds: self.number(&mut s, "milliseconds", MILLISECONDS).unwrap_or(0),
            jitter: self.number(&mut s, "jitter", MILLISECONDS).unwrap_or(0),
        };
        self.finish(&s);
        latency
    }

    pub fn flag(&mut self, section: &mut Section<'t>, key: &'static str, default: bool) -> bool {
        let Some(item) = self.get(section, key) else { return default };
        item.as_bool().unwrap_or_else(|| {
            self.wrong(section, key, item, "true or false");
            default
        })
    }

    pub fn number(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let item = self.get(section, key)?;
        let number = in_range(item.as_integer(), &range);
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong(section, key, item, &wanted);
        }
        number
    }

    pub fn numbers(&mut self, section: &mut Section<'t>, key: &'static str) -> Vec<u64> {
        let Some(item) = self.get(section, key) else { return Vec::new() };
        let range = 1..=u64::from(u32::MAX);
        let numbers = item.as_array().and_then(|array| {
            array.iter().map(|value| in_range(value.as_integer(), &range)).collect::<Option<Vec<_>>>()
        });
        numbers.unwrap_or_else(|| {
            self.wrong(section, key, item, "a list of whole numbers from 1");
            Vec::new()
        })
    }

    pub fn texts(&mut self, section: &mut Section<'t>, key: &'static str) -> Vec<(String, Span)> {
        let Some(item) = self.get(section, key) else { return Vec::new() };
        let texts = item.as_array().and_then(|array| {
            let text = |value: &Value| Some((value.as_str()?.to_owned(), value.span()));
            array.iter().map(text).collect::<Option<Vec<_>>>()
        });
        texts.unwrap_or_else(|| {
            self.wrong(section, key, item, "a list of texts");
            Vec::new()
        })
    }

    pub fn text(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<(String, Span)> {
        let item = self.get(section, key)?;
        let text = item.as_str().map(|text| (text.to_owned(), item.span()));
        if text.is_none() {
            self.wrong(section, key, item, "a text");
        }
        text
    }

    /// A text that must be there.
    pub fn required(&mut self, section: &mut Section<'t>, key: &'static str) -> Option<(String, Span)> {
        if section.table.get(key).is_none() {
            section.known.push(key);
            self.problem(section.span.clone(), format!("{} is missing", path(&section.name, key)), None);
            return None;
        }
        self.text(section, key)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(
        &mut self,
        section: &mut Section<'t>,
        key: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let (word, span) = self.text(section, key)?;
        let name = path(&section.name, key);
        self.one_of(&name, &word, span, choices)
    }

    /// The choice of that word.
    pub fn one_of<T: Copy>(
        &mut self,
        name: &str,
        word: &str,
        span: Span,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let found = choices.iter().find(|(choice, _)| *choice == word).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            let hint = match nearest(word, words.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("one of: {}", words.join(", ")),
            };
            self.problem(span, format!("{name} does not know \"{word}\""), Some(hint));
        }
        found
    }

    /// Every key that nobody asked for is a problem.
    pub fn finish(&mut self, section: &Section<'t>) {
        for (key, item) in section.table.iter() {
            if section.known.contains(&key) {
                continue;
            }
            let span = section.table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let near = nearest(key, section.known.iter().copied());
            let hint = near.map(|near| format!("did you mean {near}?"));
            self.problem(span, format!("{} is no switch", path(&section.name, key)), hint);
        }
    }
}

fn path(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

fn in_range(number: Option<i64>, range: &RangeInclusive<u64>) -> Option<u64> {
    number.and_then(|n| u64::try_from(n).ok()).filter(|n| range.contains(n))
}
