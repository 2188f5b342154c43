//! `node`, `seed` and `logs`: what can be done to a kept cluster beside SQL.

use anyhow::{Context, Result};
use clap::{ValueEnum, builder::PossibleValue};

use super::{
    arguments::{LogsArguments, NodeAct, NodeArguments, SeedArguments},
    failure::{Ending, UsageError},
    kept,
    output::{Output, remark},
};
use crate::{lesson::NodeReference, player::PlayError, postgres::PostgresError, runtime::Act};

/// Does one act to one node, or to several at once.
pub(super) async fn node(arguments: &NodeArguments, output: &Output) -> Result<Ending> {
    let mut stage = kept::stage(&arguments.name).await?;
    let references = arguments
        .nodes
        .iter()
        .map(|text| reference(text))
        .collect::<Result<Vec<_>, _>>()?;
    // Resolved before the act: afterwards the node that holds the tenant may be unable to say so.
    let names = stage.resolve_all(&references).await?;
    let act = runtime_act(arguments.act);
    // Asked for before the act, since it names the processes of now.
    let by_hand: Vec<_> = names
        .iter()
        .filter_map(|name| stage.runtime().shell_command(act, name).ok())
        .collect();
    stage.act(act, &names).await?;
    let verb = arguments.act.to_possible_value();
    let verb = verb.as_ref().map_or("act", PossibleValue::get_name);
    for name in &names {
        output.line(format_args!("{name}: {verb} done"));
    }
    for command in by_hand {
        remark(format_args!("the same by hand: {command}"));
    }
    Ok(Ending::Well)
}

fn reference(text: &str) -> Result<NodeReference, UsageError> {
    NodeReference::parse(text).ok_or_else(|| {
        UsageError(format!(
            "`{text}` names no node: use a name such as worker1, or @tenant(42)"
        ))
    })
}

fn runtime_act(act: NodeAct) -> Act {
    match act {
        NodeAct::Add | NodeAct::Start => Act::Start,
        NodeAct::Stop => Act::Stop,
        NodeAct::Kill => Act::Kill,
        NodeAct::Freeze => Act::Freeze,
        NodeAct::Thaw => Act::Thaw,
        NodeAct::Restart => Act::Restart,
        NodeAct::Destroy => Act::Destroy,
        NodeAct::Partition => Act::Partition,
        NodeAct::Heal => Act::Heal,
    }
}

/// Loads a tour's rows.
pub(super) async fn seed(arguments: &SeedArguments) -> Result<Ending> {
    let mut stage = kept::stage(&arguments.name).await?;
    let loaded = stage.seed(&arguments.tour).await;
    if let Err(PlayError::Postgres(PostgresError::Statement { .. })) = loaded {
        let tour = &arguments.tour;
        loaded.with_context(|| format!("the rows of `{tour}` need its tables, made as its first lesson makes them, and empty"))?;
    } else {
        loaded?;
    }
    remark(format_args!(
        "the rows of the tour `{}` are loaded",
        arguments.tour
    ));
    Ok(Ending::Well)
}

/// Shows the end of a node's log.
pub(super) async fn logs(arguments: &LogsArguments, output: &Output) -> Result<Ending> {
    let cluster = kept::attach(&arguments.name).await?;
    for line in cluster.log_tail(&arguments.node, arguments.lines).await? {
        output.line(line);
    }
    Ok(Ending::Well)
}
