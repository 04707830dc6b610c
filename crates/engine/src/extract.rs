//! The export: every stream into its CSV file, with a checkpoint per page and the proof of completeness at
//! the end.

use crate::job::{Event, Job};
use crate::passwords::{self, Found, NONE_MARK};
use crate::reading::{Reading, folder_fault};
use arrow::array::AsArray;
use async_trait::async_trait;
use base::Fault;
use base::limits::MAP_ROWS;
use connect::{Completeness, Page, Sink, Source, Stream};
use export::part::Counts;
use export::{ColumnManifest, EntityManifest, FinishOrder, Manifest, Part, Passwords, Resumed};
use futures::StreamExt;
use jiff::Timestamp;
use project::EntityConfig;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Words in the name of a field that make it stay behind unless it is mapped.
const SECRET_WORDS: [&str; 3] = ["password", "secret", "token"];

/// Streams that are extracted at the same time, unless the source says otherwise.
const STREAMS_AT_ONCE: usize = 2;

/// Names of counts in a part.
const KEPT: &str = "passwords_kept";
const HASHED: &str = "passwords_hashed";
const UNUSABLE: &str = "passwords_unusable_";

/// Exports every entity of the manifest's project that is not in it yet; the manifest grows as they finish.
pub async fn export(job: &Job, manifest: Manifest) -> Result<Manifest, Fault> {
    let todo: Vec<&EntityConfig> =
        job.project.entities.iter().filter(|e| !manifest.entities.contains_key(&e.name)).collect();
    let at_once = job.project.sources.iter().filter_map(|s| s.connections).min().unwrap_or(STREAMS_AT_ONCE);
    let manifest = Mutex::new(manifest);
    let mut running = futures::stream::iter(todo.into_iter().map(|config| {
        let manifest = &manifest;
        async move {
            let finished = entity(job, config).await.map_err(|f| f.at(&config.name))?;
            let mut manifest = manifest.lock().await;
            manifest.entities.insert(config.name.clone(), finished);
            job.folder.write_manifest(&manifest).map_err(|e| folder_fault(&e))
        }
    }))
    .buffer_unordered(at_once.max(1));
    while let Some(done) = running.next().await {
        done?;
    }
    drop(running);
    let mut manifest = manifest.into_inner();
    manifest.finished_at = Some(job.clock.now());
    manifest.complete = manifest.entities.values().all(|e| e.completeness.complete);
    manifest.left_behind = job.sources.values().flat_map(|source| source.left_behind()).collect();
    job.folder.write_manifest(&manifest).map_err(|e| folder_fault(&e))?;
    Ok(manifest)
}

/// A manifest for a new export. The entities of an export that was there stay on disk until theirs are
/// finished.
pub fn begin(job: &Job) -> Result<Manifest, Fault> {
    let source = job
        .project
        .sources
        .first()
        .ok_or_else(|| Fault::usage("the project has no source to export from"))?;
    let manifest =
        Manifest::new(job.project.name.value.clone(), job.source(&source.name)?.info(), job.clock.now());
    for config in &job.project.entities {
        // Begun parts belong to an export that nobody goes on with.
        Part::create(&job.folder, &config.name, &manifest.source).map_err(|e| folder_fault(&e))?;
    }
    job.folder.write_manifest(&manifest).map_err(|e| folder_fault(&e))?;
    Ok(manifest)
}

/// Names of fields that stay behind because of what their name says.
pub fn held_back(config: &EntityConfig, fields: &[String]) -> BTreeSet<String> {
    let read: BTreeSet<String> = config
        .fields
        .iter()
        .map(|(_, e)| e)
        .chain(&config.where_)
        .flat_map(|e| transform::compile::fields_read(&e.sql, fields).unwrap_or_default())
        .collect();
    let says_secret = |f: &&String| SECRET_WORDS.iter().any(|word| f.to_lowercase().contains(word));
    fields.iter().filter(says_secret).filter(|f| !read.contains(*f)).cloned().collect()
}

