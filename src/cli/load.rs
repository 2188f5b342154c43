//! `load`: a workload on a kept cluster, a few lines a second while it runs, and a report at its end.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::sync::mpsc;

use super::{
    arguments::LoadArguments,
    failure::{Ending, UsageError},
    interrupt::asked_to_end,
    kept,
    output::{Output, remark},
};
use crate::{
    cluster::View,
    player::Stage,
    postgres::ApplicationName,
    workload::{
        Load, LoadInterval, LoadPlan, LoadReport, Pacing, Workload, changes, live_head, live_lines,
    },
};

/// Seconds whose lines stand under one head.
const HEAD_EVERY: u64 = 15;
/// How long the coordinator may take to say how many connections it takes.
const ASKING: Duration = Duration::from_secs(5);
/// Connections that a load leaves to superusers, the engine, and whoever watches.
const RESERVE: usize = 20;
/// Seconds that may wait to be printed.
const INTERVALS: usize = 16;

/// Puts load on a kept cluster.
pub(super) async fn load(arguments: &LoadArguments, output: &Output) -> Result<Ending> {
    // One from the start to the end: a signal that comes between two of them would be lost.
    let mut asked_to_end = pin!(asked_to_end());
    let reached = kept::find(&arguments.which).await?;
    if reached.cluster.is_read_only() && arguments.mix.writes > 0 {
        return Err(UsageError(
            "that cluster is read-only without --allow-writes, and this load writes. Use --mix reads, or --mix reads=99,reports=1".to_owned(),
        )
        .into());
    }
    let mut stage = reached.stage();
    let asking = asked(&mut stage, usize::from(arguments.clients));
    let view = tokio::select! {
        view = asking => view?,
        () = &mut asked_to_end => return Ok(Ending::Interrupted),
    };
    let workload = workload(arguments.workload.as_deref(), &view)?;
    let (sender, intervals) = mpsc::channel(INTERVALS);
    let target = stage.target(stage.coordinator())?;
    let starting = Load::start(&target, &view, plan(arguments, workload), sender);
    let load = tokio::select! {
        load = starting => load?,
        () = &mut asked_to_end => return Ok(Ending::Interrupted),
    };
    let (opened, clients) = (load.opened(), arguments.clients);
    if opened < usize::from(clients) {
        remark(format_args!(
            "only {opened} of {clients} connections could be opened; the others are tried again"
        ));
    }
    let ending = tokio::select! {
        () = load.run_out() => Ending::Well,
        () = &mut asked_to_end => by_hand(arguments),
        () = output.closed() => Ending::Interrupted,
        () = print_seconds(intervals) => Ending::Well,
        () = mark(&load, &stage, view) => Ending::Well,
    };
    let report = load.stop().await;
    print(&report, arguments.json, output)?;
    Ok(ending)
}

/// The cluster as its coordinator tells it, which has to answer and have room for so many clients.
async fn asked(stage: &mut Stage, clients: usize) -> Result<View> {
    let coordinator = stage.coordinator().to_owned();
    let session = stage.session(ApplicationName::Check, &coordinator).await?;
    let answer = session.query("SHOW max_connections", ASKING).await?;
    let rows = answer.into_rows();
    let most = rows.scalar().and_then(|most| most.parse().ok());
    if let Some(refusal) = most.and_then(|most| too_many(clients, most)) {
        return Err(refusal.into());
    }
    Ok(stage.view().await)
}

/// More clients than a server lets in would be so many failures of the load's own making.
fn too_many(clients: usize, max_connections: usize) -> Option<UsageError> {
    let room = max_connections.saturating_sub(RESERVE);
    (clients > room).then(|| {
        UsageError(format!(
            "{clients} clients are more than the coordinator has room for: it takes {max_connections} connections (max_connections), of which {RESERVE} are left to others. Use --clients {room} or fewer"
        ))
    })
}

