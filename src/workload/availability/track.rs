//! What is known of one subject.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::cell::Cell;
use super::log::{Entry, Fate};
use super::{FEWEST, MOST, SETTLED, Window};
use crate::cluster::Outcome;
use crate::workload::probe::Sample;

/// A time in which a subject did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When the first statement that was not served was to start.
    pub start: Instant,
    /// When the first was to start that did its work again; `None` while it lasts.
    pub end: Option<Instant>,
}

impl Outage {
    /// How long it lasted, or lasts at `now`.
    #[must_use]
    pub fn length(&self, now: Instant) -> Duration {
        self.end
            .unwrap_or(now)
            .saturating_duration_since(self.start)
    }
}

/// What is known of one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Track {
    /// By intended start. Those that wait stand among them.
    log: VecDeque<Entry>,
    codes: Vec<String>,
    last_message: String,
    last_code: Option<u16>,
}

impl Track {
    pub(super) fn ended(&mut self, sample: &Sample) {
        let fate = match &sample.result {
            Ok(()) => Fate::Done,
            Err(failure) => {
                let code = self.code(&failure.code);
                self.last_code = Some(code);
                self.last_message.clone_from(&failure.message);
                Fate::Failed(code)
            }
        };
        self.insert(Entry {
            intended: sample.intended,
            ended: sample.ended,
            fate,
        });
    }

    pub(super) fn dropped(&mut self, intended: Instant) {
        self.insert(Entry {
            intended,
            ended: intended,
            fate: Fate::Dropped,
        });
    }

    /// Whatever waited is told anew in each batch.
    pub(super) fn clear_waiting(&mut self) {
        self.log.retain(|entry| entry.fate != Fate::Waits);
    }

    pub(super) fn waits(&mut self, since: Instant, now: Instant) {
        self.insert(Entry {
            intended: since,
            ended: now,
            fate: Fate::Waits,
        });
    }

    pub(super) fn forget_before(&mut self, oldest: Instant) {
        while self.log.front().is_some_and(|entry| entry.ended < oldest) {
            self.log.pop_front();
        }
    }

    fn code(&mut self, code: &str) -> u16 {
        let known = self.codes.iter().position(|one| one == code);
        let index = known.unwrap_or_else(|| {
            self.codes.push(code.to_owned());
            self.codes.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    fn insert(&mut self, entry: Entry) {
        // Almost always at the end.
        let after = self
            .log
            .iter()
            .rposition(|one| one.intended <= entry.intended);
        self.log.insert(after.map_or(0, |index| index + 1), entry);
    }

    fn within(&self, window: Window) -> impl DoubleEndedIterator<Item = &Entry> {
        let from = self
            .log
            .partition_point(|entry| entry.intended < window.from);
        let to = self.log.partition_point(|entry| entry.intended < window.to);
        self.log.range(from..to.max(from))
    }

    /// Buckets of this length from a moment on, oldest first.
    #[must_use]
    pub fn cells(&self, from: Instant, bucket: Duration, count: usize) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); count];
        let length = bucket.as_nanos().max(1);
        let index = |at: Instant| -> Option<usize> {
            let since = at.checked_duration_since(from)?;
            usize::try_from(since.as_nanos() / length).ok()
        };
        for entry in &self.log {
            let first = index(entry.intended);
            if let Some(cell) = first.and_then(|first| cells.get_mut(first)) {
                match (entry.fate, entry.is_late()) {
                    (Fate::Done, false) => cell.ok += 1,
                    (Fate::Done, true) => cell.late += 1,
                    (Fate::Failed(_), false) => cell.failed += 1,
                    (Fate::Failed(_), true) => cell.expired += 1,
                    (Fate::Dropped, _) => cell.dropped += 1,
                    // The last bucket counts it below.
                    (Fate::Waits, _) => {}
                }
            }
            let Some(last) = index(entry.ended) else {
                continue;
            };
            let waits_now = usize::from(entry.fate == Fate::Waits);
            let range = first.unwrap_or(0)..(last + waits_now).min(count);
            for cell in cells.get_mut(range).unwrap_or_default() {
                cell.waiting += 1;
            }
        }
        cells
    }

