//! Random texts against the server, thousands in one query: what is taken here the server takes, with the
//! same bytes; and what the server takes is refused here only for a reason of ours.

use crate::server::Server;
use crate::tables::{ATTEMPT, attempts};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use tokio_postgres::Client;
use values::{Context, Kind, NumericSize, PgType, Why};

/// Texts per property.
const TEXTS: usize = 3_000;

/// The same texts in every run.
fn draw(strategy: impl Strategy<Value = String>) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut next = || strategy.new_tree(&mut runner).expect("a value").current();
    (0..TEXTS).map(|_| next()).filter(|text| !text.contains('\0')).collect()
}

fn regex(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern).expect("a pattern")
}

/// Compares; `ours` says which refusals are stricter than the server on purpose.
async fn compare(client: &Client, sql: &str, kind: Kind, texts: Vec<String>, ours: impl Fn(&Why) -> bool) {
    let (ty, cx, mut taken) = (PgType::simple(kind), Context::default(), 0);
    let answers = attempts(client, sql, &texts).await;
    for (text, answer) in texts.iter().zip(answers) {
        let mut bytes = Vec::new();
        match (ty.encode(text, &cx, &mut bytes), answer) {
            (Ok(()), Some((wire, shown))) => {
                assert_eq!(bytes, wire, "{sql} {text:?}");
                assert_eq!(ty.show(&bytes).as_ref(), Ok(&shown), "{sql} {text:?}");
                taken += 1;
            }
            (Ok(()), None) => panic!("{sql} {text:?}: the server takes it for no value"),
            (Err(bad), Some((_, shown))) => {
                assert!(ours(&bad.why), "{sql} {text:?}: {bad}, but the server has {shown:?}");
            }
            (Err(_), None) => {}
        }
    }
    assert!(taken > texts.len() / 10, "{sql}: only {taken} texts were values");
}

#[tokio::test]
async fn random_texts_become_the_servers_bytes() {
    let server = Server::start().await;
    let client = &server.client;
    client.batch_execute(ATTEMPT).await.expect("the function");
    numbers(client).await;
    floats(client).await;
    times(client).await;
    json(client).await;
    arrays(client).await;
}

async fn numbers(client: &Client) {
    let text = "[+-]?0{0,6}[0-9]{0,10}(\\.[0-9]{0,10}0{0,6})?([eE][+-]?[0-9]{1,2})?";
    let never = |_: &Why| false;
    compare(client, "numeric", Kind::Numeric(None), draw(regex(text)), never).await;
    let size = |precision, scale| Kind::Numeric(Some(NumericSize { precision, scale }));
    let rounding = |why: &Why| matches!(why, Why::Decimals { .. } | Why::NotMultiple { .. });
    compare(client, "numeric(10,4)", size(10, 4), draw(regex(text)), rounding).await;
    let round = "[+-]?[0-9]{1,3}0{1,6}(\\.0{0,3})?";
    compare(client, "numeric(3,-3)", size(3, -3), draw(regex(round)), rounding).await;
    compare(client, "numeric(3,6)", size(3, 6), draw(regex("-?0?\\.0{1,4}[0-9]{1,3}")), rounding).await;
    compare(client, "bigint", Kind::Int8, draw(regex("[+-]?[0-9]{1,20}")), never).await;
}

async fn floats(client: &Client) {
    let never = |_: &Why| false;
    let text = "-?[0-9]{1,17}(\\.[0-9]{1,17})?(e[+-]?[0-9]{1,2})?";
    compare(client, "double precision", Kind::Float8, draw(regex(text)), never).await;
    compare(client, "real", Kind::Float4, draw(regex(text)), never).await;
    let any8 = any::<u64>().prop_map(|bits| f64::from_bits(bits).to_string().replace("inf", "Infinity"));
    compare(client, "double precision", Kind::Float8, draw(any8), never).await;
    let any4 = any::<u32>().prop_map(|bits| f32::from_bits(bits).to_string().replace("inf", "Infinity"));
    compare(client, "real", Kind::Float4, draw(any4), never).await;
    // Where the gap to the neighbour changes, and where a short text stands exactly between two floats.
    let powers = (-1074..1024).flat_map(|power| [2f64.powi(power), 3.0 * 2f64.powi(power)]);
    let tens = (-320..309).map(|power| format!("1e{power}").parse().unwrap_or(0.0));
    let eights: Vec<String> =
        powers.chain(tens).filter(|v| v.is_finite()).map(|v| format!("{v:e}")).collect();
    compare(client, "double precision", Kind::Float8, eights, never).await;
    let powers = (-149..128).flat_map(|power| (1u8..32).map(move |odd| f32::from(odd) * 2f32.powi(power)));
    let fours: Vec<String> = powers.filter(|v| v.is_finite()).map(|v| format!("{v:e}")).collect();
    compare(client, "real", Kind::Float4, fours, never).await;
}

