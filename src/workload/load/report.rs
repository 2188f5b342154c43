//! What a load did from its start to its end.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::interval::{LoadInterval, Quantiles, Tally};
use super::meter::{Counted, Series, Times};
use super::plan::{Class, LoadPlan, Mix, Pacing};
use crate::postgres::visible_text;
use crate::workload::Mark;

/// Upper ends of the distribution's buckets within a decade.
const STEPS: [u64; 3] = [1, 2, 5];
/// The first of them, in microseconds.
const FIRST: u64 = 100;
/// The last decade, as a power of ten of the first.
const DECADES: u32 = 7;

/// All of a load. Keys are never renamed; new ones may come. Times are in milliseconds where they say so, else in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// `chat` or `shop`.
    pub workload: String,
    /// `open` or `closed`.
    pub pacing: String,
    /// Statements a second that were asked for.
    pub rate: Option<f64>,
    /// Connections that were asked for.
    pub clients: usize,
    /// Of these, how many were opened when the load began. The others are tried again with each of their statements.
    pub opened: usize,
    /// Tenants that were asked for.
    pub tenants: usize,
    /// Weights of reads, writes and reports.
    pub mix: MixLine,
    /// The exponent of the Zipf distribution of tenants.
    pub skew: Option<f64>,
    /// What chance began with.
    pub seed: u64,
    /// How long it ran.
    pub seconds: f64,
    /// Statements that were due; in a closed loop, that were sent.
    pub offered: u64,
    /// Statements that did their work.
    pub done: u64,
    /// Statements that failed.
    pub failed: u64,
    /// Due and not sent, since too many waited.
    pub dropped: u64,
    /// Given up at the end: they were waiting.
    pub unfinished: u64,
    /// How long the oldest of those had been waiting.
    pub oldest: Option<f64>,
    /// Rows that writes which did their work left in the tables.
    pub rows_written: u64,
    /// The first key that written rows have; all of them are in the span of [`LoadReport::rows_written`] and more behind it.
    pub first_key: i64,
    /// Of all statements.
    pub total: Line,
    /// By class.
    pub by_class: Vec<Line>,
    /// By statement.
    pub by_statement: Vec<Line>,
    /// By what holds the tenants.
    pub by_node: Vec<Line>,
    /// By SQLSTATE.
    pub errors: Vec<ErrorLine>,
    /// Latencies on a logarithmic axis, from the first bucket that has any to the last.
    pub distribution: Vec<Bucket>,
    /// What happened meanwhile.
    pub marks: Vec<MarkLine>,
    /// Each second, or the last ten minutes of them.
    pub intervals: Vec<IntervalLine>,
}

/// Weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MixLine {
    /// Of reads.
    pub reads: u32,
    /// Of writes.
    pub writes: u32,
    /// Of reports.
    pub reports: u32,
}

impl From<Mix> for MixLine {
    fn from(mix: Mix) -> Self {
        Self {
            reads: mix.reads,
            writes: mix.writes,
            reports: mix.reports,
        }
    }
}

/// How some statements went.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Line {
    /// Which.
    pub name: String,
    /// Did their work.
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Did their work, a second.
    pub per_second: f64,
    /// From the intended start to the end, whatever the end was.
    pub latency: Option<Milliseconds>,
    /// From the real start.
    pub service: Option<Milliseconds>,
}

/// Quantiles in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Milliseconds {
    /// Half were quicker.
    pub p50: f64,
    /// Of 100, 95 were quicker.
    pub p95: f64,
    /// Of 100, 99 were quicker.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

impl From<Quantiles> for Milliseconds {
    fn from(quantiles: Quantiles) -> Self {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        Self {
            p50: milliseconds(quantiles.p50),
            p95: milliseconds(quantiles.p95),
            p99: milliseconds(quantiles.p99),
            max: milliseconds(quantiles.max),
        }
    }
}

/// One kind of failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorLine {
    /// SQLSTATE.
    pub code: String,
    /// How often.
    pub count: u64,
    /// Its message, the first time; made visible, so that a terminal may have it.
    pub message: String,
}

/// One bucket of the distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bucket {
    /// Longer than so many milliseconds.
    pub above: f64,
    /// Up to so many.
    pub up_to: f64,
    /// How many statements.
    pub count: u64,
}

/// Something that happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MarkLine {
    /// Seconds after the start.
    pub at: f64,
    /// What.
    pub words: String,
}

/// One second.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IntervalLine {
    /// Its number, from 1.
    pub second: u64,
    /// Were due.
    pub offered: u64,
    /// Did their work.
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Were not sent.
    pub dropped: u64,
    /// Waited at its end.
    pub in_flight: u64,
    /// How long the oldest had been waiting then.
    pub oldest: Option<f64>,
    /// Of those that ended in it.
    pub latency: Option<Milliseconds>,
}

/// What a report is made of, beside what was counted.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    pub(super) plan: &'a LoadPlan,
    pub(super) start: Instant,
    pub(super) lasted: Duration,
    pub(super) opened: usize,
    pub(super) tenants: usize,
    pub(super) first_key: i64,
    pub(super) offered: u64,
    pub(super) dropped: u64,
    pub(super) unfinished: u64,
    pub(super) oldest: Option<Duration>,
    pub(super) marks: &'a [Mark],
    pub(super) intervals: &'a [LoadInterval],
    pub(super) messages: &'a std::collections::BTreeMap<String, String>,
}

