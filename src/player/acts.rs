//! What an act is called on the axis of time. Pure.

use crate::{runtime::Act, workload::MarkKind};

/// What an act is on the axis of time. Whoever starts a node has it back that was broken or stopped; none is added by that.
#[must_use]
pub fn mark_kind(act: Act) -> MarkKind {
    match act {
        Act::Start | Act::Restart => MarkKind::Restart,
        Act::Stop => MarkKind::Stop,
        Act::Kill => MarkKind::Kill,
        Act::Freeze => MarkKind::Freeze,
        Act::Thaw => MarkKind::Thaw,
        Act::Destroy => MarkKind::Destroy,
        Act::Partition => MarkKind::Partition,
        Act::Heal => MarkKind::Heal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_started_is_back_and_not_added() {
        assert_eq!(mark_kind(Act::Start), MarkKind::Restart);
        assert!(!mark_kind(Act::Start).breaks());
        assert!(mark_kind(Act::Kill).breaks());
    }
}
