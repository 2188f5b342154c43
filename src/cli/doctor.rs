//! `doctor`: what was found on this machine, what would be used and why, and what each other choice would need.

use anyhow::Result;
use serde_json::json;

use super::{
    arguments::{ClusterArguments, DoctorArguments, FIRST_TOUR},
    cluster::wish,
    failure::Ending,
    output::Output,
};
use crate::{
    engine::{
        Containers,
        doctor::{Diagnosis, examine},
    },
    runtime::{
        Directories, KnownRun, Standing,
        local::{Candidate, Installation},
    },
};

/// Prints the diagnosis. It fails when no tour could start.
pub(super) async fn doctor(
    cluster: &ClusterArguments,
    arguments: &DoctorArguments,
    output: &Output,
) -> Result<Ending> {
    let directories = Directories::from_environment()?;
    let diagnosis = examine(&wish(cluster), FIRST_TOUR, &directories).await?;
    if arguments.json {
        output.line(serde_json::to_string_pretty(&as_json(&diagnosis))?);
    } else {
        print(&diagnosis, output);
    }
    Ok(if diagnosis.words().is_ok() {
        Ending::Well
    } else {
        Ending::Failed
    })
}

fn print(diagnosis: &Diagnosis, output: &Output) {
    match diagnosis.words() {
        Ok(words) => {
            let place = if diagnosis.in_containers {
                "in containers (runtime docker)"
            } else {
                "on servers of its own (runtime local)"
            };
            output.line(format_args!("A tour would run on the {words}, {place}."));
            for reason in diagnosis.reasons() {
                output.line(format_args!("  {reason}"));
            }
        }
        Err(reason) => output.line(format_args!("No tour can start: {reason}")),
    }
    output.line("\nPostgreSQL on this machine");
    if diagnosis.discovery.candidates.is_empty() {
        output.line("  none found");
    }
    for candidate in &diagnosis.discovery.candidates {
        output.line(format_args!(
            "  {} (by {})",
            candidate.bindir.display(),
            candidate.source
        ));
        output.line(format_args!("    {}", in_words(candidate)));
        if let Ok(installation) = &candidate.found {
            for remark in &installation.remarks {
                output.line(format_args!("    {remark}"));
            }
        }
    }
    output.line("\nOther ways");
    for other in &diagnosis.alternatives {
        let ready = if other.ready { "ready" } else { "not ready" };
        output.line(format_args!("  {}: {ready}. {}", other.name, other.how));
    }
    output.line("\nWhere files are");
    for (what, place) in &diagnosis.places {
        output.line(format_args!("  {what}: {}", place.display()));
    }
    output.line(format_args!("  servers run as: {}", diagnosis.account));
    output.line("\nClusters");
    if diagnosis.runs.is_empty() {
        output.line("  none");
    }
    for run in &diagnosis.runs {
        output.line(format_args!("  {}", run_in_words(run)));
    }
}

fn in_words(candidate: &Candidate) -> String {
    match &candidate.found {
        Err(rejection) => format!("cannot be used: {rejection}"),
        Ok(installation) => {
            let citus = installation.citus.as_deref().map_or_else(
                || "no Citus".to_owned(),
                |version| format!("Citus {version}"),
            );
            let emulation = if installation.can_emulate() {
                "can carry the emulation"
            } else {
                "lacks postgres_fdw or dblink"
            };
            format!("PostgreSQL {}; {citus}; {emulation}", installation.version)
        }
    }
}

fn run_in_words(run: &KnownRun) -> String {
    let name = run.name.as_deref().unwrap_or(&run.id);
    match run.standing {
        Standing::Kept => format!("{name}: kept; `citus-tour down --cluster {name}` ends it"),
        Standing::Owned => format!("{name}: belongs to a citus-tour that is running"),
        Standing::Leftover => format!(
            "{name}: left behind by a run that is gone; the next start removes it, and so does `citus-tour down --all`"
        ),
    }
}

fn as_json(diagnosis: &Diagnosis) -> serde_json::Value {
    let candidates: Vec<_> = diagnosis
        .discovery
        .candidates
        .iter()
        .map(|candidate| {
            let usable = candidate.found.as_ref().ok();
            json!({
                "bindir": candidate.bindir,
                "found_by": candidate.source.to_string(),
                "version": usable.map(|found| &found.version),
                "citus": usable.and_then(|found| found.citus.as_ref()),
                "emulation": usable.is_some_and(Installation::can_emulate),
                "refused": candidate.found.as_ref().err().map(ToString::to_string),
            })
        })
        .collect();
    let choice = diagnosis.choice.as_ref().ok();
    json!({
        "runtime": if diagnosis.in_containers { Some("docker") } else { choice.map(|_| "local") },
        "image": diagnosis.image,
        "containers": match &diagnosis.containers {
            Containers::Answer(engine, image) => json!({
                "engine": engine.facts().name,
                "version": engine.facts().version,
                "host": engine.host(),
                "image_id": image.as_ref().map(|image| &image.id),
            }),
            Containers::Nothing(error) => json!({ "problem": error.to_string() }),
        },
        "engine": choice.map(|choice| choice.engine.engine().name()),
        "bindir": choice.map(|choice| &choice.installation.bindir),
        "reasons": choice.map(|choice| &choice.reasons),
        "problem": diagnosis.words().err(),
        "candidates": candidates,
        "runs": diagnosis.runs.iter().map(run_in_words).collect::<Vec<_>>(),
    })
}
