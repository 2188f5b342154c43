//! What a fault changes, each as one sentence.

use std::collections::BTreeMap;
use std::fmt;

use super::{Fault, Outcome, Reach, survival};
use crate::cluster::view::{GroupKey, GroupKind, TableKind, TableName, View};

/// Tables that a sentence names; more are counted.
const NAMED: usize = 4;

/// One thing that a fault changes, or one that it leaves. Displayed, it is a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// The coordinator is gone, and with it everything.
    Everything(Outcome),
    /// Rows that can neither be read nor written.
    Dark {
        /// Whose.
        of: Rows,
        /// In which groups.
        groups: Vec<GroupKey>,
        /// How statements about them end.
        outcome: Outcome,
    },
    /// Rows that can be read from another copy, not written.
    NotWritten {
        /// Whose.
        of: Rows,
        /// In which groups.
        groups: Vec<GroupKey>,
        /// How writes end.
        outcome: Outcome,
        /// How reads end.
        reads: Outcome,
    },
    /// Statements about all rows of distributed tables.
    AllShards {
        /// Whose.
        of: Rows,
        /// How reads end.
        reads: Outcome,
        /// How writes end.
        writes: Outcome,
    },
    /// Changes of definitions.
    Definitions(Outcome),
    /// Moving shards.
    Rebalancing(Outcome),
    /// Rows that go on as ever.
    GoesOn {
        /// Whose.
        of: Rows,
        /// In how many groups.
        groups: usize,
        /// Only reading them does.
        reads_only: bool,
    },
    /// Rows that no other node has.
    Lost {
        /// Whose.
        of: Rows,
        /// In which groups.
        groups: Vec<GroupKey>,
    },
    /// Tables that are only on the coordinator.
    LostTables(Vec<TableName>),
}

impl Consequence {
    /// Whether something stops; what goes on is told for comfort.
    #[must_use]
    pub fn is_harm(&self) -> bool {
        !matches!(self, Self::GoesOn { .. })
    }

    /// The groups whose rows are out of reach or lost.
    #[must_use]
    pub fn dark_groups(&self) -> &[GroupKey] {
        match self {
            Self::Dark { groups, .. } | Self::Lost { groups, .. } => groups,
            _ => &[],
        }
    }
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// How they are kept.
    pub kind: GroupKind,
    /// Their tables.
    pub tables: Vec<TableName>,
    /// The distribution column, where there is one.
    pub column: Option<String>,
    /// Shard groups that there are.
    pub total: usize,
}

impl Rows {
    fn of(reach: &Reach) -> Self {
        Self {
            kind: reach.kind,
            tables: reach.tables.clone(),
            column: reach.column.clone(),
            total: reach.groups.len(),
        }
    }

    /// `4 of 8 shard groups of users, orders`; whole tables go by their names.
    fn part(&self, count: usize) -> String {
        let names = names(&self.tables);
        match self.kind {
            GroupKind::Hash { .. } => {
                let plural = if self.total == 1 { "" } else { "s" };
                format!("{count} of {} shard group{plural} of {names}", self.total)
            }
            GroupKind::Reference => format!("reference tables ({names})"),
            GroupKind::Single => format!("{count} of {} whole tables ({names})", self.total),
        }
    }
}

fn names(tables: &[TableName]) -> String {
    let shown: Vec<String> = tables.iter().take(NAMED).map(ToString::to_string).collect();
    match tables.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything(outcome) => write!(
                formatter,
                "every statement goes through the coordinator: all {}",
                outcome.words()
            ),
            Self::Dark {
                of,
                groups,
                outcome,
            } => {
                let whose = of.column.as_ref().map_or_else(
                    || "statements about them".to_owned(),
                    |column| format!("statements for a {column} that lives there"),
                );
                write!(
                    formatter,
                    "{} out of reach: {whose} {}",
                    of.part(groups.len()),
                    outcome.words()
                )
            }
            Self::NotWritten {
                of,
                groups,
                outcome,
                reads,
            } => {
                let reading = match reads {
                    Outcome::Works => "reads go on from another copy",
                    _ => "reads wait for the timeout, then another copy answers",
                };
                let writes = outcome.words();
                write!(
                    formatter,
                    "{}: {reading}, writes {writes}",
                    of.part(groups.len())
                )
            }
            Self::AllShards { of, reads, writes } => {
                let names = names(&of.tables);
                if reads == writes {
                    let words = reads.words();
                    write!(formatter, "statements over all shards of {names} {words}")
                } else if *reads == Outcome::Works {
                    let words = writes.words();
                    write!(formatter, "writes over all shards of {names} {words}")
                } else {
                    let (reads, writes) = (reads.words(), writes.words());
                    write!(
                        formatter,
                        "over all shards of {names}, reads {reads}; writes {writes}"
                    )
                }
            }
            Self::Definitions(outcome) => write!(
                formatter,
                "changes of distributed and reference tables (ALTER, DROP, CREATE INDEX) {}: they go to every active node",
                outcome.words()
            ),
            Self::Rebalancing(outcome) => write!(
                formatter,
                "moves and rebalancing of shards {}",
                outcome.words()
            ),
            Self::GoesOn {
                of,
                groups,
                reads_only,
            } => {
                let what = if *reads_only { "reads of " } else { "" };
                write!(formatter, "still works: {what}{}", of.part(*groups))
            }
            Self::Lost { of, groups } => write!(
                formatter,
                "{} lost for good: no other node has a copy",
                of.part(groups.len())
            ),
            Self::LostTables(tables) => {
                write!(formatter, "lost for good with its data: {}", names(tables))
            }
        }
    }
}

