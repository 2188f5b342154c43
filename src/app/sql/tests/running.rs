use super::*;

#[test]
fn the_statement_under_the_cursor_or_the_selection_runs() {
    let mut model = in_tour();
    written(&mut model, "SELECT 1;\nSELECT 2;\nSELECT 3;");
    press(&mut model, &["Up"]);
    let effects = press(&mut model, &["F5"]);
    let sent = job(&effects).unwrap();
    assert_eq!((sent.text.as_str(), sent.limit), ("SELECT 2", LIMIT));
    let id = sent.id;
    events(&mut model, id, vec![SqlEvent::Done(None)]);

    press(&mut model, &["Ctrl+Home", "Shift+Down", "Shift+End"]);
    let effects = press(&mut model, &["Alt+Enter"]);
    assert_eq!(job(&effects).unwrap().text, "SELECT 1;\nSELECT 2;");
    let id = job(&effects).unwrap().id;
    events(&mut model, id, vec![SqlEvent::Done(None)]);
    let effects = press(&mut model, &["Alt+a"]);
    assert_eq!(
        job(&effects).unwrap().text,
        "SELECT 1;\nSELECT 2;\nSELECT 3;"
    );
}

#[test]
fn nothing_runs_beside_another_statement_or_without_a_cluster() {
    let mut model = in_tour();
    assert!(press(&mut model, &["F5"]).is_empty(), "nothing is written");
    run(&mut model, "SELECT 1;");
    assert!(job(&press(&mut model, &["F5"])).is_none());
    let notice = model.notice.take().unwrap();
    assert!(notice.alarming && notice.text.contains("Ctrl+C"));

    let mut model = in_tour();
    model.tour.as_mut().unwrap().boot = Boot::Leaving;
    written(&mut model, "SELECT 1;");
    assert!(job(&press(&mut model, &["F5"])).is_none());
    assert!(model.notice.is_some());
}

#[test]
fn cancelling_never_leaves_the_program() {
    let mut model = in_tour();
    assert!(press(&mut model, &["Ctrl+C"]).is_empty());
    assert!(
        !model.leaving
            && model
                .notice
                .take()
                .unwrap()
                .text
                .contains("nothing is running")
    );
    let id = run(&mut model, "SELECT pg_sleep(100);");
    let effects = press(&mut model, &["Ctrl+C"]);
    assert!(matches!(effects.as_slice(), [Effect::Cancel(job)] if *job == id));
    assert!(pane(&mut model).cancelling);
    events(&mut model, id, vec![SqlEvent::Done(None)]);
    assert!(!pane(&mut model).cancelling);
    press(&mut model, &["Alt+s"]);
    let effects = press(&mut model, &["Ctrl+C"]);
    assert!(matches!(effects.as_slice(), [Effect::Copy(text)] if text.starts_with("SELECT pg")));
}

#[test]
fn history_keeps_what_ran_once_and_no_secrets() {
    let mut model = in_tour();
    tell(&mut model, Msg::History(vec!["SELECT 0".to_owned()]));
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, " SELECT 'secret';", Vec::new());
    answer(&mut model, "SELECT\n  2;", Vec::new());
    assert_eq!(
        pane(&mut model).history,
        ["SELECT 0", "SELECT 1", "SELECT\n  2"]
    );
    written(&mut model, "draft");
    press(&mut model, &["Ctrl+Up"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT\n  2;");
    press(&mut model, &["Alt+Up", "Alt+Up", "Alt+Up"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT 0;");
    press(&mut model, &["Alt+Down", "Ctrl+Down"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT\n  2;");
    press(&mut model, &["Ctrl+Down", "Ctrl+Down"]);
    assert_eq!(pane(&mut model).written.text(), "draft");
    press(&mut model, &["Ctrl+R"]);
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::History { .. }]
    ));
    press(&mut model, &["0", "Enter"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT 0;");
}

#[test]
fn statements_go_to_the_chosen_node() {
    let mut model = in_tour();
    let node = |name: &str, role| Node {
        name: name.to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 5440,
        role,
        reachability: Reachability::Up,
        membership: None,
        missed_writes: false,
    };
    model.tour.as_mut().unwrap().view.nodes = vec![
        node("coordinator", NodeRole::Coordinator),
        node("worker1", NodeRole::Worker),
    ];
    press(&mut model, &["Alt+n"]);
    assert_eq!(node_name(model.tour.as_ref().unwrap()), "worker1");
    written(&mut model, "BEGIN;");
    let effects = press(&mut model, &["F5"]);
    let sent = job(&effects).unwrap();
    assert_eq!(sent.node.as_ref().unwrap().to_string(), "worker1");
    let id = sent.id;
    events(
        &mut model,
        id,
        vec![
            started(0, "BEGIN"),
            finished(TransactionStatus::Open),
            SqlEvent::Done(None),
        ],
    );
    press(&mut model, &["Alt+n"]);
    assert_eq!(pane(&mut model).node.as_deref(), Some("worker1"));
    assert!(model.notice.as_ref().unwrap().text.contains("transaction"));
    pane(&mut model).transaction = TransactionStatus::Idle;
    press(&mut model, &["Alt+n"]);
    assert_eq!(pane(&mut model).node, None);
}

#[test]
fn a_sweeping_statement_runs_and_says_the_way_back() {
    let mut model = in_tour();
    written(&mut model, "DELETE FROM orders;");
    assert!(job(&press(&mut model, &["F5"])).is_some());
    assert!(model.notice.as_ref().unwrap().text.contains("back"));
}

#[test]
fn the_clock_ticks_while_something_runs() {
    let mut model = in_tour();
    let at = model.now;
    assert_eq!(due(&model, at), None);
    run(&mut model, "SELECT pg_sleep(100);");
    model.notice = None;
    assert_eq!(due(&model, at), Some(at + PATIENCE));
    let second = at + Duration::from_millis(1050);
    assert_eq!(due(&model, second), Some(at + Duration::from_millis(1200)));
    model.settings.motion = false;
    assert_eq!(due(&model, second), Some(at + Duration::from_secs(2)));
    let tour = model.tour.as_mut().unwrap();
    assert_eq!(waiting(tour, true, at), None);
    assert_eq!(waiting(tour, true, second).unwrap(), "1.1 s");
    tour.view.nodes = vec![Node {
        name: "worker2".to_owned(),
        host: String::new(),
        port: 0,
        role: NodeRole::Worker,
        reachability: Reachability::Frozen,
        membership: None,
        missed_writes: false,
    }];
    let later = at + Duration::from_secs(12);
    assert_eq!(
        waiting(tour, false, later).unwrap(),
        "waiting for worker2 (frozen), 12 s"
    );
}

#[test]
fn psql_habits_run_as_statements() {
    let mut model = in_tour();
    written(&mut model, "\\dt");
    let effects = press(&mut model, &["F5"]);
    assert!(job(&effects).unwrap().text.contains("pg_class"));
    assert_eq!(pane(&mut model).history, ["\\dt"]);
}
