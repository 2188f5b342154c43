//! Experiments on real servers: plans carried out under probes, and everything comes as predicted. On the emulation always, on Citus where
//! `CITUS_TOUR_TEST_CITUS_BINDIR` names a PostgreSQL that has it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use citus_tour::cluster::{Agreement, Outcome, StatementKind};
use citus_tour::lesson::{FaultPlan, NodeReference};
use citus_tour::player::experiment::{CallOff, ExperimentEvent, Request, run};
use citus_tour::player::{Incident, MomentKind, Stage, Turn, TurnRow};
use citus_tour::postgres::{ApplicationName, split};
use citus_tour::runtime::{ProcessState, Runtime};
use citus_tour::workload::Pace;

use support::{Cluster, DEADLINE, Engine};

/// A cluster with tables in it, on whose stage experiments are made.
struct Laboratory {
    cluster: Cluster,
    stage: Stage,
}

impl Laboratory {
    async fn new(cluster: Cluster, tour: &str, workers: &[&str], tables: &str) -> Self {
        let runtime: Arc<dyn Runtime> = Arc::clone(&cluster.runtime) as Arc<dyn Runtime>;
        let topologies = citus_tour::topology::embedded().unwrap();
        let mut topologies = topologies.into_iter();
        let topology = topologies.find(|topology| topology.name == tour).unwrap();
        let mut laboratory = Self {
            cluster,
            stage: Stage::new(runtime, topology),
        };
        let members: Vec<String> = workers
            .iter()
            .map(|worker| format!("SELECT citus_add_node('{worker}', 5432);"))
            .collect();
        let setup = format!(
            "CREATE EXTENSION citus; SELECT citus_set_coordinator_host('coordinator', 5432); {} {tables}",
            members.concat()
        );
        for statement in split(&setup) {
            let sql = laboratory.stage.fill_in(statement.text);
            let outcome = laboratory.stage.run("coordinator", &sql).await.unwrap();
            outcome.into_success("coordinator").unwrap();
        }
        laboratory
    }

    /// Carries a plan out to its end.
    async fn carry_out(&mut self, plan: &str, seconds: u64) -> Incident {
        let plan: FaultPlan = plan.parse().unwrap();
        let mut request = Request::new(plan, Duration::from_secs(seconds));
        request.pace = PACE;
        run(&mut self.stage, &request, &CallOff::new(), &mut |_| {})
            .await
            .unwrap()
    }

    fn state(&self, node: &str) -> ProcessState {
        self.cluster.runtime.state(node).unwrap()
    }

