//! What people see while a command works: progress on stderr, words, the log of a run.

use crate::args::{Color, Global};
use crate::level::Level;
use crate::options::Given;
use base::Fault;
use engine::{Cancel, Event, Observer};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines of progress where stderr is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often a bar moves on a terminal.
const TICK: Duration = Duration::from_millis(120);

/// The face of one command.
#[derive(Clone)]
pub struct Face(Arc<Inner>);

struct Inner {
    json: bool,
    /// What `-q` and `-v` ask for.
    wish: Option<Level>,
    terminal: bool,
    given: Given,
    bars: MultiProgress,
    state: Mutex<State>,
    cancel: Cancel,
}

struct State {
    /// The least that is worth a line.
    level: Level,
    lent: bool,
    running: HashMap<(&'static str, String), Running>,
    log: Option<File>,
    /// Lines that came before the log had a place.
    waiting: Vec<String>,
    phases: Vec<Phase>,
}

struct Running {
    bar: Option<ProgressBar>,
    said: Instant,
    began: jiff::Timestamp,
}

/// A phase that is through, for the report.
#[derive(Debug, Clone)]
pub struct Phase {
    /// `export`, `load`, `verify`.
    pub name: &'static str,
    /// The entity.
    pub entity: String,
    /// When it began.
    pub began: jiff::Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// Records.
    pub records: u64,
}

impl Face {
    /// A face for these options.
    pub fn new(global: &Global, given: Given) -> Self {
        let choice = match global.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let terminal = std::io::stderr().is_terminal();
        Self(Arc::new(Inner {
            json: global.json,
            wish: match (global.verbose, global.quiet) {
                (true, _) => Some(Level::Debug),
                (false, true) => Some(Level::Warning),
                (false, false) => None,
            },
            terminal,
            given,
            bars: MultiProgress::new(),
            state: Mutex::new(State {
                level: Level::Info,
                lent: false,
                running: HashMap::new(),
                log: None,
                waiting: Vec::new(),
                phases: Vec::new(),
            }),
            cancel: Cancel::default(),
        }))
    }

    /// Whether the result is for machines.
    pub fn json(&self) -> bool {
        self.0.json
    }

    /// Whether to say more.
    pub fn verbose(&self) -> bool {
        self.shows(Level::Debug)
    }

    /// Takes the level of `LOG_LEVEL`, for the log and, unless `-q` or `-v` says otherwise, for stderr.
    pub fn set_level(&self, level: Level) {
        self.state().level = level;
    }

    fn shows(&self, level: Level) -> bool {
        level >= self.0.wish.unwrap_or(self.state().level)
    }

    /// Lends the terminal to another program: Ctrl-C is meant for that one.
    pub fn lend(&self, lent: bool) {
        self.state().lent = lent;
    }

    /// Whether the terminal is lent.
    pub fn lent(&self) -> bool {
        self.state().lent
    }

    /// What was typed for the options of the project.
    pub fn given(&self) -> &Given {
        &self.0.given
    }

    /// The wish to stop.
    pub fn cancel(&self) -> Cancel {
        self.0.cancel.clone()
    }

    /// A line for people, on stderr.
    pub fn say(&self, line: impl AsRef<str>) {
        self.print(Level::Info, line.as_ref());
    }

    /// A line that `-q` does not silence.
    pub fn warn(&self, line: impl AsRef<str>) {
        self.print(Level::Warning, line.as_ref());
    }

    /// A line that nothing silences.
    pub fn error(&self, line: impl AsRef<str>) {
        self.print(Level::Error, line.as_ref());
    }

    fn print(&self, level: Level, line: &str) {
        if !self.shows(level) {
            return;
        }
        self.0.bars.suspend(|| {
            let mut out = anstream::stderr().lock();
            let _ = writeln!(out, "{line}");
        });
    }

    /// What another program says while it runs, on stderr as it came.
    pub fn pass_on(&self, bytes: &[u8]) {
        if self.shows(Level::Info) {
            let mut out = std::io::stderr().lock();
            let _ = out.write_all(bytes).and_then(|()| out.flush());
        }
    }

    /// Data, on stdout.
    pub fn data(&self, text: impl AsRef<str>) {
        let mut out = anstream::stdout().lock();
        // A reader that has gone away is no fault of ours.
        let _ = writeln!(out, "{}", text.as_ref());
    }

