//! `down`: ends kept clusters and removes what crashed runs left, here or on somebody's own cluster.

use std::path::Path;

use anyhow::{Context, Result};

use super::{
    arguments::{ClusterName, DownArguments},
    attach::reach,
    failure::{Ending, UsageError},
    kept,
    output::{Output, remark},
};
use crate::runtime::docker::{ContainerEngine, sweep};
use crate::runtime::{
    Directories, Runtime, RuntimeError, Standing, list, remove_kept, remove_leftovers,
};

/// Ends one cluster, or all.
pub(super) async fn down(arguments: &DownArguments, output: &Output) -> Result<Ending> {
    if let Some(url) = &arguments.url {
        return schemas(url, output).await;
    }
    if !arguments.all {
        end(&arguments.name, output).await?;
        return Ok(Ending::Well);
    }
    let directories = Directories::from_environment()?;
    for run in list(&directories)?
        .into_iter()
        .filter(|run| run.standing == Standing::Kept)
    {
        end(&ClusterName { cluster: run.name }, output).await?;
    }
    for leftover in remove_leftovers(&directories)? {
        output.line(format_args!(
            "removed what the run {} left behind",
            leftover.id
        ));
    }
    // Containers of ours of which no directory knows any more. No engine has none.
    if let Ok(engine) = ContainerEngine::find().await {
        for id in sweep(&engine, &directories).await? {
            output.line(format_args!(
                "removed the containers that the run {id} left behind"
            ));
        }
    }
    Ok(Ending::Well)
}

/// Removes what lessons left on somebody's own cluster.
async fn schemas(url: &str, output: &Output) -> Result<Ending> {
    let cluster = reach(url, true).await?;
    let mut ending = Ending::Well;
    for (leftover, dropped) in cluster.remove_leftovers().await? {
        let schema = leftover.schema;
        match dropped {
            Ok(()) => output.line(format_args!(
                "dropped the schema {schema}, which lessons left behind"
            )),
            Err(error) => {
                remark(format_args!(
                    "the schema {schema} could not be dropped: {error}"
                ));
                ending = Ending::Failed;
            }
        }
    }
    let of_others = cluster.leftovers().iter().filter(|it| !it.is_ours);
    for leftover in of_others {
        output.line(format_args!(
            "the schema {} was left by {}: that role, or a superuser, can drop it",
            leftover.schema, leftover.owner
        ));
    }
    if cluster.leftovers().is_empty() {
        output.line(format_args!(
            "lessons have left nothing behind on {}",
            cluster.id()
        ));
    }
    Ok(ending)
}

async fn end(name: &ClusterName, output: &Output) -> Result<()> {
    let ended = match kept::attach(name).await {
        Ok(cluster) => {
            let name = cluster.kept_as().ok_or_else(belongs_to_a_tour)?;
            cluster.end().await?;
            name
        }
        Err(error) => match error.downcast_ref() {
            Some(RuntimeError::BadDescription { path, .. }) => remove_unreadable(path)?,
            _ => return Err(error),
        },
    };
    output.line(format_args!(
        "the cluster `{ended}` is ended and its data removed"
    ));
    Ok(())
}

fn belongs_to_a_tour() -> UsageError {
    UsageError(
        "no cluster is kept. The one that runs belongs to a tour in another terminal and ends with it"
            .to_owned(),
    )
}

/// Another version's cluster cannot be taken over, but it can be ended.
fn remove_unreadable(description: &Path) -> Result<String> {
    let runs = list(&Directories::from_environment()?)?;
    let run = runs
        .iter()
        .find(|run| description.starts_with(&run.directory))
        .context("it has gone meanwhile")?;
    remove_kept(run)?;
    Ok(run.name.clone().unwrap_or_default())
}
