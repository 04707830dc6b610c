//! The examples of the reference page hold.

use crate::case::parse;
use crate::outcome::{outcomes, visible};

#[test]
fn the_reference_page_shows_what_each_function_really_gives() {
    for function in transform::functions::ALL {
        for (call, result) in function.examples {
            let case = parse(&format!("text := {call}")).expect("a case");
            let outcome = outcomes(&case).expect("an expression");
            let expected = if *result == "NULL" { None } else { Some(*result) };
            assert_eq!(outcome, [visible(expected)], "{call}");
        }
    }
}