async fn entity(job: &Job, config: &EntityConfig) -> Result<EntityManifest, Fault> {
    let began = Instant::now();
    let source = Arc::clone(job.source(&config.from.value.source)?);
    let stream = source.stream(&config.from.value.stream).await?;
    let declared: Vec<String> = stream.fields.iter().map(|f| f.name.clone()).collect();
    let part = open_part(job, config, source.as_ref())?;
    job.tell(Event::Began { phase: "export", name: config.name.clone(), total: stream.total });
    let password =
        config.fields.iter().find_map(|(_, e)| transform::compile::password_field(&e.sql, &declared));
    let checkpoint = part.checkpoint().cloned();
    let mut sink = PartSink {
        job,
        name: config.name.clone(),
        earlier: earlier_hashes(job, config, password.as_deref())?,
        key: config.key.value.clone(),
        password,
        config,
        part,
        total: stream.total,
    };
    let page_size = job.project.move_.batch_size;
    let mut completeness =
        source.extract(&config.from.value.stream, page_size, checkpoint, &mut sink).await?;
    let counts = sink.part.counts().clone();
    let mut columns: Vec<String> = declared;
    let held = held_back(config, &columns);
    columns.retain(|c| !held.contains(c) && !config.ignore.iter().any(|i| i.value == *c));
    sink.part.declare(&columns);
    let order = FinishOrder {
        key: Some(config.key.value.clone()),
        created: stream.created.clone(),
        version: config.version.as_ref().map(|v| v.value.clone()).or_else(|| stream.version.clone()),
    };
    let part = sink.part;
    let finished = tokio::task::block_in_place(|| match source.repeats_are_versions() {
        true => part.finish(order),
        false => part.finish_with_repeats(order),
    })
    .map_err(|e| folder_fault(&e))?;
    if !held.is_empty() {
        completeness
            .remarks
            .push(format!("held back by their names: {}", held.into_iter().collect::<Vec<_>>().join(", ")));
    }
    job.tell(Event::Ended {
        phase: "export",
        name: config.name.clone(),
        done: finished.records,
        seconds: began.elapsed().as_secs_f64(),
        outcome: describe(&completeness),
    });
    Ok(EntityManifest {
        stream: stream.name.clone(),
        file: format!("{}.csv", config.name),
        columns: finished.columns.iter().map(|name| column(&stream, name)).collect(),
        records: finished.records,
        repeats: finished.repeats,
        unreadable: finished.unreadable,
        unique_keys: finished.unique_keys,
        bytes: finished.sums.bytes,
        sha256: finished.sums.sha256,
        xxh3: finished.sums.xxh3,
        key: Some(config.key.value.clone()),
        created: stream.created,
        version: stream.version,
        completeness,
        passwords: passwords_of(&counts),
    })
}

fn describe(c: &Completeness) -> String {
    let mut text = String::from(if c.complete { "complete" } else { "no proof of completeness" });
    for (n, word) in [(c.appeared, "appeared"), (c.changed, "changed"), (c.vanished, "vanished")] {
        if n > 0 {
            text.push_str(&format!(", {n} {word} meanwhile"));
        }
    }
    text
}

fn column(stream: &Stream, name: &str) -> ColumnManifest {
    let field = stream.fields.iter().find(|f| f.name == name);
    ColumnManifest {
        name: name.to_owned(),
        original: field.map_or_else(|| name.to_owned(), |f| f.original.clone()),
        kind: field.map_or_else(|| "text".to_owned(), |f| f.kind.clone()),
    }
}

fn passwords_of(counts: &Counts) -> Option<Passwords> {
    let mut passwords = Passwords::default();
    for (name, n) in counts {
        match name.as_str() {
            KEPT => passwords.kept = *n,
            HASHED => passwords.hashed = *n,
            other => {
                if let Some(reason) = other.strip_prefix(UNUSABLE) {
                    passwords.unusable.insert(reason.to_owned(), *n);
                }
            }
        }
    }
    (passwords != Passwords::default()).then_some(passwords)
}

/// Goes on with a part, or begins one; says so when what was there cannot be trusted.
fn open_part(job: &Job, config: &EntityConfig, source: &dyn Source) -> Result<Part, Fault> {
    match Part::resume(&job.folder, &config.name).map_err(|e| folder_fault(&e))? {
        Resumed::Part(part) => {
            job.tell(Event::Note(format!(
                "export of {} goes on after {} records",
                config.name,
                part.records()
            )));
            Ok(*part)
        }
        Resumed::Nothing => {
            Part::create(&job.folder, &config.name, &source.info()).map_err(|e| folder_fault(&e))
        }
        Resumed::Damaged(why) => {
            job.tell(Event::Warning(format!("export of {} begins anew: {why}", config.name)));
            Part::create(&job.folder, &config.name, &source.info()).map_err(|e| folder_fault(&e))
        }
    }
}

/// The hashes of an earlier export, by record: a password that was hashed once is not hashed again.
fn earlier_hashes(
    job: &Job,
    config: &EntityConfig,
    password: Option<&str>,
) -> Result<HashMap<String, String>, Fault> {
    let mut hashes = HashMap::new();
    let Some(password) = password.filter(|_| !job.project.move_.update_passwords) else { return Ok(hashes) };
    let manifest = job.folder.manifest().map_err(|e| folder_fault(&e))?;
    let Some(file) = crate::reading::facts(job, manifest.as_ref(), &config.name)? else { return Ok(hashes) };
    if !file.columns.iter().any(|c| c == password) {
        return Ok(hashes);
    }
    let mut reading = Reading::open(&file, &[config.key.value.clone(), password.to_owned()])?;
    while let Some(batch) = reading.next(MAP_ROWS)? {
        let (ids, values) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for (id, value) in ids.iter().zip(values) {
            if let (Some(id), Some(hash)) = (id, value.filter(|v| passwords::is_hash(v))) {
                hashes.insert(id.to_owned(), hash.to_owned());
            }
        }
    }
    Ok(hashes)
}

