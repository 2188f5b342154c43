//! The progress file: read once, written in the order of asking, the last state only.

use std::path::PathBuf;

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use super::context::{Context, blocking};
use crate::{app::Msg, player::progress::Progress};

/// Writes progress, one file after the other.
#[derive(Debug)]
pub(super) struct ProgressWriter {
    sender: UnboundedSender<Box<Progress>>,
    task: JoinHandle<()>,
}

impl ProgressWriter {
    /// Reads the file and tells; then writes what it is given.
    pub(super) fn start(context: Context) -> Self {
        let (sender, receiver) = unbounded_channel();
        let task = tokio::spawn(work(context, receiver));
        Self { sender, task }
    }

    pub(super) fn save(&self, progress: Box<Progress>) {
        // It lives as long as we do.
        let _ = self.sender.send(progress);
    }

    /// Ends when everything is written.
    pub(super) async fn finish(self) {
        drop(self.sender);
        let _ = self.task.await;
    }
}

async fn work(context: Context, mut receiver: UnboundedReceiver<Box<Progress>>) {
    let path = context.machine.directories.data().join("progress.json");
    context.send(Msg::Progress(load(path.clone()).await)).await;
    while let Some(mut progress) = receiver.recv().await {
        while let Ok(later) = receiver.try_recv() {
            progress = later;
        }
        let to = path.clone();
        let saved = blocking(move || progress.save(&to).map_err(|error| error.to_string())).await;
        if let Err(problem) = saved.and_then(|result| result) {
            context.send(Msg::ProgressLost(problem)).await;
        }
    }
}

async fn load(path: PathBuf) -> Result<Box<Progress>, String> {
    let loaded = blocking(move || {
        Progress::load(&path)
            .map(Box::new)
            .map_err(|error| error.to_string())
    });
    loaded.await.and_then(|result| result)
}