async fn times(client: &Client) {
    let stamp = concat!(
        "[0-2][0-9]{3}-(0[1-9]|1[0-3])-([0-2][0-9]|3[01])[T ]",
        "[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,6})?)?",
        "(Z|[+-](0[0-9]|1[0-6])(:?[0-5][0-9])?)",
    );
    // The server turns 24:00 and :60 into the next day or minute.
    let rolled = |why: &Why| matches!(why, Why::Hour24 | Why::LeapSecond | Why::NotDateTime | Why::NotTime);
    compare(client, "timestamp with time zone", Kind::Timestamptz(None), draw(regex(stamp)), rolled).await;
    let usual =
        "[0-2][0-9]{3}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z";
    compare(client, "timestamp with time zone", Kind::Timestamptz(None), draw(regex(usual)), rolled).await;
    compare(client, "date", Kind::Date, draw(regex("[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9]")), |_| false).await;
    compare(
        client,
        "time",
        Kind::Time(None),
        draw(regex("[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,6})?)?")),
        rolled,
    )
    .await;
    let iso = concat!(
        "P(-?[0-9]{1,4}Y)?(-?[0-9]{1,3}M)?(-?[0-9]{1,3}W)?(-?[0-9]{1,5}D)?",
        "(T(-?[0-9]{1,4}H)?(-?[0-9]{1,4}M)?(-?[0-9]{1,4}(\\.[0-9]{1,6})?S)?)?",
    );
    let ours = |why: &Why| matches!(why, Why::NotInterval);
    compare(client, "interval", Kind::Interval, draw(regex(iso)), ours).await;
    let words = concat!(
        "([+-]?[0-9]{1,4} (years?|yr|mil|c) )?([+-]?[0-9]{1,3} mons? )?",
        "([+-]?[0-9]{1,5} (days?|d|weeks) )?",
        "([+-]?[0-9]{1,3}:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?",
        "|[+-]?[0-9]{1,4}(\\.[0-9]{1,3})? (secs?|ms|hours?|min))?( ago)?",
    );
    compare(client, "interval", Kind::Interval, draw(regex(words)), ours).await;
}

/// JSON texts with all freedom that the grammar leaves, and sometimes a slip.
fn documents() -> impl Strategy<Value = String> {
    let blank = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n\t")];
    let string = prop_oneof![
        4 => regex("\"[a-cé👍/ ]{0,4}\""),
        1 => regex(concat!("\"([a-c]|\\\\[\"\\\\/bfnrtu]|",
            "\\\\u00[0-7][1-9a-f]|\\\\ud83d\\\\udc4d|\\\\ud8[0-9]0){0,3}\"")),
    ];
    let leaf = prop_oneof![
        regex("-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?"),
        regex("true|false|null"),
        string.clone().boxed(),
    ];
    let tree = leaf.prop_recursive(4, 24, 5, move |inner| {
        let item = (blank(), inner.clone(), blank()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member =
            (string.clone(), blank(), inner).prop_map(|(key, blank, value)| format!("{key}{blank}:{value}"));
        prop_oneof![
            prop::collection::vec(item, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (tree, any::<prop::sample::Index>(), 0..12u8).prop_map(|(text, place, slip)| {
        let chars: Vec<char> = text.chars().collect();
        let at = place.index(chars.len().max(1));
        let without =
            |at: usize| chars.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, c)| *c).collect();
        if slip == 0 && !chars.is_empty() { without(at) } else { text }
    })
}

async fn json(client: &Client) {
    let ours = |why: &Why| matches!(why, Why::KeyTwice);
    compare(client, "jsonb", Kind::Jsonb, draw(documents()), ours).await;
    let ours = |why: &Why| matches!(why, Why::KeyTwice | Why::LoneSurrogate);
    compare(client, "json", Kind::Json, draw(documents()), ours).await;
}

async fn arrays(client: &Client) {
    let list = |kind: Kind| Kind::Array(Box::new(PgType::simple(kind)));
    // Lists inside lists that are empty, which PostgreSQL 15 forgets.
    let ragged = |why: &Why| matches!(why, Why::Ragged);
    let literal = concat!(
        "\\{([a\\\\]{0,2}|\"([ab,{} ]|\\\\[\"\\\\]){0,3}\"|NULL|é b| x )",
        "(,([ab]{1,2}|\"[ab,{} ]{0,3}\"|null|\\{a\\})){0,3} ?\\}"
    );
    let texts = draw(regex(literal));
    // A text that is no literal is split at commas here.
    let known: Vec<String> = attempts(client, "text[]", &texts)
        .await
        .iter()
        .zip(&texts)
        .filter_map(|(answer, text)| answer.as_ref().map(|_| text.clone()))
        .collect();
    assert!(known.len() > TEXTS / 10, "{} literals", known.len());
    compare(client, "text[]", list(Kind::Text), known, ragged).await;
    let numbers = "\\{(-?[0-9]{1,3}|NULL)(,(-?[0-9]{1,3}|NULL)){0,5}\\}|\\{\\{1,2\\},\\{[0-9],NULL\\}\\}";
    compare(client, "integer[]", list(Kind::Int4), draw(regex(numbers)), ragged).await;
    // JSON lists, which the server reads by a function of its own.
    let texts = draw(regex(concat!(
        "\\[(\"([a-cé👍,{} ]|\\\\[\"\\\\n]|\\\\u00e[0-9]){0,4}\"|-?[1-9]{1,3}\\.5|true|null)",
        "(,(\"[a-c ]{0,4}\"|12|false)){0,4}\\]"
    )));
    let query = "SELECT array_send(ARRAY(SELECT jsonb_array_elements_text(t::jsonb)))
        FROM unnest($1::text[]) WITH ORDINALITY u(t, n) ORDER BY n";
    let (ty, cx) = (PgType::simple(list(Kind::Text)), Context::default());
    for (row, text) in client.query(query, &[&texts]).await.expect("lists").iter().zip(&texts) {
        let mut bytes = Vec::new();
        assert_eq!(ty.encode(text, &cx, &mut bytes), Ok(()), "{text}");
        assert_eq!(bytes, row.get::<_, Vec<u8>>(0), "{text}");
    }
}
