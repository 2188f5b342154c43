//! The report as plain text, 80 columns wide for pipes and people, narrower for what stands under a lesson's button.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use unicode_width::UnicodeWidthStr;

use super::{Incident, MomentKind, Service, Turn, TurnRow, by_kind, percent, seconds};
use crate::cluster::{Agreement, Outcome, StatementKind};

const WIDTH: usize = 80;
/// Below a head that has no room beside it.
const NARROW_INDENT: usize = 6;
/// Names of kinds stand above each other.
const KIND: usize = 16;
/// Characters of a failure's message that are shown.
const SAID: usize = 120;
/// Outages that are told one by one; more are told together.
const OUTAGES: usize = 2;
/// Subjects that are named one by one; more are counted.
const NAMED: usize = 4;

impl fmt::Display for Incident {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.within(WIDTH))
    }
}

impl Incident {
    /// The report in lines of at most so many columns, as far as its words let it.
    #[must_use]
    pub fn within(&self, columns: usize) -> String {
        let column = Column(columns);
        let mut lines = Vec::new();
        let called_off = if self.called_off {
            "called off after"
        } else {
            "watched for"
        };
        let head = format!(
            "Experiment on {}, {called_off} {}:",
            self.engine,
            seconds(self.watched_ms)
        );
        lines.extend(column.wrapped("", &head));
        lines.extend(column.wrapped("  ", &self.plan));
        let score = format!("{}.", upper(&self.score.to_string()));
        lines.extend(column.wrapped("", &score));

        lines.push(String::new());
        lines.push("What happened".to_owned());
        for moment in &self.timeline {
            let mark = if moment.kind == MomentKind::ActFailed {
                "could not be done: "
            } else {
                ""
            };
            let head = format!("  {:>8}  ", seconds(moment.at_ms));
            lines.extend(column.hanging(&head, &format!("{mark}{}", moment.words)));
        }
        for turn in &self.turns {
            lines.push(String::new());
            lines.extend(self::turn(turn, column));
        }
        lines.push(String::new());
        lines.push("How available it was".to_owned());
        for (kind, services) in by_kind(&self.services, |service| service.subject.kind) {
            let head = format!("  {:<KIND$}  ", kind.to_string());
            lines.extend(availability(&head, &services, column));
        }
        if let Some(load) = &self.load {
            lines.push(String::new());
            lines.push("The load".to_owned());
            lines.extend(load.to_string().lines().map(|line| format!("  {line}")));
        }
        let lines = lines.iter().flat_map(|line| [line.trim_end(), "\n"]);
        lines.collect()
    }
}

fn turn(turn: &Turn, column: Column) -> Vec<String> {
    let seen = if turn.to_ms > turn.from_ms {
        format!(
            "statements begun from {} to {}",
            seconds(turn.from_ms),
            seconds(turn.to_ms)
        )
    } else {
        "over before it could be judged".to_owned()
    };
    let mut lines = column.wrapped(
        "",
        &format!("{} ({seen}): {}", upper(&turn.title()), turn.score()),
    );
    let is = |row: &&TurnRow, wanted: Option<Agreement>| row.probed && row.agreement() == wanted;
    for row in turn
        .rows
        .iter()
        .filter(|row| is(row, Some(Agreement::Different)) || is(row, Some(Agreement::OtherPace)))
    {
        lines.extend(column.hanging("  DIFFERS  ", &format!("{}: {}", row.subject, row.words())));
        if let Some(reason) = &row.reason {
            lines.extend(column.wrapped("           ", &format!("predicted because {reason}")));
        }
    }
    let same: Vec<&TurnRow> = turn
        .rows
        .iter()
        .filter(|row| is(row, Some(Agreement::Same)))
        .collect();
    if !same.is_empty() && turn.score().right == turn.score().of && all_work(&same) {
        lines.push("  everything worked".to_owned());
    } else {
        for (kind, rows) in by_kind(&same, |row| row.subject.kind) {
            let head = format!("  {:<KIND$}  ", kind.to_string());
            lines.extend(column.hanging(&head, &as_predicted(&rows)));
        }
    }
    lines.extend(unseen(turn, same.is_empty(), column));
    if let Some(first) = turn.first_failure_ms {
        lines.push(format!("  first failure {} after it", seconds(first)));
    }
    if let Some(recovery) = turn.recovery_ms {
        lines.push(format!(
            "  everything worked again {} after it",
            seconds(recovery)
        ));
    }
    lines
}

