//! Sections whose keys depend on a word of theirs, such as `do`.

use super::checker::Checker;
use super::section::{Form, Section};
use crate::keys::{self, Key, Variant, Variants};
use crate::spanned::Span;
use crate::wire::Table;

/// Reads such a section; `form` has the keys that every word has. `None`: the word is missing or none of
/// them, which is recorded.
pub(crate) fn read(
    checker: &mut Checker<'_>,
    table: &Table,
    head: &Span,
    form: &Form<'_>,
    variants: &'static Variants,
) -> Option<(&'static Variant, Section)> {
    let mut section = Section::read(checker, table, head, form);
    let word = section.text(variants.by);
    let names = |keys: &'static [Key]| keys.iter().map(|key| key.name);
    let mut known: Vec<&str> = form.keys.iter().map(|key| key.name).collect();
    let Some(variant) = word.and_then(|word| variants.list.iter().find(|v| word == v.name)) else {
        // Which keys belong here is not known; one that belongs nowhere is wrong all the same.
        known.extend(variants.list.iter().flat_map(|v| names(v.keys)));
        checker.unknown_keys(table, &known, form.path, None);
        return None;
    };
    known.extend(names(variant.keys));
    let elsewhere = |key: &str| {
        let others: Vec<&str> =
            variants.list.iter().filter(|v| names(v.keys).any(|name| name == key)).map(|v| v.name).collect();
        (!others.is_empty()).then(|| {
            format!(
                "it is a key of {} = {}, and this is `{}`",
                variants.by,
                keys::listed(&others),
                variant.name
            )
        })
    };
    checker.unknown_keys(table, &known, form.path, Some(&elsewhere));
    let own = Form { keys: variant.keys, needs: form.needs.clone(), ..*form };
    section.absorb(Section::read(checker, table, head, &own));
    Some((variant, section))
}
