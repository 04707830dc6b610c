//! What the undo must know of a run and of its tables, from the ledger and the destination's own catalogue.

use crate::catalogue::quote;
use crate::connect::fault;
use base::Fault;
use base::ids::RunId;
use ledger::RunStatus;
use plan::Step;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;

/// A run that may be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Its number.
    pub(super) id: i64,
    /// Its TS.
    pub(super) name: String,
    /// Its project.
    pub(super) project: String,
    /// How far it has come.
    pub(super) status: RunStatus,
    /// Its entities, newest first.
    pub(super) entities: Vec<Entity>,
}

/// An entity of it, with its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    pub(super) name: String,
    /// Quoted and qualified.
    pub(super) table: String,
    pub(super) oid: u32,
    pub(super) key: Vec<KeyColumn>,
    /// The columns that a pre-image is written back to: all but the key's and those that PostgreSQL fills.
    pub(super) restored: Vec<String>,
    /// Foreign keys of any table that refer to this one.
    pub(super) referred: Vec<Reference>,
    /// Whether triggers change rows before they are written, and the role may not switch them off.
    pub(super) meddled: bool,
}

/// A column of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyColumn {
    pub(super) name: String,
    /// Its type, quoted and qualified.
    pub(super) ty: String,
    pub(super) form: Form,
}

/// In which of its three arrays the ledger keeps a key column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Uuids,
    Ints,
    Texts,
}

impl Form {
    fn of(ty: &str) -> Self {
        match ty {
            "pg_catalog.uuid" => Form::Uuids,
            "pg_catalog.int2" | "pg_catalog.int4" | "pg_catalog.int8" => Form::Ints,
            _ => Form::Texts,
        }
    }

    /// The column of `landfall.batch_keys`.
    pub(super) fn column(self) -> &'static str {
        match self {
            Form::Uuids => "uuids",
            Form::Ints => "ints",
            Form::Texts => "texts",
        }
    }

    /// The type of its elements.
    pub(super) fn element(self) -> &'static str {
        match self {
            Form::Uuids => "uuid",
            Form::Ints => "bigint",
            Form::Texts => "text",
        }
    }
}

/// A foreign key that refers to an entity's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    /// The table that refers, quoted and qualified.
    pub(super) table: String,
    pub(super) oid: u32,
    pub(super) columns: Vec<String>,
    /// The columns that it refers to.
    pub(super) to: Vec<String>,
}

/// Entities that are undone together, by their places in [`Facts::entities`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) entities: Vec<usize>,
    /// Whether rows of the group may refer to each other.
    pub(super) cyclic: bool,
}

impl Facts {
    /// The groups in the order of their undoing: tables that refer before those that they refer to, and of
    /// entities of one table the newest first.
    pub(super) fn groups(&self) -> Vec<Group> {
        let names: Vec<String> = self.entities.iter().map(|e| e.name.clone()).collect();
        let mut first: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (i, entity) in self.entities.iter().enumerate() {
            for (j, other) in self.entities.iter().enumerate() {
                let refers = entity.referred.iter().any(|r| r.oid == other.oid);
                if refers || (j < i && other.oid == entity.oid) {
                    first.entry(entity.name.clone()).or_default().insert(other.name.clone());
                }
            }
        }
        let group = |step: Step| Group {
            entities: step.entities.iter().filter_map(|n| names.iter().position(|m| m == n)).collect(),
            cyclic: step.cyclic,
        };
        plan::order(&names, &first).into_iter().map(group).collect()
    }
}

/// Reads them.
pub(super) async fn read(client: &Client, project: &str, run: RunId) -> Result<Facts, Fault> {
    let row = client
        .query_opt(
            "SELECT name, status FROM landfall.runs WHERE id = $1 AND project = $2",
            &[&run.0, &project],
        )
        .await
        .map_err(|e| fault(&e, "read the run"))?
        .ok_or_else(|| Fault::usage(format!("there is no run {run}")).hint("landfall runs lists them"))?;
    let status: String = row.get(1);
    let mut facts = Facts {
        id: run.0,
        name: row.get(0),
        project: project.into(),
        status: RunStatus::from_word(&status)
            .ok_or_else(|| Fault::fail("the ledger holds a run's status that this version does not know"))?,
        entities: Vec::new(),
    };
    let found = client
        .query(
            "SELECT entity, table_name, key, to_regclass(table_name)::oid FROM landfall.entities \
             WHERE run = $1 AND service IS NULL ORDER BY position DESC",
            &[&run.0],
        )
        .await
        .map_err(|e| fault(&e, "read the run's entities"))?;
    for row in found {
        let (name, table): (String, String) = (row.get(0), row.get(1));
        let Some(oid) = row.get::<_, Option<u32>>(3) else {
            return Err(Fault::usage(format!("{name}: the table {table} is not there any more")).hint(
                format!("landfall runs --forget {} drops the record of what is to be undone", facts.name),
            ));
        };
        facts.entities.push(entity(client, name, table, oid, row.get(2)).await?);
    }
    Ok(facts)
}

