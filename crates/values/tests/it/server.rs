//! A private PostgreSQL: a socket in a temporary folder, gone with the test.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio_postgres::{Client, Config, NoTls};

/// A server and a connection to it.
pub struct Server {
    pub client: Client,
    child: Child,
    _folder: tempfile::TempDir,
}

/// PostgreSQL does not run as root; as another user it needs nothing more.
fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// The programs of the newest PostgreSQL on this machine, as Debian lays them out.
fn programs() -> PathBuf {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's programs are on this machine");
    let version = |path: &PathBuf| path.file_name().and_then(|n| n.to_str()?.parse::<u32>().ok());
    let newest = versions.flatten().map(|entry| entry.path()).max_by_key(version);
    newest.expect("a version of PostgreSQL").join("bin")
}

/// User and group to run as: `postgres` when this is root, else as we are.
fn owner(folder: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if folder.metadata().expect("a folder").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the users");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("a user postgres");
    let ids: Vec<u32> = line.split(':').skip(2).take(2).filter_map(|id| id.parse().ok()).collect();
    Some((ids[0], ids[1]))
}

impl Server {
    /// Starts one, and connects.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let owner = owner(folder.path());
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).expect("rights");
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).expect("root may give a folder away");
        }
        let (bin, data) = (programs(), folder.path().join("data"));
        let made = command(&bin.join("initdb"), owner)
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=test",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "-D",
            ])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = command(&bin.join("postgres"), owner);
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in ["listen_addresses=", "fsync=off", "timezone=UTC", "shared_buffers=16MB"] {
            server.arg("-c").arg(setting);
        }
        let child = server.stderr(Stdio::null()).spawn().expect("the server starts");
        let mut config = Config::new();
        config.host_path(folder.path()).user("test").dbname("postgres");
        let client = connect(&config).await;
        Self { client, child, _folder: folder }
    }
}

/// Waits until the server takes connections; how long that lasts is the machine's affair, so the bound is
/// wide.
async fn connect(config: &Config) -> Client {
    for _ in 0..1200 {
        if let Ok((client, connection)) = config.connect(NoTls).await {
            tokio::spawn(connection);
            return client;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not answer");
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT: a fast shutdown, which also gives back the shared memory.
        let asked = Command::new("kill").arg("-INT").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
