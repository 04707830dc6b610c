//! Each `sslmode` against a server with and without TLS.

use super::{alter, login, nobody, server, tcp};
use postgres::address::Around;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use testkit::{Postgres, Scratch, Stop, scratch};

const RULES: &str = "\
local     all all                trust
hostssl   all tlsonly   all      trust
hostnossl all plainonly all      trust
hostssl   all certuser  all      cert
host      all scram     all      scram-sha-256
host      all postgres  all      trust
";

const ROLES: &str = "\
CREATE ROLE tlsonly LOGIN; CREATE ROLE plainonly LOGIN; CREATE ROLE certuser LOGIN;
SET password_encryption = 'scram-sha-256'; CREATE ROLE scram LOGIN PASSWORD 'hunter2'";

/// An authority.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = authority(name, &[]);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate with its key.
    fn signs(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

fn authority(name: &str, hosts: &[&str]) -> CertificateParams {
    let mut params = named(name, hosts);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Gives the server a certificate, and the root of its clients' certificates.
fn give(server: &mut Postgres, certificate: &(String, String), clients: &str) {
    let folder = server.socket();
    let owner = std::fs::metadata(&folder).unwrap();
    for (setting, name, text) in [
        ("ssl_cert_file", "server.crt", certificate.0.as_str()),
        ("ssl_key_file", "server.key", certificate.1.as_str()),
        ("ssl_ca_file", "clients.crt", clients),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        alter(server, setting, path.to_str().unwrap());
    }
    alter(server, "ssl", "on");
    server.restart(Stop::Fast).unwrap();
}

/// What a login came to: with or without TLS, or a fault.
async fn outcome(url: &str, around: &Around) -> String {
    match login(url, around).await {
        Ok(session) => {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let tls: bool = session.query_one(sql, &[]).await.unwrap().get(0);
            let sent = session.cancel().send().await;
            assert_eq!(sent, Ok(()), "a cancellation takes the same way: {url}");
            if tls { "tls".into() } else { "plain".into() }
        }
        Err(fault) => {
            let all = format!("{fault} {:?}", fault.hints);
            assert!(!all.contains("hunter2"), "{all}");
            all
        }
    }
}

async fn play(server: &Postgres, around: &Around, cases: &[(&str, String, &str)]) {
    for (who, parameters, expected) in cases {
        let seen = outcome(&tcp(server, who, parameters), around).await;
        let fits = match *expected {
            "tls" | "plain" => seen == *expected,
            words => seen.contains(words),
        };
        assert!(fits, "{who} {parameters}: {seen}");
    }
}

fn file(folder: &Scratch, name: &str, text: &str) -> PathBuf {
    let path = folder.write(name, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[tokio::test]
async fn every_sslmode_ends_as_libpq_says() {
    let folder = scratch();
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let mut server = server(RULES, ROLES);

    // A server without TLS.
    let text = str::to_owned;
    play(
        &server,
        &nobody(),
        &[
            ("postgres@localhost", text("sslmode=disable"), "plain"),
            ("postgres@localhost", text("sslmode=allow"), "plain"),
            ("postgres@localhost", text("sslmode=prefer"), "plain"),
            ("postgres@localhost", text("sslmode=require"), "the server does not speak TLS"),
            ("tlsonly@localhost", text("sslmode=allow"), "the server refuses this login"),
        ],
    )
    .await;
    let socket = format!("{}&sslmode=verify-full", server.socket_url_for("postgres"));
    assert_eq!(outcome(&socket, &nobody()).await, "plain", "a socket has no use for TLS");

    give(&mut server, &ours.signs(&named("server", &["localhost"])), &ours.pem);
    let root = file(&folder, "root.crt", &ours.pem);
    let wrong = file(&folder, "wrong.crt", &other.pem);
    let (root, wrong) = (root.display(), wrong.display());
    let client = ours.signs(&named("certuser", &[]));
    let (certificate, key) = (file(&folder, "c.crt", &client.0), file(&folder, "c.key", &client.1));
    let open = folder.write("open.key", &client.1);
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let certificate = certificate.display();
    let with_key = |key: &Path| format!("sslmode=require&sslcert={certificate}&sslkey={}", key.display());
    play(
        &server,
        &nobody(),
        &[
            ("postgres@localhost", text(""), "tls"),
            ("postgres@localhost", text("sslmode=disable"), "plain"),
            ("postgres@localhost", text("sslmode=allow"), "plain"),
            ("postgres@localhost", text("sslmode=prefer"), "tls"),
            ("postgres@localhost", text("sslmode=require"), "tls"),
            // With a root file `require` is `verify-ca`; the name does not matter to either.
            ("postgres@127.0.0.1", format!("sslmode=require&sslrootcert={root}"), "tls"),
            ("postgres@localhost", format!("sslmode=require&sslrootcert={wrong}"), "no trusted root signed"),
            ("postgres@127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}"), "tls"),
            (
                "postgres@localhost",
                format!("sslmode=verify-ca&sslrootcert={wrong}"),
                "no trusted root signed",
            ),
            ("postgres@localhost", format!("sslmode=verify-full&sslrootcert={root}"), "tls"),
            (
                "postgres@127.0.0.1",
                format!("sslmode=verify-full&sslrootcert={root}"),
                "made out to another name",
            ),
            (
                "postgres@localhost",
                format!("sslmode=verify-full&sslrootcert={wrong}"),
                "no trusted root signed",
            ),
            ("postgres@localhost", text("sslmode=verify-ca"), "no trusted root"),
            ("postgres@localhost", text("sslrootcert=system"), "no trusted root"),
            // `prefer` does not look, but a file that is named must be there.
            ("postgres@localhost", format!("sslmode=prefer&sslrootcert={wrong}"), "tls"),
            (
                "postgres@localhost",
                text("sslmode=prefer&sslrootcert=/nowhere.crt"),
                "/nowhere.crt cannot be read",
            ),
            (
                "postgres@localhost",
                format!("sslmode=require&sslrootcert={}", key.display()),
                "no certificate in PEM",
            ),
            // The server decides by transport.
            ("tlsonly@localhost", text("sslmode=disable"), "the server refuses this login"),
            ("tlsonly@localhost", text("sslmode=allow"), "tls"),
            ("tlsonly@localhost", text("sslmode=prefer"), "tls"),
            ("plainonly@localhost", text("sslmode=prefer"), "plain"),
            ("plainonly@localhost", text("sslmode=allow"), "plain"),
            ("plainonly@localhost", text("sslmode=require"), "the server refuses this login"),
            // Client certificates.
            ("certuser@localhost", with_key(&key), "tls"),
            ("certuser@localhost", text("sslmode=require"), "connecting to localhost"),
            ("certuser@localhost", with_key(&open), "can be read by others"),
            ("certuser@localhost", format!("sslmode=require&sslcert={certificate}"), "no sslkey"),
            // Passwords, bound to the channel or not.
            ("scram:hunter2@localhost", text("sslmode=require"), "tls"),
            ("scram:hunter2@localhost", text("sslmode=disable"), "plain"),
            ("scram:hunter2@localhost", text("sslmode=require&channel_binding=require"), "tls"),
            ("scram:hunter2@localhost", text("sslmode=disable&channel_binding=require"), "the login failed"),
            ("scram:wrong@localhost", text("sslmode=require"), "the server refuses the password"),
            ("scram@localhost", text("sslmode=require"), "the server wants a password"),
        ],
    )
    .await;

    // What lies in the home.
    let home = scratch();
    home.write(".postgresql/root.crt", &ours.pem);
    file(&home, ".postgresql/postgresql.crt", &client.0);
    file(&home, ".postgresql/postgresql.key", &client.1);
    file(&home, ".pgpass", "localhost:*:*:scram:hunter2\n");
    let around = Around { home: Some(home.path().into()), ..nobody() };
    play(
        &server,
        &around,
        &[
            ("certuser@localhost", text("sslmode=verify-full"), "tls"),
            ("postgres@127.0.0.1", text("sslmode=require"), "tls"),
            ("postgres@127.0.0.1", text("sslmode=verify-full"), "made out to another name"),
            ("scram@localhost", text("sslmode=verify-full"), "tls"),
        ],
    )
    .await;
    home.write(".postgresql/root.crt", &other.pem);
    play(
        &server,
        &around,
        &[
            ("postgres@localhost", text("sslmode=require"), "no trusted root signed"),
            ("postgres@localhost", text("sslmode=prefer"), "tls"),
        ],
    )
    .await;

    // A certificate that is its own root; one that has expired.
    let own = KeyPair::generate().unwrap();
    let alone = authority("localhost", &["localhost"]).self_signed(&own).unwrap().pem();
    give(&mut server, &(alone.clone(), own.serialize_pem()), &ours.pem);
    let alone = file(&folder, "alone.crt", &alone);
    let alone = alone.display();
    play(
        &server,
        &nobody(),
        &[
            ("postgres@localhost", format!("sslmode=verify-full&sslrootcert={alone}"), "tls"),
            (
                "postgres@127.0.0.1",
                format!("sslmode=verify-full&sslrootcert={alone}"),
                "made out to another name",
            ),
            (
                "postgres@localhost",
                format!("sslmode=verify-full&sslrootcert={root}"),
                "its certificate is refused",
            ),
        ],
    )
    .await;
    let mut old = named("server", &["localhost"]);
    (old.not_before, old.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1));
    give(&mut server, &ours.signs(&old), &ours.pem);
    let expired = format!("sslmode=verify-ca&sslrootcert={root}");
    play(&server, &nobody(), &[("postgres@localhost", expired, "has expired")]).await;
}
