//! A service in memory: `people` and `notes`, a note may answer another one.

use async_trait::async_trait;
use base::{Fault, Problem, RejectCode};
use connect::destination::{Column, ForeignKey, Table};
use connect::service::{Deleted, Fields, Lookup, Lost, Made, Refusal, Service, Thing, ThingSink};
use std::collections::BTreeMap;
use std::sync::Mutex;
use values::{Kind, PgType};

/// What goes wrong with a call that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The call is not made, and its answer is lost.
    LostBefore,
    /// The call is made, and its answer is lost.
    LostAfter,
    /// The call is made, and we are stopped before we hear of it.
    StoppedAfter,
    /// We are stopped before the call.
    StoppedBefore,
}

#[derive(Default)]
pub struct State {
    /// By kind and key, with the mark.
    pub things: BTreeMap<(String, String), (Fields, String)>,
    /// Calls that wrote, in their order: `create people`.
    pub calls: Vec<String>,
    /// Trouble at the n-th call that writes, from 0.
    pub trouble: Option<(usize, Trouble)>,
    next: u64,
}

/// The service.
#[derive(Default)]
pub struct Double(pub Mutex<State>);

impl Double {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Things of a kind, each as `key: column=value …`.
    pub fn shown(&self, table: &str) -> Vec<String> {
        let state = self.state();
        let things = state.things.iter().filter(|((t, _), _)| t == table);
        things
            .map(|((_, key), (fields, _))| {
                let fields = fields.iter().map(|(c, v)| format!("{c}={}", v.as_deref().unwrap_or("~")));
                format!("{key}: {}", fields.collect::<Vec<_>>().join(" "))
            })
            .collect()
    }

    /// Somebody makes or changes a thing.
    pub fn somebody(&self, table: &str, key: &str, fields: &[(&str, &str)]) {
        let mut state = self.state();
        let thing = state.things.entry((table.into(), key.into())).or_default();
        thing.0.extend(fields.iter().map(|(c, v)| ((*c).to_owned(), Some((*v).to_owned()))));
    }

    /// The trouble of this call, if it is its turn.
    fn turn(&self, call: String) -> Option<Trouble> {
        let mut state = self.state();
        let n = state.calls.len();
        state.calls.push(call);
        state.trouble.filter(|(at, _)| *at == n).map(|(_, trouble)| trouble)
    }
}

fn text(name: &str, not_null: bool) -> Column {
    let (name, ty) = (name.to_owned(), PgType::simple(Kind::Text));
    Column { name, ty, not_null, default: None, generated: false, sequence: None }
}

fn kind(name: &str, columns: Vec<Column>, foreign_keys: Vec<ForeignKey>) -> Table {
    Table {
        destination: String::new(),
        given_key: true,
        schema: String::new(),
        name: name.into(),
        sql: name.into(),
        columns: std::iter::once(text("id", true)).chain(columns).collect(),
        primary_key: vec!["id".into()],
        foreign_keys,
        referenced_by: Vec::new(),
        triggers: Vec::new(),
    }
}

fn refers(column: &str, to: &str) -> ForeignKey {
    ForeignKey {
        name: column.into(),
        table: "notes".into(),
        columns: vec![column.into()],
        to: to.into(),
        to_columns: vec!["id".into()],
    }
}

fn lost() -> Fault {
    Fault::retry("the answer was lost")
}

#[async_trait]
impl Service for Double {
    fn address(&self) -> String {
        "memory".into()
    }

    async fn tables(&self) -> Result<Vec<Table>, Fault> {
        Ok(vec![
            kind("people", vec![text("email", false), text("name", true)], vec![]),
            kind(
                "notes",
                vec![text("author", true), text("answers", false), text("text", true)],
                vec![refers("author", "people"), refers("answers", "notes")],
            ),
        ])
    }

    async fn check(&self, _: &[String]) -> Result<Vec<Problem>, Fault> {
        Ok(Vec::new())
    }

    async fn count(&self, table: &str) -> Result<Option<u64>, Fault> {
        Ok(Some(self.shown(table).len() as u64))
    }

    fn calls_at_once(&self) -> usize {
        3
    }

    fn lookups(&self, table: &str) -> Vec<Lookup> {
        let by_email = Lookup { column: "email".into(), folds_case: true };
        if table == "people" { vec![by_email] } else { Vec::new() }
    }

