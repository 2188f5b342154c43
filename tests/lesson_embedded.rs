//! The lessons that are compiled in have no mistake that lint knows.

use citus_tour::lesson::{LessonSource, lint, load};
use citus_tour::topology;

#[test]
fn the_embedded_lessons_are_clean() {
    let topologies = topology::embedded().expect("the embedded topologies are valid");
    let problems = lint(&LessonSource::embedded(), &topologies);
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{}", listed.join("\n"));
}

#[test]
fn the_embedded_lessons_are_those_of_the_directory() {
    let directory = LessonSource::directory("lessons".as_ref()).expect("the directory is there");
    let embedded = LessonSource::embedded();
    // The compiler follows the files that it has embedded, not the ones that were added since.
    assert!(
        directory == embedded,
        "embedded are {:?}, there are {:?}; touch src/lesson/source.rs and build again",
        embedded.files().collect::<Vec<_>>(),
        directory.files().collect::<Vec<_>>(),
    );
}

#[test]
fn the_journey_has_four_phases_and_begins_on_a_fresh_cluster() {
    let tours = load(&LessonSource::embedded()).expect("the embedded lessons are valid");
    let journey = tours
        .iter()
        .find(|tour| tour.id == "journey")
        .expect("the first tour");
    let phases: Vec<_> = journey
        .phases
        .iter()
        .map(|phase| phase.title.as_str())
        .collect();
    assert_eq!(
        phases,
        [
            "Regular tables",
            "Distribution",
            "Resharding",
            "Undistribution"
        ]
    );
    let lessons: Vec<_> = journey
        .phases
        .iter()
        .flat_map(|phase| &phase.lessons)
        .collect();
    assert!(
        (8..=10).contains(&lessons.len()),
        "{} lessons",
        lessons.len()
    );
    assert_eq!(lessons[0].start, None);
    for pair in lessons.windows(2) {
        assert_eq!(
            pair[1].start.as_ref(),
            Some(&pair[0].id),
            "{}",
            pair[1].file
        );
    }
}

#[test]
fn lessons_of_the_active_active_tour_begin_where_those_before_them_end() {
    let tours = load(&LessonSource::embedded()).expect("the embedded lessons are valid");
    let tour = tours
        .iter()
        .find(|tour| tour.id == "active-active")
        .expect("the second tour");
    let lessons: Vec<_> = tour.lessons().map(|(_, lesson)| lesson).collect();
    assert_eq!(lessons.len(), 10);
    assert_eq!(lessons[0].start, None);
    for pair in lessons.windows(2) {
        assert_eq!(
            pair[1].start.as_deref(),
            Some(pair[0].ends_at()),
            "{}: the cluster need not be made anew",
            pair[1].file
        );
    }
    // A jump does at most two lessons before.
    for lesson in lessons {
        assert!(tour.chain_before(lesson).len() <= 2, "{}", lesson.file);
    }
}

#[test]
fn the_active_active_topology_has_four_workers_and_two_more() {
    let topologies = topology::embedded().expect("the embedded topologies are valid");
    let topology = topologies
        .iter()
        .find(|topology| topology.name == "active-active")
        .expect("active-active.yml");
    let names = |on_demand| -> Vec<&str> {
        let nodes = topology.nodes.iter();
        let nodes = nodes.filter(|node| node.on_demand == on_demand);
        nodes.map(|node| node.name.as_str()).collect()
    };
    assert_eq!(
        names(false),
        ["coordinator", "worker1", "worker2", "worker3", "worker4"]
    );
    assert_eq!(names(true), ["worker5", "worker6"]);
}

#[test]
fn the_journeys_topology_is_the_plans() {
    let topologies = topology::embedded().expect("the embedded topologies are valid");
    let journey = topologies
        .iter()
        .find(|topology| topology.name == "journey")
        .expect("journey.yml");
    let nodes: Vec<_> = journey
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), node.preferred_port, node.on_demand))
        .collect();
    assert_eq!(
        nodes,
        [
            ("coordinator", Some(5440), false),
            ("worker1", Some(5441), false),
            ("worker2", Some(5442), false),
            ("worker3", Some(5443), true),
        ]
    );
    assert_eq!(journey.clusters.len(), 1);
    assert!(
        journey
            .nodes
            .iter()
            .all(|node| node.cluster.as_deref() == Some("main"))
    );
}
