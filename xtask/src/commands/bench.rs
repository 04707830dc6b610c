//! `bench`: how fast, with the bar beside every figure.

use super::Command;
use crate::bench::{self, Options};

pub const COMMAND: Command = Command {
    name: "bench",
    arguments: "all | move memory hash export start tools  [--records N] [--rounds N] [--scene NAME]… \
                [--program FILE] [--table FILE]",
    about: "measures against yardsticks in the same rounds and prints each figure with its bar; a missed bar \
            is no failure",
    run: |repository, arguments| bench::run(repository, &Options::parse(arguments)?),
};