impl LoadReport {
    pub(super) fn new(counted: &Counted, ending: &Ending<'_>) -> Self {
        let seconds = ending.lasted.as_secs_f64().max(0.001);
        let line = |name: &str, series: &Series| line(name, &series.tally(), seconds);
        let all = counted.all();
        let total = line("all", &all);
        let (pacing, rate) = match ending.plan.pacing {
            Pacing::Open { rate } => ("open", Some(rate)),
            Pacing::Closed { rate } => ("closed", rate),
        };
        let by_class = counted.classes().into_iter();
        let by_statement = counted.statements.iter();
        let mark = |mark: &Mark| MarkLine {
            at: mark
                .at
                .saturating_duration_since(ending.start)
                .as_secs_f64(),
            words: visible_text(&mark.to_string()),
        };
        Self {
            workload: ending.plan.workload.name().to_owned(),
            pacing: pacing.to_owned(),
            rate,
            clients: ending.plan.clients,
            opened: ending.opened,
            tenants: ending.tenants,
            mix: ending.plan.mix.into(),
            skew: ending.plan.skew,
            seed: ending.plan.seed,
            seconds,
            offered: ending.offered,
            done: total.done,
            failed: total.failed,
            dropped: ending.dropped,
            unfinished: ending.unfinished,
            oldest: ending.oldest.map(|oldest| oldest.as_secs_f64()),
            rows_written: counted.of(Class::Write).done,
            first_key: ending.first_key,
            by_class: by_class
                .map(|class| line(class.name(), &counted.of(class)))
                .collect(),
            by_statement: by_statement
                .map(|(name, _, series)| line(name, series))
                .collect(),
            by_node: counted
                .nodes
                .iter()
                .map(|(node, series)| line(node, series))
                .collect(),
            errors: errors(&all, ending.messages),
            distribution: distribution(&all.latency),
            marks: ending.marks.iter().map(mark).collect(),
            intervals: ending.intervals.iter().map(interval).collect(),
            total,
        }
    }
}

fn line(name: &str, tally: &Tally, seconds: f64) -> Line {
    let done = f64::from(u32::try_from(tally.done).unwrap_or(u32::MAX));
    Line {
        name: name.to_owned(),
        done: tally.done,
        failed: tally.failed(),
        per_second: done / seconds,
        latency: tally.latency.map(Milliseconds::from),
        service: tally.service.map(Milliseconds::from),
    }
}

fn errors(all: &Series, messages: &std::collections::BTreeMap<String, String>) -> Vec<ErrorLine> {
    let mut errors: Vec<ErrorLine> = all
        .errors
        .iter()
        .map(|(code, count)| ErrorLine {
            code: code.clone(),
            count: *count,
            message: messages
                .get(code)
                .map(|message| visible_text(message).replace('\n', " "))
                .unwrap_or_default(),
        })
        .collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.count));
    errors
}

fn interval(interval: &LoadInterval) -> IntervalLine {
    IntervalLine {
        second: interval.second,
        offered: interval.offered,
        done: interval.total.done,
        failed: interval.total.failed(),
        dropped: interval.dropped,
        in_flight: interval.in_flight,
        oldest: interval.oldest.map(|oldest| oldest.as_secs_f64()),
        latency: interval.total.latency.map(Milliseconds::from),
    }
}

/// Counts on a logarithmic axis, three buckets a decade.
fn distribution(times: &Times) -> Vec<Bucket> {
    let ends = (0..DECADES).flat_map(|decade| STEPS.map(|step| FIRST * step * 10_u64.pow(decade)));
    let mut above = 0;
    let mut buckets: Vec<(u64, Bucket)> = ends
        .map(|end| {
            let bucket = Bucket {
                above: in_milliseconds(above),
                up_to: in_milliseconds(end),
                count: 0,
            };
            above = end;
            (end, bucket)
        })
        .collect();
    // Value by value: a histogram's own buckets lie across our ends, and would be counted on both sides.
    for value in times.iter_recorded() {
        let place = buckets.partition_point(|(end, _)| *end < value.value_iterated_to());
        let last = buckets.len().saturating_sub(1);
        if let Some((_, bucket)) = buckets.get_mut(place.min(last)) {
            bucket.count += value.count_at_value();
        }
    }
    let came = |(_, bucket): &(u64, Bucket)| bucket.count > 0;
    let last = buckets.iter().rposition(came).map_or(0, |last| last + 1);
    let first = buckets.iter().position(came).unwrap_or(0);
    let buckets = buckets.into_iter().take(last).skip(first);
    buckets.map(|(_, bucket)| bucket).collect()
}

fn in_milliseconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_statement_is_in_one_bucket(all in prop::collection::vec(1_u64..100_000_000, 1..100)) {
            let mut times = Times::new(3).unwrap();
            for micros in &all {
                times.record(*micros).unwrap();
            }
            let buckets = distribution(&times);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), all.len() as u64);
            prop_assert!(buckets.windows(2).all(|pair| (pair[0].up_to - pair[1].above).abs() < 1e-9));
        }
    }

    #[test]
    fn the_distribution_holds_every_statement() {
        let mut times = Times::new(3).unwrap();
        for micros in [90, 150, 420, 430, 3_000, 3_200_000] {
            times.record(micros).unwrap();
        }
        let buckets = distribution(&times);
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 6);
        let first = buckets[0];
        assert_eq!((first.above, first.up_to, first.count), (0.0, 0.1, 1));
        let last = buckets[buckets.len() - 1];
        assert_eq!((last.above, last.up_to, last.count), (2_000.0, 5_000.0, 1));
        assert!(distribution(&Times::new(3).unwrap()).is_empty());
    }
}
