//! The engine's stream of events: who ended, froze or came back, whoever brought it about.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Duration;

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::TryStreamExt;

use super::container::RUN;
use super::shared::Shared;
use crate::runtime::ProcessState;

/// Between two attempts to hear an engine that is away.
const AGAIN: Duration = Duration::from_millis(500);

/// Listens for as long as the cluster is held. An engine that goes away is waited for; what happened meanwhile is looked up.
pub(super) async fn listen(cluster: Weak<Shared>) {
    loop {
        let Some(shared) = cluster.upgrade() else {
            return;
        };
        let label = format!("{RUN}={}", shared.naming.id);
        let filters = HashMap::from([("type", vec!["container"]), ("label", vec![label.as_str()])]);
        let options = EventsOptionsBuilder::new().filters(&filters).build();
        let api = shared.engine.api.clone();
        // What happened before we listen.
        shared.look_at_all().await;
        drop(shared);
        let mut events = std::pin::pin!(api.events(Some(options)));
        // The engine does not say from when on it tells: what happened between that look and then is seen by another. It takes its turn
        // among the events, so that what is heard later counts more.
        let mut look_again = std::pin::pin!(tokio::time::sleep(AGAIN));
        let mut looked = false;
        loop {
            let heard = tokio::select! {
                event = events.try_next() => match event {
                    Ok(Some(event)) => Some(event),
                    Ok(None) | Err(_) => break,
                },
                () = &mut look_again, if !looked => None,
            };
            let Some(shared) = cluster.upgrade() else {
                return;
            };
            if let Some(event) = heard {
                hear(&shared, &event);
            } else {
                looked = true;
                shared.look_at_all().await;
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn hear(shared: &Shared, event: &EventMessage) {
    let Some(attributes) = event
        .actor
        .as_ref()
        .and_then(|actor| actor.attributes.as_ref())
    else {
        return;
    };
    let Some(node) = shared.node_of_labels(attributes) else {
        return;
    };
    match event.action.as_deref() {
        Some("die") => {
            let code = attributes.get("exitCode").map_or("?", String::as_str);
            shared.note_end(node, status(code));
        }
        Some("destroy") => {
            shared.note_end(node, "removed".to_owned());
            node.set(ProcessState::Absent);
        }
        Some("pause") => node.set(ProcessState::Frozen),
        Some("unpause") if node.state() == ProcessState::Frozen => node.set(ProcessState::Up),
        // By hand: ours is noted by who does it.
        Some("start") if !node.is_running() => node.set(ProcessState::Up),
        _ => {}
    }
}

/// An exit code in words; above 128 it stands for a signal.
pub(super) fn status(code: &str) -> String {
    match code.parse::<i32>() {
        Ok(137) => "signal: 9 (SIGKILL)".to_owned(),
        Ok(code) if code > 128 => format!("signal: {}", code - 128),
        Ok(code) => format!("exit status: {code}"),
        Err(_) => format!("exit status: {code}"),
    }
}
