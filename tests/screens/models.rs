//! Models in every state, brought about by the messages that bring them about in the program.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use citus_tour::{
    app::{
        Boot, BootEvent, ClusterFacts, Effect, Model, Msg, NodeFacts, OpenTour, Pane, Screen,
        Settings, SqlEvent,
        home::{KeptCluster, Survey, TourCard},
        input::Chord,
        map::GroupFacts,
        overlay::Overlay,
        sql::JobId,
        update,
    },
    cluster::{Reachability, View},
    lesson::{LessonSource, Tour, load},
    postgres::{Column, Report, Severity, TransactionStatus},
    runtime::{Act, Event},
    xray::{Access, Touched, TouchedShard},
};

use super::cluster;

/// The generation of the tour that these models have open.
pub(crate) const GENERATION: u64 = 1;

fn tours() -> Vec<Arc<Tour>> {
    load(&LessonSource::embedded())
        .unwrap()
        .into_iter()
        .filter(|tour| !tour.is_for_attached())
        .map(Arc::new)
        .collect()
}

/// A program that was just started.
pub(crate) fn home_before_the_survey() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    model.home.tours = tours();
    model
}

fn survey() -> Survey {
    Survey {
        choice: Some(Ok("local · emulation on PostgreSQL 15.20".to_owned())),
        real: false,
        reasons: vec![
            "no PostgreSQL here has Citus, so PostgreSQL's own partitions stand in".to_owned(),
        ],
        alternatives: vec!["Citus: install the package citus for PostgreSQL 14 to 18".to_owned()],
        cards: vec![TourCard {
            tour: "journey".to_owned(),
            nodes: vec![
                "coordinator".to_owned(),
                "worker1".to_owned(),
                "worker2".to_owned(),
            ],
        }],
        kept: Vec::new(),
        leftovers: Vec::new(),
    }
}

/// What was found, with a kept cluster and something left behind.
pub(crate) fn home() -> Model {
    let mut model = home_before_the_survey();
    let found = Survey {
        kept: vec![KeptCluster {
            name: "tuesday".to_owned(),
            tour: "journey".to_owned(),
            engine: "emulation".to_owned(),
        }],
        leftovers: vec!["run 3f2a of journey, whose program is gone".to_owned()],
        ..survey()
    };
    tell(&mut model, Msg::Surveyed(Box::new(found)));
    model
}

/// A machine without PostgreSQL.
pub(crate) fn home_without_postgres() -> Model {
    let mut model = home_before_the_survey();
    let found = Survey {
        choice: Some(Err("no PostgreSQL was found. Install one (apt install postgresql), or let `citus-tour setup` bring one".to_owned())),
        reasons: Vec::new(),
        ..survey()
    };
    tell(&mut model, Msg::Surveyed(Box::new(found)));
    model
}

fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

/// Presses keys, as they are written, one after the other.
pub(crate) fn press(model: &mut Model, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        effects.extend(tell(model, Msg::Key(Chord::parse(key).unwrap())));
    }
    effects
}

/// Types a text.
pub(crate) fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        tell(model, Msg::Key(Chord::character(character)));
    }
}

fn open_at(lesson: &str) -> Model {
    let mut model = home_before_the_survey();
    tell(&mut model, Msg::Surveyed(Box::new(survey())));
    let tour = Arc::clone(&model.home.tours[0]);
    let place = tour.place(lesson).unwrap();
    let nodes = ["coordinator", "worker1", "worker2"]
        .map(ToOwned::to_owned)
        .to_vec();
    model.tour = Some(Box::new(OpenTour::new(
        GENERATION, tour, place, nodes, model.now,
    )));
    model.screen = Screen::Tour;
    model.home.generation = GENERATION;
    model
}

fn boot(model: &mut Model, event: BootEvent) -> Vec<Effect> {
    tell(model, Msg::Boot(GENERATION, event))
}

fn facts() -> ClusterFacts {
    let node = |(index, name): (u16, &str)| NodeFacts {
        name: name.to_owned(),
        port: (name != "worker3").then_some(5440 + index),
        commands: vec![
            (Act::Stop, format!("pg_ctl stop -D /srv/{name} -m fast")),
            (Act::Kill, "kill -KILL -- -4242".to_owned()),
            (Act::Freeze, "kill -STOP -- -4242".to_owned()),
        ],
    };
    ClusterFacts {
        engine: "emulation on PostgreSQL 15.20".to_owned(),
        real: false,
        runtime: "local".to_owned(),
        id: "3f2a".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: vec![
            Act::Start,
            Act::Stop,
            Act::Kill,
            Act::Freeze,
            Act::Thaw,
            Act::Restart,
            Act::Destroy,
        ],
        nodes: (0..)
            .zip(["coordinator", "worker1", "worker2", "worker3"])
            .map(node)
            .collect(),
    }
}

