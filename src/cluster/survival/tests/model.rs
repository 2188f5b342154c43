//! Predictions against a machine that does what the engine does, connection by connection.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::cluster::{NodeRole, ShardGroup};

/// What a connection to a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Served,
    Refused,
    Silent,
}

fn ask(view: &View, faults: &BTreeMap<String, Fault>, name: &str) -> Option<Answer> {
    let node = view.node(name)?;
    let member = node.membership?;
    if !member.is_active && node.role != NodeRole::Coordinator {
        return None;
    }
    Some(match (faults.get(&node.name), node.reachability) {
        (Some(Fault::Dead), _) | (None, Reachability::Down) => Answer::Refused,
        (Some(Fault::Frozen), _) | (None, Reachability::Frozen) => Answer::Silent,
        _ => Answer::Served,
    })
}

/// One after the other, until one serves.
fn one_after_the_other(answers: &[Answer]) -> Outcome {
    let mut waited = false;
    for answer in answers {
        match answer {
            Answer::Served if waited => return Outcome::Late,
            Answer::Served => return Outcome::Works,
            Answer::Silent => waited = true,
            Answer::Refused => {}
        }
    }
    if waited {
        Outcome::Waits
    } else {
        Outcome::Fails
    }
}

/// All at once: the first refusal ends it, silence only when there is none.
fn all_at_once(answers: &[Answer]) -> Outcome {
    if answers.contains(&Answer::Refused) {
        Outcome::Fails
    } else if answers.contains(&Answer::Silent) {
        Outcome::Waits
    } else {
        Outcome::Works
    }
}

/// Every order in which they could be asked; the worst counts.
fn in_any_order(answers: &[Answer]) -> Outcome {
    let rotations = (0..answers.len()).map(|first| {
        let mut order = answers.to_vec();
        order.rotate_left(first);
        one_after_the_other(&order)
    });
    rotations.max().unwrap_or(Outcome::Fails)
}

struct Machine<'a> {
    view: &'a View,
    faults: &'a BTreeMap<String, Fault>,
}

impl Machine<'_> {
    /// Names of nodes, as the engine sorts them.
    fn sorted(&self, mut names: Vec<&'_ str>) -> Vec<Answer> {
        names.sort_by_key(|name| {
            let node = self.view.node(name).unwrap();
            (node.host.as_bytes().to_vec(), node.port)
        });
        names
            .into_iter()
            .filter_map(|name| ask(self.view, self.faults, name))
            .collect()
    }

    fn holders(&self, group: &ShardGroup) -> Vec<&str> {
        let placements = group.shards[0].placements.iter();
        placements
            .filter_map(|it| Some(self.view.node_of_group(it.group_id)?.name.as_str()))
            .collect()
    }

    fn read(&self, group: &ShardGroup, any_order: bool) -> Outcome {
        let holders = self.holders(group);
        if holders.contains(&"coordinator") {
            return Outcome::Works;
        }
        let answers = self.sorted(holders);
        if any_order {
            in_any_order(&answers)
        } else {
            one_after_the_other(&answers)
        }
    }

    fn write(&self, group: &ShardGroup) -> Outcome {
        let answers = self.sorted(self.holders(group));
        if answers.is_empty() {
            return Outcome::Fails;
        }
        let of_table = self
            .view
            .groups
            .iter()
            .filter(|other| other.shards[0].table == group.shards[0].table);
        let counts: BTreeSet<usize> = of_table
            .map(|other| other.shards[0].placements.len())
            .collect();
        let locks = group.key.kind == GroupKind::Reference || counts != BTreeSet::from([1]);
        if locks {
            let workers = ["worker1", "worker2", "worker3", "worker4"];
            match self.sorted(workers.to_vec()).first() {
                Some(Answer::Refused) => return Outcome::Fails,
                Some(Answer::Silent) => return Outcome::Waits,
                _ => {}
            }
        }
        all_at_once(&answers)
    }

    fn outcome(&self, subject: Subject) -> Outcome {
        match ask(self.view, self.faults, "coordinator") {
            Some(Answer::Refused) => return Outcome::Fails,
            Some(Answer::Silent) => return Outcome::Waits,
            _ => {}
        }
        let groups = |reference: bool| {
            let is = move |it: &&ShardGroup| (it.key.kind == GroupKind::Reference) == reference;
            self.view.groups.iter().filter(is)
        };
        let group = || self.view.group(subject.group.unwrap()).unwrap();
        match subject.kind {
            StatementKind::TenantRead => self.read(group(), false),
            StatementKind::TenantWrite => self.write(group()),
            StatementKind::AllShardRead => {
                groups(false).map(|it| self.read(it, true)).max().unwrap()
            }
            StatementKind::AllShardWrite => groups(false).map(|it| self.write(it)).max().unwrap(),
            StatementKind::ReferenceRead => {
                groups(true).map(|it| self.read(it, false)).max().unwrap()
            }
            StatementKind::ReferenceWrite => groups(true).map(|it| self.write(it)).max().unwrap(),
            StatementKind::Definition | StatementKind::Rebalance => {
                let names = self.view.nodes.iter().map(|node| node.name.as_str());
                all_at_once(&self.sorted(names.collect()))
            }
        }
    }
}

