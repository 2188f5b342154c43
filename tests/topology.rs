//! Compose files become topologies, or one clear message.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

use citus_tour::topology::{Role, Topology, parse};
use proptest::prelude::*;

fn read(services: &str) -> Topology {
    parse("test", services).expect("a valid topology")
}

#[track_caller]
fn wrong(text: &str, line: usize, words: &str) {
    let error = parse("test", text).expect_err("a mistake");
    let shown = error.to_string();
    assert!(error.line == line && shown.contains(words), "{shown}");
    assert!(
        shown.starts_with(&format!("compose/test.yml:{line}: ")),
        "{shown}"
    );
}

#[test]
fn anchors_merge_keys_and_both_label_forms() {
    let topology = read(
        r#"
x-node: &node
  image: example/citus
  build: { context: . }
  ports: ["127.0.0.1:7001:5432"]
  labels: &labels
    citus-tour.role: worker
    somebody.else: 3
services:
  zulu:
    <<: *node
    labels: ["citus-tour.role=coordinator", "plain"]
  alpha:
    <<: *node
    ports: []
    profiles: [later]
  mike:
    <<: *node
    labels:
      <<: *labels
      citus-tour.cluster: b
    ports:
      - 8080
      - "[::1]:7003:5432/tcp"
  lima:
    labels: { citus-tour.role: coordinator, citus-tour.cluster: b }
    ports:
      - target: 9187
        published: "7009"
      - { target: 5432, published: 7010, host_ip: 127.0.0.1 }
  pooler:
    labels: { citus-tour.role: pooler }
    ports: ["6432:6432"]
volumes: {}
"#,
    );
    let nodes: Vec<_> = topology
        .nodes
        .iter()
        .map(|node| {
            (
                node.name.as_str(),
                node.cluster.as_deref(),
                node.preferred_port,
                node.on_demand,
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            ("zulu", Some("main"), Some(7001), false),
            ("alpha", Some("main"), None, true),
            ("mike", Some("b"), Some(7003), false),
            ("lima", Some("b"), Some(7010), false),
            ("pooler", None, Some(6432), false),
        ]
    );
    let clusters: Vec<_> = topology
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    assert_eq!(clusters, ["main", "b"]);
    assert_eq!(topology.nodes[4].role, Role::Other("pooler".to_owned()));
    assert_eq!(topology.first_nodes().count(), 4);
    assert_eq!(
        topology.node("mike").map(|node| &node.role),
        Some(&Role::Worker)
    );
}

#[test]
fn mistakes_are_named_with_their_line() {
    wrong("services: [", 1, "not a Compose file");
    wrong("volumes: {}\n", 1, "not a Compose file");
    wrong("services: {}\n", 1, "no services");
    wrong(
        "services:\n  a:\n    image: x\n",
        2,
        "the service `a` has no role",
    );
    wrong(
        "services:\n  a:\n    labels: { citus-tour.role: worker }\n",
        1,
        "the cluster `main` starts without a coordinator",
    );
    wrong(
        "services:\n  a:\n    labels: { citus-tour.rôle: worker }\n",
        2,
        "unknown label `citus-tour.rôle`",
    );
    wrong(
        "services:\n  a:\n    labels: { citus-tour.role: coordinator }\n    ports: ['1:2:99999:5432']\n",
        2,
        "publishes `99999`",
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(services:|labels:|ports:|profiles:|citus-tour\\.role|coordinator|\n|  |- |[:{}\\[\\]<*&a\"]|\\PC){0,60}") {
        let _ = parse("test", &text);
    }
}
