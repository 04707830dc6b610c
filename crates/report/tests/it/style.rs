//! The style of the page: contrast that can be read, a script that the browser lets run.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../templates/style.css");

/// Contrast that WCAG 2.2 level AA asks of text.
const TEXT_MIN: f64 = 4.5;

/// Contrast that it asks of what a plot shows.
const PLOT_MIN: f64 = 3.0;

/// The colours by name: of the light page, and of the dark one.
fn palettes() -> [BTreeMap<&'static str, [u8; 3]>; 2] {
    let of = |block: &'static str| {
        let colours = block.split(';').filter_map(|rule| {
            let (name, value) = rule.split_once(':')?;
            let hex = value.trim().strip_prefix('#')?;
            let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            Some((name.trim().rsplit("--").next()?, [part(0)?, part(2)?, part(4)?]))
        });
        colours.collect()
    };
    let mut roots = STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap());
    [of(roots.next().unwrap()), of(roots.next().unwrap())]
}

/// Relative luminance (WCAG 2.2, definition of contrast ratio).
fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_ink_can_be_read_on_its_paper_by_day_and_by_night() {
    for palette in palettes() {
        let pairs = [
            ("ink", vec!["paper", "card", "sunk", "good-tint", "look-tint", "bad-tint", "open-tint"]),
            ("muted", vec!["paper", "card"]),
            ("good", vec!["paper", "card", "good-tint"]),
            ("look", vec!["paper", "card", "look-tint"]),
            ("bad", vec!["paper", "card", "bad-tint"]),
            ("open", vec!["paper", "card", "open-tint"]),
        ];
        for (ink, papers) in pairs {
            for paper in papers {
                let found = contrast(palette[ink], palette[paper]);
                assert!(found >= TEXT_MIN, "{ink} on {paper}: {found:.2}");
            }
        }
        for plot in ["loaded", "updated", "rejected", "left", "verify", "other"] {
            let found = contrast(palette[plot], palette["paper"]);
            assert!(found >= PLOT_MIN, "{plot}: {found:.2}");
        }
    }
}

#[test]
fn the_page_lets_its_own_script_run_and_no_other() {
    let page = report::html(&crate::sample::done(), &report::Extras::default());
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let hash = base64(&Sha256::digest(script.as_bytes()));
    assert!(page.contains(&format!("script-src 'sha256-{hash}';")), "the script has the hash sha256-{hash}");
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, n| word << 8 | u32::from(chunk.get(n).copied().unwrap_or(0)));
        for n in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * n) & 63) as usize]);
            out.push(if n <= chunk.len() { letter } else { '=' });
        }
    }
    out
}
