//! One node: what is known about its server, and each act on it.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::watch;

use super::processes::{self, ServerMark};
use super::server::Launch;
use super::shared_memory;
use super::template::Flavour;
use crate::runtime::blocking::blocking;
use crate::runtime::runs::remove_directory;
use crate::runtime::{Act, Exit, ProcessState, RuntimeError};
use crate::topology::NodeSpec;

/// How long an orderly stop may take before it becomes an immediate one.
const STOP_DEADLINE: Duration = Duration::from_secs(10);
const KILL_DEADLINE: Duration = Duration::from_secs(10);
const FREEZE_DEADLINE: Duration = Duration::from_secs(5);
/// Between two looks at a server that is not our child, so that the system does not tell us of its end.
const ADOPTED_INTERVAL: Duration = Duration::from_millis(100);

/// A node of a running cluster.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) spec: NodeSpec,
    pub(super) flavour: Flavour,
    pub(super) worker: bool,
    pub(super) launch: Launch,
    pub(super) mark: ServerMark,
    /// One act at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) port: Mutex<Port>,
    live: watch::Sender<Live>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Port {
    pub(super) number: Option<u16>,
    /// Other nodes know it, so that it must not change any more.
    pub(super) settled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Live {
    state: ProcessState,
    pid: Option<i32>,
    ordered: Option<Act>,
}

impl Node {
    pub(super) fn new(
        spec: NodeSpec,
        flavour: Flavour,
        worker: bool,
        launch: Launch,
        mark: ServerMark,
        port: Port,
    ) -> Self {
        let live = Live {
            state: ProcessState::Absent,
            pid: None,
            ordered: None,
        };
        Self {
            spec,
            flavour,
            worker,
            launch,
            mark,
            turn: tokio::sync::Mutex::new(()),
            port: Mutex::new(port),
            live: watch::Sender::new(live),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.spec.name
    }

    pub(super) fn data(&self) -> PathBuf {
        self.launch.data()
    }

    pub(super) fn state(&self) -> ProcessState {
        self.live.borrow().state
    }

    pub(super) fn is_running(&self) -> bool {
        self.live.borrow().pid.is_some()
    }

    pub(super) fn pid(&self) -> Option<i32> {
        self.live.borrow().pid
    }

    pub(super) fn port(&self) -> Port {
        *lock(&self.port)
    }

    pub(super) fn set_port(&self, port: Port) {
        *lock(&self.port) = port;
    }

    pub(super) fn set_state(&self, state: ProcessState) {
        self.live.send_modify(|live| live.state = state);
    }

    /// Notes which act is about to end the server, so that its end is no crash.
    fn order(&self, act: Act) {
        self.live.send_modify(|live| live.ordered = Some(act));
    }

    pub(super) fn up(&self, pid: Option<i32>, state: ProcessState) {
        self.live.send_modify(|live| {
            *live = Live {
                state,
                pid,
                ordered: None,
            }
        });
    }

    /// Notes the server's end and tells it.
    pub(super) fn ended(&self, status: String) -> Exit {
        let mut ordered = None;
        self.live.send_modify(|live| {
            ordered = live.ordered.take();
            live.pid = None;
            live.state = match ordered {
                Some(Act::Kill) => ProcessState::Killed,
                Some(Act::Destroy) => ProcessState::Absent,
                Some(_) => ProcessState::Stopped,
                None => ProcessState::Crashed,
            };
        });
        Exit {
            node: self.spec.name.clone(),
            ordered,
            status,
        }
    }

    /// Finds out how things stand with a server that another program started.
    pub(super) fn look(&self) -> Option<i32> {
        let pid = self.mark.postmaster();
        let state = match pid {
            Some(pid) if processes::is_stopped(pid) => ProcessState::Frozen,
            Some(_) => ProcessState::Up,
            // An orderly end removes this file; a server that was killed had no time to.
            None if self.data().join("postmaster.pid").exists() => ProcessState::Killed,
            None if self.data().exists() => ProcessState::Stopped,
            None => ProcessState::Absent,
        };
        self.up(pid, state);
        pid
    }

    /// Waits for the end of a server that is not our child.
    pub(super) async fn watch_adopted(&self, pid: i32) {
        while nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None)
            != Err(nix::errno::Errno::ESRCH)
        {
            tokio::time::sleep(ADOPTED_INTERVAL).await;
        }
    }

    async fn gone(&self, deadline: Duration) -> bool {
        let mut live = self.live.subscribe();
        tokio::time::timeout(deadline, live.wait_for(|live| live.pid.is_none()))
            .await
            .is_ok()
    }

    /// Ends the server in an orderly way; one that does not heed that is ended at once.
    pub(super) async fn stop(&self, act: Act) -> Result<(), RuntimeError> {
        let Some(pid) = self.pid() else { return Ok(()) };
        if self.state() == ProcessState::Frozen {
            return Err(self.refused(
                act,
                "it is frozen and would never hear of it. Thaw it first, or kill it",
            ));
        }
        self.order(act);
        self.send(pid, Signal::SIGINT)?;
        if self.gone(STOP_DEADLINE).await {
            return Ok(());
        }
        self.kill(act).await
    }

    /// SIGKILL to every process of the server, until none is left.
    pub(super) async fn kill(&self, act: Act) -> Result<(), RuntimeError> {
        self.order(act);
        self.kill_remains().await?;
        if self.gone(KILL_DEADLINE).await {
            return Ok(());
        }
        Err(RuntimeError::WillNotEnd {
            node: self.spec.name.clone(),
            seconds: KILL_DEADLINE.as_secs(),
        })
    }

    /// SIGKILL to whatever of the server lives, with or without a postmaster.
    pub(super) async fn kill_remains(&self) -> Result<(), RuntimeError> {
        let mark = self.mark.clone();
        blocking(move || {
            mark.kill(Instant::now() + KILL_DEADLINE)
                .map_err(|error| RuntimeError::io("killing a server", &mark.data, error))
        })
        .await
    }

    /// SIGSTOP to every process of the server, also to those that it makes meanwhile.
    pub(super) async fn freeze(&self) -> Result<(), RuntimeError> {
        if !self.is_running() {
            return Err(self.refused(Act::Freeze, "it is not running. Start it first"));
        }
        self.signal_all(Signal::SIGSTOP).await?;
        let mark = self.mark.clone();
        blocking(move || {
            mark.wait_until_stopped(Instant::now() + FREEZE_DEADLINE)
                .map_err(|error| RuntimeError::io("freezing a server", &mark.data, error))
        })
        .await?;
        self.set_state(ProcessState::Frozen);
        Ok(())
    }

    /// SIGCONT to every process of the server.
    pub(super) async fn thaw(&self) -> Result<(), RuntimeError> {
        if self.state() != ProcessState::Frozen {
            return Ok(());
        }
        self.signal_all(Signal::SIGCONT).await?;
        self.set_state(ProcessState::Up);
        Ok(())
    }

    /// Removes the data of a server that has ended.
    pub(super) async fn remove_data(&self) -> Result<(), RuntimeError> {
        let (data, directory) = (self.data(), self.launch.directory.clone());
        blocking(move || {
            shared_memory::free(&data);
            remove_directory(&directory)
        })
        .await?;
        self.set_state(ProcessState::Absent);
        Ok(())
    }

    async fn signal_all(&self, signal: Signal) -> Result<(), RuntimeError> {
        let mark = self.mark.clone();
        blocking(move || {
            mark.signal_all(signal)
                .map_err(|error| RuntimeError::io(format!("sending {signal}"), &mark.data, error))
        })
        .await
    }

    fn send(&self, pid: i32, signal: Signal) -> Result<(), RuntimeError> {
        processes::send(pid, signal)
            .map_err(|error| RuntimeError::io(format!("sending {signal}"), &self.mark.data, error))
    }

    pub(super) fn refused(&self, act: Act, reason: &str) -> RuntimeError {
        RuntimeError::Refused {
            act,
            node: self.spec.name.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// A lock whose holder panicked still guards a whole value here: each is replaced at once.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
