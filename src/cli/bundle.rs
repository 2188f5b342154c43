//! `bundle`: this program and the image of containers in one file.

use std::env;

use anyhow::{Context, Result};

use super::{
    arguments::{BundleArguments, ClusterArguments, FIRST_TOUR},
    failure::Ending,
    output::{Output, remark},
};
use crate::runtime::docker::{ContainerEngine, image_of, write_bundle};

/// Writes it.
pub(super) async fn bundle(
    cluster: &ClusterArguments,
    arguments: &BundleArguments,
    output: &Output,
) -> Result<Ending> {
    let engine = ContainerEngine::find().await?;
    let image = match &cluster.image {
        Some(image) => image.clone(),
        None => image_of(FIRST_TOUR)?,
    };
    let program = env::current_exe().context("this program could not find itself")?;
    remark(format_args!("saving the image {image}"));
    let length = write_bundle(&engine, &image, &program, &arguments.file, &|_| {}).await?;
    let file = arguments.file.display();
    output.line(format_args!(
        "{file} holds citus-tour and {image}, {} MB. On a machine with Docker or Podman and no network:",
        length / 1_000_000
    ));
    output.line(format_args!(
        "  tar -xf {file} citus-tour && ./citus-tour --bundle {file}"
    ));
    Ok(Ending::Well)
}
