//! `landfall`: the program. Arguments in, exit status out; what happens is in [`commands`], how it is said in
//! [`words`].

mod args;
mod commands;
mod face;
mod reporting;
mod tables;
mod wiring;
mod words;

use args::Cli;
use base::Exit;
use clap::Parser;
use std::process::ExitCode;

/// Many small buffers of many sizes, from several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own words; 0 for help and version, 2 for wrong use.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()));
        }
    };
    std::panic::set_hook(Box::new(|info| {
        // The place tells where to look; the message may quote a value, so it stays unsaid.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        words::bug(&place);
    }));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::from(Exit::Failed.code()),
    };
    let face = face::Face::new(&cli.global);
    let work = std::panic::AssertUnwindSafe(|| runtime.block_on(commands::run(cli, face.clone())));
    let ended = std::panic::catch_unwind(work).unwrap_or(Ok(Exit::Bug));
    face.finish();
    runtime.shutdown_background();
    let code = match ended {
        Ok(exit) => exit.code(),
        Err(failure) => words::failure(&face, &failure),
    };
    ExitCode::from(code)
}
