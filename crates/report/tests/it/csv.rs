//! The errors file and the resets file.

use base::RejectCode;
use report::{Reject, Reset, Values, errors_csv, resets_csv};

fn reject(value: Option<&str>) -> Reject {
    Reject {
        entity: "users".into(),
        source_id: "1x2".into(),
        field: "email".into(),
        value: value.map(Into::into),
        code: RejectCode::Unique,
        reason: "taken".into(),
    }
}

fn errors(values: Values, rejects: Vec<Reject>) -> String {
    let mut out = Vec::new();
    errors_csv(&mut out, values, rejects).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_value_stands_in_the_errors_file_as_the_source_has_it() {
    for (value, shown, masked) in [
        (None, "", ""),
        (Some(""), "\"\"", "(0)"),
        (Some("anna@example.org"), "anna@example.org", "a••• (16)"),
        (Some("a,b"), "\"a,b\"", "••• (3)"),
        (Some("say \"hi\""), "\"say \"\"hi\"\"\"", "s••• (8)"),
        (Some("two\r\nlines"), "\"two\r\nlines\"", "t••• (10)"),
        (Some(" led by a blank"), "\" led by a blank\"", "\" ••• (15)\""),
        (Some("=1+1"), "=1+1", "=••• (4)"),
        (Some("ليلى 🌍"), "ليلى 🌍", "ل••• (6)"),
    ] {
        for (values, cell) in [(Values::Shown, shown), (Values::Masked, masked)] {
            let expected = format!(
                "entity,source_id,field,value,code,reason\r\nusers,1x2,email,{cell},unique,taken\r\n"
            );
            assert_eq!(errors(values, vec![reject(value)]), expected, "{value:?} {values:?}");
        }
    }
}

#[test]
fn a_record_as_a_whole_has_an_empty_field() {
    let whole = Reject { field: String::new(), ..reject(None) };
    assert!(errors(Values::Shown, vec![whole]).ends_with("users,1x2,,,unique,taken\r\n"));
}

#[test]
fn no_rejects_leave_a_header() {
    assert_eq!(errors(Values::Shown, vec![]), "entity,source_id,field,value,code,reason\r\n");
}

#[test]
fn the_resets_file_can_be_used_to_send_mails() {
    let reset = |email: Option<&str>| Reset {
        source_id: "1x2".into(),
        id: "7c19".into(),
        email: email.map(Into::into),
        reason: "absent".into(),
    };
    let mut out = Vec::new();
    let lines = resets_csv(&mut out, [reset(Some("\"odd, but legal\"@example.org")), reset(None)]).unwrap();
    assert_eq!(lines, 2);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "source_id,id,email,reason\r\n\
         1x2,7c19,\"\"\"odd, but legal\"\"@example.org\",absent\r\n1x2,7c19,,absent\r\n"
    );
}
