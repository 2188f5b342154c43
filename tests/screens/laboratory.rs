//! The laboratory in every state: four workers, each shard on two of them, and probes that see what a prediction says.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use citus_tour::{
    app::{
        Effect, Model, Msg,
        laboratory::{ExperimentNews, IncidentReport, LoadNews, ProbeNews},
        update,
    },
    cluster::{Outcome, Reachability, Subject, View, predictions},
    runtime::Act,
    workload::{
        Batch, Class, Failure, LoadInterval, LoadReport, Outstanding, Quantiles, Sample, Tally,
    },
};

use super::{
    cluster,
    models::{GENERATION, press, ready_at, see, type_text},
};

/// How often each subject is asked.
const PACE: Duration = Duration::from_millis(250);

fn tell(model: &mut Model, msg: Msg, then: Duration) -> Vec<Effect> {
    let now = model.now + then;
    update(model, msg, now)
}

/// A place in a lesson with the chat's cluster.
fn ready() -> Model {
    ready_at("a-worker-dies", cluster::chat())
}

/// How each subject of a cluster ends.
fn truth(view: &View) -> Vec<(Subject, Outcome)> {
    let all = predictions(view, &BTreeMap::new());
    let probed = all
        .into_iter()
        .filter(|it| it.subject.kind != citus_tour::cluster::StatementKind::Rebalance);
    probed.map(|it| (it.subject, it.outcome)).collect()
}

/// Time goes by while probes see how things are.
fn probe(model: &mut Model, truth: &[(Subject, Outcome)], seconds: u64) {
    let start = model.now;
    for step in 0..seconds * 4 {
        let intended = start + PACE * u32::try_from(step).unwrap();
        let at = intended + PACE;
        let sample = |(subject, outcome): &(Subject, Outcome)| {
            let (took, result) = match outcome {
                Outcome::Works => (Duration::from_millis(3), Ok(())),
                Outcome::Late => (Duration::from_millis(3_050), Ok(())),
                Outcome::Waits => (Duration::from_millis(3_050), failure("57014", true)),
                Outcome::Fails => (Duration::from_millis(2), failure("08006", false)),
            };
            Sample {
                subject: *subject,
                intended,
                ended: intended + took,
                result,
            }
        };
        let is_over = |sample: &Sample| {
            sample.ended <= at || sample.ended <= start + PACE * u32::try_from(seconds * 4).unwrap()
        };
        let (samples, waiting): (Vec<Sample>, Vec<Sample>) =
            truth.iter().map(sample).partition(is_over);
        let batch = Batch {
            at,
            samples,
            outstanding: waiting
                .iter()
                .map(|sample| Outstanding {
                    subject: sample.subject,
                    since: sample.intended,
                })
                .collect(),
            dropped: Vec::new(),
        };
        let msg = Msg::Probed(GENERATION, ProbeNews::Saw(Box::new(batch)));
        update(model, msg, at);
    }
}

/// Something of a cluster that nobody has heard of, from an hour ago.
pub(crate) fn news() -> Batch {
    let now = std::time::Instant::now();
    let subjects = truth(&cluster::distributed(2));
    let sample = |(subject, _): (Subject, Outcome)| Sample {
        subject,
        intended: now.checked_sub(Duration::from_secs(60)).unwrap_or(now),
        ended: now,
        result: failure("\u{1b}[31m", true),
    };
    Batch {
        at: now,
        samples: subjects.into_iter().map(sample).collect(),
        outstanding: Vec::new(),
        dropped: Vec::new(),
    }
}

fn failure(code: &str, expired: bool) -> Result<(), Failure> {
    Err(Failure {
        code: code.to_owned(),
        message: "connection to the remote node failed".to_owned(),
        expired,
    })
}

/// Reached by Tab: nothing is asked yet.
pub(crate) fn laboratory_rests() -> Model {
    let mut model = ready();
    press(&mut model, &["Shift+Tab"]);
    model
}

/// Everything works.
pub(crate) fn laboratory_healthy() -> Model {
    let mut model = ready();
    press(&mut model, &["F3"]);
    let groups = cluster::chat().groups;
    let tenants = groups.iter().zip(["1", "3", "6", "2"]);
    let tenants = tenants.map(|(group, tenant)| (group.key, tenant.to_owned()));
    let began = ProbeNews::Began(tenants.collect());
    tell(&mut model, Msg::Probed(GENERATION, began), Duration::ZERO);
    probe(&mut model, &truth(&cluster::chat()), 12);
    model
}

