//! What an experiment has broken, and how that is put back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cluster::{Reachability, View},
    runtime::{Act, ProcessState},
};

/// What each node became by what was done to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Damage {
    did: BTreeMap<String, Act>,
    /// What failed may have come half the way, or all of it too late: the runtime knows what is to be put back.
    attempted: BTreeMap<String, Act>,
    /// Nodes that came up again by somebody else's hand.
    mended: BTreeSet<String>,
}

impl Damage {
    /// Takes in what was done.
    pub(super) fn did(&mut self, act: Act, node: &str) {
        self.did.insert(node.to_owned(), act);
        self.mended.remove(node);
        self.attempted.remove(node);
    }

    /// Takes in what failed. What is predicted does not change by it.
    pub(super) fn attempted(&mut self, act: Act, node: &str) {
        self.attempted.insert(node.to_owned(), act);
    }

    /// A node was seen to come up again.
    pub(super) fn seen_up(&mut self, node: &str) {
        if self.did.contains_key(node) {
            self.mended.insert(node.to_owned());
        }
    }

    /// What puts everything back that was broken, in one go. Who came up meanwhile, or never went down, is among it: the
    /// runtime knows.
    pub(super) fn repairs(&self) -> Vec<(Act, String)> {
        let done = self.did.iter().filter_map(|(node, act)| {
            let repair = match act {
                Act::Kill | Act::Stop => Act::Start,
                Act::Freeze => Act::Thaw,
                Act::Partition => Act::Heal,
                Act::Start | Act::Restart | Act::Thaw | Act::Heal | Act::Destroy => return None,
            };
            Some((node.clone(), repair))
        });
        let mut repairs: BTreeMap<String, Act> = done.collect();
        for (node, act) in &self.attempted {
            let repair = match act {
                // One that could not be brought back is what it was before; a restart may have ended it and not begun it.
                Act::Start | Act::Thaw | Act::Heal => continue,
                Act::Kill | Act::Stop | Act::Restart => Act::Start,
                Act::Freeze => Act::Thaw,
                Act::Partition => Act::Heal,
                Act::Destroy => {
                    repairs.remove(node);
                    continue;
                }
            };
            repairs.entry(node.clone()).or_insert(repair);
        }
        repairs
            .into_iter()
            .map(|(node, repair)| (repair, node))
            .collect()
    }

    /// The cluster as it is by all that was done, whatever was last seen of it.
    pub(super) fn applied_to(&self, view: &View) -> View {
        let mut view = view.clone();
        for node in &mut view.nodes {
            let did = self.did.get(&node.name);
            if let Some(act) = did.filter(|_| !self.mended.contains(&node.name)) {
                node.reachability = match act {
                    Act::Start | Act::Restart | Act::Thaw | Act::Heal => Reachability::Up,
                    Act::Freeze => Reachability::Frozen,
                    Act::Partition => Reachability::CutOff,
                    Act::Stop => Reachability::Stopped,
                    Act::Kill | Act::Destroy => Reachability::Down,
                };
            }
        }
        view
    }
}

/// What puts a node back that is in this state; as it was meant to be where the state is unknown.
pub(super) fn needed(repair: Act, state: Option<ProcessState>) -> Option<Act> {
    match state {
        None => Some(repair),
        Some(ProcessState::Up | ProcessState::Starting) => None,
        Some(ProcessState::Frozen) => Some(Act::Thaw),
        Some(ProcessState::Partitioned) => Some(Act::Heal),
        Some(
            ProcessState::Absent
            | ProcessState::Stopped
            | ProcessState::Killed
            | ProcessState::Crashed,
        ) => Some(Act::Start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::sample;

    #[test]
    fn what_is_broken_is_put_back_and_nothing_else() {
        let mut damage = Damage::default();
        damage.did(Act::Kill, "worker1");
        damage.did(Act::Freeze, "worker2");
        damage.did(Act::Destroy, "worker3");
        damage.did(Act::Stop, "worker4");
        damage.did(Act::Restart, "worker4");
        assert_eq!(
            damage.repairs(),
            [
                (Act::Start, "worker1".to_owned()),
                (Act::Thaw, "worker2".to_owned())
            ]
        );
        damage.did(Act::Kill, "worker2");
        assert_eq!(damage.repairs()[1], (Act::Start, "worker2".to_owned()));
    }

    #[test]
    fn what_failed_is_put_back_too() {
        let mut damage = Damage::default();
        let view = sample::journey();
        damage.attempted(Act::Stop, "worker1");
        damage.did(Act::Freeze, "worker2");
        damage.attempted(Act::Thaw, "worker2");
        damage.attempted(Act::Restart, "worker3");
        let repairs = damage.repairs();
        assert_eq!(
            repairs,
            [
                (Act::Start, "worker1".to_owned()),
                (Act::Thaw, "worker2".to_owned()),
                (Act::Start, "worker3".to_owned())
            ]
        );
        let worker1 = |view: &View| view.node("worker1").unwrap().reachability;
        assert_eq!(worker1(&damage.applied_to(&view)), worker1(&view));
        damage.did(Act::Start, "worker1");
        assert_eq!(damage.repairs()[..], repairs[1..]);
    }

    #[test]
    fn the_state_of_a_node_decides_what_it_needs() {
        let needed = |repair, state| needed(repair, Some(state));
        assert_eq!(needed(Act::Start, ProcessState::Up), None);
        assert_eq!(needed(Act::Start, ProcessState::Frozen), Some(Act::Thaw));
        assert_eq!(needed(Act::Thaw, ProcessState::Killed), Some(Act::Start));
        assert_eq!(super::needed(Act::Thaw, None), Some(Act::Thaw));
    }

    #[test]
    fn what_was_done_counts_more_than_what_was_last_seen() {
        let mut view = sample::journey();
        let mut damage = Damage::default();
        damage.did(Act::Freeze, "worker1");
        let frozen = damage.applied_to(&view);
        assert_eq!(
            frozen.node("worker1").unwrap().reachability,
            Reachability::Frozen
        );
        assert_eq!(
            frozen.node("worker2").unwrap().reachability,
            Reachability::Up
        );
        damage.seen_up("worker1");
        assert_eq!(damage.applied_to(&view), view);
        view.nodes[1].reachability = Reachability::Frozen;
        damage.did(Act::Thaw, "worker1");
        assert_eq!(damage.applied_to(&view), sample::journey());
    }
}
