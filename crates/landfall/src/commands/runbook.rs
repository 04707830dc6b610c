//! `landfall runbook run`: a document whose steps are commands.

use crate::args::{Global, Runbook as Args, RunbookCommand, RunbookRun};
use crate::words::{Failure, plural, problems, runbook as words, warning_word};
use crate::{ask, face::Face, signals, wiring};
use async_trait::async_trait;
use base::{Exit, Fault, Secret, Severity, SystemClock};
use project::{DOTENV_NAME, Environment, envfile::looks_secret};
use runbook::{
    Answer, Decided, Decisions, FileJournal, Need, News, Next, Options, Outcome, Person, Ports,
    ProcessRunner, Progress, Question, Runbook, Surroundings, conduct, journal_name, lines, missing, next,
    on_path, parse, read_runbook,
};
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let RunbookCommand::Run(args) = &args.command;
    let named = global.dir.as_deref().unwrap_or(Path::new("")).join(&args.file);
    let book = read(face, &named)?;
    let section = args.section.as_deref().map(|named| book.section(named)).transpose()?;
    // Whichever way it is named, a document has one journal.
    let file = std::fs::canonicalize(&named)
        .map_err(|e| Fault::usage(format!("cannot find {}: {e}", named.display())))?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let root = project::find(folder).unwrap_or_else(|| folder.to_path_buf());
    let path = journal_name(&root, &file);
    if args.status || args.dry_run {
        return show(face, &book, &Progress::of(&FileJournal::read(&path)?), section, args);
    }
    let look = {
        let (root, process) = (root.clone(), wiring::environment());
        move || surroundings(&root, &process)
    };
    let seen = look();
    needs(&book, &seen)?;
    let by = match args.by.clone().or_else(|| seen.variables.get("USER").cloned()) {
        Some(by) if !by.trim().is_empty() => by,
        _ => return Err(Fault::usage("who sits at the keyboard is not known").hint("--by NAME").into()),
    };
    let mut journal = FileJournal::open(&path)?;
    begin(face, global, &book, &journal, section, args).await?;
    let output = face.clone();
    let runner =
        ProcessRunner::new(root, Arc::new(look), Arc::new(move |bytes: &[u8]| output.pass_on(bytes)));
    let keyboard = Keyboard { face, ask: args.ask, terminal: std::io::stdin().is_terminal() };
    let decisions = Decisions {
        done: args.done.clone(),
        again: args.again.clone(),
        skip: args.skip.clone(),
        reason: args.reason.clone(),
        approve: args.approve.clone(),
        yes: global.yes,
    };
    let person = Decided::new(&book, &by, &decisions, &keyboard)?;
    let options = Options { by, section, fresh: args.fresh };
    let ports = Ports { runner: &runner, journal: &mut journal, person: &person, clock: &SystemClock };
    // A command that is under way is ended with the future; the step is asked about the next time.
    let ended = tokio::select! {
        ended = conduct(&book, &options, ports) => ended,
        fault = signals::asked(face, Duration::ZERO) => Err(fault),
    };
    for id in person.unused() {
        face.warn(format!("{} nobody asked about step {id}", warning_word()));
    }
    let outcome = ended
        .map_err(|fault| failure(fault, &path, "the step that was under way, and what follows", args))?;
    end(face, outcome, &path, args)
}

/// The runbook of a file; its problems are shown.
fn read(face: &Face, file: &Path) -> Result<Runbook, Failure> {
    let text = read_runbook(file)?;
    let parsed = parse(&text);
    let shown = problems(&parsed.problems, &text, &file.display().to_string(), face.verbose());
    if !shown.is_empty() {
        face.warn(shown.trim_end());
    }
    let errors = parsed.problems.iter().filter(|p| p.severity == Severity::Error).count() as u64;
    parsed
        .runbook
        .ok_or_else(|| Fault::usage(format!("{} has {}", file.display(), plural(errors, "problem"))).into())
}

/// The variables of the process and of the `.env` as it is now; this program is the first on the `PATH`.
fn surroundings(root: &Path, process: &Environment) -> Surroundings {
    let mut environment = process.clone();
    if let Ok(text) = std::fs::read_to_string(root.join(DOTENV_NAME)) {
        environment.add_dotenv(&text);
    }
    let mut seen = Surroundings::default();
    for name in environment.names() {
        let value = environment.var(name).unwrap_or_default();
        if looks_secret(name) && !value.is_empty() {
            seen.secrets.push(Secret::new(value));
        }
        seen.variables.insert(name.to_owned(), value.to_owned());
    }
    if let Some(here) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        let path = seen.variables.entry("PATH".to_owned()).or_default();
        *path = format!("{}:{path}", here.display());
    }
    seen
}

