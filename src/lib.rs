//! citus-tour: an interactive tour of distributed `PostgreSQL` on a cluster of real servers.
//!
//! The map of the house, one line a room. Imports run one way, from the bottom of this list to its top; a test holds them to it.

pub mod cluster;
pub mod lesson;
pub mod topology;

pub mod postgres;

pub mod runtime;

pub mod engine;

pub mod observe;

pub mod xray;

pub mod workload;

pub mod player;

pub mod app;

pub mod ui;

pub mod terminal;

pub mod cli;
