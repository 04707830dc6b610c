//! Texts that are no values: the code of the reject and the words about it, which never hold the value.

use base::RejectCode::{self, BadText, BadValue, OutOfRange, TooLong};
use values::{Context, Kind, NumericSize, PgType};

type Refused = (&'static str, RejectCode, &'static str);

fn size(precision: u16, scale: i16) -> Kind {
    Kind::Numeric(Some(NumericSize { precision, scale }))
}

fn array(kind: Kind) -> Kind {
    Kind::Array(Box::new(PgType::simple(kind)))
}

/// Tries all texts; a failure must leave the output as it was.
fn refuse(ty: &PgType, cx: &Context, cases: &[Refused]) {
    for (text, code, words) in cases {
        let mut out = b"before".to_vec();
        let bad = ty.encode(text, cx, &mut out).expect_err(&format!("{} {text:?}", ty.name));
        assert_eq!((bad.code, bad.to_string().as_str()), (*code, *words), "{} {text:?}", ty.name);
        assert_eq!(out, b"before", "{} {text:?}", ty.name);
    }
}

fn refuse_plain(kind: Kind, cases: &[Refused]) {
    refuse(&PgType::simple(kind), &Context::default(), cases);
}

/// Many texts with one reason.
fn refuse_all(kind: Kind, texts: &[&'static str], code: RejectCode, words: &'static str) {
    let cases: Vec<Refused> = texts.iter().map(|text| (*text, code, words)).collect();
    refuse_plain(kind, &cases);
}

#[test]
fn texts_that_do_not_fit_are_refused_whole() {
    for kind in [Kind::Text, Kind::Varchar(None), Kind::Bpchar(None), Kind::Citext] {
        refuse_all(kind, &["\0", "a\0b"], BadText, "a NUL character");
    }
    for kind in [Kind::Varchar(Some(3)), Kind::Bpchar(Some(3))] {
        let words = "longer than 3 characters";
        refuse_all(kind, &["abcd", "abc ", "    ", "ëëëë", "👍👍👍👍"], TooLong, words);
    }
    let words = "not one of true, false, yes, no, 1, 0";
    refuse_all(
        Kind::Bool,
        &["", "t", "f", "y", "n", "on", "off", "2", "-1", " true", "true ", "1.0", "wahr"],
        BadValue,
        words,
    );
    let uuids = [
        "",
        "7c1959b1-9577-53eb-8f13-1172aea512c",
        "7c1959b1-9577-53eb-8f13-1172aea512c0 ",
        "7c1959b1-9577-53eb-8f13-1172aea512cg",
        "7c1959b19-577-53eb-8f13-1172aea512c0",
        "{7c1959b1-9577-53eb-8f13-1172aea512c0",
        "7c1959b1-957753eb-8f131172aea512c0",
        "urn:uuid:7c1959b1-9577-53eb-8f13-1172aea512c0",
        "7c1959b1-9577-53eb-8f13-1172aea512é",
    ];
    refuse_all(Kind::Uuid, &uuids, BadValue, "not a UUID");
    let words = "not \\x and pairs of hex digits";
    refuse_all(Kind::Bytea, &["", "abc", "\\x0", "\\xzz", "\\X00", "x00", "\\x00 "], BadValue, words);
    let labels = Kind::Enum(vec!["sad".into(), "ok".into()]);
    refuse_all(labels, &["", "SAD", "sad ", "happy"], BadValue, "not one of the labels");
    let words = "columns of this type cannot be loaded";
    refuse_all(Kind::Other, &["", "1"], BadValue, words);
    refuse_all(array(Kind::Other), &["[]", "1"], BadValue, words);
    refuse_all(array(array(Kind::Int4)), &["[]", "1"], BadValue, words);
}

#[test]
fn numbers_are_never_rounded() {
    let not = [
        "", " 1", "1 ", "abc", "1,5", "1.2.3", "--1", "1e", "0x10", "1_000", "१", "-", "+", ".", "inf",
        "+nan", "€5",
    ];
    for kind in
        [Kind::Int2, Kind::Int4, Kind::Int8, Kind::Numeric(None), size(10, 2), Kind::Float4, Kind::Float8]
    {
        refuse_all(kind, &not, BadValue, "not a number");
    }
    let words = "outside the range of the type";
    refuse_all(
        Kind::Int2,
        &["32768", "-32769", "1e5", "1e999999999", "99999999999999999999"],
        OutOfRange,
        words,
    );
    refuse_all(
        Kind::Int4,
        &["2147483648", "-2147483649", "1e10", "999999999999999999999999"],
        OutOfRange,
        words,
    );
    refuse_all(Kind::Int8, &["9223372036854775808", "-9223372036854775809", "1e19"], OutOfRange, words);
    refuse_all(
        Kind::Int4,
        &["25.5", "0.1", "1e-1", "1e-999999999", "2147483648.5"],
        BadValue,
        "not a whole number",
    );
    refuse_all(
        Kind::Numeric(None),
        &["1e131072", "1e999999999", "1e-16384", "1e-999999999999", "0e2000000000"],
        OutOfRange,
        words,
    );
    refuse_all(
        size(10, 2),
        &["25.005", "1e-3", "0.001", "1e-999999999", "1e-99999999999999"],
        BadValue,
        "more than 2 decimals",
    );
    let words = "outside numeric(10,2)";
    refuse_all(
        size(10, 2),
        &["100000000", "-100000000.00", "1e8", "1e999999999", "Infinity", "-infinity"],
        OutOfRange,
        words,
    );
    refuse_all(size(2, -3), &["1", "1500", "999", "0.5"], BadValue, "not a multiple of 10^3");
    refuse_all(size(2, -3), &["100000", "1e9"], OutOfRange, "outside numeric(2,-3)");
    refuse_all(size(3, 5), &["0.01", "1", "0.01000"], OutOfRange, "outside numeric(3,5)");
    refuse_all(size(3, 5), &["0.000001"], BadValue, "more than 5 decimals");
    let words = "outside the range of the type";
    refuse_all(Kind::Float4, &["3.5e38", "-1e39", "1e999999999"], OutOfRange, words);
    refuse_all(Kind::Float8, &["1.8e308", "-1e309", "1e999999999"], OutOfRange, words);
    refuse_all(Kind::Float4, &["1e-46", "-1e-60"], OutOfRange, "too near to zero for the type");
    refuse_all(Kind::Float8, &["1e-325", "1e-999999999"], OutOfRange, "too near to zero for the type");
}

#[test]
fn date_times_are_never_guessed() {
    for kind in [Kind::Timestamp(None), Kind::Timestamptz(None)] {
        let not = [
            "",
            "now",
            "infinity",
            "2024-05-06T",
            "2024-05-06T07",
            "2024-05-06T7:08Z",
            "2024-05-06T07:08:9Z",
            "2024-05-06  07:08Z",
            "2024-05-06T07:08:09.Z",
            "2024-05-06T07:08.5Z",
            "2024-05-06T07:08:09,5Z",
            "2024-05-06T07:08:09 Z",
            "2024-05-06T07:08:09ZZ",
            "2024-05-06T07:08:09+2",
            "2024-05-06T07:08:09+02:0",
            "2024-05-06T07:08:09 UTC",
            "2024-05-06T25:00:00Z",
            "2024-05-06T07:60:00Z",
            "2024-05-06T07:08:61Z",
            "06.05.2024 07:08",
            "5/6/2024 07:08",
            "20240506T070809Z",
            "12345-01-01T00:00:00Z",
            "1700000000",
            "17000000000000",
            "1700000000000.5",
            "+1700000000000",
            " 2024-05-06T07:08:09Z",
            "2024-05-06T07:08:09Z[Europe/Berlin]",
            "２024-05-06T07:08:09Z",
            "2024-05-06T07:08:09.123é",
            "May 6, 2024",
        ];
        refuse_all(kind.clone(), &not, BadValue, "not a date-time");
        let none = [
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00.000Z",
            "1900-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-01-00T00:00:00.000Z",
            "0000-00-00T00:00:00Z",
            "0000-01-01T00:00:00.000Z",
        ];
        refuse_all(kind.clone(), &none, BadValue, "no such day in the calendar");
        let cases: &[Refused] = &[
            ("2024-05-06", BadValue, "a date alone is not a date-time"),
            ("2024-05-06T07:08:09", BadValue, "no time zone, and the source declares none"),
            ("2024-05-06 07:08", BadValue, "no time zone, and the source declares none"),
            ("2024-05-06T07:08:60Z", BadValue, "a leap second"),
            ("2016-12-31T23:59:60.000Z", BadValue, "a leap second"),
            ("2024-05-06T24:00:00Z", BadValue, "24:00 is not a time of day"),
            ("2024-05-06T07:08:09.1234567Z", BadValue, "finer than microseconds"),
            ("2024-05-06T07:08:09+16:00", BadValue, "not an offset of a time zone"),
            ("2024-05-06T07:08:09+01:60", BadValue, "not an offset of a time zone"),
            ("+294277-01-01T00:00:00Z", OutOfRange, "outside the range of the type"),
            ("+294276-12-31T23:59:59-01:00", OutOfRange, "outside the range of the type"),
            ("-4713-11-23T23:59:59Z", OutOfRange, "outside the range of the type"),
            ("+9999999-01-01T00:00:00Z", OutOfRange, "outside the range of the type"),
        ];
        refuse_plain(kind, cases);
    }
    let words = "more than 2 decimals of a second";
    refuse_all(Kind::Timestamptz(Some(2)), &["2024-05-06T07:08:09.123Z", "1700000000123"], BadValue, words);
    refuse_all(
        Kind::Timestamp(Some(0)),
        &["2024-05-06T07:08:09.1Z"],
        BadValue,
        "more than 0 decimals of a second",
    );
    let words = "a date-time for a date: the mapping must say in which zone";
    refuse_all(
        Kind::Date,
        &["2024-05-06T07:08:09.123Z", "2024-05-06 07:08", "1700000000000"],
        BadValue,
        words,
    );
    refuse_all(
        Kind::Date,
        &["", "2024-5-6", "24-05-06", "06.05.2024", "2024-05-06Z", "2024-05", "2024-05-06 "],
        BadValue,
        "not a date",
    );
    refuse_all(Kind::Date, &["2024-02-30", "0000-00-00"], BadValue, "no such day in the calendar");
    refuse_all(
        Kind::Date,
        &["-4713-11-23", "+5874898-06-03", "-9999-01-01"],
        OutOfRange,
        "outside the range of the type",
    );
    refuse_all(
        Kind::Time(None),
        &["", "7:08", "07", "07:08Z", "07:08:09+02", "070809", "25:00", "07:08:09.", "7 pm"],
        BadValue,
        "not a time of day",
    );
    let cases: &[Refused] = &[
        ("24:00", BadValue, "24:00 is not a time of day"),
        ("23:59:60", BadValue, "a leap second"),
        ("07:08:09.0000001", BadValue, "finer than microseconds"),
        ("07:08:09.123", BadValue, "more than 2 decimals of a second"),
    ];
    refuse_plain(Kind::Time(Some(2)), cases);
}

#[test]
fn a_declared_zone_counts_only_where_its_clocks_are_clear() {
    let cx = Context { time_zone: jiff::tz::TimeZone::get("Europe/Berlin").ok() };
    assert!(cx.time_zone.is_some());
    let utc = Context::default();
    for (local, zoned) in [
        ("2024-05-06T07:08:09.123", "2024-05-06T05:08:09.123Z"),
        ("2024-01-06 07:08", "2024-01-06T06:08:00Z"),
        ("2024-03-31T01:59:59.999999", "2024-03-31T00:59:59.999999Z"),
        ("2024-03-31T03:00:00", "2024-03-31T01:00:00Z"),
        ("2024-10-27T03:00:00", "2024-10-27T02:00:00Z"),
        ("2050-07-01T00:00:00", "2050-06-30T22:00:00Z"),
        // A zone in the text is stronger, and digits have none.
        ("2024-05-06T07:08:09-05:00", "2024-05-06T12:08:09Z"),
        ("1700000000000", "2023-11-14T22:13:20Z"),
    ] {
        for kind in [Kind::Timestamp(None), Kind::Timestamptz(None)] {
            let ty = PgType::simple(kind);
            let (mut a, mut b) = (Vec::new(), Vec::new());
            assert_eq!(
                (ty.encode(local, &cx, &mut a), ty.encode(zoned, &utc, &mut b)),
                (Ok(()), Ok(())),
                "{local}"
            );
            assert_eq!(ty.show(&a), ty.show(&b), "{local}");
        }
    }
    let cases: &[Refused] = &[
        ("2024-03-31T02:30:00", BadValue, "a time that does not exist in the source's time zone"),
        ("2024-10-27T02:30:00", BadValue, "a time that exists twice in the source's time zone"),
        ("+12345-01-01T00:00:00", OutOfRange, "outside the range of the type"),
    ];
    refuse(&PgType::simple(Kind::Timestamptz(None)), &cx, cases);
}

#[test]
fn intervals_keep_every_part() {
    let not = [
        "",
        " ",
        "P",
        "PT",
        "P1YT",
        "P1H",
        "PT1D",
        "P1M1Y",
        "P1D2D",
        "1 day 2 days",
        "1 fortnight",
        "04:60",
        "04:05:60",
        "1:2",
        "04:05 06:07",
        "1 hour 04:05",
        "ago",
        "1 day ago 2 hours",
        "- 3 days",
        "days 3",
        "1-2",
        "04:05:06x",
        "P1Y 2M",
        "infinity",
        "4:5:6",
        "1 day,",
        "P0001-02-03T04:05:06",
        "p1d",
        "P1d",
        "P1Dt2H",
    ];
    refuse_all(Kind::Interval, &not, BadValue, "not an interval");
    refuse_all(
        Kind::Interval,
        &["5", "1 day 5", "-1.5", "P5"],
        BadValue,
        "a number without a unit is not an interval",
    );
    let words = "a fraction of a unit longer than an hour";
    refuse_all(Kind::Interval, &["1.5 days", "0.5 months", "P1.5Y", "P0.5W"], BadValue, words);
    refuse_all(
        Kind::Interval,
        &["0.0000001 seconds", "PT0.0000005S", "00:00:00.1234567", "0.5 us"],
        BadValue,
        "finer than microseconds",
    );
    let words = "outside the range of the type";
    refuse_all(
        Kind::Interval,
        &["200000000 years", "2147483648 days", "99999999999999999999999 s", "9223372036854775808 us"],
        OutOfRange,
        words,
    );
    let named = |name: &str| PgType { name: name.into(), ..PgType::simple(Kind::Interval) };
    let cx = Context::default();
    refuse(&named("interval(1)"), &cx, &[("0.25 s", BadValue, "more than 1 decimals of a second")]);
    refuse(&named("interval second(1)"), &cx, &[("0.25 s", BadValue, "more than 1 decimals of a second")]);
    let words = "finer than the fields of the interval column";
    for (name, text) in [
        ("interval year", "1 mon"),
        ("interval month", "1 day"),
        ("interval year to month", "1 day"),
        ("interval day", "1 hour"),
        ("interval day to hour", "00:30"),
        ("interval day to minute", "00:00:30"),
        ("interval hour", "00:00:00.5"),
    ] {
        refuse(&named(name), &cx, &[(text, BadValue, words)]);
    }
}

#[test]
fn json_is_taken_only_when_nothing_in_it_is_lost() {
    let not = [
        "",
        " ",
        "abc",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "01",
        "+1",
        "1.",
        ".5",
        "1e",
        "NaN",
        "Infinity",
        "tru",
        "nulll",
        "\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "1 2",
        "[1]]",
        "\u{feff}1",
        "--1",
        "{\"a\":1}x",
        "\u{a0}1",
    ];
    for kind in [Kind::Json, Kind::Jsonb] {
        refuse_all(kind.clone(), &not, BadValue, "not JSON");
        let twice = [
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"b\":2,\"\\u0061\":3}",
            "[{\"x\":{\"k\":1,\"k\":2}}]",
            "{\"\":1,\"\":2}",
        ];
        refuse_all(kind.clone(), &twice, BadValue, "a key stands twice in the object");
        let lone = [
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\ud800\"",
            "\"\\ud800x\"",
            "{\"\\ud83d\":1}",
            "\"\\udc4d\\ud83d\"",
        ];
        refuse_all(kind, &lone, BadText, "a lone surrogate");
    }
    refuse_all(
        Kind::Jsonb,
        &["\"\\u0000\"", "{\"a\\u0000\":1}", "[\"a\\u0000b\"]"],
        BadText,
        "a NUL character",
    );
    refuse_all(
        Kind::Jsonb,
        &["1e131072", "[1e-16384]", "{\"a\":1e99999999999}"],
        OutOfRange,
        "outside the range of the type",
    );
    let bombs = format!("[{}0]", "1e131071,".repeat(2_100));
    let deep = [
        format!("{}{}", "[".repeat(513), "]".repeat(513)),
        "[".repeat(1_000_000),
        "{\"a\":".repeat(1_000_000),
    ];
    for kind in [Kind::Json, Kind::Jsonb] {
        for text in &deep {
            let bad = PgType::simple(kind.clone())
                .encode(text, &Context::default(), &mut Vec::new())
                .expect_err("deep");
            assert_eq!((bad.code, bad.to_string().as_str()), (BadValue, "nested deeper than 512 levels"));
        }
    }
    let bad =
        PgType::simple(Kind::Jsonb).encode(&bombs, &Context::default(), &mut Vec::new()).expect_err("a bomb");
    assert_eq!((bad.code, bad.to_string().as_str()), (TooLong, "longer than 268435455 bytes"));
}

#[test]
fn arrays_name_the_element_that_does_not_fit() {
    let not = ["[", "[1", "[1,]", "[a]", "[draft] x, y", "[1]]", "[0:1]={1,2}", "['a']"];
    refuse_all(array(Kind::Text), &not, BadValue, "not a JSON array");
    let words = "nested lists of different lengths or depths, or empty ones";
    refuse_all(
        array(Kind::Text),
        &["[[1],[2,3]]", "[1,[2]]", "[[1],2]", "[[]]", "[[],[]]", "{{a},{b,c}}", "{{}}"],
        BadValue,
        words,
    );
    refuse_all(
        array(Kind::Text),
        &["[[[[[[[1]]]]]]]", "{{{{{{{1}}}}}}}"],
        BadValue,
        "more than 6 dimensions",
    );
    refuse_all(
        array(Kind::Text),
        &["[1,{\"a\":1}]"],
        BadValue,
        "element 2: an object in a list of plain values",
    );
    let cases: &[Refused] = &[
        ("[1,2,\"x\"]", BadValue, "element 3: not a number"),
        ("1,2,x", BadValue, "element 3: not a number"),
        ("{1,x}", BadValue, "element 2: not a number"),
        ("{1,", BadValue, "element 1: not a number"),
        ("[true]", BadValue, "element 1: not a number"),
        ("[1,99999999999]", OutOfRange, "element 2: outside the range of the type"),
        ("[1.5]", BadValue, "element 1: not a whole number"),
        ("[\"\"]", BadValue, "element 1: not a number"),
        ("[[1,2],[3,2.5]]", BadValue, "element 4: not a whole number"),
    ];
    refuse_plain(array(Kind::Int4), cases);
    refuse_plain(
        array(Kind::Text),
        &[
            ("[\"a\\u0000\"]", BadText, "element 1: a NUL character"),
            ("[\"\\ud800\"]", BadText, "a lone surrogate"),
        ],
    );
    refuse_plain(
        array(Kind::Varchar(Some(2))),
        &[("ab,abc", TooLong, "element 2: longer than 2 characters")],
    );
    refuse_plain(
        array(Kind::Jsonb),
        &[("[{\"a\":1,\"a\":2}]", BadValue, "element 1: a key stands twice in the object")],
    );
}
