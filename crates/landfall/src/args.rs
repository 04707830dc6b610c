//! What people type.

pub mod bettermode;
mod env;
mod runbook;

pub use self::bettermode::Bettermode;
pub use self::env::{Env, EnvCommand};
pub use self::runbook::{Runbook, RunbookCommand, RunbookRun};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Move an application and its users to a new platform, and prove that nothing was lost.
#[derive(Debug, Parser)]
#[command(
    name = "landfall",
    version,
    max_term_width = 100,
    after_help = "Start here:\n  landfall demo                  the whole job on this machine, with nothing \
    set up\n  landfall new culturebridge     a project of your own, from an example\n  landfall \
    check                 everything that can be wrong, before anything is written"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the help lists them.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub dir: Option<PathBuf>,
    /// Print the result for machines
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Say less
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub verbose: bool,
    /// Answer yes to every question
    #[arg(long, short = 'y', global = true, help_heading = EVERYWHERE)]
    pub yes: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", global = true, help_heading = EVERYWHERE)]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job on this machine, with nothing set up
    #[command(after_help = "Examples:\n  landfall demo\n  landfall demo circle-to-bettermode /tmp/try")]
    Demo(Demo),
    /// Write a starter project from an example
    #[command(after_help = "Examples:\n  landfall new culturebridge\n  landfall new blank my-move")]
    New(New),
    /// Find everything that can be wrong before anything is written
    Check,
    /// Show streams and fields of the source, and tables of the destination
    #[command(
        after_help = "Examples:\n  landfall discover\n  landfall discover --write   drafts [entity.*] \
        sections"
    )]
    Discover(Discover),
    /// What a run would do, counted, without writing
    Plan,
    /// Export, load, verify, report
    #[command(
        after_help = "Examples:\n  landfall move\n  landfall move --skip-export\n  landfall move --step \
        users --step profiles\n\nAn interrupted run goes on by itself: run the same command again."
    )]
    Move(Move),
    /// Compare the export and the destination through the mapping
    Verify(Verify),
    /// Write the report files again
    Report(RunArg),
    /// The runs in the ledger, newest first
    Runs(Runs),
    /// Rejected records, and why
    #[command(after_help = "Examples:\n  landfall rejects\n  landfall rejects --replay   after the data \
        or the mapping was mended")]
    Rejects(Rejects),
    /// Undo exactly what a run did
    Rollback(Rollback),
    /// Read-only SQL over source.ENTITY, mapped.ENTITY, dest.TABLE and ledger.TABLE
    #[command(after_help = "Examples:\n  landfall sql \"SELECT count(*) FROM dest.users\"\n  landfall \
        sql \"SELECT m.email FROM mapped.users m WHERE m.role = 'coach'\"")]
    Sql(Sql),
    /// The PostgreSQL inside the program, for other tools
    Db(Db),
    /// A stand-in server, for practice and tests
    #[command(after_help = "Examples:\n  landfall sandbox bubble --records 1000\n  landfall sandbox circle \
        --scenario bad-day.toml")]
    Sandbox(Sandbox),
    /// Each call of the BetterMode client; answers are JSON
    #[command(
        after_help = "Examples:\n  landfall bettermode get-member-by-email ada@example.org\n  landfall \
        bettermode create-post --space ID --title \"This week\" --content - < week.html"
    )]
    Bettermode(Box<Bettermode>),
    /// An old `.env`: what is wrong with it, and the new one
    #[command(
        after_help = "Examples:\n  landfall env check\n  landfall env migrate --dry-run\n  landfall env \
        migrate .env.circle --to .env"
    )]
    Env(Env),
    /// Runbooks: Markdown whose steps are commands
    #[command(
        after_help = "Examples:\n  landfall runbook run runbooks/cut-over.md --dry-run\n  landfall runbook \
        run runbooks/cut-over.md --by Ann\n  landfall runbook run runbooks/cut-over.md --status"
    )]
    Runbook(Runbook),
    /// The server that hears webhooks and acts on them
    #[command(
        after_help = "Examples:\n  landfall serve\n  landfall serve --listen 0.0.0.0:8080\n\nWhat it hears \
        and does stands in the project file: [serve], [serve.webhooks.NAME], [[rule]]."
    )]
    Serve(Serve),
    /// What events caused; dead letters and their replay
    #[command(after_help = "Examples:\n  landfall actions --dead\n  landfall actions --replay all")]
    Actions(Actions),
    /// Completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the reference pages and schemas
    #[command(hide = true)]
    InternalDocs {
        /// Where to
        dir: PathBuf,
    },
    /// Input and yardsticks of `cargo xtask bench`
    #[command(hide = true)]
    InternalBench(InternalBench),
}

/// `landfall internal-bench`.
#[derive(Debug, Args)]
pub struct InternalBench {
    /// What to do
    #[command(subcommand)]
    pub command: BenchCommand,
}

