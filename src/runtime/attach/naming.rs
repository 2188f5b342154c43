//! What the nodes of somebody else's cluster are called. Pure.

use std::collections::BTreeMap;

use super::catalog::Member;

/// The coordinator's name, as everywhere.
pub(super) const COORDINATOR: &str = "coordinator";

/// A name for each worker: its host where only one node is there, else host and port.
pub(super) fn names(workers: &[Member], coordinator: &str) -> Vec<String> {
    let mut at: BTreeMap<&str, usize> = BTreeMap::from([(coordinator, 1), (COORDINATOR, 1)]);
    for worker in workers {
        *at.entry(&worker.host).or_default() += 1;
    }
    let name = |worker: &Member| {
        if at.get(worker.host.as_str()) == Some(&1) {
            worker.host.clone()
        } else {
            format!("{}:{}", worker.host, worker.port)
        }
    };
    workers.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_where_it_is_one_nodes() {
        let worker = |host: &str, port| Member {
            host: host.to_owned(),
            port,
            group_id: 1,
        };
        let workers = [
            worker("a", 5432),
            worker("b", 5432),
            worker("b", 5433),
            worker("c", 5432),
            worker("coordinator", 5432),
        ];
        assert_eq!(
            names(&workers, "c"),
            ["a", "b:5432", "b:5433", "c:5432", "coordinator:5432"]
        );
    }
}