/// What stops working when these nodes fail besides those that have failed already, then what of that kind goes on.
/// Empty: nothing that works now depends on them.
#[must_use]
pub fn consequences(view: &View, nodes: &[&str], fault: Fault) -> Vec<Consequence> {
    let before = survival(view, &BTreeMap::new());
    let faults = nodes.iter().map(|node| ((*node).to_owned(), fault));
    let after = survival(view, &faults.collect());
    if after.everything > before.everything {
        return vec![Consequence::Everything(after.everything)];
    }
    if !before.everything.succeeds() {
        return Vec::new();
    }
    let mut told = Vec::new();
    let pairs = || before.reaches.iter().zip(&after.reaches);
    for (old, new) in pairs() {
        dark(old, new, &mut told);
        not_written(old, new, &mut told);
        let (reads, writes) = (new.reads, new.writes);
        let worse = reads > old.reads || writes > old.writes;
        if worse && matches!(new.kind, GroupKind::Hash { .. }) {
            let of = Rows::of(new);
            told.push(Consequence::AllShards { of, reads, writes });
        }
    }
    if after.definitions > before.definitions {
        told.push(Consequence::Definitions(after.definitions));
    }
    if after.rebalancing > before.rebalancing {
        told.push(Consequence::Rebalancing(after.rebalancing));
    }
    if !told.is_empty() {
        told.extend(pairs().filter_map(|(_, new)| goes_on(new)));
    }
    told
}

/// Groups of `new` that fulfil a condition, if some of them did not in `old`.
fn newly(
    old: &Reach,
    new: &Reach,
    holds: impl Fn(Outcome, Outcome) -> bool,
) -> Option<Vec<GroupKey>> {
    let holding = |reach: &Reach| -> Vec<GroupKey> {
        let groups = reach
            .groups
            .iter()
            .filter(|(_, read, write)| holds(*read, *write));
        groups.map(|(key, ..)| *key).collect()
    };
    let now = holding(new);
    (now.len() > holding(old).len()).then_some(now)
}

fn dark(old: &Reach, new: &Reach, told: &mut Vec<Consequence>) {
    if let Some(groups) = newly(old, new, |read, _| !read.succeeds()) {
        let of = Rows::of(new);
        let outcome = new.reads;
        told.push(Consequence::Dark {
            of,
            groups,
            outcome,
        });
    }
}

fn not_written(old: &Reach, new: &Reach, told: &mut Vec<Consequence>) {
    let only_read = |read: Outcome, write: Outcome| read.succeeds() && !write.succeeds();
    // What was dark and is readable now would be no harm; what is dark now is told elsewhere.
    let Some(groups) = newly(old, new, only_read) else {
        return;
    };
    let of_these = || {
        new.groups
            .iter()
            .filter(|(_, read, write)| only_read(*read, *write))
    };
    let outcome = of_these().map(|(.., write)| *write).max();
    let reads = of_these().map(|(_, read, _)| *read).max();
    told.push(Consequence::NotWritten {
        of: Rows::of(new),
        groups,
        outcome: outcome.unwrap_or_default(),
        reads: reads.unwrap_or_default(),
    });
}

fn goes_on(new: &Reach) -> Option<Consequence> {
    let whole = |reads_only: bool| {
        let unharmed = new.groups.iter().filter(|(_, read, write)| {
            *read == Outcome::Works && (reads_only || *write == Outcome::Works)
        });
        unharmed.count()
    };
    let reads_only = new.kind == GroupKind::Reference && whole(false) == 0;
    let groups = whole(reads_only);
    (groups > 0).then(|| Consequence::GoesOn {
        of: Rows::of(new),
        groups,
        reads_only,
    })
}

/// What is gone for ever when a node's data is removed.
#[must_use]
pub fn losses(view: &View, node: &str) -> Vec<Consequence> {
    let mut told = Vec::new();
    let Some(node) = view.node(node) else {
        return told;
    };
    if node.role == crate::cluster::NodeRole::Coordinator {
        let here = view
            .tables
            .iter()
            .filter(|table| matches!(table.kind, TableKind::Plain | TableKind::LocalManaged));
        let tables: Vec<TableName> = here.map(|table| table.name.clone()).collect();
        if !tables.is_empty() {
            told.push(Consequence::LostTables(tables));
        }
    }
    let Some(group_id) = node.group_id() else {
        return told;
    };
    // By position: both lists are in the view's order within a reach.
    let lost: std::collections::BTreeSet<GroupKey> = view
        .groups
        .iter()
        .filter(|group| {
            group.shards.iter().any(|shard| {
                let mut copies = shard.placements.iter().filter(|copy| copy.active);
                let first = copies.next();
                first.is_some_and(|copy| copy.group_id == group_id) && copies.next().is_none()
            })
        })
        .map(|group| group.key)
        .collect();
    for reach in survival(view, &BTreeMap::new()).reaches {
        let groups: Vec<GroupKey> = reach
            .groups
            .iter()
            .map(|(key, ..)| *key)
            .filter(|key| lost.contains(key))
            .collect();
        if !groups.is_empty() {
            let of = Rows::of(&reach);
            told.push(Consequence::Lost { of, groups });
        }
    }
    told
}
