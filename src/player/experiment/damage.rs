//! What an experiment has broken, and how that is put back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cluster::{Reachability, View},
    runtime::Act,
};

/// What each node became by what was done to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Damage {
    did: BTreeMap<String, Act>,
    /// Nodes that came up again by somebody else's hand.
    mended: BTreeSet<String>,
}

impl Damage {
    /// Takes in what was done.
    pub(super) fn did(&mut self, act: Act, node: &str) {
        self.did.insert(node.to_owned(), act);
        self.mended.remove(node);
    }

    /// A node was seen to come up again.
    pub(super) fn seen_up(&mut self, node: &str) {
        if self.did.contains_key(node) {
            self.mended.insert(node.to_owned());
        }
    }

    /// What puts everything back that was broken, in one go. Who came up meanwhile is among it: the runtime knows.
    pub(super) fn repairs(&self) -> Vec<(Act, String)> {
        let repair = |act: Act| match act {
            Act::Kill | Act::Stop => Some(Act::Start),
            Act::Freeze => Some(Act::Thaw),
            Act::Start | Act::Restart | Act::Thaw | Act::Destroy => None,
        };
        self.did
            .iter()
            .filter_map(|(node, act)| Some((repair(*act)?, node.clone())))
            .collect()
    }

    /// The cluster as it is by all that was done, whatever was last seen of it.
    pub(super) fn applied_to(&self, view: &View) -> View {
        let mut view = view.clone();
        for node in &mut view.nodes {
            let did = self.did.get(&node.name);
            if let Some(act) = did.filter(|_| !self.mended.contains(&node.name)) {
                node.reachability = match act {
                    Act::Start | Act::Restart | Act::Thaw => Reachability::Up,
                    Act::Freeze => Reachability::Frozen,
                    Act::Stop => Reachability::Stopped,
                    Act::Kill | Act::Destroy => Reachability::Down,
                };
            }
        }
        view
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
