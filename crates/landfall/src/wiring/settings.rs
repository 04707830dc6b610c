//! Keys of a connector that have no place of their own in the project's model.

use base::Secret;
use project::{Setting, Spanned};
use std::collections::BTreeMap;

/// The settings of a section.
pub(super) type Settings = BTreeMap<String, Spanned<Setting>>;

/// A setting that is text.
pub(super) fn text(settings: &Settings, name: &str) -> Option<String> {
    match &settings.get(name)?.value {
        Setting::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A setting that is a secret.
pub(super) fn secret(settings: &Settings, name: &str) -> Option<Secret> {
    match &settings.get(name)?.value {
        Setting::Secret(secret) => Some(secret.clone()),
        _ => None,
    }
}

/// A setting that is a whole number, not below zero.
pub(super) fn number(settings: &Settings, name: &str) -> Option<u64> {
    match settings.get(name)?.value {
        Setting::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    }
}
