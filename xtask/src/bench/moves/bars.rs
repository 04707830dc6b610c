//! Which runs are compared with which, and what is good enough.

use super::scenes::{Round, runs::*};
use crate::bench::lines::{Bar, Line, Unit};

/// A run against another one of the same round.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    run: &'static str,
    against: &'static str,
    bar: Bar,
}

const fn at_most(run: &'static str, against: &'static str, most: f64) -> Comparison {
    Comparison { run, against, bar: Bar::AtMost(most) }
}

/// All comparisons, in the order of the table.
pub const BARS: &[Comparison] = &[
    at_most(MOVE, COPY, 0.70),
    at_most(MOVE, COPY_BINARY, 1.20),
    at_most(MOVE_TWO, COPY, 0.50),
    at_most(MOVE_INDEXED, COPY_INDEXED, 0.95),
    at_most(AGAIN, MOVE, 1.50),
    at_most(MOVE_VIOLATIONS, MOVE_STRICT, 2.00),
    at_most(VERIFY, MOVE, 0.40),
    at_most(VERIFY_TENTH, VERIFY, 3.00),
    at_most(VERIFY_ALL, VERIFY, 5.00),
    at_most(ROLLBACK, MOVE, 1.00),
    Comparison { run: ROLLBACK_REFERRED, against: MOVE, bar: Bar::None },
    at_most(MOVE_EMBEDDED, MOVE, 1.30),
];

/// Peak memory of a move over one connection, in MiB.
const PEAK_MIB: f64 = 128.0;

impl Comparison {
    /// Its line: one ratio from each round that has both runs.
    pub fn line(&self, rounds: &[Round]) -> Line {
        let both = |round: &Round| Some((*round.costs.get(self.run)?, *round.costs.get(self.against)?));
        let pairs: Vec<_> = rounds.iter().filter_map(both).collect();
        let ratios = |of: &dyn Fn(&super::super::cost::Cost) -> f64| {
            pairs.iter().map(|(run, against)| of(run) / of(against)).filter(|r| r.is_finite()).collect()
        };
        let figures = ratios(&|cost| cost.wall.as_secs_f64());
        let cpu = ratios(&|cost| cost.cpu().as_secs_f64());
        let what = format!("{} ÷ {}", self.run, self.against);
        Line { cpu, ..Line::new(what, Unit::Ratio, self.bar, figures) }
    }
}

/// The line of peak memory.
pub fn peak(rounds: &[Round]) -> Line {
    let peaks = rounds.iter().filter_map(|round| round.costs.get(MOVE));
    let peaks = peaks.map(|cost| cost.peak_kib as f64 / 1024.0).collect();
    Line::new("peak memory of the move", Unit::Mib, Bar::AtMost(PEAK_MIB), peaks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::cost::Cost;
    use std::time::Duration;

    fn round(number: usize, walls: &[(&'static str, u64)]) -> Round {
        let mut round = Round::new(number);
        for (run, seconds) in walls {
            let wall = Duration::from_secs(*seconds);
            round.costs.insert(run, Cost { wall, client: wall, ..Cost::default() });
        }
        round
    }

    #[test]
    fn ratios_are_taken_inside_a_round_and_never_across_rounds() {
        let rounds =
            [round(1, &[(MOVE, 6), (COPY, 12)]), round(2, &[(MOVE, 3)]), round(3, &[(MOVE, 3), (COPY, 4)])];
        let line = BARS[0].line(&rounds);
        assert_eq!(line.figures, [0.5, 0.75]);
        assert_eq!(line.cpu, [0.5, 0.75]);
        assert_eq!(line.met(), Some(true));
    }

    #[test]
    fn every_comparison_names_two_runs() {
        assert!(BARS.iter().all(|bar| bar.run != bar.against));
    }
}