pub(crate) fn see(model: &mut Model, view: View) {
    tell(model, Msg::View(GENERATION, Box::new(view)));
}

pub(crate) fn ready_at(lesson: &str, view: View) -> Model {
    let mut model = open_at(lesson);
    boot(&mut model, BootEvent::Facts(facts()));
    see(&mut model, view);
    boot(&mut model, BootEvent::Ready);
    tell(&mut model, Msg::SetUp(GENERATION, Ok(())));
    model.notice = None;
    model
}

/// Two of three servers run already.
pub(crate) fn booting() -> Model {
    let mut model = open_at("one-server");
    for event in [
        Event::Copied {
            node: "coordinator".to_owned(),
        },
        Event::Starting {
            node: "coordinator".to_owned(),
            port: 5440,
        },
        Event::Ready {
            node: "coordinator".to_owned(),
            port: 5440,
            after: Duration::from_millis(140),
        },
        Event::Copied {
            node: "worker1".to_owned(),
        },
        Event::Starting {
            node: "worker1".to_owned(),
            port: 5441,
        },
    ] {
        boot(&mut model, BootEvent::Progress(event));
    }
    model
}

/// The servers could not be started.
pub(crate) fn boot_failed() -> Model {
    let mut model = open_at("one-server");
    boot(
        &mut model,
        BootEvent::Failed(
            "worker1 could not be started: the disk is full. Make room and try again".to_owned(),
        ),
    );
    model
}

/// Everything before the learner's place is being done.
pub(crate) fn rebuilding() -> Model {
    let mut model = open_at("a-worker-dies");
    boot(&mut model, BootEvent::Facts(facts()));
    boot(
        &mut model,
        BootEvent::Rebuilding("Distribute the shop".to_owned()),
    );
    model
}

/// The very first lesson.
pub(crate) fn lesson_begins() -> Model {
    ready_at(
        "one-server",
        View {
            tables: Vec::new(),
            ..cluster::plain()
        },
    )
}

/// A question before a fault.
pub(crate) fn prediction() -> Model {
    ready_at("a-worker-dies", cluster::distributed(8))
}

/// Checks of a step, one of which does not hold.
pub(crate) fn checks() -> Model {
    ready_at("a-worker-dies/pull-the-plug", cluster::distributed(8))
}

/// Eight groups on two workers.
pub(crate) fn distributed() -> Model {
    let mut model = ready_at("questions-and-shards", cluster::distributed(8));
    press(&mut model, &["Alt+2"]);
    model
}

/// A group travels.
pub(crate) fn moving() -> Model {
    let mut model = ready_at("add-a-worker", cluster::distributed(8));
    see(&mut model, cluster::moving());
    press(&mut model, &["Alt+2", "Right"]);
    model
}

/// A worker was killed.
pub(crate) fn worker_down() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::distributed(8));
    see(&mut model, cluster::without(1, Reachability::Down));
    later(&mut model, 12);
    press(&mut model, &["Alt+2"]);
    model
}

fn later(model: &mut Model, seconds: u64) {
    let then = model.now + Duration::from_secs(seconds);
    update(model, Msg::Tick, then);
}

/// A worker was frozen.
pub(crate) fn worker_frozen() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::distributed(8));
    see(&mut model, cluster::without(2, Reachability::Frozen));
    later(&mut model, 12);
    model
}

/// Tables by nodes.
pub(crate) fn matrix() -> Model {
    let mut model = distributed();
    press(&mut model, &["v"]);
    model
}

/// The hash range unrolled.
pub(crate) fn strip() -> Model {
    let mut model = distributed();
    press(&mut model, &["v", "v"]);
    model
}

fn run(model: &mut Model, sql: &str) -> JobId {
    press(model, &["Alt+3"]);
    tell(model, Msg::Paste(sql.to_owned()));
    let effects = press(model, &["F5"]);
    let job = effects.iter().find_map(|effect| match effect {
        Effect::Run(job) => Some(job.id),
        _ => None,
    });
    let job = job.expect("F5 runs the statement");
    let event = SqlEvent::Started {
        index: 0,
        node: "coordinator".to_owned(),
        statement: sql.trim_end_matches(';').to_owned(),
    };
    tell(model, Msg::Sql(job, event));
    job
}

