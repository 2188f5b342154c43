//! What a cluster is at one moment: nodes, shard groups, placements; what changed between two moments. Plain data and pure functions.
