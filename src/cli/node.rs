//! `node`, `seed` and `logs`: what can be done to a kept cluster beside SQL.

use anyhow::{Context, Result};
use clap::{ValueEnum, builder::PossibleValue};

use super::{
    arguments::{LogsArguments, NodeAct, NodeArguments, SeedArguments},
    failure::{Ending, UsageError},
    kept,
    output::{Output, remark},
};
use crate::{
    lesson::{ActionKind, NodeReference},
    player::PlayError,
    postgres::PostgresError,
    runtime::{Act, Runtime},
};

/// Does one act to one node.
pub(super) async fn node(arguments: &NodeArguments, output: &Output) -> Result<Ending> {
    let mut stage = kept::stage(&arguments.name)?;
    let reference = NodeReference::parse(&arguments.node).ok_or_else(|| {
        UsageError(format!(
            "`{}` names no node: use a name such as worker1, or @tenant(42)",
            arguments.node
        ))
    })?;
    // Resolved before the act: afterwards the node that holds the tenant may be unable to say so.
    let name = stage.resolve(&reference).await?;
    let (action, act) = action(arguments.act, NodeReference::Named(name.clone()));
    // Asked for before the act, since it names the processes of now.
    let by_hand = stage.runtime().shell_command(act, &name);
    stage.act(&action).await?;
    let verb = arguments.act.to_possible_value();
    let verb = verb.as_ref().map_or(action.verb(), PossibleValue::get_name);
    output.line(format_args!("{name}: {verb} done"));
    if let Ok(command) = by_hand {
        remark(format_args!("the same by hand: {command}"));
    }
    Ok(Ending::Well)
}

fn action(act: NodeAct, node: NodeReference) -> (ActionKind, Act) {
    match act {
        NodeAct::Add | NodeAct::Start => (ActionKind::Add(node), Act::Start),
        NodeAct::Stop => (ActionKind::Stop(node), Act::Stop),
        NodeAct::Kill => (ActionKind::Kill(node), Act::Kill),
        NodeAct::Freeze => (ActionKind::Freeze(node), Act::Freeze),
        NodeAct::Thaw => (ActionKind::Thaw(node), Act::Thaw),
        NodeAct::Restart => (ActionKind::Restart(node), Act::Restart),
        NodeAct::Destroy => (ActionKind::Destroy(node), Act::Destroy),
    }
}

/// Loads a tour's rows.
pub(super) async fn seed(arguments: &SeedArguments) -> Result<Ending> {
    let mut stage = kept::stage(&arguments.name)?;
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
    let cluster = kept::attach(&arguments.name)?;
    for line in cluster.log_tail(&arguments.node, arguments.lines).await? {
        output.line(line);
    }
    Ok(Ending::Well)
}
