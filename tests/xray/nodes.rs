//! Where shards lie on the coordinator, and where a worker is frozen or dead.

use citus_tour::cluster::Reachability;
use citus_tour::runtime::{Act, Runtime};
use citus_tour::xray::from_report;

use crate::bench::Bench;
use crate::support::DEADLINE;

impl Bench {
    /// The coordinator's own shards are like all others.
    pub(crate) async fn with_shards_on_the_coordinator(&mut self) {
        let (host, port) = self.cluster.runtime.inside_address("coordinator").unwrap();
        for statement in [
            &format!("SELECT citus_set_node_property('{host}', {port}, 'shouldhaveshards', true)"),
            "SET citus.shard_count = 3",
            "CREATE TABLE here (id int, note text)",
            "SELECT create_distributed_table('here', 'id', colocate_with => 'none')",
        ] {
            self.run(statement).await;
        }
        self.look().await;
        let on_three = "3 of 3 shards on 3 nodes: no filter on the distribution column id";
        self.assert_words(&[
            ("SELECT * FROM here", on_three),
            ("UPDATE here SET note = 'x'", on_three),
        ])
        .await;
        for value in ["1", "2", "3", "4", "5", "6"] {
            let (id, node) = self.home("here", value).await;
            for statement in [
                format!("SELECT * FROM here WHERE id = {value}"),
                format!("DELETE FROM here WHERE id = {value}"),
                format!("INSERT INTO here VALUES ({value}, 'x')"),
            ] {
                let touched = self.touched(&statement).await;
                let ids: Vec<_> = touched.shards.iter().map(|shard| shard.id).collect();
                assert_eq!(
                    (ids, touched.nodes),
                    (vec![id], vec![node.clone()]),
                    "{statement}"
                );
            }
        }
    }

    pub(crate) async fn with_a_frozen_worker(&mut self) {
        let (_, node) = self.home("orders", "42").await;
        self.cluster.runtime.act(Act::Freeze, &node).await.unwrap();
        let router = "SELECT * FROM orders WHERE user_id = 42";
        let insertion = "INSERT INTO users VALUES (42, 'x', 1)";
        // Before anybody knows of it.
        self.assert_words(&[
            (router, "1 of 8 shards, {42}"),
            (insertion, "1 of 8 shards, {42}"),
        ])
        .await;
        self.look().await;
        let expected = format!("1 of 8 shards, {node} (frozen)");
        self.assert_words(&[(router, &expected), (insertion, &expected)])
            .await;
        self.cluster.runtime.act(Act::Thaw, &node).await.unwrap();
        self.look().await;
    }

    pub(crate) async fn with_a_dead_worker(&mut self) {
        let (id, node) = self.home("orders", "42").await;
        self.cluster.runtime.act(Act::Kill, &node).await.unwrap();
        self.look().await;
        assert_ne!(
            self.view.node(&node).unwrap().reachability,
            Reachability::Up
        );
        let state = self.view.node(&node).unwrap().state();
        let touched = self
            .touched("SELECT * FROM orders WHERE user_id = 42")
            .await;
        assert_eq!(touched.words, format!("1 of 8 shards, {node} ({state})"));
        assert_eq!(touched.shards[0].id, id);
        let all = self.touched("SELECT count(*) FROM orders").await;
        assert_eq!(
            all.words,
            format!(
                "8 of 8 shards on 2 workers, among them {node} ({state}): no filter on the distribution column user_id"
            )
        );

        let failed = self
            .session
            .run("SELECT * FROM orders WHERE user_id = 42", DEADLINE)
            .await
            .unwrap();
        let fault = from_report(&self.view, failed.error().unwrap()).unwrap();
        assert_eq!(fault.node.as_deref(), Some(node.as_str()));
        self.cluster.runtime.act(Act::Restart, &node).await.unwrap();
        self.look().await;
        let twice = "INSERT INTO orders VALUES (41, 42, 'x', 1), (41, 42, 'x', 1)";
        let doubled = self.session.run(twice, DEADLINE).await.unwrap();
        let fault = from_report(&self.view, doubled.error().unwrap()).unwrap();
        assert_eq!(fault.shards, [id]);
        assert_eq!(fault.node.as_deref(), Some(node.as_str()));
    }
}
