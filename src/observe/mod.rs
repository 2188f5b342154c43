//! Watching: catalogs and probes in, a view of the cluster out; every node with its own deadline.
