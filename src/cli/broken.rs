//! What an experiment that is left in the middle leaves broken, and the commands that mend it.

use std::collections::BTreeMap;

use crate::{player::experiment::ExperimentEvent, runtime::Act};

/// The nodes that an experiment has harmed and not put back yet.
#[derive(Debug, Default)]
pub(super) struct Broken(BTreeMap<String, Act>);

impl Broken {
    /// Takes in what happens.
    pub(super) fn hear(&mut self, event: &ExperimentEvent) {
        match event {
            // What is begun may be done, whether or not anybody hears the end of it.
            ExperimentEvent::Acting { acts, .. } => {
                for (act, node) in acts.iter().filter(|(act, _)| harms(*act)) {
                    self.0.insert(node.clone(), *act);
                }
            }
            ExperimentEvent::Acted {
                act,
                node,
                result: Ok(()),
                ..
            } if mends(*act) => {
                self.0.remove(node);
            }
            _ => {}
        }
    }

    /// For people: which nodes may be left, and what mends them; nothing where none is.
    pub(super) fn remedies(&self, cluster: Option<&str>) -> Option<String> {
        let of = |wanted: fn(Act) -> bool| -> Vec<&str> {
            let alike = self.0.iter().filter(|(_, act)| wanted(**act));
            alike.map(|(node, _)| node.as_str()).collect()
        };
        let frozen = of(|act| act == Act::Freeze);
        let down = of(|act| matches!(act, Act::Kill | Act::Stop | Act::Restart));
        let destroyed = of(|act| act == Act::Destroy);
        let named = cluster.map_or(String::new(), |name| format!(" --cluster {name}"));
        let mut lines = Vec::new();
        if !frozen.is_empty() {
            lines.push(format!("{} may be left frozen:", frozen.join(", ")));
            let nodes = frozen.join(" ");
            lines.push(format!("  citus-tour node{named} thaw {nodes}"));
        }
        if !down.is_empty() {
            lines.push(format!("{} may be left down:", down.join(", ")));
            let nodes = down.join(" ");
            lines.push(format!("  citus-tour node{named} restart {nodes}"));
        }
        if !destroyed.is_empty() {
            lines.push(format!(
                "destroyed, with its data, for good: {}",
                destroyed.join(", ")
            ));
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Whether a node is worse off in the middle of an act: a restart stops it before it starts it.
fn harms(act: Act) -> bool {
    !matches!(act, Act::Start | Act::Thaw)
}

fn mends(act: Act) -> bool {
    matches!(act, Act::Start | Act::Thaw | Act::Restart)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn acting(acts: &[(Act, &str)]) -> ExperimentEvent {
        let at = Instant::now();
        let acts = acts.iter().map(|(act, node)| (*act, (*node).to_owned()));
        let acts = acts.collect();
        ExperimentEvent::Acting { at, acts }
    }

    fn acted(act: Act, node: &str, result: Result<(), String>) -> ExperimentEvent {
        let (at, node) = (Instant::now(), node.to_owned());
        ExperimentEvent::Acted {
            at,
            act,
            node,
            result,
        }
    }

    #[test]
    fn what_may_be_left_is_told_with_what_mends_it() {
        let mut broken = Broken::default();
        assert_eq!(broken.remedies(None), None);
        broken.hear(&acting(&[(Act::Freeze, "worker1"), (Act::Kill, "worker2")]));
        broken.hear(&acting(&[(Act::Stop, "worker3")]));
        broken.hear(&acted(Act::Thaw, "worker1", Err("no".to_owned())));
        assert_eq!(
            broken.remedies(None).unwrap(),
            "worker1 may be left frozen:\n  citus-tour node thaw worker1\n\
             worker2, worker3 may be left down:\n  citus-tour node restart worker2 worker3"
        );
        broken.hear(&acted(Act::Restart, "worker2", Ok(())));
        broken.hear(&acted(Act::Start, "worker3", Ok(())));
        assert_eq!(
            broken.remedies(Some("two")).unwrap(),
            "worker1 may be left frozen:\n  citus-tour node --cluster two thaw worker1"
        );
        broken.hear(&acted(Act::Thaw, "worker1", Ok(())));
        assert_eq!(broken.remedies(None), None);
        // Half a restart is a stop.
        broken.hear(&acting(&[(Act::Restart, "worker1")]));
        assert!(broken.remedies(None).unwrap().contains("left down"));
        broken.hear(&acted(Act::Restart, "worker1", Ok(())));
        assert_eq!(broken.remedies(None), None);
    }
}