/// Takes pages: holds fields back, hashes passwords, appends.
struct PartSink<'a> {
    job: &'a Job,
    config: &'a EntityConfig,
    name: String,
    key: String,
    password: Option<String>,
    earlier: HashMap<String, String>,
    part: Part,
    total: Option<u64>,
}

#[async_trait]
impl Sink for PartSink<'_> {
    async fn page(&mut self, mut page: Page) -> Result<(), Fault> {
        self.job.cancel.check()?;
        let mut counts = Counts::new();
        // A field that the source never declared may come with any page, the password among them.
        if self.password.is_none() {
            self.password = self
                .config
                .fields
                .iter()
                .find_map(|(_, e)| transform::compile::password_field(&e.sql, &page.fields));
        }
        self.hash_passwords(&mut page, &mut counts)?;
        let held = held_back(self.config, &page.fields);
        let ignored = |f: &String| self.config.ignore.iter().any(|i| i.value == *f);
        let keep: Vec<bool> = page.fields.iter().map(|f| !held.contains(f) && !ignored(f)).collect();
        let fields: Vec<String> =
            page.fields.iter().zip(&keep).filter(|(_, k)| **k).map(|(f, _)| f.clone()).collect();
        if keep.iter().any(|k| !k) {
            for record in &mut page.records {
                let mut flags = keep.iter();
                record.retain(|_| *flags.next().unwrap_or(&true));
            }
        }
        let mut unreadable = page.unreadable;
        for record in &mut unreadable {
            if held.contains(&record.field) || self.password.as_ref() == Some(&record.field) {
                record.value = "withheld".into();
            }
        }
        tokio::task::block_in_place(|| {
            self.part.append(&fields, &page.records, &unreadable, &page.checkpoint, &counts)
        })
        .map_err(|e| folder_fault(&e))?;
        self.job.tell(Event::Progress {
            phase: "export",
            name: self.name.clone(),
            done: self.part.records(),
            total: page.expected.or(self.total),
        });
        Ok(())
    }
}

impl PartSink<'_> {
    /// Plain texts never leave this function.
    fn hash_passwords(&self, page: &mut Page, counts: &mut Counts) -> Result<(), Fault> {
        let Some(at) = self.password.as_ref().and_then(|p| page.fields.iter().position(|f| f == p)) else {
            return Ok(());
        };
        let key = page.fields.iter().position(|f| *f == self.key);
        let mut plain: Vec<(usize, String)> = Vec::new();
        let mut count = |name: String| *counts.entry(name).or_default() += 1;
        for (i, record) in page.records.iter_mut().enumerate() {
            match passwords::look(record[at].as_deref(), false) {
                Found::Hash(_) => count(KEPT.into()),
                Found::None(reason) => {
                    count(format!("{UNUSABLE}{reason}"));
                    record[at] = (reason != "no_password").then(|| format!("{NONE_MARK}{reason}"));
                }
                Found::Plain(text) => {
                    count(HASHED.into());
                    let known = key.and_then(|k| record[k].as_ref()).and_then(|id| self.earlier.get(id));
                    match known {
                        Some(hash) => record[at] = Some(hash.clone()),
                        None => plain.push((i, text.to_owned())),
                    }
                }
            }
        }
        let texts: Vec<&str> = plain.iter().map(|(_, t)| t.as_str()).collect();
        let hashes = tokio::task::block_in_place(|| passwords::hash_all(&texts))?;
        for ((i, _), hash) in plain.iter().zip(hashes) {
            page.records[*i][at] = Some(hash);
        }
        Ok(())
    }
}

/// The records that were unreadable at export, as rejects: they stand in no line of the file.
pub fn unreadable(job: &Job, entity: &str) -> Result<Vec<ledger::Reject>, Fault> {
    let path = job.folder.rejects_path(entity);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Fault::stop(format!("cannot read {}: {e}", path.display()))),
    };
    let mut rejects = Vec::new();
    for (line, record) in text.lines().zip(1i64..) {
        let found: connect::Unreadable = serde_json::from_str(line).map_err(|_| {
            Fault::stop(format!("{}: line {record} is not what an export writes", path.display()))
        })?;
        rejects.push(ledger::Reject {
            entity: entity.to_owned(),
            record: -record,
            source_id: found.id,
            field: found.field,
            value: Some(found.value),
            code: found.code,
            reason: "NUL or a lone surrogate, which no text in a database can hold".into(),
        });
    }
    Ok(rejects)
}

/// When the manifest was begun, as the run remembers it.
pub fn stamp_of(manifest: &Manifest) -> Timestamp {
    manifest.started_at
}

/// The counts of a whole export.
pub fn totals(manifest: &Manifest) -> BTreeMap<String, u64> {
    manifest.entities.iter().map(|(name, e)| (name.clone(), e.records)).collect()
}