    /// Waits until no node has a connection of probes or load.
    async fn assert_nobody_is_connected(&mut self, nodes: &[&str]) {
        let asked =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'citus-tour workload'";
        for node in nodes {
            let session = self
                .stage
                .session(ApplicationName::Check, node)
                .await
                .unwrap();
            let gone = tokio::time::timeout(DEADLINE, async {
                loop {
                    let rows = session.query(asked, DEADLINE).await.unwrap().into_rows();
                    if rows.scalar() == Some("0") {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            });
            assert!(gone.await.is_ok(), "{node} has connections of probes");
        }
    }

    async fn end(self) {
        drop(self.stage);
        self.cluster.end().await;
    }
}

const SHOP: &str = "
    CREATE TABLE regions (id int PRIMARY KEY, name text);
    CREATE TABLE users (user_id bigint PRIMARY KEY, name text);
    SET citus.shard_count = 4;
    SELECT create_reference_table('regions');
    SELECT create_distributed_table('users', 'user_id');
    INSERT INTO regions VALUES (1, 'a'), (2, 'b');
    INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 100) n;";

const CHAT: &str = "
    CREATE TABLE messages (room_id bigint, id bigint, body text, PRIMARY KEY (room_id, id));
    SET citus.shard_count = 4;
    SET citus.shard_replication_factor = 2;
    SELECT create_distributed_table('messages', 'room_id');
    INSERT INTO messages SELECT 1 + n % 100, n, 'hello' FROM generate_series(1, 500) n;";

/// The acts of the turns, in order.
fn acts(incident: &Incident) -> Vec<&str> {
    incident
        .turns
        .iter()
        .map(|turn| turn.act.as_str())
        .collect()
}

/// The groups whose statements of that kind were not to do their work, as was predicted; that nothing contradicts it is held elsewhere.
fn dark(turn: &Turn, kind: StatementKind) -> BTreeSet<usize> {
    let rows = turn.rows.iter().filter(|row| row.subject.kind == kind);
    let failing = rows.filter(|row| !row.predicted.succeeds());
    failing.filter_map(|row| row.subject.group).collect()
}

fn outcome(turn: &Turn, kind: StatementKind) -> Option<Outcome> {
    let row = turn.rows.iter().find(|row| row.subject.kind == kind)?;
    Some(row.predicted)
}

/// What was to work worked, and what was to fail failed, as far as it was seen: a busy machine may be slow, and slow is not broken.
fn assert_as_predicted(incident: &Incident) {
    let differs = |row: &TurnRow| row.agreement() == Some(Agreement::Different);
    let rows = incident.turns.iter().flat_map(|turn| &turn.rows);
    assert!(!rows.clone().any(differs), "{incident}");
    assert_eq!(incident.failed_acts().next(), None, "{incident}");
    assert!(incident.turns[1].score().of > 0, "{incident}");
}

/// Slow enough for a machine that does other things meanwhile.
const PACE: Pace = Pace {
    interval: Duration::from_millis(600),
    definition_interval: Duration::from_millis(1_200),
    deadline: Duration::from_secs(5),
    in_flight: 3,
    connections: 48,
    most: 72,
    apart: Duration::from_millis(8),
};

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_cluster_with_one_copy_on_the_emulation() {
    one_copy(Cluster::start(Engine::Emulation).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_cluster_with_one_copy_on_citus() {
    if let Some(cluster) = Cluster::start_citus().await {
        one_copy(cluster).await;
    }
}

async fn one_copy(cluster: Cluster) {
    const NODES: [&str; 3] = ["coordinator", "worker1", "worker2"];
    let mut laboratory = Laboratory::new(cluster, "journey", &NODES[1..], SHOP).await;

    let incident = laboratory
        .carry_out("kill worker2 at 3 s, back at 11 s", 16)
        .await;
    assert_as_predicted(&incident);
    assert_eq!(acts(&incident), ["", "kill worker2", "restart worker2"]);
    let killed = &incident.turns[1];
    let lost = BTreeSet::from([2, 4]);
    assert_eq!(dark(killed, StatementKind::TenantRead), lost, "{incident}");
    assert_eq!(dark(killed, StatementKind::TenantWrite), lost, "{incident}");
    assert_eq!(
        outcome(killed, StatementKind::ReferenceRead),
        Some(Outcome::Works)
    );
    assert!(killed.first_failure_ms.is_some(), "{incident}");
    let failed: BTreeSet<usize> = incident
        .services
        .iter()
        .filter(|service| service.codes.keys().any(|code| code.starts_with("08")))
        .filter_map(|service| service.subject.group)
        .collect();
    assert_eq!(
        failed, lost,
        "who lives elsewhere noticed nothing: {incident}"
    );
    let kinds: Vec<MomentKind> = incident.timeline.iter().map(|moment| moment.kind).collect();
    for kind in [MomentKind::Act, MomentKind::Exit, MomentKind::Seen] {
        assert!(kinds.contains(&kind), "{incident}");
    }

    let incident = laboratory
        .carry_out("freeze worker1 at 3 s, back at 15 s", 20)
        .await;
    assert_as_predicted(&incident);
    let frozen = &incident.turns[1];
    assert_eq!(
        dark(frozen, StatementKind::TenantRead),
        BTreeSet::from([1, 3]),
        "{incident}"
    );
    assert_eq!(
        outcome(frozen, StatementKind::AllShardRead),
        Some(Outcome::Waits)
    );

    let plan = "kill worker1 and worker2 at 3 s, back at 10 s";
    let incident = laboratory.carry_out(plan, 15).await;
    assert_as_predicted(&incident);
    assert_eq!(
        acts(&incident)[1..],
        ["kill worker1 and worker2", "restart worker1 and worker2"]
    );
    assert_eq!(dark(&incident.turns[1], StatementKind::TenantRead).len(), 4);

    called_off(&mut laboratory).await;
    what_cannot_be_done_breaks_nothing(&mut laboratory).await;
    laboratory.assert_nobody_is_connected(&NODES).await;
    laboratory.end().await;
}

/// In the middle of a plan everything is put back at once, and a node that was to be left is left.
async fn called_off(laboratory: &mut Laboratory) {
    let plan: FaultPlan = "kill worker1 at 1 s, freeze worker2 at 1 s, back at 60 s"
        .parse()
        .unwrap();
    let mut request = Request::new(plan, Duration::from_secs(90));
    let call_off = CallOff::new();
    let mut done = 0;
    let incident = run(&mut laboratory.stage, &request, &call_off, &mut |event| {
        if matches!(event, ExperimentEvent::Acted { .. }) {
            done += 1;
            call_off.call_off();
        }
    })
    .await
    .unwrap();
    assert!(incident.called_off);
    assert_eq!(done, 4, "two broken, two put back: {incident}");
    assert!(incident.watched_ms < 60_000);
    for node in ["worker1", "worker2"] {
        assert_eq!(laboratory.state(node), ProcessState::Up);
    }
    laboratory
        .assert_nobody_is_connected(&["coordinator", "worker1", "worker2"])
        .await;

    request.plan = "kill worker1 at 0 s".parse().unwrap();
    request.leave = true;
    let call_off = CallOff::new();
    let incident = run(&mut laboratory.stage, &request, &call_off, &mut |event| {
        if matches!(event, ExperimentEvent::Acted { .. }) {
            call_off.call_off();
        }
    })
    .await
    .unwrap();
    assert!(incident.called_off);
    assert_eq!(laboratory.state("worker1"), ProcessState::Killed);
    let incident = laboratory.carry_out("restart worker1 at 0 s", 8).await;
    assert_as_predicted(&incident);
}

async fn what_cannot_be_done_breaks_nothing(laboratory: &mut Laboratory) {
    for (plan, words) in [
        ("kill worker1 at 0 s, kill worker9 at 1 s", "worker9"),
        (
            "kill worker1 at 0 s, kill @tenant(nothing,1) at 1 s",
            "nothing",
        ),
    ] {
        let request = Request::new(plan.parse().unwrap(), Duration::from_secs(5));
        let refused = run(
            &mut laboratory.stage,
            &request,
            &CallOff::new(),
            &mut |_| {},
        )
        .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
        assert_eq!(laboratory.state("worker1"), ProcessState::Up);
    }
    // The node of a tenant is known before it is broken.
    let tenant = NodeReference::parse("@tenant(users,1)").unwrap();
    let holder = laboratory.stage.resolve(&tenant).await.unwrap();
    let plan = "kill @tenant(users,1) at 1 s, back at 8 s";
    let incident = laboratory.carry_out(plan, 12).await;
    assert_as_predicted(&incident);
    assert_eq!(acts(&incident)[1], format!("kill {holder}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_cluster_with_two_copies_on_the_emulation() {
    two_copies(Cluster::start_tour("active-active").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_cluster_with_two_copies_on_citus() {
    if let Some(cluster) = Cluster::start_tour_on_citus("active-active").await {
        two_copies(cluster).await;
    }
}

async fn two_copies(cluster: Cluster) {
    const WORKERS: [&str; 4] = ["worker1", "worker2", "worker3", "worker4"];
    let mut laboratory = Laboratory::new(cluster, "active-active", &WORKERS, CHAT).await;

    let incident = laboratory
        .carry_out("kill worker3 at 3 s, back at 11 s", 16)
        .await;
    assert_as_predicted(&incident);
    let killed = &incident.turns[1];
    assert_eq!(
        dark(killed, StatementKind::TenantRead),
        BTreeSet::new(),
        "{incident}"
    );
    assert_eq!(
        dark(killed, StatementKind::TenantWrite).len(),
        2,
        "{incident}"
    );
    assert_eq!(
        outcome(killed, StatementKind::AllShardRead),
        Some(Outcome::Works)
    );

    let plan = "kill worker2 and worker3 at 3 s, back at 10 s";
    let incident = laboratory.carry_out(plan, 15).await;
    assert_as_predicted(&incident);
    assert_eq!(
        dark(&incident.turns[1], StatementKind::TenantRead).len(),
        1,
        "{incident}"
    );

    let incident = laboratory
        .carry_out("freeze worker2 at 3 s, back at 16 s", 21)
        .await;
    assert_as_predicted(&incident);
    let frozen = &incident.turns[1];
    assert_eq!(
        outcome(frozen, StatementKind::AllShardRead),
        Some(Outcome::Late),
        "{incident}"
    );
    assert_eq!(dark(frozen, StatementKind::TenantRead), BTreeSet::new());
    laboratory.end().await;
}
