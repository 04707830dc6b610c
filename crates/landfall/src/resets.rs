//! Users that were loaded without a usable password: from the export and the ledger's fates.

use arrow::array::AsArray;
use base::Fault;
use engine::Job;
use engine::accounts::{self, Accounts};
use engine::passwords::{self, Found};
use engine::reading::text;
use ledger::{Fate, Run};
use report::Reset;
use transform::compile::password_field;

/// The source's field that a person is reached by, when it has it.
const EMAIL: &str = "email";

/// Hands out every user of the run who needs a new password.
pub async fn each(
    job: &Job,
    run: &Run,
    mut take: impl FnMut(Reset) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let files = engine::run::files(job)?;
    for config in &job.project.entities {
        let Some(file) = files.get(&config.name) else { continue };
        let mut mapped = config.fields.iter();
        let Some(password) = mapped.find_map(|(_, e)| password_field(&e.sql, &file.columns)) else {
            continue;
        };
        let fields = [config.key.value.clone(), password, EMAIL.into()];
        let mut accounts = Accounts::open(job, run, &config.name, file, &fields)?;
        while let Some(here) = accounts.next().await? {
            let column = |i: usize| here.records.column(i).as_string::<i32>();
            let needs = |row: usize| match passwords::look(text(column(1), row), file.pristine || file.edited)
            {
                Found::None(reason) if here.fates.get(row) == Some(Fate::Loaded) => Some((row, reason)),
                _ => None,
            };
            let found: Vec<(usize, &str)> = (0..here.fates.len()).filter_map(needs).collect();
            let ids: Vec<String> =
                found.iter().map(|(row, _)| text(column(0), *row).unwrap_or_default().into()).collect();
            let keys = accounts::keys(job, &config.name, &ids).await?;
            for (((row, reason), source_id), id) in found.into_iter().zip(ids).zip(keys) {
                let email = text(column(2), row).map(String::from);
                take(Reset { source_id, id, email, reason: reason.into() })?;
            }
        }
    }
    Ok(())
}
