//! Why a statement ends as it does, in words that name the nodes.

use std::fmt;

use super::Fault;
use crate::cluster::view::TableName;

/// Groups that a sentence counts up; more are counted.
const LISTED: usize = 6;
/// Tables that a sentence names; more are counted.
const NAMED: usize = 3;

/// A node that fails, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failed {
    /// Its name.
    pub node: String,
    /// How it fails.
    pub fault: Fault,
}

/// Why an outcome is what it is. Displayed, it is a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Every statement goes through the coordinator.
    Coordinator(Failed),
    /// No node that holds a copy answers.
    NoCopyAnswers {
        /// Who is asked, and fails.
        failed: Vec<Failed>,
        /// Who holds a copy as well and is disabled.
        disabled: Vec<String>,
    },
    /// Another copy answers at once in place of those that fail.
    AnotherCopy {
        /// Who fails.
        failed: Vec<Failed>,
        /// Who answers.
        answers: String,
    },
    /// Another copy answers, once these were waited for.
    AnotherCopyLater {
        /// Who is waited for.
        frozen: Vec<String>,
        /// Who answers then.
        answers: String,
    },
    /// The coordinator reads its own copy, whoever fails.
    OwnCopy {
        /// The coordinator.
        coordinator: String,
        /// Who fails.
        failed: Vec<Failed>,
    },
    /// A write goes to every copy, or to none.
    WriteToEveryCopy(Vec<Failed>),
    /// Every write of a replicated table asks this one for a lock first.
    FirstWorker(Failed),
    /// It goes to every active node.
    EveryActiveNode(Vec<Failed>),
    /// These are disabled: nothing asks them, and they miss what is written.
    LeftOut(Vec<String>),
    /// It needs every shard group, and ends as the worst of them does.
    OfGroups {
        /// Positions of the groups that end so.
        groups: Vec<usize>,
        /// Whose groups.
        tables: Vec<TableName>,
        /// Why the first of them does.
        reason: Box<Reason>,
    },
}

impl Reason {
    /// What else does not work although this does. Not every read is one task a shard: a subquery or a materialised CTE is run first, and
    /// what it gave is sent to every node that holds any copy of what is read. There is no other copy to turn to then.
    #[must_use]
    pub fn caveat(&self) -> Option<&'static str> {
        match self {
            Self::AnotherCopy { .. } | Self::AnotherCopyLater { .. } => Some(
                "a query with a materialised CTE or a subquery of its own does not: its intermediate result goes to every holder of a copy",
            ),
            Self::OfGroups { reason, .. } => reason.caveat(),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinator(failed) => {
                let states = States(std::slice::from_ref(failed));
                write!(formatter, "{states}: every statement goes through it")
            }
            Self::NoCopyAnswers { failed, disabled } => no_copy(formatter, failed, disabled),
            Self::AnotherCopy { failed, answers } => {
                let states = States(failed);
                write!(formatter, "{states}: {answers} answers from its copy")
            }
            Self::AnotherCopyLater { frozen, answers } => write!(
                formatter,
                "{} frozen: after the wait for {}, {answers} answers from its copy",
                are(frozen),
                one_or_more(frozen, "it", "them")
            ),
            Self::OwnCopy {
                coordinator,
                failed,
            } => {
                let states = States(failed);
                write!(formatter, "{states}: {coordinator} reads a copy of its own")
            }
            Self::WriteToEveryCopy(failed) => write!(
                formatter,
                "{}: {}, and a write goes to every copy",
                States(failed),
                one_or_more(failed, "it holds a copy", "they hold copies")
            ),
            Self::FirstWorker(failed) => {
                let states = States(std::slice::from_ref(failed));
                write!(
                    formatter,
                    "{states}: it is the first worker, which every write of a replicated table asks for a lock"
                )
            }
            Self::EveryActiveNode(failed) => {
                let states = States(failed);
                write!(formatter, "{states}: this goes to every active node")
            }
            Self::LeftOut(disabled) => write!(
                formatter,
                "{} disabled: nothing asks {}, and {} what is written",
                are(disabled),
                one_or_more(disabled, "it", "them"),
                one_or_more(disabled, "it misses", "they miss")
            ),
            Self::OfGroups {
                groups,
                tables,
                reason,
            } => of_groups(formatter, groups, tables, reason),
        }
    }
}

fn no_copy(
    formatter: &mut fmt::Formatter<'_>,
    failed: &[Failed],
    disabled: &[String],
) -> fmt::Result {
    let all = one_or_more(failed, "it holds the only copy", "they hold all copies");
    match (failed, disabled) {
        ([], []) => formatter.write_str("no active node holds a copy"),
        ([], _) => write!(
            formatter,
            "{} disabled: {}",
            are(disabled),
            one_or_more(disabled, "it holds the only copy", "they hold all copies")
        ),
        (_, []) => write!(formatter, "{}: {all}", States(failed)),
        (_, _) => write!(
            formatter,
            "{}: {all} in use, for {} disabled",
            States(failed),
            are(disabled)
        ),
    }
}

fn of_groups(
    formatter: &mut fmt::Formatter<'_>,
    groups: &[usize],
    tables: &[TableName],
    reason: &Reason,
) -> fmt::Result {
    let Some((first, others)) = groups.split_first() else {
        return write!(formatter, "{reason}");
    };
    let tables = listed(tables, NAMED);
    write!(formatter, "{reason} (shard group {first} of {tables}")?;
    if !others.is_empty() {
        let ends = one_or_more(others, "ends", "end");
        write!(formatter, "; {} {ends} alike", listed(others, LISTED))?;
    }
    formatter.write_str(")")
}

/// `worker1 and worker2 are down, worker3 is frozen`.
struct States<'a>(&'a [Failed]);

impl fmt::Display for States<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let so = |fault: Fault| -> Vec<&str> {
            let same = self.0.iter().filter(|failed| failed.fault == fault);
            same.map(|failed| failed.node.as_str()).collect()
        };
        let (down, frozen) = (so(Fault::Dead), so(Fault::Frozen));
        if !down.is_empty() {
            write!(formatter, "{} down", are(&down))?;
        }
        if !down.is_empty() && !frozen.is_empty() {
            formatter.write_str(", ")?;
        }
        if !frozen.is_empty() {
            write!(formatter, "{} frozen", are(&frozen))?;
        }
        Ok(())
    }
}

fn one_or_more<T>(of: &[T], one: &'static str, more: &'static str) -> &'static str {
    if of.len() == 1 { one } else { more }
}

/// `worker1 is`, `worker1 and worker2 are`.
fn are(names: &[impl fmt::Display]) -> String {
    let verb = one_or_more(names, "is", "are");
    format!("{} {verb}", listed(names, usize::MAX))
}

/// `a`, `a and b`, `a, b and 7 more`.
fn listed(names: &[impl fmt::Display], at_most: usize) -> String {
    let mut words: Vec<String> = names
        .iter()
        .take(at_most)
        .map(ToString::to_string)
        .collect();
    if names.len() > words.len() {
        words.push(format!("{} more", names.len() - words.len()));
    }
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
