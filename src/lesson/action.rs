//! What a lesson may do to servers: a closed list, and the command that a person would type for the same.

use std::{fmt, time::Duration};

use super::{FaultPlan, duration::Short};

/// A `console action` fence.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// From the closed list.
    pub kind: ActionKind,
    /// The shell command that a person would type: shown, never executed.
    pub shown: String,
    /// One-based.
    pub line: usize,
}

/// The closed list of what a lesson may do beyond SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// One act to one node or to several at once (`action=kill node=worker1,worker2`).
    Nodes(NodeAct, Vec<NodeReference>),
    /// Fills the tour's tables by COPY (`action=seed tour=journey`).
    Seed(String),
    /// Carries out a fault plan under probes, and holds what was predicted against what happened.
    Experiment(Experiment),
    /// Puts load on the cluster and reports.
    Load(Load),
}

/// What can be done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeAct {
    /// Ends a node in an orderly way.
    Stop,
    /// SIGKILL to the whole server.
    Kill,
    /// SIGSTOP to the whole server.
    Freeze,
    /// SIGCONT to the whole server.
    Thaw,
    /// Starts a node that is down; stops and starts one that is up.
    Restart,
    /// Ends a node and removes its data.
    Destroy,
    /// Takes a node out of the network (containers only).
    Partition,
    /// Puts a node back into the network.
    Heal,
    /// Starts a node of the topology that is under a profile (`action=add node=worker3`).
    Add,
}

/// `console action=experiment plan="kill worker3 at 2s, back at 8s" for=12s`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// What is done, and when.
    pub plan: FaultPlan,
    /// How long it is watched.
    pub lasts: Duration,
    /// The tour whose load runs meanwhile.
    pub load: Option<String>,
}

/// `console action=load tour=active-active for=5s mix=writes rate=200 clients=8 closed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Whose workload.
    pub tour: String,
    /// How long.
    pub lasts: Duration,
    /// Which statements, and in what proportion; `None`: the workload's own.
    pub mix: Option<String>,
    /// Statements a second; `None`: the workload's own.
    pub rate: Option<u32>,
    /// How many sessions; `None`: the workload's own.
    pub clients: Option<u32>,
    /// Each client waits for its answer before it asks again.
    pub closed: bool,
}

/// Which node an action or a run means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeReference {
    /// By name.
    Named(String),
    /// `@tenant(42)`: the node that holds this tenant (of the table that the lesson distributes first, or `@tenant(orders,42)`).
    Tenant {
        /// The distributed table; `None`: any table of the first colocation group.
        table: Option<String>,
        /// The tenant's value.
        value: String,
    },
}

impl ActionKind {
    /// The word that stands in `action=`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Nodes(act, _) => act.verb(),
            Self::Seed(_) => "seed",
            Self::Experiment(_) => "experiment",
            Self::Load(_) => "load",
        }
    }

    /// The nodes that it is done to.
    #[must_use]
    pub fn nodes(&self) -> &[NodeReference] {
        match self {
            Self::Nodes(_, nodes) => nodes,
            Self::Seed(_) | Self::Experiment(_) | Self::Load(_) => &[],
        }
    }

    /// The command that does the same on a kept cluster, on every runtime: `citus-tour node kill worker2`.
    #[must_use]
    pub fn command(&self) -> String {
        match self {
            Self::Nodes(act, nodes) => {
                let mut command = format!("citus-tour node {act}");
                for node in nodes {
                    command.push(' ');
                    command.push_str(&shell_word(&node.to_string()));
                }
                command
            }
            Self::Seed(tour) => format!("citus-tour seed {tour}"),
            Self::Experiment(experiment) => experiment.to_string(),
            Self::Load(load) => load.to_string(),
        }
    }
}

impl NodeAct {
    /// The word that stands in `action=` and in plans.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Restart => "restart",
            Self::Destroy => "destroy",
            Self::Partition => "partition",
            Self::Heal => "heal",
            Self::Add => "add",
        }
    }

    /// The act of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Stop,
            Self::Kill,
            Self::Freeze,
            Self::Thaw,
            Self::Restart,
            Self::Destroy,
            Self::Partition,
            Self::Heal,
            Self::Add,
        ];
        all.into_iter().find(|act| act.verb() == word)
    }

    /// Whether it takes something away from those who use the cluster.
    #[must_use]
    pub fn harms(self) -> bool {
        matches!(
            self,
            Self::Stop | Self::Kill | Self::Freeze | Self::Destroy | Self::Partition
        )
    }
}

impl fmt::Display for NodeAct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.verb())
    }
}

