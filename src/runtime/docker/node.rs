//! What is known of one container.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;

use super::shared::lock;
use crate::runtime::{Act, Exit, ProcessState, RuntimeError};
use crate::topology::{ContainerSpec, NodeSpec};

/// A node of a running cluster.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) spec: NodeSpec,
    pub(super) container: ContainerSpec,
    /// One act at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) port: Mutex<Option<u16>>,
    live: watch::Sender<Live>,
}

#[derive(Debug, Clone, Copy)]
struct Live {
    state: ProcessState,
    running: bool,
    ordered: Option<Act>,
}

impl Node {
    pub(super) fn new(spec: NodeSpec, container: ContainerSpec, port: Option<u16>) -> Self {
        Self {
            spec,
            container,
            turn: tokio::sync::Mutex::new(()),
            port: Mutex::new(port),
            live: watch::Sender::new(Live {
                state: ProcessState::Absent,
                running: false,
                ordered: None,
            }),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.spec.name
    }

    /// The port of the loopback that it is published on.
    pub(super) fn port(&self) -> Result<u16, RuntimeError> {
        let port = *lock(&self.port);
        port.ok_or_else(|| RuntimeError::NoPort {
            node: self.spec.name.clone(),
        })
    }

    pub(super) fn refused(&self, act: Act, reason: &str) -> RuntimeError {
        RuntimeError::Refused {
            act,
            node: self.spec.name.clone(),
            reason: reason.to_owned(),
        }
    }

    pub(super) fn state(&self) -> ProcessState {
        self.live.borrow().state
    }

    pub(super) fn is_running(&self) -> bool {
        self.live.borrow().running
    }

    /// How things stand, seen or brought about.
    pub(super) fn set(&self, state: ProcessState) {
        let running = matches!(
            state,
            ProcessState::Starting
                | ProcessState::Up
                | ProcessState::Frozen
                | ProcessState::Partitioned
        );
        self.live.send_modify(|live| {
            live.state = state;
            live.running = running;
            if state == ProcessState::Starting {
                // An order that came too late for the life before is none for this one.
                live.ordered = None;
            }
        });
    }

    /// Notes which act is about to end it, so that its end is no crash.
    pub(super) fn order(&self, act: Act) {
        self.live.send_modify(|live| live.ordered = Some(act));
    }

    /// The order led to nothing.
    pub(super) fn countermand(&self) {
        self.live.send_modify(|live| live.ordered = None);
    }

    /// Notes the end, once; `None` where it has ended already.
    pub(super) fn ended(&self, status: String) -> Option<Exit> {
        let mut exit = None;
        self.live.send_if_modified(|live| {
            if !live.running {
                return false;
            }
            let ordered = live.ordered.take();
            live.running = false;
            live.state = match ordered {
                Some(Act::Kill) => ProcessState::Killed,
                Some(Act::Destroy) => ProcessState::Absent,
                Some(_) => ProcessState::Stopped,
                None => ProcessState::Crashed,
            };
            exit = Some(Exit {
                node: self.spec.name.clone(),
                ordered,
                status,
            });
            true
        });
        exit
    }

    /// Waits until it is known to have ended.
    pub(super) async fn gone(&self, within: Duration) -> bool {
        let mut live = self.live.subscribe();
        let gone = live.wait_for(|live| !live.running);
        tokio::time::timeout(within, gone).await.is_ok()
    }
}
