//! Counting and timing: a histogram for each statement and node, of the second that runs and of the whole. Pure.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::interval::{LoadInterval, Quantiles, Tally};
use super::plan::Class;

/// Digits that a time keeps.
const DIGITS: u8 = 3;

/// Times in microseconds.
pub(super) type Times = Histogram<u64>;

/// A statement that has ended.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    /// Which, of those that the meter knows.
    pub(super) statement: usize,
    /// The node that it is told of.
    pub(super) node: Option<usize>,
    /// When it was due.
    pub(super) intended: Instant,
    /// When it was sent.
    pub(super) sent: Instant,
    /// When it ended.
    pub(super) ended: Instant,
    /// SQLSTATE and message, where it failed.
    pub(super) failure: Option<(&'a str, &'a str)>,
}

/// How some statements went.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) done: u64,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) latency: Times,
    pub(super) service: Times,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            done: 0,
            errors: BTreeMap::new(),
            latency: times(),
            service: times(),
        }
    }
}

/// As many buckets as the times need.
fn times() -> Times {
    // Between one and five digits there is no error.
    Histogram::new(DIGITS).unwrap_or_else(|_| unreachable!("a valid number of digits"))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}

impl Series {
    fn record(&mut self, measured: &Measured<'_>) {
        match measured.failure {
            None => self.done += 1,
            Some((code, _)) => match self.errors.get_mut(code) {
                Some(count) => *count += 1,
                None => {
                    self.errors.insert(code.to_owned(), 1);
                }
            },
        }
        let since = |from| micros(measured.ended.saturating_duration_since(from));
        // They grow as they must.
        let _ = self.latency.record(since(measured.intended));
        let _ = self.service.record(since(measured.sent));
    }

    /// Merges what another counted: never a quantile of quantiles.
    pub(super) fn add(&mut self, other: &Self) {
        self.done += other.done;
        for (code, count) in &other.errors {
            *self.errors.entry(code.clone()).or_insert(0) += count;
        }
        let _ = self.latency.add(&other.latency);
        let _ = self.service.add(&other.service);
    }

    fn clear(&mut self) {
        self.done = 0;
        self.errors.clear();
        self.latency.reset();
        self.service.reset();
    }

    pub(super) fn tally(&self) -> Tally {
        Tally {
            done: self.done,
            errors: self.errors.clone(),
            latency: quantiles(&self.latency),
            service: quantiles(&self.service),
        }
    }
}

fn quantiles(times: &Times) -> Option<Quantiles> {
    let at = |quantile| Duration::from_micros(times.value_at_quantile(quantile));
    (!times.is_empty()).then(|| Quantiles {
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: Duration::from_micros(times.max()),
    })
}

/// How the load stands beside what has ended, for an interval.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    pub(super) offered: u64,
    pub(super) dropped: u64,
    pub(super) in_flight: u64,
    pub(super) oldest: Option<Duration>,
}

/// What a whole load, or a part of it, counted.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// By statement, in the order of the workload.
    pub(super) statements: Vec<(&'static str, Class, Series)>,
    /// By node.
    pub(super) nodes: Vec<(String, Series)>,
}

