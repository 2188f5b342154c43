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
        for line in self
            .by_class
            .iter()
            .filter(|line| came(line))
            .chain([&self.total])
        {
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
        for line in self.by_statement.iter().filter(|line| came(line)) {
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
    /// Clients that had no connection when the load began, where there were any.
    fn unopened(&self) -> Option<usize> {
        self.clients
            .checked_sub(self.opened)
            .filter(|unopened| *unopened > 0)
    }

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
        if let Some(unopened) = self.unopened() {
            writeln!(
                formatter,
                "{unopened} of {} connections could not be opened when it began",
                self.clients
            )?;
        }
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

/// What the mix leaves out is not told of.
fn came(line: &Line) -> bool {
    line.done + line.failed > 0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Bucket, Class, ErrorLine, MarkLine};
    use std::collections::BTreeMap;
    use std::time::Instant;

    #[test]
    fn a_report_says_all_and_is_short() {
        let times = Milliseconds {
            p50: 0.61,
            p95: 1.234,
            p99: 12.34,
            max: 3_012.3,
        };
        let line = |name: &str, done, failed| Line {
            name: name.to_owned(),
            done,
            failed,
            per_second: 97.5,
            latency: (done > 0).then_some(times),
            service: (done > 0).then_some(times),
        };
        let report = LoadReport {
            workload: "chat".to_owned(),
            pacing: "open".to_owned(),
            rate: Some(100.0),
            clients: 16,
            opened: 12,
            tenants: 100,
            seconds: 10.0,
            offered: 1_000,
            done: 975,
            failed: 20,
            unfinished: 5,
            oldest: Some(2.25),
            total: line("all", 975, 20),
            by_class: vec![line("reads", 975, 20), line("writes", 0, 0)],
            by_node: vec![line("worker1", 975, 0), line("worker2", 0, 20)],
            errors: vec![ErrorLine {
                code: "08006".to_owned(),
                count: 20,
                message: "connection to the remote node failed".to_owned(),
            }],
            distribution: vec![
                Bucket {
                    above: 0.5,
                    up_to: 1.0,
                    count: 974,
                },
                Bucket {
                    above: 2_000.0,
                    up_to: 5_000.0,
                    count: 1,
                },
            ],
            marks: vec![MarkLine {
                at: 4.26,
                words: "worker2 is frozen".to_owned(),
            }],
            ..LoadReport::default()
        };
        let text = report.to_string();
        for part in [
            "chat for 10.0 s: 100 statements a second, 16 clients",
            "4 of 16 connections could not be opened when it began",
            "1000 were due: 975 done, 20 failed, 0 dropped, 5 unfinished, the oldest after 2.2 s",
            "0.61      1.23      12.3      3012",
            "08006       20  connection to the remote node failed",
            "4.3 s  worker2 is frozen",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains("writes  "), "{text}");
        let all = LoadReport {
            opened: 16,
            ..report.clone()
        };
        assert!(!all.to_string().contains("could not be opened"), "{all}");
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }

    #[test]
    fn a_second_in_which_nothing_ended_has_no_times() {
        let now = Instant::now();
        let interval = LoadInterval {
            second: 7,
            from: now,
            to: now,
            offered: 100,
            dropped: 36,
            in_flight: 64,
            oldest: Some(Duration::from_millis(6_400)),
            total: Tally::default(),
            by_class: BTreeMap::from([
                (Class::Read, Tally::default()),
                (Class::Write, Tally::default()),
            ]),
            by_statement: BTreeMap::new(),
            by_node: BTreeMap::new(),
        };
        let lines = live_lines(&interval);
        assert_eq!(lines.len(), 2);
        let words: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(words, ["writes", "0", "0", "64", "6.4", "36"]);
        assert!(lines.iter().all(|line| line.len() <= live_head().len()));
    }
}