/// Ctrl+C is the way to end a load that was given no time.
fn by_hand(arguments: &LoadArguments) -> Ending {
    match arguments.lasts {
        Some(_) => Ending::Interrupted,
        None => Ending::Well,
    }
}

fn workload(name: Option<&str>, view: &View) -> Result<Workload, UsageError> {
    let Some(name) = name else {
        // Tables that nobody could tell of are not missing.
        if let Some(reason) = &view.outdated {
            return Err(UsageError(format!(
                "which tables the cluster has could not be read: {reason}. Try again, or name the workload: chat or shop"
            )));
        }
        return Workload::found_in(view).ok_or_else(|| {
            let of = |workload: Workload| format!("{}: {}", workload.name(), workload.tables().join(", "));
            let tables = Workload::ALL.map(of).join("; ");
            UsageError(format!(
                "the cluster has the tables of no workload ({tables}). `citus-tour up TOUR --at LESSON` starts one that has"
            ))
        });
    };
    let workload = Workload::of(name).ok_or_else(|| {
        UsageError(format!(
            "there is no workload `{name}`: use chat or shop, active-active or journey"
        ))
    })?;
    let missing = |table: &&&str| view.outdated.is_none() && view.table(table).is_none();
    match workload.tables().iter().find(missing) {
        Some(table) => Err(UsageError(format!(
            "the workload {} needs the table {table}, which the cluster does not have. `citus-tour up TOUR --at LESSON` starts one that has",
            workload.name()
        ))),
        None => Ok(workload),
    }
}

fn plan(arguments: &LoadArguments, workload: Workload) -> LoadPlan {
    let usual = LoadPlan::new(workload);
    let pacing = match (arguments.closed, arguments.rate) {
        (true, rate) => Pacing::Closed { rate },
        (false, Some(rate)) => Pacing::Open { rate },
        (false, None) => usual.pacing,
    };
    LoadPlan {
        pacing,
        clients: usize::from(arguments.clients),
        duration: arguments.lasts,
        mix: arguments.mix,
        skew: arguments.skew,
        seed: arguments.seed,
        deadline: arguments.patience,
        ..usual
    }
}

/// Ends when the load does.
async fn print_seconds(mut intervals: mpsc::Receiver<LoadInterval>) {
    while let Some(interval) = intervals.recv().await {
        if interval.second % HEAD_EVERY == 1 {
            remark(live_head());
        }
        for line in live_lines(&interval) {
            remark(line);
        }
    }
}

/// Marks what happens to the cluster meanwhile, for as long as it is watched. What did it is not seen from outside, so that a mark tells
/// when it was noticed.
async fn mark(load: &Load, stage: &Stage, mut before: View) {
    // Nodes that are added later are not in this list.
    let (_nodes, mut watch) = stage.watch();
    while let Some(view) = watch.changed().await {
        for mark in changes(&before, &view, Instant::now()) {
            remark(&mark);
            load.mark(mark);
        }
        before = view;
    }
}

fn print(report: &LoadReport, json: bool, output: &Output) -> Result<()> {
    if json {
        output.line(serde_json::to_string_pretty(report)?);
    } else {
        output.write(report);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_nobody_told_of_are_not_called_missing() {
        let mut view = View::default();
        let missing = workload(None, &view).unwrap_err().to_string();
        assert!(missing.contains("the tables of no workload"), "{missing}");
        view.outdated = Some("coordinator is frozen".to_owned());
        let unread = workload(None, &view).unwrap_err().to_string();
        assert!(
            unread.contains("could not be read: coordinator is frozen"),
            "{unread}"
        );
        assert_eq!(workload(Some("chat"), &view).unwrap(), Workload::Chat);
    }

    #[test]
    fn more_clients_than_there_is_room_for_are_refused() {
        assert!(too_many(180, 200).is_none());
        let refused = too_many(181, 200).unwrap().to_string();
        assert!(refused.contains("--clients 180 or fewer"), "{refused}");
        assert!(too_many(1, 10).is_some());
    }
}
