//! A figure: what was measured in each round, beside what it is compared with, and its bar.

use std::fmt;
use std::time::Duration;

/// The head of the table.
pub(crate) const HEAD: &str = "\
| what | measured | compared with | ratio | bar | |
|---|---|---|---|---|---|";

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) measured: Vec<f64>,
    /// Round by round the counterpart of `measured`; empty where there is none.
    pub(crate) against: Vec<f64>,
    pub(crate) unit: Unit,
    pub(crate) bar: Bar,
}

/// What the numbers are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Milliseconds,
    Megabytes,
    Bytes,
    Percent,
    Count,
}

/// What a figure must not exceed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// This many times its counterpart.
    Ratio(f64),
    /// This, in its own unit.
    Value(f64),
    /// Nothing was promised.
    None,
}

impl Figure {
    /// Times, each beside its counterpart of the same round, so that a busy moment strikes both.
    pub(crate) fn ratio(name: impl Into<String>, pairs: &[(Duration, Duration)], bar: Bar) -> Self {
        Self {
            name: name.into(),
            measured: pairs.iter().map(|(one, _)| milliseconds(*one)).collect(),
            against: pairs
                .iter()
                .map(|(_, other)| milliseconds(*other))
                .collect(),
            unit: Unit::Milliseconds,
            bar,
        }
    }

    /// Times on their own.
    pub(crate) fn times(name: impl Into<String>, times: &[Duration], bar: Bar) -> Self {
        Self {
            name: name.into(),
            measured: times.iter().copied().map(milliseconds).collect(),
            against: Vec::new(),
            unit: Unit::Milliseconds,
            bar,
        }
    }

    /// A number that is the same in every round.
    pub(crate) fn number(name: impl Into<String>, value: f64, unit: Unit, bar: Bar) -> Self {
        Self {
            name: name.into(),
            measured: vec![value],
            against: Vec::new(),
            unit,
            bar,
        }
    }

    fn ratios(&self) -> Vec<f64> {
        self.measured
            .iter()
            .zip(&self.against)
            .map(|(one, other)| one / other)
            .collect()
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratios = self.ratios();
        let write = |values: &[f64]| spread(values, |value| self.unit.write(value));
        let (bar, kept) = match self.bar {
            Bar::Ratio(bar) => (format!("{bar} x"), Some(median(&ratios) <= bar)),
            Bar::Value(bar) => (self.unit.write(bar), Some(median(&self.measured) <= bar)),
            Bar::None => (String::new(), None),
        };
        let verdict = match kept {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        write!(
            formatter,
            "| {} | {} | {} | {} | {bar} | {verdict} |",
            self.name,
            write(&self.measured),
            write(&self.against),
            spread(&ratios, |ratio| format!("{ratio:.2}")),
        )
    }
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Milliseconds if value < 10.0 => format!("{value:.2} ms"),
            Self::Milliseconds => format!("{value:.0} ms"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Bytes => format!("{value:.0} bytes"),
            Self::Percent => format!("{value:.2} %"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// The median, and the least and the greatest where there are several.
fn spread(values: &[f64], write: impl Fn(f64) -> String) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values {
        [] => String::new(),
        [only] => write(*only),
        _ => format!(
            "{} ({}–{})",
            write(median(values)),
            write(least),
            write(greatest)
        ),
    }
}

/// The middle value, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