fn finish(model: &mut Model, job: JobId, duration: u64) {
    let finished = SqlEvent::Finished {
        duration: Duration::from_micros(duration),
        transaction: TransactionStatus::Idle,
        expired: false,
    };
    for event in [finished, SqlEvent::Done(None)] {
        tell(model, Msg::Sql(job, event));
    }
}

/// Rows with everything that is hard to draw, and what they touched.
pub(crate) fn rows() -> Model {
    let mut model = ready_at("questions-and-shards", cluster::distributed(8));
    let job = run(&mut model, "SELECT * FROM orders WHERE user_id = 42;");
    let column = |name: &str, type_oid| Column {
        name: name.to_owned(),
        type_oid,
    };
    let columns = vec![
        column("order_id", 20),
        column("status", 25),
        column("note", 25),
        column("total", 1700),
    ];
    let cell = |text: &str| Some(text.to_owned());
    let rows = vec![
        vec![
            cell("432"),
            cell("shipped"),
            cell("two\nlines and \u{1b}[31mred"),
            cell("12.50"),
        ],
        vec![cell("1432"), None, cell("日本語のメモ"), cell("3118.00")],
        vec![
            cell("2432"),
            cell("NULL"),
            cell(&"wide ".repeat(40)),
            cell("-1"),
        ],
    ];
    for event in [
        SqlEvent::Columns(columns),
        SqlEvent::Rows(rows),
        SqlEvent::Beyond(7),
        SqlEvent::Complete("SELECT 10".to_owned()),
    ] {
        tell(&mut model, Msg::Sql(job, event));
    }
    finish(&mut model, job, 1240);
    let view = cluster::distributed(8);
    let group = view.groups[4].key;
    let shard = TouchedShard {
        id: 102_020,
        group,
        table: citus_tour::cluster::TableName::new("public", "orders"),
        nodes: vec!["worker1".to_owned()],
        access: Access::Read,
    };
    let touched = touched(vec![shard], "1 of 8 shards, worker1");
    tell(
        &mut model,
        Msg::Touched {
            job,
            index: 0,
            touched: Ok(Some(touched)),
        },
    );
    model.notice = None;
    press(&mut model, &["Alt+4"]);
    model
}

fn touched(shards: Vec<TouchedShard>, words: &str) -> Touched {
    Touched {
        shards,
        nodes: vec!["worker1".to_owned()],
        access: Access::Read,
        words: words.to_owned(),
        ..Touched::default()
    }
}

/// A statement that failed on a worker.
pub(crate) fn failure() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::without(1, Reachability::Down));
    let sql = "SELECT count(*) FROM orders;";
    let job = run(&mut model, sql);
    let mut report = Report::new(
        Severity::Error,
        "08006",
        "could not connect to server \"worker1\"",
    );
    report.detail = Some(
        "connection to server at \"127.0.0.1\", port 5441 failed: Connection refused".to_owned(),
    );
    report.hint = Some("Is the server running?".to_owned());
    report.context = Some("while executing command on 127.0.0.1:5441".to_owned());
    report.position = Some(22);
    tell(&mut model, Msg::Sql(job, SqlEvent::Error(report)));
    finish(&mut model, job, 2100);
    later(&mut model, 20);
    press(&mut model, &["Alt+4"]);
    model
}

/// A statement that waits for a frozen worker.
pub(crate) fn running() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::without(2, Reachability::Frozen));
    run(&mut model, "SELECT count(*) FROM orders;");
    later(&mut model, 20);
    model
}

/// The nodes and their buttons.
pub(crate) fn nodes_panel() -> Model {
    let mut model = worker_down();
    press(&mut model, &["Alt+5", "Down"]);
    model
}

/// What happened.
pub(crate) fn event_log() -> Model {
    let mut model = ready_at("add-a-worker", cluster::distributed(8));
    later(&mut model, 61);
    see(&mut model, cluster::without(1, Reachability::Down));
    later(&mut model, 5);
    see(&mut model, cluster::distributed(8));
    see(&mut model, cluster::moving());
    later(&mut model, 20);
    press(&mut model, &["Alt+6"]);
    model
}

/// The keys.
pub(crate) fn help() -> Model {
    let mut model = distributed();
    press(&mut model, &["F1"]);
    model
}

