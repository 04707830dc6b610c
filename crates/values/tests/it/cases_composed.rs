//! JSON and arrays that are values.

use crate::cases::{Column, column, size};
use values::{Kind, PgType};

fn array(kind: Kind) -> Kind {
    Kind::Array(Box::new(PgType::simple(kind)))
}

/// `json` and `jsonb`.
pub fn json() -> Vec<Column> {
    let valid = [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.50",
        "1e2",
        "1E-2",
        "-0",
        "-0.0",
        "0e0",
        "1e1000",
        "12345678901234567890.123456789",
        "\"\"",
        "\"abc\"",
        "\"Zoë 👍\"",
        "\"\\u00e9\\ud83d\\udc4d\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
        "\"\\u0001\\u001f\\u007f\"",
        "[]",
        "{}",
        "[1,2,3]",
        "[1, 2.0, 3]",
        "[3,2,1]",
        "[[],{},[[]]]",
        " { \"b\" : 1 , \"a\" : [ 1 , \"x\" ] } ",
        "{\"a\":[1,\"x\"],\"b\":1}",
        "{\"a\":[1.0,\"x\"],\"b\":10e-1}",
        "{\"bb\":1,\"a\":2,\"ccc\":3,\"\":4}",
        "{\"é\":1,\"zz\":2,\"z\":3}",
        "{\"z\":{\"y\":{\"xx\":1,\"x\":2},\"w\":[{\"b\":1,\"a\":2}]},\"a\":null}",
        "{\"\\u0061\":1}",
        "{\"a\\\"b\":\"c\\\\d\"}",
        "100",
        "1e+2",
        "\t\n\r 1 \n",
        "[1]",
        "\"1\"",
        "{\"a\":1}",
        "{\"a\":1.00}",
        "{\"a\":\"1\"}",
    ];
    let deep = format!("{}{}", "[".repeat(512), "]".repeat(512));
    let deep_object = format!("{}1{}", "{\"k\":".repeat(300), "}".repeat(300));
    let mut columns =
        vec![column("jsonb", Kind::Jsonb, &valid, &[]), column("json", Kind::Json, &valid, &[])];
    for column in &mut columns {
        column.same.extend([deep.clone(), deep_object.clone()]);
    }
    columns[1].same.push("\"\\u0000\"".into());
    columns
}

/// Arrays, and a domain of one.
pub fn arrays() -> Vec<Column> {
    let text = [
        "{}",
        "{a,b}",
        "{a,b,b}",
        "{b,a}",
        "{\"a,b\",\"\",\"NULL\",NULL,null}",
        "{ a , \" b \" }",
        "{a b,c}",
        "{{a,b},{c,d}}",
        "{\"a\\\"b\",\"c\\\\d\"}",
        "{a\\,b}",
        "{ä,👍}",
        "{{{1},{2}},{{3},{4}}}",
        "{{{{{{x}}}}}}",
        "{ {a} , {b} }",
        "{a\\ ,b}",
    ];
    let other = [
        ("[]", "{}"),
        ("", "{}"),
        (" , ,", "{}"),
        ("[ ]", "{}"),
        ("[\"a\",\"b\"]", "{a,b}"),
        ("[\"a\", null, true, 1.50, \"\"]", "{a,NULL,true,1.50,\"\"}"),
        ("a, b ,,c", "{a,b,c}"),
        ("single", "{single}"),
        ("[[\"a\"],[\"b\"]]", "{{a},{b}}"),
        ("[[[1,2]],[[3,4]]]", "{{{1,2}},{{3,4}}}"),
        ("[\"\\u00e9\\n\",\"a,b\"]", "{\"é\n\",\"a,b\"}"),
        ("{a} and b", "{\"{a} and b\"}"),
        (" [\"x\"] ", "{x}"),
        ("[\"null\",\"NULL\"]", "{\"null\",\"NULL\"}"),
        ("one {x}, two", "{\"one {x}\",two}"),
    ];
    let json = [
        (
            "[1,\"a\",{\"b\":1,\"a\":2},[3,4],null]",
            "{1,\"\\\"a\\\"\",\"{\\\"a\\\": 2, \\\"b\\\": 1}\",\"[3, 4]\",NULL}",
        ),
        ("[]", "{}"),
        ("[[1,2],[3]]", "{\"[1, 2]\",\"[3]\"}"),
        ("[1.0]", "{1.0}"),
        ("[1.00]", "{1.00}"),
        ("{\"a\":1}", "{\"{\\\"a\\\": 1}\"}"),
    ];
    let moods = Kind::Enum(["sad", "ok", "it's fine", "Ünïcode", ""].map(String::from).to_vec());
    vec![
        column("text[]", array(Kind::Text), &text, &other),
        column(
            "tags",
            Kind::Domain { base: Box::new(PgType::simple(array(Kind::Text))), not_null: false },
            &["{a,b}"],
            &[("x,y", "{x,y}")],
        ),
        column(
            "integer[]",
            array(Kind::Int4),
            &["{1,2,3}", "{1,NULL}", "{{1,2},{3,4}}", "{}"],
            &[("[1,2,3]", "{1,2,3}"), ("1, 2,3", "{1,2,3}"), ("[1.0,\"2\"]", "{1,2}")],
        ),
        column(
            "numeric(6,2)[]",
            array(size(6, 2)),
            &["{1,2.50}", "{1.00,2.5}", "{NaN}"],
            &[("[1, 2.5]", "{1,2.5}")],
        ),
        column("numeric[]", array(Kind::Numeric(None)), &["{1,2.50}", "{1.00,2.5}", "{{1},{2}}"], &[]),
        column(
            "boolean[]",
            array(Kind::Bool),
            &["{true,false}"],
            &[("[true,0,\"yes\",null]", "{t,f,t,NULL}")],
        ),
        column("character(3)[]", array(Kind::Bpchar(Some(3))), &["{a,bcd}"], &[("[\"a\"]", "{a}")]),
        column("double precision[]", array(Kind::Float8), &["{0,-0,NaN}", "{-0,0,NaN}"], &[]),
        column("uuid[]", array(Kind::Uuid), &["{7c1959b1-9577-53eb-8f13-1172aea512c0}"], &[]),
        column("bytea[]", array(Kind::Bytea), &[], &[("[\"\\\\x0102\"]", "{\"\\\\x0102\"}")]),
        column(
            "date[]",
            array(Kind::Date),
            &["{2024-05-06}"],
            &[("2024-05-06, 2024-05-07", "{2024-05-06,2024-05-07}")],
        ),
        column(
            "timestamp with time zone[]",
            array(Kind::Timestamptz(None)),
            &["{2024-05-06T07:08:09Z}"],
            &[],
        ),
        column("interval[]", array(Kind::Interval), &["{1 mon,30 days}", "{30 days,1 mon}"], &[]),
        column("jsonb[]", array(Kind::Jsonb), &[], &json),
        column("mood[]", array(moods), &["{sad,ok}"], &[("[\"it's fine\"]", "{it's fine}")]),
        column("citext[]", array(Kind::Citext), &["{Abc}", "{aBC}"], &[]),
    ]
}