type Scene = (View, BTreeMap<String, Fault>);

/// Up to four workers, their addresses in any order, groups on any of them, some disabled, some failed already, some to fail.
fn scenes() -> impl Strategy<Value = Scene> {
    let node = (any::<bool>(), 0..6_u8, 0..5_u8);
    let nodes = proptest::collection::vec(node, 4);
    let holders =
        proptest::collection::vec(proptest::sample::subsequence(vec![1, 2, 3, 4], 0..4), 5);
    let addresses = Just(vec![
        ("10.0.0.9", 5432),
        ("10.0.0.10", 5432),
        ("10.0.0.10", 999),
        ("10.0.0.10", 10_000),
    ])
    .prop_shuffle();
    (nodes, holders, addresses, 0..3_u8, 0..12_u8).prop_map(
        |(nodes, holders, addresses, copies, coordinator)| {
            let mut view = sample::distributed(4, 5);
            let mut faults = BTreeMap::new();
            match coordinator {
                0 => faults.insert("coordinator".to_owned(), Fault::Dead),
                1 => faults.insert("coordinator".to_owned(), Fault::Frozen),
                _ => None,
            };
            for (index, (active, state, fault)) in nodes.into_iter().enumerate() {
                let node = &mut view.nodes[index + 1];
                (node.host, node.port) = (addresses[index].0.into(), addresses[index].1);
                if let Some(member) = &mut node.membership {
                    member.is_active = active || state > 1;
                }
                node.reachability = match state {
                    0 => Reachability::Down,
                    1 => Reachability::Frozen,
                    _ => Reachability::Up,
                };
                match fault {
                    0 => faults.insert(node.name.clone(), Fault::Dead),
                    1 => faults.insert(node.name.clone(), Fault::Frozen),
                    _ => None,
                };
            }
            let mut holders = holders.into_iter();
            for group in &mut view.groups {
                let holders = match (group.key.kind, copies) {
                    // The coordinator has a copy, or has none.
                    (GroupKind::Reference, 0) => vec![1, 2, 3, 4],
                    (GroupKind::Reference, _) => vec![0, 1, 2, 3, 4],
                    (_, 1) => holders.next().unwrap().into_iter().take(1).collect(),
                    _ => holders.next().unwrap(),
                };
                for shard in &mut group.shards {
                    shard.placements = holders.iter().map(|id| copy(*id, true)).collect();
                }
            }
            (view, faults)
        },
    )
}

/// The coordinator answers always here: without it there is nothing to count.
fn serving(view: &View, faults: &BTreeMap<String, Fault>) -> Vec<String> {
    let serves = |name: &&str| ask(view, faults, name) == Some(Answer::Served);
    let names = ["worker1", "worker2", "worker3", "worker4"];
    names
        .iter()
        .copied()
        .filter(serves)
        .map(str::to_owned)
        .collect()
}

