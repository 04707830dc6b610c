//! `landfall`: the program. Arguments in, exit status out; what happens is in [`commands`], how it is said in
//! [`words`].

mod args;
mod ask;
mod commands;
mod face;
mod id_maps;
mod level;
mod options;
mod panics;
mod recall;
mod reporting;
mod resets;
mod signals;
mod tables;
mod wiring;
mod words;

use base::Exit;
use std::process::ExitCode;

/// Many small buffers of many sizes, from several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let (cli, given) = match options::parse(&line) {
        Ok(parsed) => parsed,
        Err(error) => {
            // clap's own words; 0 for help and version, 2 for wrong use.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()));
        }
    };
    panics::listen();
    // Huge pages round every buffer up to 2 MiB: a move took half as much memory again with them, and no less
    // time. A kernel without them says no, which is as well.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::from(Exit::Failed.code()),
    };
    let face = face::Face::new(&cli.global, given);
    let ended = panics::caught(|| runtime.block_on(commands::run(cli, face.clone())));
    face.finish();
    runtime.shutdown_background();
    let code = match ended {
        Ok(exit) => exit.code(),
        Err(failure) => words::failure(&face, &failure),
    };
    ExitCode::from(code)
}