fn all_work(rows: &[&TurnRow]) -> bool {
    rows.iter().all(|row| row.predicted == Outcome::Works)
}

/// What was predicted only. Where nothing at all was seen, that has been said already.
fn unseen(turn: &Turn, nothing_seen: bool, column: Column) -> Vec<String> {
    let mut lines = Vec::new();
    let unseen = || turn.rows.iter().filter(|row| row.observed.is_none());
    let kinds: BTreeSet<StatementKind> = unseen()
        .filter(|row| row.probed)
        .map(|row| row.subject.kind)
        .collect();
    if !kinds.is_empty() && !nothing_seen {
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        lines.extend(column.hanging("  too little seen of ", &kinds.join(", ")));
    }
    let unprobed: Vec<&TurnRow> = unseen()
        .filter(|row| !row.probed && row.predicted != Outcome::Works)
        .collect();
    for (kind, rows) in by_kind(&unprobed, |row| row.subject.kind) {
        let head = format!("  {:<KIND$}  ", kind.to_string());
        lines.extend(column.hanging(&head, &not_probed(&rows)));
    }
    lines
}

/// `predicted to fail; not probed`, and which where they are several.
fn not_probed(rows: &[&&TurnRow]) -> String {
    let mut by_outcome: BTreeMap<Outcome, Vec<&TurnRow>> = BTreeMap::new();
    for row in rows {
        by_outcome.entry(row.predicted).or_default().push(row);
    }
    let words = by_outcome.values().filter_map(|rows| {
        let words = rows.first()?.words();
        let mut places: Vec<String> = rows
            .iter()
            .filter_map(|row| row.subject.place())
            .take(NAMED)
            .collect();
        if rows.len() > NAMED {
            places.push(format!("{} more", rows.len() - NAMED));
        }
        Some(if places.is_empty() {
            words
        } else {
            format!("{words}: {}", places.join(", "))
        })
    });
    let words: Vec<String> = words.collect();
    words.join("; ")
}

/// `work`, or who does what where they are several: `3 of 4 work; fail: room_id 42 (group 3 of messages)`.
fn as_predicted(rows: &[&&TurnRow]) -> String {
    let worst = rows
        .iter()
        .map(|row| row.predicted)
        .max()
        .unwrap_or_default();
    let others: Vec<&&&TurnRow> = rows.iter().filter(|row| row.predicted == worst).collect();
    let reason = others
        .first()
        .and_then(|row| row.reason.as_deref())
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    if others.len() == rows.len() {
        return format!("{}{reason}", worst.words());
    }
    let working = rows.len() - others.len();
    let mut places: Vec<String> = others
        .iter()
        .filter_map(|row| row.subject.place())
        .take(NAMED)
        .collect();
    if others.len() > NAMED {
        places.push(format!("{} more", others.len() - NAMED));
    }
    format!(
        "{working} of {} work; {}: {}{reason}",
        rows.len(),
        worst.words(),
        places.join(", ")
    )
}

