//! The commands of the engine's own client that would do the same, for people.

use super::container::Naming;
use crate::runtime::{Act, ProcessState};

/// `None` where no single command does it.
pub(super) fn command(
    client: &str,
    naming: &Naming,
    act: Act,
    node: &str,
    state: ProcessState,
) -> Option<String> {
    let container = naming.container(node);
    let network = naming.network();
    Some(match act {
        Act::Start if state == ProcessState::Absent => return None,
        Act::Start => format!("{client} start {container}"),
        Act::Stop => format!("{client} stop {container}"),
        Act::Kill => format!("{client} kill {container}"),
        Act::Freeze => format!("{client} pause {container}"),
        Act::Thaw => format!("{client} unpause {container}"),
        Act::Restart => format!("{client} restart {container}"),
        Act::Destroy => format!("{client} rm --force --volumes {container}"),
        Act::Partition => format!("{client} network disconnect {network} {container}"),
        Act::Heal => format!("{client} network connect --alias {node} {network} {container}"),
    })
}