/// The command that does the same.
impl fmt::Display for Experiment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan.to_string();
        let lasts = Short(self.lasts);
        // A plan has spaces, so that it is always quoted; a value of a tenant may hold what double quotes do not keep from a shell.
        if plan.contains(['"', '$', '`', '\\', '!', '\'']) {
            write!(
                formatter,
                "citus-tour experiment {} --for {lasts}",
                shell_word(&plan)
            )?;
        } else {
            write!(formatter, "citus-tour experiment \"{plan}\" --for {lasts}")?;
        }
        match &self.load {
            Some(tour) => write!(formatter, " --with-load {tour}"),
            None => Ok(()),
        }
    }
}

/// The command that does the same.
impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "citus-tour load {} --for {}",
            self.tour,
            Short(self.lasts)
        )?;
        if let Some(mix) = &self.mix {
            write!(formatter, " --mix {}", shell_word(mix))?;
        }
        if let Some(rate) = self.rate {
            write!(formatter, " --rate {rate}")?;
        }
        if let Some(clients) = self.clients {
            write!(formatter, " --clients {clients}")?;
        }
        formatter.write_str(if self.closed { " --closed" } else { "" })
    }
}

/// A word that a shell leaves as it is: it would take the parentheses of `@tenant(42)` for its own.
fn shell_word(word: &str) -> String {
    let harmless = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '-' | '_' | '.' | '/' | '=' | ':' | ',')
    };
    if !word.is_empty() && word.chars().all(harmless) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl fmt::Display for NodeReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => formatter.write_str(name),
            Self::Tenant {
                table: Some(table),
                value,
            } => {
                write!(formatter, "@tenant({table},{value})")
            }
            Self::Tenant { table: None, value } => write!(formatter, "@tenant({value})"),
        }
    }
}

impl NodeReference {
    /// Reads `worker2`, `@tenant(42)` or `@tenant(orders,42)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some(tenant) = text.strip_prefix('@') else {
            return super::is_name(text).then(|| Self::Named(text.to_owned()));
        };
        let inside = tenant.strip_prefix("tenant(")?.strip_suffix(')')?;
        let (table, value) = match inside.split_once(',') {
            Some((table, value)) => (Some(table.trim().to_owned()), value.trim().to_owned()),
            None => (None, inside.trim().to_owned()),
        };
        let complete = !value.is_empty() && table.as_ref().is_none_or(|table| !table.is_empty());
        complete.then_some(Self::Tenant { table, value })
    }

    /// Reads several of them with commas between: `worker1,@tenant(orders,42)`.
    #[must_use]
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        let (mut references, mut depth, mut start) = (Vec::new(), 0_usize, 0);
        for (at, character) in text.char_indices() {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    references.push(Self::parse(text[start..at].trim())?);
                    start = at + 1;
                }
                _ => {}
            }
        }
        references.push(Self::parse(text[start..].trim())?);
        Some(references)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(kind: &ActionKind) -> String {
        kind.command()
    }

    #[test]
    fn commands_are_what_a_person_types() {
        let nodes = NodeReference::parse_list("worker1,@tenant(orders,42)").unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!(
            command(&ActionKind::Nodes(NodeAct::Kill, nodes)),
            "citus-tour node kill worker1 '@tenant(orders,42)'"
        );
        let mut experiment = Experiment {
            plan: "kill worker3 at 2 s, back at 8 s".parse().unwrap(),
            lasts: Duration::from_secs(12),
            load: None,
        };
        assert_eq!(
            experiment.to_string(),
            r#"citus-tour experiment "kill worker3 at 2s, back at 8s" --for 12s"#
        );
        experiment.load = Some("active-active".to_owned());
        experiment.plan = "kill @tenant($HOME) at 2s".parse().unwrap();
        assert_eq!(
            command(&ActionKind::Experiment(experiment)),
            "citus-tour experiment 'kill @tenant($HOME) at 2s' --for 12s --with-load active-active"
        );
        let load = Load {
            tour: "active-active".to_owned(),
            lasts: Duration::from_millis(2_500),
            mix: Some("writes".to_owned()),
            rate: Some(200),
            clients: Some(8),
            closed: true,
        };
        assert_eq!(
            command(&ActionKind::Load(load)),
            "citus-tour load active-active --for 2500ms --mix writes --rate 200 --clients 8 --closed"
        );
    }

    #[test]
    fn lists_of_nodes_are_whole_or_nothing() {
        for text in [
            "",
            "worker1,",
            ",worker1",
            "worker1,,worker2",
            "worker1 worker2",
            "@tenant(1",
        ] {
            assert_eq!(NodeReference::parse_list(text), None, "{text}");
        }
    }
}
