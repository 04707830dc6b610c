//! Defaults of columns, evaluated once in a run, so that load and verify mean the same value.

use crate::job::Job;
use crate::prepare::Entity;
use base::Fault;
use ledger::EntityRun;
use std::collections::BTreeMap;
use values::Context;

/// The values that stand in for NULL in NOT NULL columns with a default, evaluated once.
pub async fn evaluated(job: &Job, entity: &Entity) -> Result<BTreeMap<String, Option<String>>, Fault> {
    let mut names = Vec::new();
    let mut asked = Vec::new();
    for column in &entity.mapper.mapping().columns {
        let Some(target) = entity.table.column(&column.column) else { continue };
        if column.not_null
            && column.origin.is_some()
            && let Some(default) = &target.default
        {
            names.push(column.column.clone());
            asked.push((default.clone(), target.ty.clone()));
        }
    }
    let values = job.destination.evaluate(&asked).await?;
    Ok(names.into_iter().zip(values).collect())
}

/// Puts recorded defaults into the mapper.
pub fn apply(entity: &mut Entity, begun: &EntityRun) -> Result<(), Fault> {
    let columns: Vec<(usize, values::PgType, Option<String>)> = entity
        .mapper
        .mapping()
        .columns
        .iter()
        .enumerate()
        .filter_map(|(i, c)| begun.defaults.get(&c.column).map(|d| (i, c.ty.clone(), d.clone())))
        .collect();
    for (i, ty, value) in columns {
        let bytes = value
            .map(|text| {
                let mut out = Vec::new();
                ty.encode(&text, &Context { time_zone: Some(jiff::tz::TimeZone::UTC) }, &mut out)
                    .map(|()| out)
                    .map_err(|bad| {
                        Fault::usage(format!("{}: the default of a column: {}", begun.entity, bad.why))
                    })
            })
            .transpose()?;
        entity.mapper.set_default(i, bytes);
    }
    Ok(())
}
