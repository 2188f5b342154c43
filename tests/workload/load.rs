//! Load on real servers.
