//! A limit that the operating system itself enforces.

use crate::support::{extract, files, page};
use export::ExportFolder;
use std::path::Path;
use std::process::Command;

/// Set for the process that is to run into the limit.
const FOLDER: &str = "LANDFALL_TEST_FULL_DISK";
const NAME: &str = "full_disk::a_file_that_may_not_grow_is_a_full_disk_and_can_be_resumed";

/// Kilobytes that a file may have in that process; the export needs about three times as much.
const LIMIT: &str = "64";

fn pages() -> Vec<crate::support::PageOf> {
    (0..20)
        .map(|number| {
            let mut one = page(&["_id", "created", "modified", "notes"], &[]);
            for i in 0..100 {
                let n = number * 100 + i;
                let created = format!("2024-01-01T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
                one.rows.push([format!("id{n}"), created, "1".to_owned(), "x".repeat(60)].map(Some).to_vec());
            }
            one
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "how the test tells its child what to do")]
/// This test runs itself again under a limit on the size of files, the same way `ulimit -f` does it in a
/// shell.
#[test]
fn a_file_that_may_not_grow_is_a_full_disk_and_can_be_resumed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let folder = ExportFolder::open_or_create(Path::new(&folder)).unwrap();
        let error = extract(&folder, &pages(), usize::MAX).unwrap_err();
        assert!(error.is_disk_full(), "{error}");
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let status = Command::new("bash")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {LIMIT}; exec \"$0\" --exact {NAME}")])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, temp.path())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&status.stdout);
    assert!(status.status.success() && words.contains("1 passed"), "{words}");

    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    assert!(temp.path().join("users.checkpoint.json").exists(), "pages were accepted before the limit");
    let finished = extract(&folder, &pages(), usize::MAX).unwrap();
    let clean = tempfile::tempdir().unwrap();
    let undisturbed = ExportFolder::open_or_create(clean.path()).unwrap();
    assert_eq!(finished, extract(&undisturbed, &pages(), usize::MAX).unwrap());
    assert_eq!(files(&folder), files(&undisturbed));
}
