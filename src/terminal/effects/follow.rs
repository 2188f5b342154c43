//! Reads the end of a node's log for as long as somebody looks at it.

use std::{sync::Arc, time::Duration};

use super::{context::Context, open::Running};
use crate::app::Msg;

/// Lines that are shown.
const LINES: usize = 500;
const LOOK: Duration = Duration::from_millis(500);

/// Tells the end of the log whenever it is another one.
pub(super) async fn follow(context: Context, running: Arc<Running>, node: String) {
    let mut last = None;
    loop {
        let tail = running.cluster.log_tail(&node, LINES).await;
        let lines = tail.map_err(|error| error.to_string());
        if last.as_ref() != Some(&lines) {
            let told = Msg::LogTail {
                node: node.clone(),
                lines: lines.clone(),
            };
            context.send(told).await;
            last = Some(lines);
        }
        tokio::time::sleep(LOOK).await;
    }
}
