//! The files of the embedded server, and its start.
//!
//! `pglite-oxide` would lay a new database over a template in its cache folder and copy each file on its
//! first change. A process killed in the middle of such a copy leaves half a file, and a later version with
//! another template refuses the folder. So the template is unpacked in full, beside its place, and renamed
//! when it is complete; `pglite-oxide` then takes it for an old database of its own.

use base::Fault;
use pglite_oxide::{Pglite, PglitePaths, PgliteServer, extensions, install_extension_bytes};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Extensions that `CREATE EXTENSION` finds. Others that `pglite-oxide` carries are of no use to a move, and
/// each one costs time at every start; `pgcrypto` and `uuid-ossp` it does not have.
pub const EXTENSIONS: &[&str] =
    &["btree_gin", "btree_gist", "citext", "fuzzystrmatch", "hstore", "ltree", "pg_trgm", "unaccent"];

/// Settings of the server. The search path is that of every PostgreSQL (`pglite-oxide` leaves `"$user"` out);
/// its log, which nobody reads, could quote values.
const SETTINGS: &[(&str, &str)] = &[
    ("search_path", "\"$user\", public"),
    ("log_min_messages", "panic"),
    ("log_min_error_statement", "panic"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
];

/// The data folder in the server's root (`PglitePaths::with_root`).
pub(super) fn base(root: &Path) -> PathBuf {
    root.join("tmp/pglite/base")
}

/// Makes sure that there is a database with its extensions, and starts the server on `socket`. Blocks, half a
/// second.
pub(super) fn start(root: &Path, socket: &Path, wanted: &[String]) -> Result<PgliteServer, Fault> {
    unpack(root).map_err(|error| {
        let why = if error.kind() == ErrorKind::Other { error.to_string() } else { error.kind().to_string() };
        Fault::stop(format!("{} cannot be filled: {why}", root.display()))
    })?;
    for name in wanted {
        install(root, name)?;
    }
    let mut builder =
        PgliteServer::builder().path(root).unix(socket).username(super::NAME).database(super::NAME);
    for (name, value) in SETTINGS {
        builder = builder.postgres_config(*name, *value);
    }
    builder.start().map_err(|error| does_not_start(&format!("{error:#}")))
}

fn unpack(root: &Path) -> std::io::Result<()> {
    let base = base(root);
    if base.join("PG_VERSION").is_file() && base.join("global/pg_control").is_file() {
        return Ok(());
    }
    if base.exists() {
        // Not ours to throw away: a database that lost a part of itself may still be rescued by a person.
        return Err(std::io::Error::other("it holds a part of a database"));
    }
    let staging = root.join("unpacking");
    if staging.exists() {
        std::fs::remove_dir_all(&staging)?;
    }
    std::fs::create_dir_all(&staging)?;
    let archive = pglite_oxide_assets::pgdata_template_archive()
        .ok_or_else(|| std::io::Error::other("the program was built without its database template"))?;
    tar::Archive::new(zstd::stream::read::Decoder::new(archive)?).unpack(&staging)?;
    if let Some(parent) = base.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // The name must not reach the disk before the files do.
    rustix::fs::syncfs(std::fs::File::open(&staging)?)?;
    std::fs::rename(&staging, &base)
}

/// Puts an extension where `CREATE EXTENSION` finds it. `pglite-oxide` itself would create it in the
/// database.
fn install(root: &Path, name: &str) -> Result<(), Fault> {
    let unknown = || {
        Fault::usage(format!("the embedded PostgreSQL has no extension {name}"))
            .hint("use a PostgreSQL server: set DATABASE_URL")
    };
    let extension = extensions::by_sql_name(name).ok_or_else(unknown)?;
    let archive = pglite_oxide_assets::extension_archive(name).ok_or_else(unknown)?;
    Pglite::preload_extensions([extension]).map_err(|error| does_not_start(&format!("{error:#}")))?;
    // Last, so that an installation that was broken off, or is another version's, is made again.
    let marker = root.join(format!("{name}.installed"));
    let version = format!("{:016x}", BuildHasherDefault::<DefaultHasher>::default().hash_one(archive));
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == version) {
        return Ok(());
    }
    install_extension_bytes(&PglitePaths::with_root(root), archive)
        .map_err(|error| does_not_start(&format!("{error:#}")))?;
    std::fs::write(&marker, version)
        .map_err(|error| does_not_start(&format!("{}: {}", marker.display(), error.kind())))
}

/// Only the first line: behind it stands the tail of the server's log.
fn does_not_start(why: &str) -> Fault {
    let why = why.lines().next().unwrap_or_default();
    Fault::stop(format!("the embedded PostgreSQL does not start: {why}"))
}
