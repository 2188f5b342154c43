//! `console action=…`: what is done to servers.

use std::time::Duration;

use super::{OF_ACTIONS, Reader};
use crate::lesson::{
    Action, ActionKind, Experiment, FaultPlan, Load, NodeAct, NodeReference,
    duration::parse_duration,
};

/// How long an experiment or a load may take: nobody watches longer.
const LONGEST: Duration = Duration::from_secs(300);

impl Reader<'_, '_> {
    pub(super) fn action(&mut self) -> Option<Action> {
        let verb = self
            .attributes
            .value("action")
            .filter(|verb| !verb.is_empty())?;
        let (kind, taken): (Option<ActionKind>, &[&str]) = match verb {
            "seed" => (self.needed("tour", verb).map(ActionKind::Seed), &["tour"]),
            "experiment" => (self.experiment(verb), &["plan", "for", "load"]),
            "load" => (
                self.load(verb),
                &["tour", "for", "mix", "rate", "clients", "closed"],
            ),
            _ => {
                let Some(act) = NodeAct::parse(verb) else {
                    self.problems.add(
                        self.line,
                        format!("there is no action `{verb}`"),
                        "the actions are stop, kill, freeze, thaw, restart, destroy, partition, heal, add, seed, experiment and load",
                    );
                    return None;
                };
                let nodes = self.nodes(verb).map(|nodes| ActionKind::Nodes(act, nodes));
                (nodes, &["node"])
            }
        };
        self.unneeded(taken, verb);
        let kind = kind?;
        let command = kind.command();
        let body = self.body.trim();
        if body.strip_prefix("$ ") != Some(command.as_str()) {
            self.problems.add(
                self.line + 1,
                format!("the body of this action says `{body}`, which is not what it does"),
                format!("write `$ {command}`"),
            );
        }
        Some(Action {
            kind,
            shown: command,
            line: self.line,
        })
    }

    fn nodes(&mut self, verb: &str) -> Option<Vec<NodeReference>> {
        let text = self.needed("node", verb)?;
        let Some(nodes) = NodeReference::parse_list(&text) else {
            self.problems.add(
                self.line,
                format!("`node={text}` names no node"),
                "write a node's name, `@tenant(42)` or `@tenant(orders,42)`, several with commas between",
            );
            return None;
        };
        let twice = nodes
            .iter()
            .enumerate()
            .find(|(index, node)| nodes[..*index].contains(node));
        if let Some((_, node)) = twice {
            self.problems.add(
                self.line,
                format!("`node={text}` names {node} twice"),
                "name each node once",
            );
        }
        Some(nodes)
    }

    fn experiment(&mut self, verb: &str) -> Option<ActionKind> {
        let written = self.needed("plan", verb);
        let lasts = self.lasts(verb);
        let plan = written?
            .parse::<FaultPlan>()
            .map_err(|error| {
                self.problems.add(
                    self.line,
                    format!(
                        "the plan cannot be read: {} (character {} of it)",
                        error.message, error.column
                    ),
                    error.remedy,
                );
            })
            .ok()?;
        let lasts = lasts?;
        if plan.length() >= lasts {
            self.problems.add(
                self.line,
                format!(
                    "`{}` comes when the experiment is over",
                    plan.steps()
                        .last()
                        .map_or_else(String::new, ToString::to_string)
                ),
                "write a longer `for=`, so that what the last act does is seen too",
            );
        }
        Some(ActionKind::Experiment(Experiment {
            plan,
            lasts,
            load: self.word("load"),
        }))
    }

    fn load(&mut self, verb: &str) -> Option<ActionKind> {
        let tour = self.needed("tour", verb);
        let lasts = self.lasts(verb);
        let (rate, clients) = (self.count("rate"), self.count("clients"));
        if self.attributes.value("closed").is_some() {
            self.problems
                .add(self.line, "`closed` takes no value", "write only `closed`");
        }
        Some(ActionKind::Load(Load {
            tour: tour?,
            lasts: lasts?,
            mix: self.word("mix"),
            rate,
            clients,
            closed: self.attributes.has("closed"),
        }))
    }

    fn word(&self, key: &str) -> Option<String> {
        let value = self.attributes.value(key).filter(|text| !text.is_empty());
        value.map(str::to_owned)
    }

    fn count(&mut self, key: &str) -> Option<u32> {
        let text = self.word(key)?;
        let count = text.parse().ok().filter(|count| *count > 0);
        if count.is_none() {
            self.problems.add(
                self.line,
                format!("`{key}={text}` is no number"),
                format!("write a whole number from 1 on: `{key}=8`"),
            );
        }
        count
    }

    fn lasts(&mut self, verb: &str) -> Option<Duration> {
        let text = self.needed("for", verb)?;
        let time = parse_duration(&text).filter(|time| *time > Duration::ZERO && *time <= LONGEST);
        if time.is_none() {
            self.problems.add(
                self.line,
                format!("`for={text}` is no time that somebody watches"),
                "write such as 500ms, 12s or 2m, at most 5m",
            );
        }
        time
    }

    fn needed(&mut self, key: &str, verb: &str) -> Option<String> {
        if !self.attributes.has(key) {
            self.problems.add(
                self.line,
                format!("`action={verb}` needs `{key}=`"),
                format!("add {key}=…"),
            );
        }
        self.word(key)
    }

    fn unneeded(&mut self, taken: &[&str], verb: &str) {
        for (key, _) in &self.attributes.pairs {
            let known = OF_ACTIONS.contains(&key.as_str());
            if known && !taken.contains(&key.as_str()) {
                self.problems.add(
                    self.line,
                    format!("`action={verb}` takes no `{key}=`"),
                    "take it away",
                );
            }
        }
    }
}
