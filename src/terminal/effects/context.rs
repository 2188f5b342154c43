//! What every task has at hand, and how a task that breaks is heard of.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use tokio::sync::mpsc::Sender;

use crate::{
    app::Msg,
    engine::Wish,
    lesson::Tour,
    runtime::{Directories, Runtime},
    terminal::Launch,
    topology::Topology,
};

/// What every task has at hand.
#[derive(Debug, Clone)]
pub(super) struct Context {
    messages: Sender<Msg>,
    pub(super) machine: Arc<Machine>,
}

/// What does not change while the program runs.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) tours: Vec<Arc<Tour>>,
    pub(super) topologies: Vec<Topology>,
    pub(super) wish: Wish,
    pub(super) directories: Directories,
    /// Somebody's own cluster, in place of those that would be started.
    pub(super) attached: Option<Arc<dyn Runtime>>,
}

impl Context {
    pub(super) fn new(messages: Sender<Msg>, launch: &Launch) -> Self {
        let machine = Machine {
            tours: launch.tours.clone(),
            topologies: launch.topologies.clone(),
            wish: launch.wish.clone(),
            directories: launch.directories.clone(),
            attached: launch.attached.clone(),
        };
        Self {
            messages,
            machine: Arc::new(machine),
        }
    }

    /// Tells the loop, and waits where it has much to do.
    pub(super) async fn send(&self, message: Msg) {
        // Nobody listens any more when the program ends.
        let _ = self.messages.send(message).await;
    }
}

impl Machine {
    /// The topology that a tour's lessons name.
    pub(super) fn topology_of(&self, tour: &Tour) -> Result<Topology, String> {
        let wanted = tour.lessons().next().map(|(_, lesson)| &lesson.topology);
        let found = self
            .topologies
            .iter()
            .find(|topology| Some(&topology.name) == wanted);
        found.cloned().ok_or_else(|| {
            let wanted = wanted.cloned().unwrap_or_default();
            format!(
                "the tour `{}` wants the topology `{wanted}`, which does not exist",
                tour.id
            )
        })
    }
}

/// Does a task's work; a panic in it becomes words instead of silence.
pub(super) async fn unbroken<Output>(work: impl Future<Output = Output>) -> Result<Output, String> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    outcome.map_err(|panic| broken(panic.as_ref()))
}

/// Work that may block, on a thread of its own.
pub(super) async fn blocking<Output: Send + 'static>(
    work: impl FnOnce() -> Output + Send + 'static,
) -> Result<Output, String> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.map_err(|error| match error.try_into_panic() {
        Ok(panic) => broken(panic.as_ref()),
        Err(error) => error.to_string(),
    })
}

fn broken(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    format!("citus-tour has a defect here, the rest goes on: {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_words() {
        assert_eq!(unbroken(async { 1 }).await, Ok(1));
        let words = unbroken(async { panic!("no such thing") })
            .await
            .unwrap_err();
        assert!(words.contains("no such thing"), "{words}");
        let words = blocking(|| panic!("in {}", "vain")).await.unwrap_err();
        assert!(words.contains("in vain"), "{words}");
    }
}
