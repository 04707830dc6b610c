//! What an export says about itself.

use crate::support::{extract, hard_pages};
use connect::{Completeness, SourceInfo};
use export::{ColumnManifest, EntityManifest, ExportFolder, FileState, FolderError, Manifest, Passwords};
use std::fs;

fn exported() -> (tempfile::TempDir, ExportFolder, Manifest) {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let finished = extract(&folder, &hard_pages(), usize::MAX).unwrap();
    let source = SourceInfo {
        connector: "bubble".to_owned(),
        version: "1".to_owned(),
        address: "https://app.example/api/1.1".to_owned(),
        environment: Some("live".to_owned()),
    };
    let mut manifest = Manifest::new("culturebridge", source, "2026-01-02T03:04:05Z".parse().unwrap());
    let column = |name: &String| ColumnManifest {
        name: name.clone(),
        original: name.to_uppercase(),
        kind: "text".to_owned(),
    };
    manifest.entities.insert(
        "users".to_owned(),
        EntityManifest {
            unique_keys: true,
            stream: "user".to_owned(),
            file: "users.csv".to_owned(),
            columns: finished.columns.iter().map(column).collect(),
            records: finished.records,
            repeats: finished.repeats,
            unreadable: finished.unreadable,
            bytes: finished.sums.bytes,
            sha256: finished.sums.sha256,
            xxh3: finished.sums.xxh3,
            key: Some("_id".to_owned()),
            created: None,
            version: None,
            completeness: Completeness {
                declared_before: Some(30),
                complete: true,
                ..Completeness::default()
            },
            passwords: Some(Passwords { kept: 1, hashed: 2, unusable: [("too_long".to_owned(), 3)].into() }),
        },
    );
    (temp, folder, manifest)
}

#[test]
fn a_manifest_comes_back_as_it_was() {
    let (_temp, folder, mut manifest) = exported();
    assert_eq!(folder.manifest().unwrap(), None);
    folder.write_manifest(&manifest).unwrap();
    assert_eq!(folder.manifest().unwrap().unwrap(), manifest);
    manifest.finished_at = Some("2026-01-02T03:05:05Z".parse().unwrap());
    manifest.complete = true;
    folder.write_manifest(&manifest).unwrap();
    assert_eq!(folder.manifest().unwrap().unwrap(), manifest);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.manifest_path()).unwrap()).unwrap();
    assert_eq!((&json["version"], &json["started_at"]), (&1.into(), &"2026-01-02T03:04:05Z".into()));
}

#[test]
fn a_manifest_that_cannot_be_trusted_is_refused_without_quoting_it() {
    let (_temp, folder, manifest) = exported();
    let good = serde_json::to_string(&manifest).unwrap();
    for (text, expected) in [
        (String::new(), "no JSON object with a version"),
        (good[..good.len() / 2].to_owned(), "no JSON object with a version"),
        ("{\"version\":\"secret\"}".to_owned(), "no JSON object with a version"),
        (
            good.replacen("\"version\":1", "\"version\":2", 1),
            "it has version 2, this program reads version 1",
        ),
        ("{\"version\":1,\"project\":\"secret\"}".to_owned(), "it lacks something"),
    ] {
        fs::write(folder.manifest_path(), &text).unwrap();
        let error = folder.manifest().unwrap_err();
        assert!(matches!(error, FolderError::BadManifest { .. }));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn an_edited_export_is_found_out() {
    let (_temp, folder, manifest) = exported();
    let path = folder.csv_path("users");
    let good = fs::read(&path).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let mut other = good.clone();
    other[good.len() / 2] ^= 1;
    for (content, expected) in [
        (Some(good.clone()), FileState::Untouched),
        (Some(other), FileState::Edited),
        (Some(good[1..].to_vec()), FileState::Edited),
        (Some([good.as_slice(), b"x"].concat()), FileState::Edited),
        (None, FileState::Missing),
        (Some(good), FileState::Untouched),
    ] {
        match &content {
            Some(bytes) => {
                fs::write(&path, bytes).unwrap();
                fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
            }
            None => fs::remove_file(&path).unwrap(),
        }
        assert_eq!(manifest.check("users", &folder).unwrap(), expected);
    }
    assert_eq!(manifest.check("bookings", &folder).unwrap(), FileState::Missing);
}
