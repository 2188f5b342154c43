mod busy;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    app::{
        Boot, ClusterFacts, Effect, Model, Msg, OpenTour, Pane, Screen, Settings, input::Chord,
        next_deadline as next_of_all, overlay::Overlay, update,
    },
    cluster::{Outcome, Reachability, StatementKind, Subject, View, predictions, sample},
    lesson::{LessonSource, load as load_tours},
    runtime::Act,
    workload::{Batch, Sample},
};

fn model() -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let tour = load_tours(&LessonSource::embedded())
        .unwrap()
        .swap_remove(0);
    let mut open = OpenTour::new(7, Arc::new(tour), (0, 0), Vec::new(), now);
    open.boot = Boot::Ready;
    open.view = sample::journey();
    open.view_at = Some(now);
    open.facts = Some(ClusterFacts {
        engine: "Citus 13.2".to_owned(),
        real: true,
        runtime: "local".to_owned(),
        id: "abcd".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: vec![Act::Kill, Act::Freeze, Act::Thaw, Act::Restart, Act::Stop],
        nodes: Vec::new(),
    });
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model
}

fn tell(model: &mut Model, msg: Msg, later: u64) -> Vec<Effect> {
    let now = model.now + Duration::from_millis(later);
    update(model, msg, now)
}

fn press(model: &mut Model, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let chord = Chord::parse(key).unwrap();
        effects.extend(tell(model, Msg::Key(chord), 0));
    }
    effects
}

fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        tell(model, Msg::Key(Chord::character(character)), 0);
    }
}

fn pane(model: &Model) -> &LaboratoryPane {
    &model.tour.as_ref().unwrap().laboratory
}

fn probing() -> Model {
    let mut model = model();
    let effects = press(&mut model, &["F3"]);
    assert!(matches!(effects.as_slice(), [Effect::Probe { .. }]));
    tell(&mut model, Msg::Probed(7, ProbeNews::Began(Vec::new())), 5);
    model
}

/// Everything is asked twice, and ends as it does in a cluster that looks like this.
fn see(model: &mut Model, view: &View) {
    for _ in 0..2 {
        let intended = model.now + Duration::from_millis(10);
        let sample = |subject: Subject, outcome: Outcome| Sample {
            subject,
            intended,
            ended: intended + Duration::from_millis(2),
            result: match outcome {
                Outcome::Works => Ok(()),
                _ => Err(crate::workload::Failure {
                    code: "08006".to_owned(),
                    message: "gone".to_owned(),
                    expired: false,
                }),
            },
        };
        let truth = predictions(view, &BTreeMap::new());
        let probed = truth
            .iter()
            .filter(|it| it.subject.kind != StatementKind::Rebalance);
        let batch = Batch {
            at: intended + Duration::from_millis(5),
            samples: probed.map(|it| sample(it.subject, it.outcome)).collect(),
            outstanding: Vec::new(),
            dropped: Vec::new(),
        };
        tell(model, Msg::Probed(7, ProbeNews::Saw(Box::new(batch))), 250);
    }
}

fn broken(worker: &str) -> View {
    let mut view = sample::journey();
    let node = view.nodes.iter_mut().find(|node| node.name == worker);
    node.unwrap().reachability = Reachability::Down;
    view
}

fn acted(model: &mut Model, act: Act, node: &str) {
    let tour = model.tour.as_mut().unwrap();
    let now = model.now;
    crate::app::nodes::planned(tour, act, node);
    super::acted(tour, act, node, now);
}

#[test]
fn nothing_is_asked_until_the_laboratory_is_opened_and_nothing_once_it_is_closed() {
    let mut model = model();
    assert!(press(&mut model, &["Shift+Tab"]).is_empty());
    assert_eq!(model.focus, Pane::Laboratory);
    assert_eq!(pane(&model).probing, Probing::Resting);
    assert!(matches!(
        press(&mut model, &["Enter"]).as_slice(),
        [Effect::Probe { .. }]
    ));
    tell(&mut model, Msg::Probed(7, ProbeNews::Began(Vec::new())), 5);
    assert_eq!(next_of_all(&model, model.now), None, "no clock of its own");
    assert!(matches!(
        press(&mut model, &["w"]).as_slice(),
        [Effect::StopProbes]
    ));
    assert_eq!(model.focus, Pane::Lesson);
    model.dirty = false;
    let truth = sample::journey();
    see(&mut model, &truth);
    assert!(!model.dirty, "what is still on its way changes nothing");
    assert_eq!(
        pane(&model).availability.as_ref().unwrap().tracks().count(),
        0
    );
}

