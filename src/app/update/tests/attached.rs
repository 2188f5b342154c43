//! Somebody's own cluster: nothing of it is decided here, and nothing is offered that cannot be done.

use super::*;
use crate::app::{Leave, keys, lesson, matching, overlay::Overlay};
use crate::cluster::{TableName, View, sample};
use crate::lesson::ATTACHED_TOPOLOGY;

fn attached() -> Model {
    let mut model = in_tour(None);
    model.home.attached = true;
    model
}

#[test]
fn it_is_left_without_a_question_and_what_lessons_made_goes() {
    let mut model = attached();
    let ends = |effect: &Effect| matches!(effect, Effect::Leave(Leave::End));
    assert!(press(&mut model, "Ctrl+q").iter().any(ends));
    let mut model = in_tour(None);
    assert!(!press(&mut model, "Ctrl+q").iter().any(ends));
}

#[test]
fn faults_are_offered_on_clusters_of_the_tours_own_only() {
    let names = |model: &Model| -> Vec<&str> {
        let all = matching(model, "");
        all.into_iter().map(|binding| binding.name).collect()
    };
    let own = names(&in_tour(None));
    let elsewhere = names(&attached());
    for name in ["kill", "put-everything-back", "fault-plan"] {
        let binding = keys::by_name(name).unwrap();
        assert!(own.contains(&name), "{name}");
        assert!(!elsewhere.contains(&name), "{name}");
        assert!(!keys::is_offered(&attached(), binding));
    }
    assert!(elsewhere.contains(&"probes"));
}

#[test]
fn a_table_that_a_lesson_shows_is_the_one_in_its_schema() {
    let mut model = attached();
    let mut view: View = sample::journey();
    let mut ours = view.table("users").unwrap().clone();
    ours.name = TableName::new("citus_tour_1a2b3c4d", "users");
    view.tables.push(ours);
    let tour = open(&mut model);
    tour.view = view;
    tour.facts.as_mut().unwrap().schema = Some("citus_tour_1a2b3c4d".to_owned());
    crate::app::map::pin(tour, Some("users"), "42");
    let pinned = tour.map.pin.as_ref().unwrap().table.clone();
    assert_eq!(pinned.unwrap().to_string(), "citus_tour_1a2b3c4d.users");
    open(&mut model).facts.as_mut().unwrap().schema = None;
    crate::app::map::pin(open(&mut model), Some("users"), "42");
    let pinned = open(&mut model).map.pin.as_ref().unwrap().table.clone();
    assert_eq!(pinned.unwrap().to_string(), "users");
}

#[test]
fn going_back_to_the_page_says_that_the_schema_is_dropped() {
    let mut model = attached();
    let mut tour = (*open(&mut model).tour).clone();
    for lesson in tour.phases.iter_mut().flat_map(|phase| &mut phase.lessons) {
        ATTACHED_TOPOLOGY.clone_into(&mut lesson.topology);
    }
    "attach".clone_into(&mut tour.phases[0].lessons[0].topology);
    let tour = Arc::new(tour);
    let facts = open(&mut model).facts.clone();
    let mut other = OpenTour::new(7, tour, (2, 0), Vec::new(), model.now);
    other.boot = Boot::Ready;
    other.facts = facts;
    model.tour = Some(Box::new(other));
    let now = model.now;
    lesson::rebuild(&mut model, (0, 0), now);
    let log = |model: &Model| {
        let entries = &model.tour.as_ref().unwrap().log;
        format!("{entries:?}")
    };
    assert!(log(&model).contains("the schema of the lessons is dropped"));
    lesson::rebuild(&mut model, (1, 0), now);
    assert!(log(&model).contains("the schema of the lessons is made anew for"));
}

#[test]
fn what_cannot_be_dropped_is_told_and_left_behind_only_when_asked_again() {
    let mut model = attached();
    press(&mut model, "Ctrl+q");
    let now = model.now;
    let problem = || Msg::Left(Err("worker1 is down".to_owned()));
    let effects = update(&mut model, problem(), now);
    assert!(matches!(
        effects.as_slice(),
        [Effect::WatchChecks { generation: 7, .. }]
    ));
    assert!(open(&mut model).is_ready() && open(&mut model).facts.is_some());
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::Message { text, .. }] if text.contains("worker1 is down")
    ));
    model.overlays.clear();
    press(&mut model, "Ctrl+q");
    let effects = update(&mut model, problem(), now);
    let keeps = |effect: &Effect| matches!(effect, Effect::Leave(Leave::Keep(_)));
    assert!(effects.iter().any(keeps), "{effects:?}");
    let effects = update(&mut model, Msg::Left(Ok(())), now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]) && model.leaving);
}

#[test]
fn what_takes_everything_away_has_to_be_asked_for_twice() {
    let runs = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Run(_)))
    };
    let write = |model: &mut Model, text: &str| {
        model.focus = crate::app::Pane::Editor;
        let now = model.now;
        update(model, Msg::Paste(text.to_owned()), now);
    };
    let mut model = attached();
    write(&mut model, "DELETE FROM public.users");
    assert!(!runs(&press(&mut model, "F5")));
    let notice = model.notice.as_ref().unwrap();
    assert!(notice.text.contains("your own cluster"), "{}", notice.text);
    assert!(runs(&press(&mut model, "F5")));
    // Where nothing can be written the server says so, and a tour's own cluster is made anew.
    for attached_to in [true, false] {
        let mut model = attached();
        model.home.attached = attached_to;
        open(&mut model).facts.as_mut().unwrap().read_only = attached_to;
        write(&mut model, "DELETE FROM users");
        assert!(runs(&press(&mut model, "F5")));
    }
}

#[test]
fn a_page_with_nothing_to_do_is_no_tour_that_is_done() {
    let mut model = attached();
    let mut tour = (*open(&mut model).tour).clone();
    tour.phases.truncate(1);
    tour.phases[0].lessons.truncate(1);
    tour.phases[0].lessons[0].steps.clear();
    let facts = open(&mut model).facts.clone();
    let mut page = OpenTour::new(7, Arc::new(tour), (0, 0), Vec::new(), model.now);
    page.boot = Boot::Ready;
    page.facts = facts;
    model.tour = Some(Box::new(page));
    model.focus = crate::app::Pane::Lesson;
    press(&mut model, "Enter");
    assert!(model.overlays.is_empty());
    let next = keys::by_name("next-step").unwrap();
    assert!(!keys::is_offered(&model, next));
}
