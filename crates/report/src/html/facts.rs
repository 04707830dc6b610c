//! The proof of the export, how to undo and go on, and the facts of the run.

use crate::html::text::clean;
use crate::model::{Completeness, Report};
use crate::words::{moment, number};

/// A name and what it is.
pub(super) struct Fact {
    pub name: &'static str,
    pub text: String,
    pub code: bool,
}

/// The section about the export.
pub(super) struct Export {
    pub proven: bool,
    pub lead: String,
    pub facts: Vec<Fact>,
    pub rows: Vec<Row>,
    pub remarks: Vec<String>,
}

/// The evidence of an entity.
pub(super) struct Row {
    pub name: String,
    pub counts: Vec<String>,
    pub says: &'static str,
    pub state: &'static str,
}

impl Export {
    pub(super) fn new(report: &Report) -> Self {
        let export = &report.export;
        let proven = report.export_proven();
        let lead = match (export.without_manifest, proven) {
            (true, _) => "The files came without a manifest: there is no proof that they hold everything.",
            (false, true) => {
                "The source was walked to its end, and every record that it declared is accounted for."
            }
            (false, false) => "It is not proven that the export holds everything.",
        };
        let row = |(name, entity): (&String, &crate::Entity)| {
            let none = Completeness::default();
            let seen = entity.completeness.as_ref();
            let (says, state) = match seen {
                Some(evidence) if evidence.complete => ("complete", "good"),
                Some(_) => ("not proven", "look"),
                None => ("no evidence", "look"),
            };
            let seen = seen.unwrap_or(&none);
            let declared = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), number);
            Row {
                name: clean(name),
                counts: vec![
                    declared(seen.declared_before),
                    declared(seen.declared_after),
                    number(entity.source),
                    number(seen.appeared),
                    number(seen.changed),
                    number(seen.vanished),
                    number(entity.source_repeats),
                ],
                says,
                state,
            }
        };
        let mut remarks = Vec::new();
        for (name, entity) in &report.entities {
            for remark in entity.completeness.iter().flat_map(|evidence| &evidence.remarks) {
                remarks.push(clean(&format!("{name}: {remark}")));
            }
        }
        for left in &export.left_behind {
            remarks.push(clean(&format!("stays behind: {}", left.line())));
        }
        for name in &export.edited {
            remarks.push(clean(&format!("{name}: the file was changed since it was exported")));
        }
        let fact = |name, text: String| Fact { name, text: clean(&text), code: false };
        let facts = vec![
            fact("Address", export.address.clone()),
            fact("Connector", export.connector.clone()),
            fact("Environment", export.environment.clone().unwrap_or_default()),
            fact("Began", export.started_at.map(moment).unwrap_or_default()),
            fact("Finished", export.finished_at.map(moment).unwrap_or_default()),
        ];
        Self {
            proven,
            lead: lead.to_owned(),
            facts: facts.into_iter().filter(|fact| !fact.text.is_empty()).collect(),
            rows: report.entities.iter().map(row).collect(),
            remarks,
        }
    }
}

/// The section about what comes next.
pub(super) struct Undo {
    pub saved: String,
    pub pending: String,
    pub go_on: String,
    pub commands: Vec<Fact>,
    pub done: Option<Vec<Fact>>,
}

impl Undo {
    pub(super) fn new(report: &Report) -> Self {
        let run = &report.run;
        let command = |name, text| Fact { name, text, code: true };
        let complete = report.rollback.as_ref().is_some_and(|rollback| rollback.kept == 0);
        let commands = if complete {
            Vec::new()
        } else {
            vec![
                command("See what would be undone", format!("landfall rollback {} --dry-run", run.id)),
                command("Undo it", format!("landfall rollback {} --yes", run.id)),
                command(
                    "Undo it without landfall",
                    clean(&format!(
                        "psql \"$DATABASE_URL\" -f {}",
                        run.file_name("rollback_migration", "sql")
                    )),
                ),
            ]
        };
        let fact = |name, n| Fact { name, text: number(n), code: false };
        Self {
            saved: clean(&report.saved),
            pending: clean(&report.pending),
            go_on: clean(&report.how_to_go_on),
            commands,
            done: report.rollback.as_ref().map(|rollback| {
                vec![
                    fact("Deleted", rollback.deleted),
                    fact("Restored", rollback.restored),
                    fact("Kept", rollback.kept),
                    fact("Gone already", rollback.gone),
                    fact("Forced", rollback.forced),
                ]
            }),
        }
    }
}

/// The facts of the run, for the end of the page.
pub(super) fn run(report: &Report) -> Vec<Fact> {
    let run = &report.run;
    let fact = |name, text: String| Fact { name, text: clean(&text), code: false };
    let code = |name, text: String| Fact { name, text: clean(&text), code: true };
    let facts = vec![
        fact("Run", format!("{}, {}", run.id, run.name)),
        fact("Project", run.project.clone()),
        code("Command", run.command.clone()),
        fact("Source", run.source.clone()),
        fact("Destination", run.destination.clone()),
        fact("Environment", run.environment.clone().unwrap_or_default()),
        fact("Began", moment(run.started_at)),
        fact("Ended", run.finished_at.map(moment).unwrap_or_else(|| "not yet".to_owned())),
        fact("Resumed", number(run.resumed)),
        code("Namespace of ids", run.namespace.clone().unwrap_or_default()),
        code("Seed of samples", run.seed.map(|seed| seed.to_string()).unwrap_or_default()),
        fact("Landfall", run.landfall.clone()),
        fact("Form of the report", format!("version {}", report.version)),
    ];
    facts.into_iter().filter(|fact| !fact.text.is_empty()).collect()
}
