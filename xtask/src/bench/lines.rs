//! The lines of the table: what was measured, its bar, and whether it was met.

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// At most so much.
    AtMost(f64),
    /// At least so much.
    AtLeast(f64),
    /// It is only reported.
    None,
}

/// What a figure is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio of two times, rates or sizes.
    Ratio,
    /// 1024 × 1024 bytes.
    Mib,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// One line: figures of several rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What was measured.
    pub what: String,
    /// What the figures are in.
    pub unit: Unit,
    /// What their median should be.
    pub bar: Bar,
    /// One figure a round.
    pub figures: Vec<f64>,
    /// The ratios of CPU time, client and server, where they say something.
    pub cpu: Vec<f64>,
}

impl Line {
    /// A line without ratios of CPU time.
    pub fn new(what: impl Into<String>, unit: Unit, bar: Bar, figures: Vec<f64>) -> Self {
        Self { what: what.into(), unit, bar, figures, cpu: Vec::new() }
    }

    /// Whether the median meets the bar; `None`: there is no bar, or no figure.
    pub fn met(&self) -> Option<bool> {
        let median = spread(&self.figures)?.median;
        match self.bar {
            Bar::AtMost(most) => Some(median <= most),
            Bar::AtLeast(least) => Some(median >= least),
            Bar::None => None,
        }
    }
}

/// Where the figures lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle one; of an even number the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// The spread of some figures; `None` when there are none.
pub fn spread(figures: &[f64]) -> Option<Spread> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    };
    Some(Spread { median, min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_not_the_mean() {
        let found = spread(&[9.0, 1.0, 2.0]).unwrap();
        assert_eq!((found.median, found.min, found.max), (2.0, 1.0, 9.0));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn a_bar_is_met_from_its_own_side() {
        for (bar, figures, expected) in [
            (Bar::AtMost(0.7), vec![0.7], Some(true)),
            (Bar::AtMost(0.7), vec![0.71], Some(false)),
            (Bar::AtLeast(0.95), vec![0.95], Some(true)),
            (Bar::AtLeast(0.95), vec![0.94], Some(false)),
            (Bar::AtLeast(0.95), vec![], None),
            (Bar::None, vec![1.0], None),
        ] {
            let line = Line::new("x", Unit::Ratio, bar, figures.clone());
            assert_eq!(line.met(), expected, "{bar:?} {figures:?}");
        }
    }
}
