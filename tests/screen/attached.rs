//! Somebody's own cluster on the screen: seen, asked, never changed, and left as it was.

use citus_tour::runtime::{Directories, Runtime, ServerAccount, take_over};

use crate::{
    bench::Bench,
    hands::{EMPTY, RUN, TO_EDITOR, pasted},
    pty::Start,
};

/// A cluster that another program runs, and how to reach it.
fn owned(bench: &Bench) -> String {
    bench.well(&["up", "journey", "--at", "a-worker-dies"]);
    let directories = Directories::under(bench.home(), ServerAccount::choose().unwrap()).unwrap();
    let taken = tokio::runtime::Runtime::new().unwrap();
    let cluster = taken.block_on(take_over(&directories, "journey")).unwrap();
    let address = cluster.address("coordinator").unwrap();
    format!(
        "postgres://{}:{}@{}:{}/{}",
        address.user, address.password, address.host, address.port, address.database
    )
}

#[test]
fn a_cluster_is_looked_at_and_left_as_it_was() {
    let bench = Bench::new();
    let url = owned(&bench);
    let mut terminal = Start::of(&bench, &["attach"])
        .variable("CITUS_TOUR_URL", &url)
        .size(140, 44)
        .open();
    terminal.sees_the_cluster();
    terminal.wait_for("attach, read-only");
    terminal.reads("lesson", "Read-only.");
    terminal.sees("map", "a worker's lane", |pane| pane.says("127.0.0.1:"));

    terminal.press(&format!("{TO_EDITOR}{EMPTY}"));
    terminal.press(&pasted("SELECT count(*) FROM users;"));
    terminal.press(RUN);
    terminal.reads("results", "1000");
    terminal.press(EMPTY);
    terminal.press(&pasted("DELETE FROM users;"));
    terminal.press(RUN);
    terminal.reads("results", "read-only transaction");
    terminal.press(EMPTY);
    terminal.press(&pasted("SELECT run_command_on_workers('SELECT 1');"));
    terminal.press(RUN);
    terminal.reads("results", "--allow-writes");
    assert!(
        !terminal
            .contents()
            .contains(url.split(['/', ':', '@']).nth(4).unwrap())
    );

    terminal.press("\x11");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    let status = bench.well(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    for node in status["nodes"].as_array().unwrap() {
        assert!(
            node["up"] == true || node["state"] == "not started",
            "{node}"
        );
    }
    bench.well(&["down"]);
    bench.assert_clean();
}