impl Counted {
    fn new(statements: &[(&'static str, Class)], nodes: Vec<String>) -> Self {
        let statement = |(name, class): &(&'static str, Class)| (*name, *class, Series::default());
        Self {
            statements: statements.iter().map(statement).collect(),
            nodes: nodes
                .into_iter()
                .map(|node| (node, Series::default()))
                .collect(),
        }
    }

    fn series(&mut self) -> impl Iterator<Item = &mut Series> {
        let statements = self.statements.iter_mut().map(|(_, _, series)| series);
        statements.chain(self.nodes.iter_mut().map(|(_, series)| series))
    }

    /// All of them.
    pub(super) fn all(&self) -> Series {
        self.merged(|_| true)
    }

    /// Those of a class.
    pub(super) fn of(&self, class: Class) -> Series {
        self.merged(|one| one == class)
    }

    #[cfg(test)]
    pub(super) fn total(&self) -> Tally {
        self.all().tally()
    }

    fn merged(&self, wanted: impl Fn(Class) -> bool) -> Series {
        let mut merged = Series::default();
        for (_, class, series) in &self.statements {
            if wanted(*class) {
                merged.add(series);
            }
        }
        merged
    }

    /// The classes that there are, in order.
    pub(super) fn classes(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = self.statements.iter().map(|(_, class, _)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

/// Counts a load.
#[derive(Debug)]
pub(super) struct Meter {
    from: Instant,
    second: u64,
    running: Counted,
    whole: Counted,
    /// The first message of each SQLSTATE: what began it tells more than what came of it.
    messages: BTreeMap<String, String>,
}

impl Meter {
    pub(super) fn new(
        start: Instant,
        statements: &[(&'static str, Class)],
        nodes: Vec<String>,
    ) -> Self {
        let counted = Counted::new(statements, nodes);
        Self {
            from: start,
            second: 0,
            running: counted.clone(),
            whole: counted,
            messages: BTreeMap::new(),
        }
    }

    pub(super) fn record(&mut self, measured: &Measured<'_>) {
        if let Some((_, _, series)) = self.running.statements.get_mut(measured.statement) {
            series.record(measured);
        }
        let node = measured
            .node
            .and_then(|node| self.running.nodes.get_mut(node));
        if let Some((_, series)) = node {
            series.record(measured);
        }
        if let Some((code, message)) = measured.failure
            && !self.messages.contains_key(code)
        {
            self.messages.insert(code.to_owned(), message.to_owned());
        }
    }

    /// Ends the second that runs.
    pub(super) fn cut(&mut self, now: Instant, standing: Standing) -> LoadInterval {
        self.second += 1;
        let running = &self.running;
        let by_class = running
            .classes()
            .into_iter()
            .map(|class| (class, running.of(class).tally()));
        let by_statement = running.statements.iter();
        let by_node = running.nodes.iter();
        let interval = LoadInterval {
            second: self.second,
            from: self.from,
            to: now,
            offered: standing.offered,
            dropped: standing.dropped,
            in_flight: standing.in_flight,
            oldest: standing.oldest,
            total: running.all().tally(),
            by_class: by_class.collect(),
            by_statement: by_statement
                .map(|(name, _, series)| (*name, series.tally()))
                .collect(),
            by_node: by_node
                .map(|(node, series)| (node.clone(), series.tally()))
                .collect(),
        };
        self.from = now;
        self.keep();
        interval
    }

    /// Adds the second that runs to the whole.
    fn keep(&mut self) {
        for (whole, running) in self.whole.series().zip(self.running.series()) {
            whole.add(running);
            running.clear();
        }
    }

    /// What the whole load counted.
    pub(super) fn finish(&mut self) -> Counted {
        self.keep();
        self.whole.clone()
    }

    /// The first message of each SQLSTATE.
    pub(super) fn messages(&self) -> &BTreeMap<String, String> {
        &self.messages
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATEMENTS: [(&str, Class); 2] = [("read", Class::Read), ("write", Class::Write)];

    fn meter(start: Instant) -> Meter {
        Meter::new(start, &STATEMENTS, vec!["worker1".into(), "worker2".into()])
    }

    fn one(start: Instant, number: usize, took: u64) -> Measured<'static> {
        Measured {
            statement: number % 2,
            node: (number % 3 < 2).then_some(number % 3),
            intended: start,
            sent: start,
            ended: start + Duration::from_micros(took),
            failure: number.is_multiple_of(5).then_some(("08006", "gone")),
        }
    }

    #[test]
    fn seconds_without_samples_have_no_quantiles() {
        let start = Instant::now();
        let mut meter = meter(start);
        meter.record(&one(start, 1, 1_000));
        let first = meter.cut(start + Duration::from_secs(1), Standing::default());
        let second = meter.cut(start + Duration::from_secs(2), Standing::default());
        assert_eq!((first.second, second.second), (1, 2));
        assert!(first.total.latency.is_some() && second.total.latency.is_none());
        assert_eq!(second.from, first.to);
        assert_eq!(
            second.by_class.keys().copied().collect::<Vec<_>>(),
            [Class::Read, Class::Write]
        );
    }

    #[test]
    fn failures_are_counted_by_their_state() {
        let start = Instant::now();
        let mut meter = meter(start);
        meter.record(&one(start, 0, 900));
        meter.record(&one(start, 5, 900));
        meter.record(&one(start, 1, 900));
        let counted = meter.finish();
        let all = counted.all().tally();
        assert_eq!((all.done, all.errors.get("08006")), (1, Some(&2)));
        assert_eq!(
            meter.messages().get("08006").map(String::as_str),
            Some("gone")
        );
    }

    proptest! {
        /// Wherever the seconds are cut, the whole is the same, and the quantiles of a class are those of its samples.
        #[test]
        fn merging_loses_nothing(times in prop::collection::vec(1_u64..5_000_000, 1..200), cut in 1_usize..50) {
            let start = Instant::now();
            let (mut cut_often, mut whole) = (meter(start), meter(start));
            let mut in_intervals = 0;
            for (number, took) in times.iter().enumerate() {
                cut_often.record(&one(start, number, *took));
                whole.record(&one(start, number, *took));
                if number % cut == 0 {
                    let interval = cut_often.cut(start, Standing::default());
                    in_intervals += interval.total.done + interval.total.errors.values().sum::<u64>();
                }
            }
            let last = cut_often.cut(start, Standing::default());
            in_intervals += last.total.done + last.total.errors.values().sum::<u64>();
            prop_assert_eq!(in_intervals, times.len() as u64);
            let (cut_often, whole) = (cut_often.finish(), whole.finish());
            prop_assert_eq!(cut_often.total(), whole.total());
            for class in whole.classes() {
                prop_assert_eq!(cut_often.of(class).tally(), whole.of(class).tally());
            }
            let mut sorted = times.clone();
            sorted.sort_unstable();
            let middle = sorted[(sorted.len() - 1) / 2];
            let p50 = u64::try_from(whole.total().latency.unwrap().p50.as_micros()).unwrap();
            prop_assert!(p50.abs_diff(middle) <= middle / 500 + 1, "{} {}", p50, middle);
        }
    }
}
