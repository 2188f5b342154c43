//! A load in words: its report, and a line a second while it runs.

use std::fmt::{self, Write};
use std::time::Duration;

use super::interval::{LoadInterval, Quantiles, Tally};
use super::report::{Line, LoadReport, Milliseconds};

/// Columns of the longest bar.
const BAR: usize = 40;

/// The head of the columns that [`live_lines`] fills.
#[must_use]
pub fn live_head() -> String {
    format!(
        "{:>6}  {:<8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>10} {:>9} {:>8}",
        "second",
        "",
        "done/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "failed",
        "in flight",
        "oldest s",
        "dropped"
    )
}

/// One second of a load: a line for each class. What is about all classes together stands on the last. Without samples a time is left
/// out: nothing ended, which is not the same as ending at once.
#[must_use]
pub fn live_lines(interval: &LoadInterval) -> Vec<String> {
    let last = interval.by_class.len().saturating_sub(1);
    let lines = interval.by_class.iter().enumerate();
    lines
        .map(|(index, (class, tally))| {
            let second = if index == 0 {
                interval.second.to_string()
            } else {
                String::new()
            };
            let mut line = format!("{second:>6}  {:<8} {}", class.name(), columns(tally));
            if index == last {
                let oldest = interval.oldest.map_or(String::new(), |oldest| {
                    format!("{:.1}", oldest.as_secs_f64())
                });
                let _ = write!(
                    line,
                    " {:>10} {oldest:>9} {:>8}",
                    interval.in_flight, interval.dropped
                );
            }
            line
        })
        .collect()
}

fn columns(tally: &Tally) -> String {
    let time = |of: fn(&Quantiles) -> Duration| {
        let time = tally.latency.as_ref().map(of);
        time.map_or(String::new(), |time| {
            milliseconds(time.as_secs_f64() * 1_000.0)
        })
    };
    format!(
        "{:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
        tally.done,
        time(|quantiles| quantiles.p50),
        time(|quantiles| quantiles.p95),
        time(|quantiles| quantiles.p99),
        time(|quantiles| quantiles.max),
        tally.failed()
    )
}

/// Three digits that count.
fn milliseconds(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// The report as text of some 90 columns, without anything that a terminal could take for more.
impl fmt::Display for LoadReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_head(formatter)?;
        writeln!(
            formatter,
            "\n{:<22} {:>8} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9}",
            "", "done", "a second", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms"
        )?;
        for line in self.by_class.iter().chain([&self.total]) {
            write_line(formatter, &line.name, line, line.latency)?;
        }
        if self.pacing == "open" {
            write_line(
                formatter,
                "without the wait",
                &self.total,
                self.total.service,
            )?;
        }
        writeln!(formatter)?;
        for line in &self.by_statement {
            write_line(formatter, &line.name, line, line.latency)?;
        }
        if !self.by_node.is_empty() {
            writeln!(formatter, "\ntenants of")?;
            for line in &self.by_node {
                write_line(formatter, &format!("  {}", line.name), line, line.latency)?;
            }
        }
        if !self.errors.is_empty() {
            writeln!(formatter, "\nfailures")?;
        }
        for error in &self.errors {
            writeln!(
                formatter,
                "  {} {:>8}  {}",
                error.code, error.count, error.message
            )?;
        }
        self.write_distribution(formatter)?;
        if !self.marks.is_empty() {
            writeln!(formatter, "\nwhat happened")?;
        }
        for mark in &self.marks {
            writeln!(formatter, "  {:>7.1} s  {}", mark.at, mark.words)?;
        }
        Ok(())
    }
}

impl LoadReport {
    fn write_head(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self
            .rate
            .map(|rate| format!("{rate} statements a second, "));
        let loop_kind = if self.pacing == "open" {
            "open loop, latency from the intended start"
        } else {
            "closed loop, latency from the real start: what a slow server delays is not seen"
        };
        writeln!(
            formatter,
            "{} for {:.1} s: {}{} clients, {} tenants, reads {} writes {} reports {}{}",
            self.workload,
            self.seconds,
            rate.unwrap_or_default(),
            self.clients,
            self.tenants,
            self.mix.reads,
            self.mix.writes,
            self.mix.reports,
            self.skew
                .map_or(String::new(), |skew| format!(", skew {skew}")),
        )?;
        writeln!(formatter, "{loop_kind}")?;
        write!(
            formatter,
            "{} were due: {} done, {} failed, {} dropped, {} unfinished",
            self.offered, self.done, self.failed, self.dropped, self.unfinished
        )?;
        if let Some(oldest) = self.oldest {
            write!(formatter, ", the oldest after {oldest:.1} s")?;
        }
        writeln!(formatter, "; {} rows written", self.rows_written)
    }

    fn write_distribution(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.distribution.iter().map(|bucket| bucket.count).max();
        let Some(most) = most else { return Ok(()) };
        writeln!(formatter, "\nlatency, ms")?;
        for bucket in &self.distribution {
            // What came once is seen, too.
            let length = usize::try_from((bucket.count * BAR as u64).div_ceil(most.max(1)));
            writeln!(
                formatter,
                "  {:>7} - {:<7} {:>8}  {}",
                bucket.above,
                bucket.up_to,
                bucket.count,
                "#".repeat(length.unwrap_or(BAR))
            )?;
        }
        Ok(())
    }
}

fn write_line(
    formatter: &mut fmt::Formatter<'_>,
    name: &str,
    line: &Line,
    times: Option<Milliseconds>,
) -> fmt::Result {
    let time = |of: fn(&Milliseconds) -> f64| {
        times
            .as_ref()
            .map_or(String::new(), |times| milliseconds(of(times)))
    };
    writeln!(
        formatter,
        "{name:<22} {:>8} {:>9.1} {:>7} {:>9} {:>9} {:>9} {:>9}",
        line.done,
        line.per_second,
        line.failed,
        time(|times| times.p50),
        time(|times| times.p95),
        time(|times| times.p99),
        time(|times| times.max),
    )
}