/// What the runbook needs and is not there stops it before anything runs.
fn needs(book: &Runbook, seen: &Surroundings) -> Result<(), Fault> {
    let path = seen.variables.get("PATH").map(String::as_str).unwrap_or_default();
    let set = |name: &str| seen.variables.get(name).is_some_and(|value| !value.is_empty());
    let names: Vec<String> = missing(book, set, |name| on_path(name, path))
        .into_iter()
        .map(|need| match need {
            Need::Variable(name) => format!("${name}"),
            Need::Program(name) => name.clone(),
        })
        .collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(Fault::usage(format!("the runbook needs what is not there: {}", names.join(", ")))
            .hint("set variables in .env beside landfall.toml, install programs")),
    }
}

/// Says what is to come, and asks once on a terminal.
async fn begin(
    face: &Face,
    global: &Global,
    book: &Runbook,
    journal: &FileJournal,
    section: Option<usize>,
    args: &RunbookRun,
) -> Result<(), Fault> {
    let progress =
        if args.fresh { Progress::default() } else { Progress::of(runbook::Journal::entries(journal)) };
    let through = next(book, &progress, section) == Next::Nothing || progress.closed.is_some();
    if through || !ask::somebody(global) {
        return Ok(());
    }
    let open = |line: &&runbook::Line| line.on_the_way && !["done", "skipped"].contains(&line.state);
    let all = lines(book, &progress, section);
    let count = all.iter().filter(open).count() as u64;
    let running = all.iter().filter(open).filter(|line| line.command.is_some()).count();
    ask::confirm(
        face,
        &format!("{}: {}, {running} of them commands. Begin?", book.title, plural(count, "step")),
    )
    .await
}

fn show(
    face: &Face,
    book: &Runbook,
    progress: &Progress,
    section: Option<usize>,
    args: &RunbookRun,
) -> Result<Exit, Failure> {
    let lines = lines(book, progress, section);
    if face.json() {
        let value = serde_json::json!({
            "title": book.title, "pass": progress.pass, "closed": progress.closed,
            "went_to": progress.went_to, "steps": lines,
        });
        face.data(value.to_string());
    } else {
        face.data(words::steps(&lines, args.dry_run));
    }
    let through = progress.closed.is_some() && progress.went_to.is_none();
    Ok(if args.dry_run || through { Exit::Done } else { Exit::Findings })
}

fn end(face: &Face, outcome: Outcome, journal: &Path, args: &RunbookRun) -> Result<Exit, Failure> {
    let (word, exit) = match &outcome {
        Outcome::Finished { skipped: 0 } => ("every step is done".to_owned(), Exit::Done),
        Outcome::Finished { skipped } => (format!("every step is done, {skipped} skipped"), Exit::Done),
        Outcome::WentTo(section) => {
            (format!("section {section} is through; the rest was not done"), Exit::Findings)
        }
        Outcome::Already { at, went_to } => {
            let exit = if went_to.is_some() { Exit::Findings } else { Exit::Done };
            (format!("it was through at {at}; --fresh begins a new pass"), exit)
        }
        Outcome::Stopped { number, at } => {
            let (what, go_on) = words::stopped(number, *at, &args.file.display().to_string());
            let failure =
                failure(Fault::stop(what), journal, &format!("step {number} and what follows"), args);
            return Err(Failure { go_on, ..failure });
        }
    };
    if face.json() {
        face.data(serde_json::json!({ "outcome": word, "exit": exit.code() }).to_string());
    } else {
        face.say(word);
    }
    Ok(exit)
}

fn failure(fault: Fault, journal: &Path, pending: &str, args: &RunbookRun) -> Failure {
    Failure {
        fault,
        saved: format!("what was done stands in {}", journal.display()),
        pending: pending.to_owned(),
        go_on: format!("landfall runbook run {}", args.file.display()),
    }
}

/// Who sits at the keyboard, or nobody.
struct Keyboard<'a> {
    face: &'a Face,
    ask: bool,
    terminal: bool,
}

#[async_trait]
impl Person for Keyboard<'_> {
    fn tell(&self, news: News<'_>) {
        self.face.say(words::news(news));
    }

    async fn ask(&self, question: Question<'_>) -> Result<Answer, Fault> {
        if matches!(question, Question::Begin(_)) && !self.ask {
            return Ok(Answer::Go);
        }
        if !self.terminal {
            return Ok(Answer::Stop);
        }
        let (words, letters) = words::question(question);
        loop {
            let line = ask::line(self.face, &format!("{words}: ")).await?;
            if matches!(question, Question::Approval(_)) {
                return Ok(if line.is_empty() { Answer::Stop } else { Answer::Approve(line) });
            }
            let letter = line.chars().next().map(|c| c.to_ascii_lowercase());
            match letter.filter(|letter| letters.contains(*letter)) {
                Some('y') => return Ok(Answer::Go),
                Some('d') => return Ok(Answer::Done),
                Some('a') => return Ok(Answer::Again),
                Some('g') => return Ok(Answer::GoTo),
                Some('q') => return Ok(Answer::Stop),
                Some('s') => {
                    let reason = ask::line(self.face, "  why: ").await?;
                    if !reason.is_empty() {
                        return Ok(Answer::Skip(reason));
                    }
                }
                _ => {}
            }
        }
    }
}
