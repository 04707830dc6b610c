//! Small projects over files: a schema, a mapping, some records, and what must become of them.

use serde_json::Value;
use testkit::{Outcome, Program, TestDatabase};

/// A project over `data/*.csv` with a database of its own.
pub struct Small {
    /// The program, in the project's folder.
    pub program: Program,
    /// The destination.
    pub database: TestDatabase,
}

/// A project with these tables and these sections; `[source]` and `[destination]` are given.
pub async fn small(schema: &str, sections: &str) -> Small {
    let database = testkit::database_with(schema).await;
    let mut program = crate::place::bare();
    program.set("DATABASE_URL", &database.url);
    let small = Small { program, database };
    small.project("", sections);
    small
}

/// A project like [`small`] whose batches are so small that a few records make several.
pub async fn in_small_batches(schema: &str, sections: &str) -> Small {
    small(schema, &format!("[move]\nload_rows_max = 8\nbatch_size = 4\n{sections}")).await
}

impl Small {
    /// Writes the project file; `source` are further keys of `[source]`.
    pub fn project(&self, source: &str, sections: &str) {
        let text = format!(
            "[project]\nname = \"small\"\n[source]\nconnector = \"files\"\npath = \"./data\"\n{source}\n\
             [destination]\nconnector = \"postgres\"\nurl = \"${{DATABASE_URL}}\"\n{sections}\n"
        );
        self.program.folder().write("landfall.toml", text);
    }

    /// Writes a file of the source.
    pub fn data(&self, name: &str, text: &str) -> &Self {
        self.program.folder().write(format!("data/{name}"), text);
        self
    }

    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) {
        self.program.folder().write(name, text);
    }

    /// Runs the program.
    pub async fn run(&self, args: impl AsRef<[&str]>) -> Outcome {
        tokio::task::block_in_place(|| self.program.run(args.as_ref()))
    }

    /// Runs a command that prints one JSON document, and expects this exit status.
    pub async fn report(&self, args: impl AsRef<[&str]>, code: i32) -> Value {
        let outcome = self.run(args).await.expect(code);
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}\n{outcome}"))
    }

    /// Moves, expects this exit status, and gives the report.
    pub async fn moved(&self, code: i32, args: &[&str]) -> Value {
        let args: Vec<&str> = ["move", "--json"].iter().chain(args).copied().collect();
        self.report(&args, code).await
    }

    /// The rows of a query, each as text.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        let rows = self.database.client.query(&format!("SELECT q::text FROM ({sql}) AS q"), &[]).await;
        rows.expect("a right query").iter().map(|r| r.get(0)).collect()
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.database.client.query(sql, &[]).await.expect("a right query");
        rows.iter().map(|r| r.get(0)).collect()
    }

    /// A statement.
    pub async fn execute(&self, sql: &str) {
        self.database.client.batch_execute(sql).await.expect("a right statement");
    }
}

/// The buckets of an entity as one line: what is not 0, then reasons and codes.
pub fn buckets(report: &Value, entity: &str) -> String {
    let e = &report["entities"][entity];
    let mut parts = Vec::new();
    for name in ["source", "loaded", "updated", "unchanged", "skipped", "rejected"] {
        if let Some(n @ 1..) = e[name].as_u64() {
            parts.push(format!("{name} {n}"));
        }
    }
    for by in ["skipped_by_reason", "rejected_by_code"] {
        for (name, n) in e[by].as_object().into_iter().flatten() {
            parts.push(format!("{name}={n}"));
        }
    }
    parts.join(" ")
}