/// A worker breaks by the learner's hand.
fn break_one(model: &mut Model, act: Act, worker: usize) -> View {
    let reachability = match act {
        Act::Freeze => Reachability::Frozen,
        _ => Reachability::Down,
    };
    let downs = "Down ".repeat(worker);
    let key = if act == Act::Freeze { "f" } else { "k" };
    press(model, &["Alt+5"]);
    press(model, &downs.split_whitespace().collect::<Vec<_>>());
    press(model, &[key]);
    let effects = press(model, &["2"]);
    let id = effects.iter().find_map(|effect| match effect {
        Effect::Act { id, .. } => Some(*id),
        _ => None,
    });
    let acted = Msg::Acted {
        id: id.unwrap(),
        act,
        node: format!("worker{worker}"),
        result: Ok(()),
    };
    tell(model, acted, Duration::from_millis(40));
    model.notice = None;
    let view = cluster::chat_without(&[(worker, reachability)]);
    see(model, view.clone());
    press(model, &["F3"]);
    view
}

/// A worker that is not the first was killed: its groups can be read, not written.
pub(crate) fn laboratory_broken() -> Model {
    let mut model = laboratory_healthy();
    let view = break_one(&mut model, Act::Kill, 3);
    probe(&mut model, &truth(&view), 9);
    press(&mut model, &["Down", "Enter"]);
    model
}

/// The worker is frozen: statements wait.
pub(crate) fn laboratory_frozen() -> Model {
    let mut model = laboratory_healthy();
    let view = break_one(&mut model, Act::Freeze, 3);
    probe(&mut model, &truth(&view), 9);
    model
}

/// Predicted and observed, by kinds and groups.
pub(crate) fn laboratory_matrix() -> Model {
    let mut model = laboratory_broken();
    press(&mut model, &["v"]);
    model
}

/// Something does not end as predicted.
pub(crate) fn laboratory_differs() -> Model {
    let mut model = laboratory_healthy();
    let view = break_one(&mut model, Act::Kill, 3);
    let mut truth = truth(&view);
    for (_, outcome) in truth.iter_mut().take(1) {
        *outcome = Outcome::Fails;
    }
    probe(&mut model, &truth, 9);
    press(&mut model, &["v"]);
    model
}

/// What came of it, with reasons.
pub(crate) fn laboratory_outcome() -> Model {
    let mut model = laboratory_broken();
    press(&mut model, &["v", "v"]);
    model
}

/// The same where a prediction did not come true.
pub(crate) fn laboratory_outcome_differs() -> Model {
    let mut model = laboratory_differs();
    press(&mut model, &["v"]);
    model
}

fn tally(done: u64, millis: u64, errors: &[(&str, u64)]) -> Tally {
    let quantiles = Quantiles {
        p50: Duration::from_micros(millis * 1000),
        p95: Duration::from_micros(millis * 2500),
        p99: Duration::from_micros(millis * 6000),
        max: Duration::from_micros(millis * 20_000),
    };
    Tally {
        done,
        errors: errors
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count))
            .collect(),
        latency: (done > 0).then_some(quantiles),
        service: (done > 0).then_some(quantiles),
    }
}

/// A load that runs into a frozen worker and out of it.
pub(crate) fn laboratory_load() -> Model {
    let mut model = laboratory_healthy();
    press(&mut model, &["l"]);
    let load = |news| Msg::Load(GENERATION, 1, news);
    tell(&mut model, load(LoadNews::Began), Duration::ZERO);
    model.notice = None;
    for second in 1..=24_u64 {
        let from = model.now;
        let frozen = (9..16).contains(&second);
        let (done, errors): (u64, &[(&str, u64)]) = match second {
            13 => (0, &[("57014", 12), ("08006", 3)]),
            9..16 => (0, &[]),
            _ => (98, &[]),
        };
        let total = tally(done, 2 + second % 3, errors);
        let worker = |number: u64, done: u64| {
            let holders = format!("worker{number}, worker{}", number % 4 + 1);
            (holders, tally(done, 2 + number, errors))
        };
        let interval = LoadInterval {
            second,
            from,
            to: from + Duration::from_secs(1),
            offered: 100,
            dropped: u64::from(frozen) * 40,
            in_flight: if frozen { 16 } else { 1 },
            oldest: frozen.then(|| Duration::from_millis((second - 8) * 900)),
            by_class: [
                (Class::Read, total.clone()),
                (Class::Write, tally(done / 4, 5, &[])),
            ]
            .into(),
            by_statement: BTreeMap::new(),
            by_node: (1..=4).map(|number| worker(number, done / 4)).collect(),
            total,
        };
        let news = LoadNews::Interval(Box::new(interval));
        tell(&mut model, load(news), Duration::from_secs(1));
        if second == 8 {
            break_one(&mut model, Act::Freeze, 3);
        }
    }
    model
}