async fn entity(
    client: &Client,
    name: String,
    table: String,
    oid: u32,
    key: Vec<String>,
) -> Result<Entity, Fault> {
    let doing = |e: tokio_postgres::Error| fault(&e, "read the catalogue").at(&table);
    let columns = client
        .query(
            "SELECT a.attname::text, quote_ident(n.nspname) || '.' || quote_ident(t.typname), \
                    a.attidentity = 'a' OR a.attgenerated <> '' \
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n \
                  ON n.oid = t.typnamespace \
             WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            &[&oid],
        )
        .await
        .map_err(doing)?;
    let mut keys = Vec::with_capacity(key.len());
    for wanted in &key {
        let row = columns.iter().find(|c| c.get::<_, &str>(0) == wanted);
        let ty: String = row.map(|c| c.get(1)).ok_or_else(|| {
            Fault::usage(format!("{name}: {table} has no column {wanted} any more, which was its key"))
        })?;
        keys.push(KeyColumn { name: wanted.clone(), form: Form::of(&ty), ty });
    }
    let restored = columns
        .iter()
        .map(|c| (c.get::<_, String>(0), c.get::<_, bool>(2)))
        .filter(|(column, filled)| !filled && !key.contains(column))
        .map(|(column, _)| column)
        .collect();
    let names = |keys: &str, relation: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.{keys}) WITH ORDINALITY \
             AS k(attnum, n) JOIN pg_attribute a ON a.attrelid = c.{relation} AND a.attnum = k.attnum)"
        )
    };
    let sql = format!(
        "SELECT c.conname::text, n.nspname::text, r.relname::text, r.oid, {}, {} FROM pg_constraint c \
         JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace \
         WHERE c.confrelid = $1 AND c.contype = 'f' AND c.conparentid = 0 \
         ORDER BY n.nspname, r.relname, c.conname",
        names("conkey", "conrelid"),
        names("confkey", "confrelid"),
    );
    let referred = client.query(&sql, &[&oid]).await.map_err(doing)?;
    let referred = referred
        .iter()
        .map(|r| Reference {
            name: r.get(0),
            table: format!("{}.{}", quote(r.get(1)), quote(r.get(2))),
            oid: r.get(3),
            columns: r.get(4),
            to: r.get(5),
        })
        .collect();
    // pg_trigger.tgtype: 1 for each row, 2 before, 16 on update.
    let meddled = client
        .query_one(
            "SELECT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal \
                            AND tgenabled = 'O' AND tgtype & 19 = 19) \
                    AND NOT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = $1",
            &[&oid],
        )
        .await
        .map_err(doing)?
        .get(0);
    Ok(Entity { name, table, oid, key: keys, restored, referred, meddled })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entity with the key `id`, and the tables that refer to it.
    pub(in crate::undo) fn entity(name: &str, oid: u32, referred_by: &[u32]) -> Entity {
        let reference = |from: &u32| Reference {
            name: format!("t{from}_fkey"),
            table: format!("\"public\".\"t{from}\""),
            oid: *from,
            columns: vec!["parent".into()],
            to: vec!["id".into()],
        };
        Entity {
            name: name.into(),
            table: format!("\"public\".\"t{oid}\""),
            oid,
            key: vec![KeyColumn { name: "id".into(), ty: "pg_catalog.uuid".into(), form: Form::Uuids }],
            restored: vec!["parent".into(), "name".into()],
            referred: referred_by.iter().map(reference).collect(),
            meddled: false,
        }
    }

    pub(in crate::undo) fn facts(entities: Vec<Entity>) -> Facts {
        let (name, project) = ("20260102_030405".into(), "p".into());
        Facts { id: 7, name, project, status: RunStatus::Done, entities }
    }

    #[test]
    fn what_refers_is_undone_before_what_it_refers_to() {
        let shown = |entities: Vec<Entity>| {
            let facts = facts(entities);
            let groups = facts.groups();
            let groups = groups.iter().map(|g| {
                let names: Vec<&str> = g.entities.iter().map(|i| facts.entities[*i].name.as_str()).collect();
                format!("{}{}", names.join("+"), if g.cyclic { "*" } else { "" })
            });
            groups.collect::<Vec<_>>().join(" ")
        };
        for (entities, expected) in [
            // Nothing refers: newest first.
            (vec![entity("c", 3, &[]), entity("b", 2, &[]), entity("a", 1, &[])], "c b a"),
            // The catalogue wins over the order of the run, which loaded the child first.
            (vec![entity("parent", 2, &[1]), entity("child", 1, &[])], "child parent"),
            (vec![entity("child", 2, &[]), entity("parent", 1, &[2])], "child parent"),
            // Tables outside the run do not matter for the order.
            (vec![entity("b", 2, &[9]), entity("a", 1, &[2])], "b a"),
            (vec![entity("tree", 1, &[1])], "tree*"),
            (vec![entity("x", 3, &[]), entity("b", 2, &[1]), entity("a", 1, &[2])], "x b+a*"),
            // Two entities of one table.
            (
                vec![entity("newer", 1, &[]), entity("other", 2, &[1]), entity("older", 1, &[])],
                "newer older other",
            ),
            (vec![entity("newer", 1, &[1]), entity("older", 1, &[1])], "newer+older*"),
        ] {
            assert_eq!(shown(entities), expected);
        }
    }
}