    /// The outages, oldest first.
    #[must_use]
    pub fn outages(&self) -> Vec<Outage> {
        let mut outages: Vec<Outage> = Vec::new();
        for entry in self.log.iter().filter(|entry| entry.counts()) {
            let lasting = outages.last_mut().filter(|outage| outage.end.is_none());
            match (lasting, entry.is_down()) {
                (None, true) => outages.push(Outage {
                    start: entry.intended,
                    end: None,
                }),
                (Some(outage), false) => outage.end = Some(entry.intended),
                _ => {}
            }
        }
        outages
    }

    /// What share of the statements of a window did their work, between 0 and 1; `None` where there were none.
    #[must_use]
    pub fn share(&self, window: Window) -> Option<f64> {
        let (mut all, mut served) = (0_u32, 0_u32);
        for entry in self.within(window).filter(|entry| entry.counts()) {
            all += 1;
            served += u32::from(!entry.is_down());
        }
        (all > 0).then(|| f64::from(served) / f64::from(all))
    }

    /// How the statements of a window end, as it is defined at the head of this module; `None` where too few were seen to say.
    #[must_use]
    pub fn outcome(&self, window: Window) -> Option<Outcome> {
        let newest: Vec<&Entry> = self
            .within(window)
            .rev()
            .filter(|entry| entry.counts() && entry.fate != Fate::Dropped)
            .take(SETTLED)
            .collect();
        let waits = newest.iter().any(|entry| entry.fate == Fate::Waits);
        if newest.is_empty() || newest.len() < FEWEST && !waits {
            return None;
        }
        let (down, served): (Vec<&Entry>, Vec<&Entry>) =
            newest.iter().copied().partition(|entry| entry.is_down());
        let late = |entries: &[&Entry]| entries.iter().filter(|entry| entry.is_late()).count();
        let share = ratio(served.len(), newest.len());
        Some(if share >= MOST {
            if late(&served) * 2 > served.len() {
                Outcome::Late
            } else {
                Outcome::Works
            }
        } else if late(&down) * 2 >= down.len() {
            Outcome::Waits
        } else {
            Outcome::Fails
        })
    }

    /// How often each SQLSTATE came in a window.
    #[must_use]
    pub fn codes(&self, window: Window) -> BTreeMap<String, u64> {
        let mut counted = BTreeMap::new();
        for entry in self.within(window) {
            if let Fate::Failed(code) = entry.fate
                && let Some(code) = self.codes.get(usize::from(code))
            {
                *counted.entry(code.clone()).or_insert(0) += 1;
            }
        }
        counted
    }

    /// From a moment to the first failure that was told at or after it: how long nobody knew.
    #[must_use]
    pub fn first_failure_after(&self, at: Instant) -> Option<Duration> {
        let failed = |entry: &&Entry| matches!(entry.fate, Fate::Failed(_)) && entry.ended >= at;
        let ends = self.log.iter().filter(failed).map(|entry| entry.ended);
        ends.min().map(|end| end.saturating_duration_since(at))
    }

    /// From a moment to the end of the outage that was then, or else of the first after it. `None` where there was none, or it lasts.
    #[must_use]
    pub fn recovery_after(&self, at: Instant) -> Option<Duration> {
        let outages = self.outages();
        let outage = outages
            .iter()
            .find(|outage| outage.end.is_none_or(|end| end > at))?;
        outage.end.map(|end| end.saturating_duration_since(at))
    }

    /// Since when the oldest statement waits.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        let waits = |entry: &&Entry| entry.fate == Fate::Waits;
        self.log.iter().find(waits).map(|entry| entry.intended)
    }

    /// The last failure's SQLSTATE and message. From a server: not for a terminal as it is.
    #[must_use]
    pub fn last_failure(&self) -> Option<(&str, &str)> {
        let code = self.codes.get(usize::from(self.last_code?))?;
        Some((code, &self.last_message))
    }

    /// The last SQLSTATE by which a statement failed that was to start at a moment or after it.
    #[must_use]
    pub fn code_since(&self, since: Instant) -> Option<&str> {
        let of_late = self.log.iter().rev();
        let mut of_late = of_late.take_while(|entry| entry.intended >= since);
        of_late.find_map(|entry| match entry.fate {
            Fate::Failed(code) => self.codes.get(usize::from(code)).map(String::as_str),
            _ => None,
        })
    }

    /// How many statements of a window are known.
    #[must_use]
    pub fn count(&self, window: Window) -> usize {
        self.within(window).filter(|entry| entry.counts()).count()
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole)
}