/// A load is over.
pub(crate) fn laboratory_load_over() -> Model {
    let mut model = laboratory_load();
    press(&mut model, &["l"]);
    let news = LoadNews::Ended(Box::<LoadReport>::default());
    tell(&mut model, Msg::Load(GENERATION, 1, news), Duration::ZERO);
    model.notice = None;
    model
}

/// A plan that is typed and cannot be read yet.
pub(crate) fn plan_typed() -> Model {
    let mut model = laboratory_healthy();
    press(&mut model, &["f"]);
    type_text(&mut model, "kill worker2 at 5 s, freze worker3 at 10 s");
    press(&mut model, &["Enter"]);
    model
}

/// What a plan will do, before it does.
pub(crate) fn before_a_plan() -> Model {
    let mut model = laboratory_healthy();
    press(&mut model, &["f"]);
    type_text(
        &mut model,
        "kill worker2 at 5 s, freeze worker3 at 10 s, back at 30 s",
    );
    press(&mut model, &["Enter"]);
    assert_eq!(model.overlays.len(), 1, "the plan can be read");
    model
}

/// A plan is carried out: its first act is done, the second is counted down to.
pub(crate) fn plan_runs() -> Model {
    let mut model = before_a_plan();
    press(&mut model, &["2"]);
    let experiment = |news| Msg::Experiment(GENERATION, news);
    tell(
        &mut model,
        experiment(ExperimentNews::Began),
        Duration::ZERO,
    );
    probe(&mut model, &truth(&cluster::chat()), 5);
    let view = cluster::chat_without(&[(2, Reachability::Down)]);
    let acted = ExperimentNews::Acted {
        act: Act::Kill,
        node: "worker2".to_owned(),
        result: Ok(()),
    };
    tell(&mut model, experiment(acted), Duration::ZERO);
    let predicted = ExperimentNews::Predicted {
        after: "kill worker2".to_owned(),
        predictions: predictions(&view, &BTreeMap::new()),
    };
    tell(&mut model, experiment(predicted), Duration::ZERO);
    see(&mut model, view.clone());
    probe(&mut model, &truth(&view), 3);
    model
}

/// The report at the end.
pub(crate) fn report() -> Model {
    let mut model = plan_runs();
    let incident = IncidentReport {
        title: "experiment: kill worker2 at 5s, back at 30s".to_owned(),
        text: "Timeline\n  5.0 s  kill worker2\n 30.0 s  start worker2\n\nall 12 predictions came true (100 %)\n".to_owned(),
        markdown: "# experiment".to_owned(),
        saved: None,
    };
    let ended = ExperimentNews::Ended(Box::new(incident));
    tell(
        &mut model,
        Msg::Experiment(GENERATION, ended),
        Duration::ZERO,
    );
    press(&mut model, &["r"]);
    let effects = press(&mut model, &["s"]);
    assert!(matches!(effects.as_slice(), [Effect::SaveReport { .. }]));
    let saved = Ok(PathBuf::from(
        "/home/ada/.local/share/citus-tour/reports/journey-1.md",
    ));
    tell(
        &mut model,
        Msg::ReportSaved(GENERATION, saved),
        Duration::ZERO,
    );
    model.notice = None;
    model
}

/// Two workers are marked and are to be killed at once.
pub(crate) fn before_two_kills() -> Model {
    let mut model = ready();
    press(
        &mut model,
        &["Alt+5", "Down", "Space", "Down", "Space", "k"],
    );
    assert_eq!(model.overlays.len(), 1, "it is asked about");
    model
}

/// Every state of the laboratory once.
pub(crate) const ALL: [fn() -> Model; 15] = [
    laboratory_rests,
    laboratory_healthy,
    laboratory_broken,
    laboratory_frozen,
    laboratory_matrix,
    laboratory_differs,
    laboratory_outcome,
    laboratory_outcome_differs,
    laboratory_load,
    laboratory_load_over,
    plan_typed,
    before_a_plan,
    plan_runs,
    report,
    before_two_kills,
];