#[test]
fn a_fault_is_predicted_and_held_against_what_is_seen() {
    let mut model = probing();
    see(&mut model, &sample::journey());
    assert!(pane(&model).trial.is_none());
    acted(&mut model, Act::Kill, "worker1");
    see(&mut model, &broken("worker1"));
    let trial = pane(&model).trial.as_ref().unwrap();
    assert_eq!(trial.words, "kill worker1");
    let comparison = &trial.comparison;
    assert!(
        comparison.agrees() && !comparison.rows.is_empty(),
        "{comparison:?}"
    );
    assert!(
        comparison
            .rows
            .iter()
            .any(|row| row.observed == Outcome::Fails)
    );
    // The map sees it a moment later: that is no other fault.
    tell(&mut model, Msg::View(7, Box::new(broken("worker1"))), 20);
    assert_eq!(pane(&model).trial.as_ref().unwrap().words, "kill worker1");
    // The other one dies by nobody's order: that is.
    let mut both = broken("worker1");
    both.nodes
        .iter_mut()
        .find(|node| node.name == "worker2")
        .unwrap()
        .reachability = Reachability::Down;
    tell(&mut model, Msg::View(7, Box::new(both)), 3000);
    assert_eq!(pane(&model).trial.as_ref().unwrap().words, "lost worker2");
    let marks: Vec<String> = pane(&model)
        .availability
        .as_ref()
        .unwrap()
        .marks()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(marks, ["kill worker1", "lost worker2"]);
}

#[test]
fn acts_that_are_near_to_each_other_are_one_fault() {
    let mut model = probing();
    acted(&mut model, Act::Kill, "worker1");
    acted(&mut model, Act::Freeze, "worker2");
    let trial = pane(&model).trial.as_ref().unwrap();
    assert_eq!(trial.words, "kill worker1, freeze worker2");
    let tenant = |it: &&crate::cluster::Prediction| it.subject.kind == StatementKind::TenantRead;
    let mut outcomes: Vec<Outcome> = trial
        .predicted
        .iter()
        .filter(tenant)
        .map(|it| it.outcome)
        .collect();
    outcomes.dedup();
    assert!(
        outcomes.contains(&Outcome::Fails) && outcomes.contains(&Outcome::Waits),
        "{outcomes:?}"
    );
}

#[test]
fn without_motion_a_picture_changes_once_a_second() {
    let mut model = probing();
    model.settings.motion = false;
    see(&mut model, &sample::journey());
    let batch = |model: &Model| Batch {
        at: model.now,
        samples: Vec::new(),
        outstanding: Vec::new(),
        dropped: Vec::new(),
    };
    let news = batch(&model);
    tell(
        &mut model,
        Msg::Probed(7, ProbeNews::Saw(Box::new(news))),
        300,
    );
    assert!(!model.dirty);
    let news = batch(&model);
    tell(
        &mut model,
        Msg::Probed(7, ProbeNews::Saw(Box::new(news))),
        900,
    );
    assert!(model.dirty);
}

#[test]
fn a_plan_is_read_asked_about_carried_out_and_called_off() {
    let mut model = probing();
    press(&mut model, &["f"]);
    type_text(&mut model, "kill workerx at 1 s");
    assert!(press(&mut model, &["Enter"]).is_empty());
    let plan = &pane(&model).plan;
    assert!(plan.problem.as_ref().unwrap().message.contains("workerx"));
    assert_eq!(
        plan.input.as_ref().unwrap().cursor,
        5,
        "where the stranger stands"
    );
    press(&mut model, &["Ctrl+U"]);
    assert!(pane(&model).plan.problem.is_none());
    type_text(&mut model, "kil worker1");
    press(&mut model, &["Enter"]);
    assert!(pane(&model).plan.problem.is_some());
    press(&mut model, &["Ctrl+U"]);
    type_text(&mut model, "kill worker1 at 2 s, back at 4 s");
    press(&mut model, &["Enter"]);
    let Some(Overlay::ConfirmPlan { consequences, .. }) = model.overlays.last() else {
        panic!("{:?}", model.overlays);
    };
    assert!(
        consequences[0].starts_with("at 2s kill worker1: 4 of 8"),
        "{consequences:?}"
    );
    assert!(
        !consequences.iter().any(|words| words.contains("broken")),
        "{consequences:?}"
    );
    assert!(matches!(
        press(&mut model, &["2"]).as_slice(),
        [Effect::Experiment { .. }]
    ));
    assert!(pane(&model).plan.running.is_some());
    // A second one has to wait, and so have the probes.
    press(&mut model, &["f"]);
    assert!(pane(&model).plan.input.is_none());
    assert!(press(&mut model, &["p"]).is_empty());
    assert!(press(&mut model, &["w"]).is_empty());
    tell(&mut model, Msg::Experiment(7, ExperimentNews::Began), 0);
    model.notice = None;
    let now = model.now;
    assert_eq!(
        next_of_all(&model, now),
        Some(now + Duration::from_secs(1)),
        "it counts down"
    );
    let running = pane(&model).plan.running.as_ref().unwrap();
    let (due, wait) = running.next(now + Duration::from_millis(500)).unwrap();
    assert_eq!(
        (due.act.to_string(), wait),
        ("kill".to_owned(), Duration::from_millis(1500))
    );
    assert!(matches!(
        press(&mut model, &["x"]).as_slice(),
        [Effect::CancelExperiment]
    ));
    let report = IncidentReport {
        title: "experiment".to_owned(),
        ..IncidentReport::default()
    };
    let ended = ExperimentNews::Ended(Box::new(report));
    let effects = tell(&mut model, Msg::Experiment(7, ended), 0);
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::Probe { .. }, Effect::AskChecks]
        ),
        "its probes ended with it: {effects:?}"
    );
    press(&mut model, &["r"]);
    assert!(matches!(
        press(&mut model, &["s"]).as_slice(),
        [Effect::SaveReport { .. }]
    ));
    tell(&mut model, Msg::ReportSaved(7, Ok("/tmp/one.md".into())), 0);
    assert!(press(&mut model, &["s"]).is_empty(), "once is enough");
}