    async fn look_up(&self, table: &str, column: &str, value: &str) -> Result<Vec<String>, Fault> {
        let state = self.state();
        let is = |fields: &Fields| {
            fields.get(column).cloned().flatten().is_some_and(|v| v.to_lowercase() == value.to_lowercase())
        };
        let found = state.things.iter().filter(|((t, _), (fields, _))| t == table && is(fields));
        Ok(found.map(|((_, key), _)| key.clone()).collect())
    }

    async fn create(&self, table: &str, fields: &Fields, mark: &str) -> Result<Made, Fault> {
        let trouble = self.turn(format!("create {table}"));
        match trouble {
            Some(Trouble::StoppedBefore) => return Err(Fault::stop("killed before the call")),
            Some(Trouble::LostBefore) => return Ok(Made::Unknown(lost())),
            _ => {}
        }
        if fields.values().flatten().any(|v| v == "refused") {
            let (column, code) = ("name".into(), RejectCode::Check);
            return Ok(Made::Refused(Refusal { column, code, reason: "nobody is called that".into() }));
        }
        let mut state = self.state();
        for (column, to) in [("author", "people"), ("answers", "notes")] {
            if let Some(Some(key)) = fields.get(column) {
                assert!(state.things.contains_key(&(to.into(), key.clone())), "{table} refers to {key:?}");
            }
        }
        state.next += 1;
        let key = format!("{}{}", &table[..1], state.next);
        state.things.insert((table.into(), key.clone()), (fields.clone(), mark.to_owned()));
        Ok(match trouble {
            Some(Trouble::LostAfter) => Made::Unknown(lost()),
            Some(Trouble::StoppedAfter) => return Err(Fault::stop("killed after the call")),
            _ => Made::Done(key),
        })
    }

    async fn find(&self, table: &str, lost: &Lost<'_>) -> Result<Option<String>, Fault> {
        let state = self.state();
        let found = state.things.iter().find(|((t, _), (_, mark))| t == table && mark == lost.mark);
        Ok(found.map(|((_, key), _)| key.clone()))
    }

    async fn update(&self, table: &str, key: &str, fields: &Fields) -> Result<Made, Fault> {
        let trouble = self.turn(format!("update {table}"));
        match trouble {
            Some(Trouble::StoppedBefore) => return Err(Fault::stop("killed before the call")),
            Some(Trouble::LostBefore) => return Ok(Made::Unknown(lost())),
            _ => {}
        }
        let mut state = self.state();
        let thing = state.things.get_mut(&(table.into(), key.into())).expect("it is there");
        thing.0.extend(fields.clone());
        Ok(match trouble {
            Some(Trouble::LostAfter) => Made::Unknown(lost()),
            Some(Trouble::StoppedAfter) => return Err(Fault::stop("killed after the call")),
            _ => Made::Done(key.into()),
        })
    }

    async fn read(
        &self,
        table: &str,
        keys: &[String],
        columns: &[String],
    ) -> Result<Vec<Option<Fields>>, Fault> {
        let state = self.state();
        let of = |key: &String| {
            let (fields, _) = state.things.get(&(table.to_owned(), key.clone()))?;
            Some(columns.iter().map(|c| (c.clone(), fields.get(c).cloned().flatten())).collect())
        };
        Ok(keys.iter().map(of).collect())
    }

    async fn list(&self, table: &str, _: &[String], sink: &mut dyn ThingSink) -> Result<(), Fault> {
        let things = self.state().things.clone();
        let ours = things.into_iter().filter(|((t, _), _)| t == table);
        for ((_, key), (fields, _)) in ours {
            sink.thing(&key, fields)?;
        }
        Ok(())
    }

    async fn delete(&self, table: &str, key: &str) -> Result<Deleted, Fault> {
        let trouble = self.turn(format!("delete {table}"));
        if trouble == Some(Trouble::StoppedBefore) {
            return Err(Fault::stop("killed before the call"));
        }
        let gone = self.state().things.remove(&(table.into(), key.into())).is_none();
        if trouble == Some(Trouble::StoppedAfter) {
            return Err(Fault::stop("killed after the call"));
        }
        Ok(if gone { Deleted::Gone } else { Deleted::Done })
    }

    async fn built_on(&self, _: &str, key: &str) -> Result<Vec<Thing>, Fault> {
        let state = self.state();
        let on = |fields: &Fields| {
            ["author", "answers"].iter().any(|c| fields.get(*c).cloned().flatten().as_deref() == Some(key))
        };
        let found = state.things.iter().filter(|(_, (fields, _))| on(fields));
        Ok(found.map(|((table, key), _)| Thing { table: table.clone(), key: key.clone() }).collect())
    }

    fn mails(&self, _: &str, _: u64) -> Option<u64> {
        Some(0)
    }
}