/// The commands that a word finds.
pub(crate) fn palette() -> Model {
    let mut model = distributed();
    press(&mut model, &["Ctrl+P"]);
    type_text(&mut model, "pane");
    press(&mut model, &["Down"]);
    model
}

/// The table of contents.
pub(crate) fn contents() -> Model {
    let mut model = prediction();
    model.overlays.push(Overlay::Contents { selected: 9 });
    model
}

/// Statements of earlier runs.
pub(crate) fn history() -> Model {
    let mut model = distributed();
    let earlier = [
        "SELECT 1",
        "SELECT count(*)\nFROM orders",
        "SELECT citus_version()",
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    tell(&mut model, Msg::History(earlier));
    model.overlays.push(Overlay::History {
        query: "select".to_owned(),
        selected: 1,
    });
    model
}

/// A value in full.
pub(crate) fn cell() -> Model {
    let mut model = rows();
    press(&mut model, &["Right", "Right", "Enter"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Cell { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// All about a shard group.
pub(crate) fn details() -> Model {
    let mut model = distributed();
    press(&mut model, &["Right", "Enter"]);
    let group = model
        .tour
        .as_ref()
        .and_then(|tour| tour.map.group)
        .expect("a tile is chosen");
    let facts = GroupFacts {
        group,
        rows: vec![
            ("orders".to_owned(), Ok(1250)),
            ("users".to_owned(), Ok(125)),
            (
                "order_items".to_owned(),
                Err("worker1 did not answer".to_owned()),
            ),
        ],
        tenants: ["7", "42", "99"].map(ToOwned::to_owned).to_vec(),
    };
    tell(&mut model, Msg::GroupFacts(GENERATION, Box::new(facts)));
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Details { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// The end of a node's log.
pub(crate) fn node_log() -> Model {
    let mut model = nodes_panel();
    press(&mut model, &["l"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::LogTail { .. })),
        "{:?}",
        model.overlays
    );
    let Some(Overlay::LogTail { node, .. }) = model.overlays.last().cloned() else {
        return model;
    };
    let lines = (0..60)
        .map(|line| format!("2026-11-21 03:00:{line:02} LOG:  checkpoint \u{1b}[1m{line}"))
        .collect();
    tell(
        &mut model,
        Msg::LogTail {
            node,
            lines: Ok(lines),
        },
    );
    model
}

/// A kill that takes shards away.
pub(crate) fn before_a_kill() -> Model {
    let mut model = distributed();
    press(&mut model, &["Alt+5", "Down", "k"]);
    assert!(
        matches!(
            model.overlays.last(),
            Some(Overlay::ConfirmAct { act: Act::Kill, .. })
        ),
        "{:?}",
        model.overlays
    );
    model
}

/// A node is to lose its data.
pub(crate) fn before_a_destruction() -> Model {
    let mut model = distributed();
    press(&mut model, &["Alt+5", "Down", "d"]);
    type_text(&mut model, "work");
    model
}

/// The learner goes on before the step is done.
pub(crate) fn not_done() -> Model {
    let mut model = checks();
    press(&mut model, &["n"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::NotDone { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// The program is to be left.
pub(crate) fn leaving() -> Model {
    let mut model = distributed();
    press(&mut model, &["q"]);
    model
}

/// The cluster is being ended.
pub(crate) fn ending() -> Model {
    let mut model = leaving();
    press(&mut model, &["2"]);
    assert_eq!(
        model.tour.as_ref().map(|tour| tour.boot.clone()),
        Some(Boot::Ending)
    );
    model
}

/// Every state once, for whoever wants to try something on all of them.
pub(crate) fn all() -> impl Iterator<Item = Model> {
    makers().into_iter().map(|make| make())
}

/// How each state comes about.
pub(crate) fn makers() -> Vec<fn() -> Model> {
    [
        home_before_the_survey as fn() -> Model,
        home,
        home_without_postgres,
        booting,
        boot_failed,
        rebuilding,
        lesson_begins,
        prediction,
        checks,
        distributed,
        moving,
        worker_down,
        worker_frozen,
        matrix,
        strip,
        rows,
        failure,
        running,
        nodes_panel,
        event_log,
        help,
        palette,
        contents,
        history,
        cell,
        details,
        node_log,
        before_a_kill,
        before_a_destruction,
        not_done,
        leaving,
        ending,
    ]
    .into_iter()
    .chain(super::laboratory::ALL)
    .collect()
}

/// The panes, for whoever wants to go through them.
pub(crate) const PANES: [Pane; 7] = Pane::ALL;
