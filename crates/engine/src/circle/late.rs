//! Which columns of a circle are written late, and in which order its tables are loaded.
//!
//! A reference inside a circle is late when its column can stand open for a while: with NULL, or, where the
//! column takes none and refers to its own table, with the row's own key. What cannot stand open must find
//! its row, so it orders the tables; where such references make a circle of their own, nobody can load it.

use crate::prepare::Entity;
use base::Problem;
use connect::destination::{ForeignKey, Late, StandIn};
use plan::KeyKind;
use std::collections::{BTreeMap, BTreeSet};

/// How a reference inside a circle can be written.
enum Way<'a> {
    /// At once: no foreign key guards it, and the id is known before the row is there.
    AtOnce,
    /// In the second pass.
    Late(StandIn),
    /// Only behind the row that it refers to.
    Behind(Option<&'a ForeignKey>),
}

/// Sets the late columns of the entities of a circle; their order for loading, or a problem for each
/// reference that stands in the way.
pub fn order(
    entities: &mut BTreeMap<String, Entity>,
    circle: &[String],
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let mut behind: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut blocked = Vec::new();
    for name in circle {
        let mut late: BTreeMap<usize, StandIn> = BTreeMap::new();
        let Some(entity) = entities.get(name) else { continue };
        for reference in entity.mapper.references() {
            let Some(parent) = entities.get(&reference.entity) else { continue };
            if !circle.contains(&reference.entity) {
                continue;
            }
            match way(entity, parent, reference.column) {
                Way::AtOnce => {}
                Way::Late(stand_in) => {
                    late.insert(reference.column, stand_in);
                }
                Way::Behind(key) => {
                    behind.entry(name.clone()).or_default().insert(reference.entity.clone());
                    let parent = reference.entity.clone();
                    blocked.push((name, parent, problem(entity, reference.column, key)));
                }
            }
        }
        let late = late.into_iter().map(|(column, stand_in)| Late { column, stand_in }).collect();
        if let Some(entity) = entities.get_mut(name) {
            entity.late = late;
        }
    }
    let steps = plan::order(circle, &behind);
    for (from, to, problem) in blocked {
        if steps.iter().any(|s| s.cyclic && s.entities.contains(from) && s.entities.contains(&to)) {
            problems.push(problem);
        }
    }
    steps.into_iter().flat_map(|s| s.entities).collect()
}

fn way<'a>(entity: &'a Entity, parent: &Entity, column: usize) -> Way<'a> {
    let mapping = entity.mapper.mapping();
    let target = &mapping.columns[column];
    let key = entity
        .table
        .foreign_keys
        .iter()
        .find(|f| f.to == parent.table.sql && f.columns.contains(&target.column));
    let in_key = mapping.key.columns.contains(&target.column);
    let known_before = parent.mapper.mapping().key.kind == KeyKind::Derived && parent.config.match_.is_none();
    if key.is_none() && known_before {
        return Way::AtOnce;
    }
    if !in_key && !target.not_null {
        return Way::Late(StandIn::Null);
    }
    let to_itself = parent.config.name == entity.config.name;
    if !in_key && to_itself && key.is_some_and(|f| f.to_columns == mapping.key.columns) {
        return Way::Late(StandIn::OwnKey);
    }
    Way::Behind(key)
}

/// Why nobody can load the circle, and what would let it pass.
fn problem(entity: &Entity, column: usize, key: Option<&ForeignKey>) -> Problem {
    let target = &entity.mapper.mapping().columns[column];
    let guard = key.map_or_else(String::new, |f| format!(" (foreign key {})", f.name));
    Problem::error(format!(
        "{}.{}: the tables refer to each other in a circle, and this reference{guard} takes no NULL, so no \
         row can be the first",
        entity.config.name, target.column
    ))
    .span(target.origin.as_ref().and_then(|o| o.span.clone()))
    .hint(format!(
        "let one column of the circle be empty for the move: ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL",
        entity.table.sql, target.column
    ))
}