    /// Gives the log its place; what was said before is written first.
    pub fn log_to(&self, path: &Path) -> Result<(), Fault> {
        let file = File::options()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| Fault::stop(format!("cannot write the log {}: {e}", path.display())))?;
        let mut state = self.state();
        let waiting = std::mem::take(&mut state.waiting);
        state.log = Some(file);
        for line in waiting {
            state.write(&line);
        }
        Ok(())
    }

    /// A line of the log.
    pub fn log(&self, level: Level, line: &str) {
        let mut state = self.state();
        if level < state.level {
            return;
        }
        let line = stamped(level, line);
        if state.log.is_some() { state.write(&line) } else { state.waiting.push(line) }
    }

    /// A line of a server's log, on stderr.
    pub fn line(&self, level: Level, line: &str) {
        self.print(level, &stamped(level, line));
    }

    /// The phases that are through.
    pub fn phases(&self) -> Vec<Phase> {
        self.state().phases.clone()
    }

    /// Ends the bars.
    pub fn finish(&self) {
        for (_, running) in self.state().running.drain() {
            if let Some(bar) = running.bar {
                bar.finish_and_clear();
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bar(&self, phase: &str, name: &str, total: Option<u64>) -> Option<ProgressBar> {
        if !self.0.terminal || !self.shows(Level::Info) {
            return None;
        }
        let template = match total {
            Some(_) => {
                "{prefix:<9} {msg:<18} {bar:24} {human_pos:>9} of {human_len:<9} {per_sec:>12}  {eta} left"
            }
            None => "{prefix:<9} {msg:<18} {spinner} {human_pos:>9} {per_sec:>12}",
        };
        let style = ProgressStyle::with_template(template).ok()?;
        let bar = self.0.bars.add(total.map_or_else(ProgressBar::new_spinner, ProgressBar::new));
        bar.set_style(style);
        bar.set_prefix(phase.to_owned());
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(TICK);
        Some(bar)
    }
}

impl State {
    fn write(&mut self, line: &str) {
        if let Some(log) = &mut self.log {
            // A full disk must not hide the fault that filled it; the command says so itself.
            let _ = writeln!(log, "{line}");
        }
    }
}

/// A line with its time and level.
fn stamped(level: Level, line: &str) -> String {
    format!("{} {:<7} {line}", now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ"), level.word())
}

#[expect(clippy::disallowed_methods, reason = "progress shows the machine's time")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

impl Observer for Face {
    fn event(&self, event: &Event) {
        match event {
            Event::Began { phase, name, total } => {
                self.log(Level::Info, &format!("{phase} {name}: begins"));
                let bar = self.bar(phase, name, *total);
                let running = Running { bar, said: Instant::now(), began: now() };
                self.state().running.insert((*phase, name.clone()), running);
            }
            Event::Progress { phase, name, done, total } => {
                let of = total.map(|t| format!(" of {t}")).unwrap_or_default();
                let said = format!("{phase} {name}: {done}{of}");
                self.log(Level::Debug, &said);
                let mut line = None;
                if let Some(running) = self.state().running.get_mut(&(*phase, name.clone())) {
                    if let Some(bar) = &running.bar {
                        if let Some(total) = total {
                            bar.set_length(*total);
                        }
                        bar.set_position(*done);
                    } else if running.said.elapsed() >= LINE_EVERY {
                        running.said = Instant::now();
                        line = Some(said);
                    }
                }
                if let Some(line) = line {
                    self.say(line);
                }
            }
            Event::Ended { phase, name, done, seconds, outcome } => {
                let running = self.state().running.remove(&(*phase, name.clone()));
                let began = running.as_ref().map_or_else(now, |r| r.began);
                if let Some(bar) = running.and_then(|r| r.bar) {
                    bar.finish_and_clear();
                }
                let line = format!("{phase:<8} {name:<18} {done:>9} in {seconds:>6.1} s   {outcome}");
                self.log(Level::Info, &line);
                self.state().phases.push(Phase {
                    name: phase,
                    entity: name.clone(),
                    began,
                    seconds: *seconds,
                    records: *done,
                });
                self.say(line);
            }
            Event::Note(line) => {
                self.log(Level::Info, line);
                self.print(Level::Debug, line);
            }
            Event::Warning(line) => {
                self.log(Level::Warning, line);
                self.warn(format!("{} {line}", crate::words::warning_word()));
            }
        }
    }
}
