//! Dates, times and intervals that are values.

use crate::cases::{Column, column};
use values::Kind;

/// Dates and times.
pub fn times() -> Vec<Column> {
    let zoned = [
        "2024-05-06T07:08:09.123Z",
        "2024-05-06t07:08:09.123z",
        "2024-05-06 07:08:09.123Z",
        "2024-05-06T07:08Z",
        "2024-05-06 07:08+02",
        "2024-05-06T07:08:09+0530",
        "2024-05-06T07:08:09-05:45",
        "2024-05-06T07:08:09.123456+00:00",
        "2024-05-06T07:08:09.120000000Z",
        "2024-05-06T07:08:09-00:00",
        "2024-02-29T00:00:00.000Z",
        "2000-01-01T00:00:00Z",
        "1999-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2024-01-01T00:30:00+15:59",
        "2024-12-31T23:30:00-15:59",
        "2024-01-31T10:00:00.000Z",
        "1900-02-28T10:00:00.000Z",
        "2024-05-06T23:59:59.999Z",
        "2024-05-06T07:08:09.1Z",
    ];
    let others = [
        ("1700000000000", "2023-11-14 22:13:20+00"),
        ("1700000000123", "2023-11-14 22:13:20.123+00"),
        ("-1700000000000", "1916-02-18 01:46:40+00"),
        ("999999999999", "2001-09-09 01:46:39.999+00"),
        ("100000000000", "1973-03-03 09:46:40+00"),
        ("+12345-06-07T08:09:10Z", "12345-06-07 08:09:10+00"),
        ("+294276-12-31T23:59:59.999999Z", "294276-12-31 23:59:59.999999+00"),
        ("-0043-03-15T12:00:00Z", "0044-03-15 12:00:00+00 BC"),
        ("+0000-03-01T12:00:00Z", "0001-03-01 12:00:00+00 BC"),
        ("-4713-11-24T00:00:00Z", "4714-11-24 00:00:00+00 BC"),
        ("-0400-02-29T00:00:00.5Z", "0401-02-29 00:00:00.5+00 BC"),
    ];
    // For a column without zone the server would drop the zone, so it is given the time of UTC.
    let unzoned: Vec<(&str, String)> = [
        ("2024-05-06T07:08:09.123Z", "2024-05-06 07:08:09.123+00"),
        ("2024-05-06T01:08+02:30", "2024-05-05 22:38+00"),
    ]
    .into_iter()
    .chain(others)
    .map(|(text, server)| (text, server.replace("+00", "")))
    .collect();
    let unzoned: Vec<(&str, &str)> = unzoned.iter().map(|(text, server)| (*text, server.as_str())).collect();
    vec![
        column("timestamp with time zone", Kind::Timestamptz(None), &zoned, &others),
        column(
            "timestamp(3) with time zone",
            Kind::Timestamptz(Some(3)),
            &["2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09.120000Z"],
            &[],
        ),
        column(
            "timestamp(0) with time zone",
            Kind::Timestamptz(Some(0)),
            &["2024-05-06T07:08:09.000Z"],
            &[("1700000000000", "2023-11-14 22:13:20+00")],
        ),
        column(
            "timestamp(6) with time zone",
            Kind::Timestamptz(Some(6)),
            &["2024-05-06T07:08:09.123456Z"],
            &[],
        ),
        column("timestamp without time zone", Kind::Timestamp(None), &[], &unzoned),
        column(
            "timestamp(1) without time zone",
            Kind::Timestamp(Some(1)),
            &[],
            &[("2024-05-06T07:08:09.1Z", "2024-05-06 07:08:09.1")],
        ),
        column(
            "date",
            Kind::Date,
            &[
                "2024-05-06",
                "2000-01-01",
                "1999-12-31",
                "2024-02-29",
                "0001-01-01",
                "9999-12-31",
                "1900-03-01",
            ],
            &[
                ("+5874897-12-31", "5874897-12-31"),
                ("-4713-11-24", "4714-11-24 BC"),
                ("-0043-03-15", "0044-03-15 BC"),
                ("+2024-05-06", "2024-05-06"),
                ("+12345-01-01", "12345-01-01"),
            ],
        ),
        column(
            "time without time zone",
            Kind::Time(None),
            &["00:00", "07:08", "07:08:09", "23:59:59.999999", "07:08:09.5000000", "07:08:09.010"],
            &[],
        ),
        column("time(3) without time zone", Kind::Time(Some(3)), &["07:08:09.123", "07:08:09.120000"], &[]),
    ]
}

/// `interval`, with and without fields.
pub fn intervals() -> Vec<Column> {
    let texts = [
        "P1Y2M3DT4H5M6.5S",
        "P1Y",
        "P1M",
        "P2W",
        "P3D",
        "PT4H",
        "PT5M",
        "PT6S",
        "PT0.000001S",
        "P1DT12H",
        "P-1Y",
        "P1Y-2M",
        "PT-0.5S",
        "PT36H",
        "PT90M",
        "PT1.5H",
        "PT0.25M",
        "P0D",
        "1 year 2 mons 3 days 04:05:06.5",
        "-3 days",
        "04:05:06",
        "-04:05:06",
        "100:00:00",
        "00:00:00.000001",
        "1 day -02:00:00",
        "-1 days +02:03:00",
        "1 year -2 mons",
        "3 hours",
        "1 h 30 min",
        "90 minutes",
        "1.5 hours",
        "0.5 minutes",
        "1.25 seconds",
        "2 weeks",
        "1 decade",
        "1 century",
        "1 millennium",
        "250 milliseconds",
        "1 microsecond",
        "3 days ago",
        "1 year 2 days 03:04:05 ago",
        "@ 1 minute",
        "1 mon",
        "30 days",
        "29 days 24:00:00",
        "720:00:00",
        "1 MONTH",
        "2 Years",
        "178000000 years",
        "2147483647 days",
        "-2147483648 days",
        "1 day 04:05",
        "5 us",
        "7 ms",
        "6 s",
        "5 m",
        "4 d",
        "3 w",
        "2 y",
        "1 yr",
        "8 secs",
        "9 mins",
        "10 hrs",
        "24:00:00",
        "1 day",
        "-1 mons +30 days",
    ];
    vec![
        column("interval", Kind::Interval, &texts, &[]),
        column("interval(3)", Kind::Interval, &["1.123 seconds", "PT0.5S", "1 day 04:05:06.120000"], &[]),
        column("interval day to minute", Kind::Interval, &["1 mon 2 days 03:04", "PT36H", "05:00:00"], &[]),
        column("interval year to month", Kind::Interval, &["1 year 2 mons", "P14M"], &[]),
        column("interval second(2)", Kind::Interval, &["1.12 seconds", "5 days 00:00:01"], &[]),
    ]
}
