//! Addresses as people write them.

use super::*;
use base::Class;

fn around() -> Around {
    Around { user: Some("me".into()), ..Around::default() }
}

fn parse(text: &str) -> Address {
    Address::parse(text, &around()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn an_address_means_what_libpq_means_by_it() {
    for (text, shown, password) in [
        ("postgresql://u:p@db:5433/app", "db:5433/app as u", Some("p")),
        ("postgres://u@db/app", "db:5432/app as u", None),
        ("postgresql+asyncpg://u:p@db/app", "db:5432/app as u", Some("p")),
        ("postgres+psycopg2://u:p@db/app", "db:5432/app as u", Some("p")),
        ("  postgresql://u:p@db/app\n", "db:5432/app as u", Some("p")),
        // No database: the user's; no user: that of the environment; no host: the socket.
        ("postgresql://u@db", "db:5432/u as u", None),
        ("postgresql://db", "db:5432/me as me", None),
        ("postgresql://", "/var/run/postgresql:5432/me as me", None),
        ("postgresql:///app", "/var/run/postgresql:5432/app as me", None),
        // Percent-encoding; a plus stays one; a colon ends only the user.
        ("postgresql://u%40x:p%2F%25%3a+@db/a%20b", "db:5432/a b as u@x", Some("p/%:+")),
        ("postgresql://u:a:b?c#d@db/app", "db:5432/app as u", Some("a:b?c#d")),
        // Several hosts, IPv6, sockets.
        ("postgresql://u@a:1,b,c:3/app", "a:1,b:5432,c:3/app as u", None),
        ("postgresql://u@[::1]:5433,[2001:db8::1]/app", "[::1]:5433,[2001:db8::1]:5432/app as u", None),
        ("postgresql://u@%2Ftmp%2Fpg/app", "/tmp/pg:5432/app as u", None),
        ("postgresql://u@/app?host=/tmp/a%20b&port=6000", "/tmp/a b:6000/app as u", None),
        ("postgresql:///app?host=a,b&port=7", "a:7,b:7/app as me", None),
        // Parameters win over what stands before them, the last one over all; empty ones count as not given.
        ("postgresql://u:p@db:1/app?user=v&password=q&dbname=x&port=2", "db:2/x as v", Some("q")),
        ("postgresql://u@db/app?port=1&port=2", "db:2/app as u", None),
        ("postgresql://u:@db/app?sslmode=&password=", "db:5432/app as u", None),
        // The other form.
        ("host=db port=5433 dbname=app user=u password=p", "db:5433/app as u", Some("p")),
        ("  host = db\n user='u x' password='it\\'s = \\\\'", "db:5432/u x as u x", Some("it's = \\")),
        ("user=u password=a\\ b", "/var/run/postgresql:5432/u as u", Some("a b")),
        ("host=/tmp,db user=u port=1,2", "/tmp:1,db:2/u as u", None),
    ] {
        let address = parse(text);
        assert_eq!(address.shown(), shown, "{text}");
        assert_eq!(address.password.as_ref().map(Secret::expose), password, "{text}");
    }
}

#[test]
fn parameters_are_taken_and_none_is_ignored() {
    let text = "postgresql://u@db/app?sslmode=verify-full&sslrootcert=/r.pem&sslcert=/c.pem&sslkey=/k.pem\
                &connect_timeout=3&application_name=x&options=-c%20a%3Db&target_session_attrs=read-write\
                &channel_binding=require&gssencmode=disable&passfile=/pw";
    let address = parse(text);
    assert_eq!(address.ssl, SslMode::VerifyFull);
    assert_eq!(address.roots, Roots::File("/r.pem".into()));
    assert_eq!((address.certificate, address.key), (Some("/c.pem".into()), Some("/k.pem".into())));
    assert_eq!(address.timeout, Duration::from_secs(3));
    assert_eq!(address.application_name.as_deref(), Some("x"));
    assert_eq!(address.options.as_deref(), Some("-c a=b"));
    assert_eq!(address.wanted, Wanted::ReadWrite);
    assert_eq!(address.binding, Binding::Require);
    assert_eq!(address.passfile, Some("/pw".into()));

    let address = parse("postgresql+asyncpg://u@db/app");
    assert_eq!(address.dropped_driver.as_deref(), Some("asyncpg"));
    assert_eq!((address.ssl, address.roots), (SslMode::Prefer, Roots::Default));
    assert_eq!(address.timeout, Duration::from_secs(CONNECT_SECONDS));

    for (given, seconds) in
        [("0", CONNECT_SECONDS_MAX), ("-1", CONNECT_SECONDS_MAX), ("9999", CONNECT_SECONDS_MAX)]
    {
        let address = parse(&format!("postgresql://u@db/app?connect_timeout={given}"));
        assert_eq!(address.timeout, Duration::from_secs(seconds), "{given}");
    }
    let system = parse("postgresql://u@db/app?sslrootcert=system");
    assert_eq!((system.ssl, system.roots), (SslMode::VerifyFull, Roots::System));
}

#[test]
fn a_bad_address_is_refused_and_never_shown() {
    // Every password here holds `hunter2`, and a part of every one lands where something else belongs.
    for (text, words) in [
        ("mysql://u:hunter2@db/app", "neither postgresql://"),
        ("hunter2", "neither postgresql://"),
        ("", "neither postgresql://"),
        ("postgresql://u:x@hunter2@db/app", "must be percent-encoded"),
        ("postgresql://u:x/hunter2@db/app", "must be percent-encoded"),
        ("postgresql://u:hunter2/x/y", "the port is not a number"),
        ("postgresql://u:hunter2%@db/app", "not followed by two hexadecimal digits"),
        ("postgresql://u:hunter2%0g@db/app", "not followed by two hexadecimal digits"),
        ("postgresql://u:hunter2%00@db/app", "%00 is not allowed"),
        ("postgresql://u:hunter2%ff@db/app", "not UTF-8"),
        ("postgresql://u:hunter2@db:0/app", "the port is not a number"),
        ("postgresql://u:hunter2@db:65536/app", "the port is not a number"),
        ("postgresql://u:hunter2@[::1/app", "not closed"),
        ("postgresql://u:hunter2@[::1]x/app", "neither : nor /"),
        ("postgresql://u:hunter2@a,b,c/app?port=1,2", "the number of ports"),
        ("postgresql://u:hunter2@db/app?sslmode", "has no ="),
        ("postgresql://u:hunter2@db/app?sslmode=hunter2", "a value for sslmode"),
        ("postgresql://u:hunter2@db/app?target_session_attrs=x", "a value for target_session_attrs"),
        ("postgresql://u:hunter2@db/app?connect_timeout=x", "a value for connect_timeout"),
        ("postgresql://u:hunter2@db/app?channel_binding=x", "a value for channel_binding"),
        ("postgresql://u:hunter2@db/app?gssencmode=require", "gssencmode=require"),
        ("postgresql://u:hunter2@db/app?sslrootcert=system&sslmode=require", "sslrootcert=system"),
        ("postgresql://u:hunter2@db/app?statement_timeout=5", "the parameter statement_timeout"),
        ("postgresql://u:hunter2@db/app?pgbouncer=true", "the parameter pgbouncer"),
        ("postgresql://u:hunter2@db/app?%24%21hunter2=1", "a name that no parameter has"),
        ("host=db password=x hunter2", "a word has no ="),
        ("host=db password='hunter2", "not closed"),
    ] {
        let fault = Address::parse(text, &around()).expect_err(text);
        let all = format!("{fault} {:?}", fault.hints);
        assert!(all.contains(words), "{text}: {all}");
        assert!(all.contains("DATABASE_URL"), "{text}: {all}");
        assert!(!all.contains("hunter2"), "{text}: {all}");
        assert_eq!(fault.class, Class::Usage, "{text}");
    }
    let fault = Address::parse("postgresql://db", &Around::default()).expect_err("no user");
    assert!(fault.what.contains("no user"), "{fault}");
    let fault = Address::parse("postgresql://u@db/x?sslmod=require", &around()).expect_err("typo");
    assert_eq!(fault.hints[0], "did you mean sslmode?");
    let shown = format!("{:?}", parse("postgresql://u:hunter2@db/app"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_environment_fills_what_the_address_leaves_open() {
    let around = Around::of(|name| {
        Some(match name {
            "PGUSER" => "pguser".into(),
            "USER" => "user".into(),
            "PGPASSWORD" => "secret".into(),
            "HOME" => "/home/me".into(),
            _ => return None,
        })
    });
    let address = Address::parse("postgresql://db", &around).unwrap();
    assert_eq!(address.user, "pguser");
    assert_eq!(address.password.as_ref().map(Secret::expose), Some("secret"));
    assert_eq!(address.passfile, Some("/home/me/.pgpass".into()));
    assert_eq!(address.tls_home, Some("/home/me/.postgresql".into()));
    let address = Address::parse("postgresql://u:own@db", &around).unwrap();
    assert_eq!((address.user.as_str(), address.password.as_ref().map(Secret::expose)), ("u", Some("own")));
}

#[test]
fn the_password_file_is_read_line_by_line() {
    let text = "# a comment\nbad line\nother:5432:app:u:no\ndb:*:app:u:one\n\
                a\\:b:5432:*:u\\\\x:t\\:wo\nlocalhost:5432:*:*:socket\n*:9:*:*:nine:9\n";
    let net = |name: &str, port| Host { place: Place::Net(name.into()), port };
    for (host, database, user, password) in [
        (net("db", 1), "app", "u", Some("one")),
        (net("db", 1), "app", "v", None),
        (net("a:b", 5432), "z", "u\\x", Some("t:wo")),
        (Host { place: Place::Folder(SOCKET_DIR.into()), port: 5432 }, "x", "y", Some("socket")),
        (net("localhost", 5432), "x", "y", Some("socket")),
        (net("anything", 9), "x", "y", Some("nine:9")),
        (net("anything", 8), "x", "y", None),
    ] {
        let found = passfile::find(text, &host, database, user);
        assert_eq!(found.as_deref(), password, "{host} {database} {user}");
    }
}

#[test]
fn a_password_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pw");
    let mut address = parse("postgresql://u@db/app");
    address.passfile = Some(path.clone());
    let host = address.hosts[0].clone();
    assert_eq!(passfile::password(&address, &host), Ok(None), "no file, no password");
    std::fs::write(&path, "*:*:*:*:hunter2\n").unwrap();
    for (mode, outcome) in [(0o600, Some(Some("hunter2"))), (0o644, None)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let found = passfile::password(&address, &host);
        assert_eq!(
            found.as_ref().ok().map(|p| p.as_ref().map(Secret::expose)),
            outcome,
            "{mode:o}: {found:?}"
        );
    }
}
