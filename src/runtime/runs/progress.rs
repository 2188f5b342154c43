//! What happens while a cluster comes up, as data. Whoever draws it decides how.

use std::time::Duration;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// No template is cached: `initdb` runs, once.
    BuildingTemplate,
    /// A node's data directory stands.
    Copied {
        /// Which node.
        node: String,
    },
    /// Its server process was started.
    Starting {
        /// Which node.
        node: String,
        /// The port that it is to listen on.
        port: u16,
    },
    /// It answers.
    Ready {
        /// Which node.
        node: String,
        /// Its port.
        port: u16,
        /// Since its start was asked for.
        after: Duration,
    },
    /// An image is pulled.
    Pulling {
        /// Its name.
        image: String,
        /// Layers that it has, as far as is known.
        layers: usize,
        /// Those that are here.
        layers_done: usize,
        /// Bytes that were loaded.
        bytes: u64,
        /// Bytes that there are, as far as is known.
        bytes_known: u64,
    },
    /// Something to be told to whoever waits.
    Remark(String),
    /// npm brings PostgreSQL's programs.
    Bringing {
        /// Package and version.
        package: String,
    },
}

/// Hears of what happens. Called from several tasks at once.
pub trait Progress: Send + Sync {
    /// Takes note of an event. Must not block.
    fn report(&self, event: Event);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _event: Event) {}
}

impl<F: Fn(Event) + Send + Sync> Progress for F {
    fn report(&self, event: Event) {
        self(event);
    }
}