proptest! {
    #[test]
    fn outcomes_are_those_of_asking_node_after_node((view, faults) in scenes()) {
        let machine = Machine { view: &view, faults: &faults };
        for prediction in predictions(&view, &faults) {
            prop_assert_eq!(prediction.outcome, machine.outcome(prediction.subject), "{:?}", prediction);
            // What does not work as ever has a reason, and it names somebody.
            let reason = prediction.reason.map(|reason| reason.to_string());
            prop_assert!(prediction.outcome == Outcome::Works || reason.is_some());
        }
    }

    #[test]
    fn what_is_summed_up_is_what_is_predicted((view, faults) in scenes()) {
        let said = survival(&view, &faults);
        let all = predictions(&view, &faults);
        if said.everything != Outcome::Works {
            prop_assert!(all.iter().all(|it| it.outcome == said.everything));
            return Ok(());
        }
        let of = |subject: Subject| -> Outcome {
            all.iter().find(|it| it.subject == subject).unwrap().outcome
        };
        for reach in &said.reaches {
            let (mut reads, mut writes) = (StatementKind::ReferenceRead, StatementKind::ReferenceWrite);
            if matches!(reach.kind, GroupKind::Hash { .. }) {
                (reads, writes) = (StatementKind::AllShardRead, StatementKind::AllShardWrite);
                for (key, read, write) in &reach.groups {
                    prop_assert_eq!(*read, of(Subject::of_group(StatementKind::TenantRead, *key)));
                    prop_assert_eq!(*write, of(Subject::of_group(StatementKind::TenantWrite, *key)));
                }
            }
            prop_assert_eq!(reach.reads, of(Subject::whole(reads)));
            prop_assert_eq!(reach.writes, of(Subject::whole(writes)));
        }
        prop_assert_eq!(said.definitions, of(Subject::whole(StatementKind::Definition)));
        prop_assert_eq!(said.rebalancing, of(Subject::whole(StatementKind::Rebalance)));
    }

    #[test]
    fn no_fault_makes_anything_better((mut view, faults) in scenes()) {
        // A node that hangs may be refused at once instead: neither is better than the other.
        for node in &mut view.nodes {
            node.reachability = Reachability::Up;
        }
        let before = predictions(&view, &BTreeMap::new());
        let after = predictions(&view, &faults);
        for (old, new) in before.iter().zip(&after) {
            prop_assert_eq!(old.subject, new.subject);
            prop_assert!(old.outcome.succeeds() || !new.outcome.succeeds());
            prop_assert!(old.outcome != Outcome::Late || new.outcome != Outcome::Works);
        }
    }

    #[test]
    fn failures_are_counted_as_by_trying_each((view, _) in scenes()) {
        let none = BTreeMap::new();
        let workers = serving(&view, &none);
        let coordinated = view.nodes.iter()
            .all(|node| node.role != NodeRole::Coordinator || node.reachability.answers());
        for failing in 0..=workers.len() + 1 {
            let mut fatal = Vec::new();
            let mut total = 0;
            for chosen in 0..1_u32 << workers.len() {
                if chosen.count_ones() as usize != failing {
                    continue;
                }
                total += 1;
                let nodes: Vec<String> = workers.iter().enumerate()
                    .filter(|(index, _)| chosen & 1 << index != 0).map(|(_, name)| name.clone()).collect();
                let faults = nodes.iter().map(|name| (name.clone(), Fault::Dead)).collect();
                let machine = Machine { view: &view, faults: &faults };
                let dark: Vec<GroupKey> = view.groups.iter()
                    .filter(|group| !coordinated || !machine.read(group, false).succeeds()).map(|group| group.key).collect();
                if !coordinated || !dark.is_empty() {
                    fatal.push(FatalFailure { nodes, dark });
                }
            }
            let mut said = subsets(&view, failing, 1000);
            said.fatal.sort_by(|a, b| a.nodes.cmp(&b.nodes));
            fatal.sort_by(|a, b| a.nodes.cmp(&b.nodes));
            prop_assert_eq!(said.total, Some(total));
            prop_assert_eq!(said.fatal_count(), Some(fatal.len() as u128));
            // A shard that is frozen everywhere cannot be read either; it is dark with and without the failure.
            prop_assert_eq!(said.fatal, fatal);
        }
    }
}