#[test]
fn a_load_is_changed_while_it_runs_and_news_of_earlier_ones_are_dropped() {
    let mut model = model();
    press(&mut model, &["F3"]);
    let number = |effects: &[Effect]| match effects {
        [Effect::StartLoad { number, plan, .. }] => (*number, plan.clone()),
        other => panic!("{other:?}"),
    };
    let (first, _) = number(&press(&mut model, &["l"]));
    tell(&mut model, Msg::Load(7, first, LoadNews::Began), 0);
    assert_eq!(pane(&model).load.state, Loading::Running);
    let (second, plan) = number(&press(&mut model, &["+"]));
    assert!(second > first);
    assert_eq!(plan.pacing, crate::workload::Pacing::Open { rate: 200.0 });
    let (third, plan) = number(&press(&mut model, &["c"]));
    assert_eq!(plan.pacing, crate::workload::Pacing::Closed { rate: None });
    tell(
        &mut model,
        Msg::Load(7, second, LoadNews::Failed("late".to_owned())),
        0,
    );
    assert_eq!(pane(&model).load.state, Loading::Starting);
    tell(&mut model, Msg::Load(7, third, LoadNews::Began), 0);
    assert!(matches!(
        press(&mut model, &["l"]).as_slice(),
        [Effect::StopLoad]
    ));
    tell(
        &mut model,
        Msg::Load(7, third, LoadNews::Ended(Box::default())),
        0,
    );
    assert_eq!(pane(&model).load.state, Loading::Resting);
    assert!(pane(&model).load.report.is_some());
    // Without tables there is nothing to ask for.
    model.tour.as_mut().unwrap().view = View::default();
    assert!(press(&mut model, &["l"]).is_empty());
    assert!(model.notice.unwrap().alarming);
}

#[test]
fn rows_of_tenants_unfold_by_shard_group() {
    let mut model = probing();
    let folded = rows(model.tour.as_ref().unwrap()).len();
    press(&mut model, &["Enter"]);
    let all = rows(model.tour.as_ref().unwrap());
    assert_eq!(all.len(), folded + 8);
    assert_eq!(all[0], Row::Kind(StatementKind::TenantRead));
    press(&mut model, &["Down", "Down", "Enter"]);
    assert_eq!(rows(model.tour.as_ref().unwrap()).len(), folded);
    assert_eq!(pane(&model).chosen, 0, "the head of what was folded");
}

#[test]
fn a_cluster_that_is_made_anew_begins_without_a_past() {
    let mut model = probing();
    acted(&mut model, Act::Kill, "worker1");
    let event = crate::app::BootEvent::Rebuilding("again".to_owned());
    tell(&mut model, Msg::Boot(7, event), 0);
    assert!(pane(&model).availability.is_none() && pane(&model).trial.is_none());
    assert_eq!(pane(&model).probing, Probing::Resting);
    let effects = tell(&mut model, Msg::Boot(7, crate::app::BootEvent::Ready), 0);
    let asks = |effect: &Effect| matches!(effect, Effect::Probe { .. });
    assert!(effects.iter().any(asks), "it is still open: {effects:?}");
}
