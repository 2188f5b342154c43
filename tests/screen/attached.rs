//! Somebody's own cluster on the screen: seen, asked, never changed, and left as it was.

use citus_tour::runtime::{Directories, ServerAccount, take_over};

use crate::{
    bench::Bench,
    hands::{EMPTY, RUN, TO_EDITOR, pasted},
    pty::Start,
};

/// A cluster that another program runs, and how to reach it.
pub(crate) fn owned(bench: &Bench) -> String {
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

/// What stands before the password, the password, and what stands behind it.
fn parts(url: &str) -> (&str, &str, &str) {
    let (account, behind) = url.split_once('@').unwrap();
    let (before, password) = account.rsplit_once(':').unwrap();
    (before, password, behind)
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
    terminal.wait_for("● 127.0.0.1:");

    terminal.press(TO_EDITOR);
    for (statement, answer) in [
        ("SELECT count(*) FROM users;", "1000"),
        ("DELETE FROM users;", "read-only transaction"),
        (
            "SELECT run_command_on_workers('SELECT 1');",
            "--allow-writes",
        ),
    ] {
        terminal.wait_for("· idle");
        terminal.press(EMPTY);
        terminal.press(&pasted(statement));
        terminal.press(RUN);
        terminal.reads("results", answer);
    }
    assert!(!terminal.raw().contains(parts(&url).1));

    terminal.wait_for("· idle");
    terminal.press("\x11");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    // Somebody who names no password is asked for it, and nobody sees it.
    let (before, password, behind) = parts(&url);
    let home = bench.home().display().to_string();
    let mut terminal = Start::of(&bench, &["attach"])
        .variable("CITUS_TOUR_URL", &format!("{before}@{behind}"))
        .variable("HOME", &home)
        .open();
    terminal.wait_for("Password for");
    terminal.press(&format!("{password}\r"));
    terminal.sees_the_cluster();
    assert!(!terminal.raw().contains(password));
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
