//! `experiment`: faults by a plan on a kept cluster, and the report of what was predicted and what came.

use std::{
    fs::{self, OpenOptions},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::to_string_pretty;

use super::{
    arguments::ExperimentArguments,
    broken::Broken,
    failure::{Ending, UsageError},
    interrupt::asked_to_end,
    kept,
    output::{Output, remark},
    trial,
};
use crate::{
    lesson::{FaultPlan, PlanError, Short},
    player::experiment::{CallOff, ExperimentEvent, Request, run, workload},
    workload::LoadPlan,
};

/// How long the last act is watched when nobody says: longer than anybody waits for a frozen node.
const AFTERMATH: Duration = Duration::from_secs(10);

/// Carries a plan out on a kept cluster.
pub(super) async fn experiment(arguments: &ExperimentArguments, output: &Output) -> Result<Ending> {
    let plan: FaultPlan = arguments
        .plan
        .parse()
        .map_err(|error| UsageError(pointed_at(&arguments.plan, &error)))?;
    let lasts = arguments.lasts.unwrap_or(plan.length() + AFTERMATH);
    if lasts <= plan.length() {
        return Err(UsageError(format!(
            "the plan's last act is at {}, when --for {} is over: watch it longer",
            Short(plan.length()),
            Short(lasts)
        ))
        .into());
    }
    let mut request = Request::new(plan, lasts);
    request.leave = arguments.leave;
    if let Some(tour) = &arguments.with_load {
        let workload = workload(tour).map_err(|error| UsageError(error.to_string()))?;
        request.load = Some(LoadPlan::new(workload));
    }
    // Held until the end: two at once would each take the other's faults for its own.
    let (mut stage, _alone) = kept::stage_alone(&arguments.name).await?;
    if let Some(file) = &arguments.markdown {
        can_keep(file)?;
    }
    let call_off = CallOff::new();
    let broken = Mutex::new(Broken::default());
    // What is for people goes where it does not mix with JSON.
    let mut hear = |event: ExperimentEvent| {
        let mut broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.hear(&event);
        drop(broken);
        if let Some(line) = trial::line(&event) {
            if arguments.json {
                remark(line);
            } else {
                output.line(line);
            }
        }
    };
    let work = run(&mut stage, &request, &call_off, &mut hear);
    let ending = async {
        tokio::select! {
            () = asked_to_end() => {}
            () = output.closed() => {}
        }
        call_off.call_off();
        // Whoever asks twice does not want to wait until all is put back.
        asked_to_end().await;
    };
    let incident = tokio::select! {
        incident = work => incident?,
        () = ending => {
            let broken = broken.lock().unwrap_or_else(PoisonError::into_inner);
            left(arguments, &broken);
            return Ok(Ending::Interrupted);
        }
    };
    if arguments.json {
        output.line(to_string_pretty(&incident)?);
    } else {
        output.write(format_args!("\n{incident}"));
    }
    if let Some(file) = &arguments.markdown {
        keep(file, &incident.markdown())?;
        remark(format_args!("the report is kept in {}", file.display()));
    }
    Ok(if incident.called_off {
        Ending::Interrupted
    } else if arguments.demand && !incident.agrees() {
        Ending::Failed
    } else {
        Ending::Well
    })
}

/// Whoever does not wait until all is put back is told what that leaves to be done.
fn left(arguments: &ExperimentArguments, broken: &Broken) {
    let remedies = broken.remedies(arguments.name.cluster.as_deref());
    let remedies = remedies.map_or("no node is left broken".to_owned(), |remedies| {
        format!("what the experiment broke was not all put back:\n{remedies}")
    });
    remark(format_args!("asked twice to end. {remedies}"));
}

/// Tried before anything is broken: a report that cannot be kept is not noticed only after all of it. What is there already stays for now.
fn can_keep(file: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options
        .open(file)
        .map(drop)
        .with_context(|| unwritable(file))
}

fn keep(file: &Path, report: &str) -> Result<()> {
    fs::write(file, report).with_context(|| unwritable(file))
}

fn unwritable(file: &Path) -> String {
    format!(
        "the report could not be written to {}: check that you may write there",
        file.display()
    )
}

/// What is wrong with a plan, with the place marked.
fn pointed_at(plan: &str, error: &PlanError) -> String {
    // A plan of several lines has no place below it.
    if plan.contains(|character: char| character.is_control()) {
        return error.to_string();
    }
    let indent = " ".repeat(error.column.saturating_sub(1));
    format!("{}\n  {plan}\n  {indent}^\n{}", error.message, error.remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_cannot_be_kept_is_noticed_beforehand() {
        let directory = tempfile::tempdir().unwrap();
        let there = directory.path().join("report.md");
        can_keep(&there).unwrap();
        fs::write(&there, "of before").unwrap();
        can_keep(&there).unwrap();
        assert_eq!(fs::read_to_string(&there).unwrap(), "of before");
        let error = can_keep(&directory.path().join("no/report.md")).unwrap_err();
        assert!(
            error.to_string().contains("could not be written"),
            "{error}"
        );
    }
}