/// What a benchmark needs of the program.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Write an export of users and bookings, one cell in a thousand records bad; print what is in it
    Export {
        /// Where to
        dir: PathBuf,
        /// Bookings
        #[arg(long)]
        records: u64,
        /// Users
        #[arg(long)]
        users: u64,
        /// Another record in a thousand breaks a CHECK or a unique key
        #[arg(long)]
        violations: bool,
    },
    /// Answer every request and keep nothing; print the address
    Bare,
    /// Hash passwords on one thread
    Hash {
        /// How many
        count: u64,
    },
}

impl Command {
    /// Whether it changes nothing that could be left half done.
    pub fn only_reads(&self) -> bool {
        match self {
            Command::Check
            | Command::Plan
            | Command::Report(_)
            | Command::Rejects(_)
            | Command::Sql(_)
            | Command::Verify(_) => true,
            Command::Discover(discover) => !discover.write,
            Command::Runs(runs) => runs.forget.is_none(),
            _ => false,
        }
    }
}

/// `landfall serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on [default: `[serve] listen`]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// `landfall actions`.
#[derive(Debug, Args)]
pub struct Actions {
    /// Only those that will not work until a person has looked
    #[arg(long)]
    pub dead: bool,
    /// Try a dead letter again, or all of them
    #[arg(long, value_name = "ID|all", conflicts_with = "dead")]
    pub replay: Option<String>,
    /// How many to show, the newest first
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
}

/// `landfall demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The example
    #[arg(default_value = "culturebridge")]
    pub name: String,
    /// Where its copy goes [default: landfall-demo/NAME]
    pub folder: Option<PathBuf>,
    /// Bookings, or members, in the stand-in's data
    #[arg(long, hide = true)]
    pub records: Option<u64>,
}

/// `landfall new`.
#[derive(Debug, Args)]
pub struct New {
    /// The example, or `blank`
    pub name: String,
    /// Where it goes [default: NAME]
    pub folder: Option<PathBuf>,
}

/// `landfall discover`.
#[derive(Debug, Args)]
pub struct Discover {
    /// Append drafted [entity.*] sections to landfall.toml
    #[arg(long)]
    pub write: bool,
}

/// `landfall move`.
#[derive(Debug, Clone, Args, Default)]
pub struct Move {
    /// Do only this step (may be repeated)
    #[arg(long = "step", value_name = "STEP")]
    pub steps: Vec<String>,
    /// Take the CSV files that are there
    #[arg(long)]
    pub skip_export: bool,
    /// Take an export of another source
    #[arg(long)]
    pub accept_export: bool,
    /// Records per page asked of the source
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,
    /// Move only the first N records of each entity
    #[arg(long, value_name = "N")]
    pub max_records: Option<u64>,
    /// Connections that load at the same time
    #[arg(long, value_name = "N")]
    pub connections: Option<usize>,
    /// Begin a new run
    #[arg(long)]
    pub fresh: bool,
}

/// `landfall verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Count at the source, too
    #[arg(long)]
    pub live: bool,
    /// Write all differences to this file (NDJSON: ids, columns and hints)
    #[arg(long, value_name = "FILE")]
    pub all: Option<PathBuf>,
    /// Records per entity that are shown side by side
    #[arg(long, value_name = "N", default_value_t = engine::verify::SAMPLE)]
    pub sample: usize,
    /// Choose the sample by this seed
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// A command about a run.
#[derive(Debug, Args)]
pub struct RunArg {
    /// The run: its number or name [default: the newest]
    pub run: Option<String>,
}

/// `landfall runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Drop this run's pre-images and undo record
    #[arg(long, value_name = "RUN")]
    pub forget: Option<String>,
}

/// `landfall rejects`.
#[derive(Debug, Args)]
pub struct Rejects {
    /// The run: its number or name [default: the newest]
    pub run: Option<String>,
    /// Try them again, after the data or the mapping was mended: a run of its own
    #[arg(long)]
    pub replay: bool,
}

/// `landfall rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The run: its number or name [default: the newest that wrote rows]
    pub run: Option<String>,
    /// Count, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Undo rows that somebody changed since, too
    #[arg(long)]
    pub force: bool,
    /// Tell changed rows by their values, against the run's export and mapping (after a dump and restore)
    #[arg(long)]
    pub by_content: bool,
}

/// `landfall sql`.
#[derive(Debug, Args)]
pub struct Sql {
    /// The query
    pub query: String,
    /// Rows to print
    #[arg(long, default_value_t = 1_000)]
    pub limit: usize,
}

/// `landfall db`.
#[derive(Debug, Args)]
pub struct Db {
    /// What to do
    #[command(subcommand)]
    pub command: DbCommand,
}

/// What to do with the embedded database.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Print the address
    Url,
    /// Serve it until Ctrl-C
    Serve,
    /// Open psql on it
    Psql {
        /// Arguments of psql
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Print the ledger's DDL, for an owner to run
    LedgerSql,
}

/// `landfall sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The service: bubble, circle, bettermode, notion
    pub service: String,
    /// The port [default: a free one]
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Bookings, or members; the other records in proportion
    #[arg(long, default_value_t = 400)]
    pub records: u64,
    /// Makes other data
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Drift and faults (TOML)
    #[arg(long)]
    pub scenario: Option<PathBuf>,
}
