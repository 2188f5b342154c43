//! The editor and its results.

use citus_tour::app::sql::JobId;
use citus_tour::app::{Effect, Model, Msg, SqlEvent};
use citus_tour::cluster::Reachability;
use citus_tour::postgres::{Column, Report, Severity, TransactionStatus};
use citus_tour::xray::{Access, Touched, TouchedShard};
use std::time::Duration;

use super::{later, press, ready_at, tell};
use crate::cluster;

pub(super) fn run(model: &mut Model, sql: &str) -> JobId {
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

pub(super) fn finish(model: &mut Model, job: JobId, duration: u64) {
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

pub(super) fn touched(shards: Vec<TouchedShard>, words: &str) -> Touched {
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
