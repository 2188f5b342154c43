//! Nothing that runs is thrown away by something else.

use super::*;
use crate::{app::BootEvent, lesson::FaultPlan};

const SUMMARY: &str = "# Summary\n\n# Trial\n\n- [One]()\n  - [First](a/first.md)\n";

const LESSON: &str = r"---
format: 1
id: first
title: First
minutes: 5
topology: journey
---
# First

Hello.

## Load

```console action=load tour=active-active for=5s mix=writes rate=200
$ citus-tour load active-active --for 5s --mix writes --rate 200
```
";

/// A step whose one action puts load on the cluster.
fn lesson() -> Model {
    let mut model = model();
    let source = LessonSource::from_texts([("SUMMARY.md", SUMMARY), ("a/first.md", LESSON)]);
    let tour = load_tours(&source).unwrap().swap_remove(0);
    let before = model.tour.take().unwrap();
    let now = model.now;
    let mut open = OpenTour::new(7, Arc::new(tour), (0, 0), Vec::new(), now);
    (open.boot, open.facts) = (before.boot, before.facts);
    (open.view, open.view_at) = (before.view, before.view_at);
    model.tour = Some(Box::new(open));
    model.focus = Pane::Lesson;
    model
}

fn plan() -> FaultPlan {
    "kill worker1 at 1 s, back at 9 s".parse().unwrap()
}

fn notice(model: &mut Model) -> String {
    model.notice.take().map_or(String::new(), |it| it.text)
}

fn does(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Do { .. }))
}

#[test]
fn a_lesson_does_not_throw_away_a_plan_that_runs() {
    let mut model = lesson();
    let now = model.now;
    confirmed(&mut model, plan(), now);
    model.focus = Pane::Lesson;
    let effects = press(&mut model, &["Enter", "Enter"]);
    assert!(!does(&effects), "{effects:?}");
    let words = notice(&mut model);
    assert!(words.contains("busy: your plan") && words.contains("x calls it off"));
    assert!(pane(&model).plan.running.is_some() && !pane(&model).load.of_lesson);
}

#[test]
fn no_key_of_the_learners_ends_or_doubles_a_load_of_the_lesson() {
    let mut model = lesson();
    let effects = press(&mut model, &["Enter", "Enter"]);
    assert!(does(&effects), "{effects:?}");
    model.focus = Pane::Laboratory;
    for began in [false, true] {
        if began {
            tell(&mut model, Msg::Load(7, 0, LoadNews::Began), 0);
        }
        let before = pane(&model).load.clone();
        for key in ["l", "+", "-", "c", "m", "f", "w"] {
            assert!(press(&mut model, &[key]).is_empty(), "{key}");
            assert!(notice(&mut model).contains("lesson's load"), "{key}");
        }
        assert_eq!(pane(&model).load, before);
        assert!(pane(&model).plan.input.is_none());
    }
    // What was typed before has to wait too.
    let now = model.now;
    assert!(confirmed(&mut model, plan(), now).is_empty());
    assert!(pane(&model).plan.running.is_none());
    // The end of a load of the learner's before it is not its own.
    let ended = || LoadNews::Ended(Box::default());
    let number = pane(&model).load.number;
    tell(&mut model, Msg::Load(7, number + 1, ended()), 0);
    assert_eq!(pane(&model).load.state, Loading::Running);
    assert!(matches!(
        press(&mut model, &["x"]).as_slice(),
        [Effect::CancelExperiment]
    ));
    tell(&mut model, Msg::Load(7, 0, ended()), 0);
    assert_eq!(pane(&model).load.state, Loading::Resting);
    assert!(!pane(&model).load.of_lesson);
}

#[test]
fn leaving_says_that_a_plan_is_called_off() {
    let mut model = model();
    let now = model.now;
    confirmed(&mut model, plan(), now);
    press(&mut model, &["Ctrl+Q"]);
    let Some(Overlay::Leave { losses, .. }) = model.overlays.last() else {
        panic!("{:?}", model.overlays);
    };
    assert!(losses.iter().any(|words| words.contains("called off")));
}

#[test]
fn a_plan_ends_with_the_cluster_that_is_made_anew_by_its_lesson() {
    let mut model = model();
    let now = model.now;
    confirmed(&mut model, plan(), now);
    crate::app::lesson::rebuild(&mut model, (0, 0), now);
    assert!(pane(&model).plan.running.is_none());
}

#[test]
fn a_laboratory_that_is_opened_while_the_cluster_starts_has_its_probes_when_that_is_ready() {
    let mut model = model();
    model.tour.as_mut().unwrap().boot = Boot::Starting {
        what: None,
        nodes: Vec::new(),
    };
    assert!(press(&mut model, &["F3"]).is_empty());
    let effects = tell(&mut model, Msg::Boot(7, BootEvent::Ready), 0);
    let asks = |effect: &Effect| matches!(effect, Effect::Probe { .. });
    assert!(effects.iter().any(asks), "{effects:?}");
    assert_eq!(pane(&model).probing, Probing::Starting);
}
