//! A project over a folder of CSV files, for rules that the examples do not show.

use crate::place::bare;
use serde_json::Value;
use testkit::{Outcome, Program, TestDatabase};

/// A project with files of its own and a database.
pub struct Small {
    /// The program, in the project's folder.
    pub program: Program,
    /// The destination.
    pub database: TestDatabase,
}

/// A project: `tables` is SQL that makes them, `entities` the rest of `landfall.toml`.
pub async fn small(tables: &str, entities: &str) -> Small {
    let database = testkit::database().await;
    let mut program = bare();
    program.set("DATABASE_URL", &database.url);
    let small = Small { program, database };
    let head = "[project]\nname = \"small\"\n\n[source]\nconnector = \"files\"\npath = \"data\"\n\n\
                [destination]\nconnector = \"postgres\"\nurl = \"${DATABASE_URL}\"\n\n[move]\n\
                load_rows_max = 8\nbatch_size = 4\n\n";
    small.write("landfall.toml", &format!("{head}{entities}"));
    small.execute(tables).await;
    small
}

impl Small {
    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.program.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        std::fs::write(path, text).expect("a new file");
    }

    /// Runs the program.
    pub async fn run<const N: usize>(&self, args: [&str; N]) -> Outcome {
        tokio::task::block_in_place(|| self.program.run(args))
    }

    /// Moves; the report.
    pub async fn report<const N: usize>(&self, args: [&str; N], code: i32) -> Value {
        let moved = self.run(args).await.expect(code);
        serde_json::from_str(&moved.stdout).expect("the report is JSON")
    }

    /// A statement.
    pub async fn execute(&self, sql: &str) {
        self.database.client.batch_execute(sql).await.expect("a right statement");
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.database.client.query(sql, &[]).await.expect("a right query");
        rows.iter().map(|r| r.get(0)).collect()
    }
}
