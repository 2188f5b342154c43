//! Looks at the cluster for as long as the tour is open, and hears of servers that end.

use std::{sync::Arc, time::Duration};

use tokio::sync::{broadcast::error::RecvError, watch};

use super::{
    context::Context,
    open::{Generation, Running},
    sql::Statements,
};
use crate::{
    app::Msg,
    observe::{Pace, Watch, watch as begin},
    player::cluster_name,
    runtime::Exit,
};

/// How patient and how often for servers that are somebody's own: they may be far away, and are not there for us.
const ELSEWHERE: Pace = Pace {
    deadline: Duration::from_secs(5),
    interval: Duration::from_secs(1),
};

/// Tells every view that differs from the last, and every end of a server.
pub(super) async fn observe(
    context: Context,
    generation: Generation,
    mut cluster: watch::Receiver<Option<Arc<Running>>>,
    statements: Statements,
) {
    loop {
        let now = cluster.borrow_and_update().clone();
        let Some(running) = now else {
            if cluster.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut exits = running.cluster.exits();
        let mut views = begin(
            cluster_name(&running.topology),
            running.watched.subscribe(),
            if running.cluster.is_elsewhere() {
                ELSEWHERE
            } else {
                Pace::default()
            },
        );
        loop {
            let message = tokio::select! {
                biased;
                changed = cluster.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                exit = exits.recv() => ended(exit, &running, &statements),
                view = next(&mut views) => Some(Noted::View(view)),
            };
            let generation = generation.get();
            match message {
                Some(Noted::View(view)) => context.send(Msg::View(generation, view)).await,
                Some(Noted::Exit(exit)) => context.send(Msg::Exit(generation, exit)).await,
                None => {}
            }
        }
    }
}

enum Noted {
    View(Box<crate::cluster::View>),
    Exit(Exit),
}

async fn next(views: &mut Watch) -> Box<crate::cluster::View> {
    match views.changed().await {
        Some(view) => Box::new(view),
        // It ends with us only.
        None => std::future::pending().await,
    }
}

fn ended(
    exit: Result<Exit, RecvError>,
    running: &Running,
    statements: &Statements,
) -> Option<Noted> {
    match exit {
        Ok(exit) => {
            running.refresh();
            statements.forget(exit.node.clone());
            Some(Noted::Exit(exit))
        }
        // What was missed stands in the views.
        Err(_) => None,
    }
}