fn availability(head: &str, services: &[&Service], column: Column) -> Vec<String> {
    let share = |service: &&Service| service.share.unwrap_or(1.0);
    let whole = services
        .iter()
        .filter(|service| share(service) >= 1.0)
        .count();
    let mut lines = Vec::new();
    if whole == services.len() {
        let seen = services.iter().any(|service| service.share.is_some());
        let words = if seen {
            percent(1.0)
        } else {
            "nothing was seen".to_owned()
        };
        return vec![format!("{head}{words}")];
    }
    if services.len() > 1 {
        let words = format!("{whole} of {} available all the time", services.len());
        lines.extend(column.hanging(head, &words));
    }
    let indent = " ".repeat(head.width());
    let mut worst: Vec<&&Service> = services
        .iter()
        .filter(|service| share(service) < 1.0)
        .collect();
    worst.sort_by(|one, other| share(one).total_cmp(&share(other)));
    let named = if services.len() > 1 { NAMED } else { 1 };
    for (index, service) in worst.iter().take(named).enumerate() {
        let head = if index == 0 && lines.is_empty() {
            head
        } else {
            &indent
        };
        lines.extend(column.hanging(head, &fared(service)));
    }
    if worst.len() > named {
        let words = format!("and {} more", worst.len() - named);
        lines.extend(column.hanging(&indent, &words));
    }
    let said = worst.iter().find_map(|service| service.message.as_deref());
    if let Some(message) = said {
        let mut words: String = message.chars().take(SAID).collect();
        if words.len() < message.len() {
            words.push('…');
        }
        lines.extend(column.hanging(&format!("{indent}said: "), &words));
    }
    lines
}

/// `room_id 42 (group 3 of messages) 25.0 %, out for 6.1 s from 2.0 s on, 08006 (12 times)`.
pub(super) fn fared(service: &Service) -> String {
    let mut words = service
        .subject
        .place()
        .map_or_else(String::new, |place| format!("{place} "));
    words.push_str(&service.share.map_or_else(|| "-".to_owned(), percent));
    if service.outages.len() > OUTAGES {
        let total: u64 = service.outages.iter().filter_map(|gap| gap.length_ms).sum();
        let from = service.outages.first().map_or(0, |gap| gap.from_ms);
        let lasting = service
            .outages
            .last()
            .is_some_and(|gap| gap.length_ms.is_none());
        let end = if lasting {
            ", the last one to the end"
        } else {
            ""
        };
        let _ = write!(
            words,
            ", out {} times from {} on, {} in all{end}",
            service.outages.len(),
            seconds(from),
            seconds(total)
        );
    }
    let few = service.outages.len() <= OUTAGES;
    for gap in service.outages.iter().filter(|_| few) {
        let from = seconds(gap.from_ms);
        // Writing to a String cannot fail.
        let _ = match gap.length_ms {
            Some(length) => write!(words, ", out for {} from {from} on", seconds(length)),
            None => write!(words, ", out from {from} to the end"),
        };
    }
    let codes: Vec<String> = service
        .codes
        .iter()
        .map(|(code, times)| match times {
            1 => format!("{code} once"),
            times => format!("{code} {times} times"),
        })
        .collect();
    if !codes.is_empty() {
        let _ = write!(words, ", {}", codes.join(", "));
    }
    words
}

pub(super) fn upper(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// How many columns a line may have.
#[derive(Debug, Clone, Copy)]
struct Column(usize);

impl Column {
    /// Text in lines that begin with `indent`.
    fn wrapped(self, indent: &str, text: &str) -> Vec<String> {
        self.lines(indent.to_owned(), indent, text)
    }

    /// Text behind a head, further lines below its beginning; below the head where that leaves too little room beside it.
    fn hanging(self, head: &str, text: &str) -> Vec<String> {
        let within = head.width() * 3 <= self.0;
        if within || head.width() + 1 + text.width() <= self.0 {
            return self.lines(head.to_owned(), &" ".repeat(head.width()), text);
        }
        let indent = " ".repeat(NARROW_INDENT);
        let own = head.trim();
        if own.is_empty() {
            return self.lines(indent.clone(), &indent, text);
        }
        if head.starts_with(&indent) {
            // It stands below another head.
            return self.lines(indent.clone(), &indent, &format!("{own} {text}"));
        }
        let mut lines = vec![head.trim_end().to_owned()];
        lines.extend(self.lines(indent.clone(), &indent, text));
        lines
    }

    fn lines(self, first: String, indent: &str, text: &str) -> Vec<String> {
        let (mut lines, mut line) = (Vec::new(), first);
        let mut empty = true;
        for word in text.split_whitespace() {
            if !empty && line.width() + 1 + word.width() > self.0 {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line);
        lines
    }
}
