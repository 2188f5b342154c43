//! A session against a real server: what comes back, in which order, and what happens when the server does not answer.

#[cfg(test)]
mod postgres_server;

use std::time::Duration;

use bytes::Bytes;
use citus_tour::postgres::{
    ApplicationName, Event, Incoming, PostgresError, Session, Severity, TransactionStatus,
    escape_literal, format,
};
use futures_util::stream;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use postgres_server::{DEADLINE, Server};

const PASSWORD: &str = "it's \"secret\" ÿ";

#[tokio::test]
async fn everything_comes_back_in_order() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = server.session(PASSWORD).await;
    assert!(session.major_version().unwrap() >= 14);

    for (statement, tag) in [
        ("CREATE TABLE t (a int PRIMARY KEY, b text)", "CREATE TABLE"),
        (
            "INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 5) i",
            "INSERT 0 5",
        ),
        ("UPDATE t SET b = NULL WHERE a > 3", "UPDATE 2"),
        ("DELETE FROM t WHERE a = 5", "DELETE 1"),
        ("BEGIN", "BEGIN"),
    ] {
        let outcome = session.query(statement, DEADLINE).await.unwrap();
        assert_eq!(outcome.events, [Event::Complete(tag.into())], "{statement}");
    }
    assert_eq!(session.transaction(), TransactionStatus::Open);

    let failed = session
        .run("INSERT INTO t VALUES (1, 'again')", DEADLINE)
        .await
        .unwrap();
    let error = failed.error().unwrap();
    assert!(error.matches(&["23505"]));
    assert_eq!(error.constraint.as_deref(), Some("t_pkey"));
    assert_eq!(error.detail.as_deref(), Some("Key (a)=(1) already exists."));
    assert_eq!(failed.transaction, TransactionStatus::Failed);
    // What psql shows: the server's own tag, not the statement's first word.
    let ended = session.query("COMMIT", DEADLINE).await.unwrap();
    assert_eq!(ended.tags().collect::<Vec<_>>(), ["ROLLBACK"]);

    let block = "DO $$ BEGIN RAISE NOTICE 'one' USING DETAIL = 'd', HINT = 'h'; RAISE WARNING 'two'; END $$";
    let said = session.query(block, DEADLINE).await.unwrap();
    let notices: Vec<_> = said
        .notices()
        .map(|n| (n.severity, n.message.as_str()))
        .collect();
    assert_eq!(
        notices,
        [(Severity::Notice, "one"), (Severity::Warning, "two")]
    );
    assert_eq!(said.events.last(), Some(&Event::Complete("DO".into())));

    let rows = session
        .query("SELECT a, b FROM t ORDER BY a", DEADLINE)
        .await
        .unwrap();
    assert_eq!(
        format::outcome(&rows, "", format::Style::default()),
        " a | b  \n---+----\n 1 | x1\n 2 | x2\n 3 | x3\n 4 | \n(4 rows)\n\n"
    );
    let several = session
        .run("SELECT 1; SELECT 'two'; SELEC", DEADLINE)
        .await
        .unwrap();
    assert!(several.error().unwrap().matches(&["42601"]));
    let several = session
        .query("SELECT 1; SELECT 'two'", DEADLINE)
        .await
        .unwrap();
    assert_eq!(
        several.results().map(|r| r.scalar()).collect::<Vec<_>>(),
        [Some("1"), Some("two")]
    );
    let empty = session.query("-- nothing", DEADLINE).await.unwrap();
    assert_eq!(empty.events, [Event::Empty]);

    let value = "it's \\ ü \u{1F418}";
    let echo = session
        .query(&format!("SELECT {}", escape_literal(value)), DEADLINE)
        .await
        .unwrap();
    assert_eq!(echo.into_rows().scalar(), Some(value));
    let nul = session.run("SELECT '\0'", DEADLINE).await.unwrap_err();
    assert!(matches!(nul, PostgresError::Protocol { .. }), "{nul}");
    assert!(session.is_connected());
}

#[tokio::test]
async fn what_a_statement_brings_is_passed_over() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = server.session(PASSWORD).await;
    for statement in [
        "CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 3)",
        // More than is read at once, and rows larger than that.
        "SELECT i, repeat('x', 100) FROM generate_series(1, 10000) i; SELECT repeat('y', 1000000) FROM t",
        "DO $$ BEGIN RAISE WARNING 'listen'; END $$",
        "COPY t TO STDOUT",
        "LISTEN news; NOTIFY news, 'now'",
        "SET application_name = 'another'",
        "",
    ] {
        let failed = session.run_to_end(statement).await.unwrap();
        assert_eq!(failed, None, "{statement}");
    }
    assert_eq!(session.parameter("application_name"), Some("another"));
    let failed = session
        .run_to_end("BEGIN; SELECT a, 1 / (a - 3) FROM t; SELECT 'never'")
        .await
        .unwrap();
    assert_eq!(failed.unwrap().code, "22012");
    assert_eq!(session.transaction(), TransactionStatus::Failed);
    assert_eq!(session.run_to_end("ROLLBACK").await.unwrap(), None);
    let failed = session.run_to_end("COPY t FROM STDIN").await.unwrap();
    assert_eq!(failed.unwrap().code, "57014");
    let count = session.query("SELECT count(*) FROM t", DEADLINE).await;
    assert_eq!(count.unwrap().into_rows().scalar(), Some("3"));
    let ended = session
        .run_to_end("SELECT pg_terminate_backend(pg_backend_pid())")
        .await
        .unwrap();
    assert_eq!(ended.unwrap().code, "57P01");
    assert!(!session.is_connected());
}

#[tokio::test]
async fn copies_in_and_out() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = server.session(PASSWORD).await;
    session
        .query("CREATE TABLE t (a int, b text)", DEADLINE)
        .await
        .unwrap();

    let line = |i: u32| Bytes::from(format!("{i}\trow {i} {}\n", "x".repeat(50)));
    let copied = session.copy_in(
        "COPY t FROM STDIN",
        stream::iter((0..50_000).map(line)),
        DEADLINE,
    );
    assert_eq!(
        copied.await.unwrap().events,
        [Event::Complete("COPY 50000".into())]
    );

    let wrong = stream::iter((0..50_000).map(|i| Bytes::from(format!("no number {i}\n"))));
    let failed = session
        .copy_in("COPY t FROM STDIN", wrong, DEADLINE)
        .await
        .unwrap();
    assert!(failed.error().unwrap().matches(&["22P02"]));
    let missing = session
        .copy_in("COPY none FROM STDIN", stream::iter([line(1)]), DEADLINE)
        .await;
    assert!(missing.unwrap().error().unwrap().matches(&["42P01"]));
    let no_input = session.run("COPY t FROM STDIN", DEADLINE).await.unwrap();
    assert!(
        no_input
            .error()
            .unwrap()
            .message
            .contains("no input was given")
    );

    let out = session.query(
        "COPY (SELECT i FROM generate_series(1, 3) i) TO STDOUT",
        DEADLINE,
    );
    let expected = [
        Event::CopyOut("1\n2\n3\n".into()),
        Event::Complete("COPY 3".into()),
    ];
    assert_eq!(out.await.unwrap().events, expected);
    let count = session
        .query("SELECT count(*) FROM t", DEADLINE)
        .await
        .unwrap();
    assert_eq!(count.into_rows().scalar(), Some("50000"));

    let mut rows = 0_u32;
    let mut receiver = |incoming| rows += u32::from(matches!(incoming, Incoming::Row(_)));
    session
        .run_each("SELECT * FROM t", DEADLINE, &mut receiver)
        .await
        .unwrap();
    assert_eq!(rows, 50_000);
}

#[tokio::test]
async fn a_deadline_cancels_and_the_session_lives_on() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = server.session(PASSWORD).await;
    let short = Duration::from_millis(50);
    let late = session.run("SELECT pg_sleep(60)", short).await.unwrap();
    assert_eq!(late.expired, Some(short));
    assert!(late.error().unwrap().matches(&["57014"]));
    session.query("SELECT 1", DEADLINE).await.unwrap();

    let cancel = session.cancel_handle();
    let mut watcher = server.session(PASSWORD).await;
    let sleeping = session.run("SELECT pg_sleep(60)", DEADLINE);
    let cancelling = async {
        let seen = format!(
            "SELECT state = 'active' AND wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = {}",
            cancel.process_id()
        );
        while watcher
            .query(&seen, DEADLINE)
            .await
            .unwrap()
            .into_rows()
            .scalar()
            != Some("t")
        {}
        cancel.cancel(DEADLINE).await.unwrap();
    };
    let (cancelled, ()) = tokio::join!(sleeping, cancelling);
    assert!(cancelled.unwrap().error().unwrap().matches(&["57014"]));
    assert!(session.is_connected());

    // A call that is dropped half way costs the connection, and the next call says so.
    let dropped = tokio::time::timeout(short, session.run("SELECT pg_sleep(60)", DEADLINE)).await;
    assert!(dropped.is_err());
    let refused = session.run("SELECT 1", DEADLINE).await.unwrap_err();
    assert!(matches!(refused, PostgresError::Disconnected { .. }));
    session.reconnect(DEADLINE).await.unwrap();
    session.query("SELECT 1", DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_frozen_server_is_given_up() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = server.session(PASSWORD).await;
    let short = Duration::from_millis(50);
    let backend = Pid::from_raw(session.cancel_handle().process_id());
    let postmaster = Pid::from_raw(server.process_id());
    for process in [postmaster, backend] {
        kill(process, Signal::SIGSTOP).unwrap();
    }
    let silent = session.run("SELECT 1", short).await;
    let target = server.target("worker1", PASSWORD);
    let closed = Session::connect(&target, ApplicationName::Check, short).await;
    for process in [postmaster, backend] {
        kill(process, Signal::SIGCONT).unwrap();
    }
    let silent = silent.unwrap_err();
    assert!(matches!(silent, PostgresError::NoAnswer { .. }), "{silent}");
    assert!(silent.matches(&["08"]));
    let closed = closed.unwrap_err();
    assert!(matches!(closed, PostgresError::NoAnswer { .. }), "{closed}");
    assert!(closed.to_string().starts_with("worker1 did not answer"));
    session.reconnect(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_server_that_ends_says_so() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let target = server.target("worker2", "wrong");
    let wrong = Session::connect(&target, ApplicationName::Check, DEADLINE)
        .await
        .unwrap_err();
    assert!(wrong.matches(&["28P01"]), "{wrong}");

    let mut session = server.session(PASSWORD).await;
    server.down("fast");
    let ended = session.run("SELECT 1", DEADLINE).await.unwrap();
    assert!(ended.error().unwrap().matches(&["57P01"]), "{ended:?}");
    assert!(!session.is_connected());
    assert_eq!(session.transaction(), TransactionStatus::Unknown);
    let refused = session.reconnect(DEADLINE).await.unwrap_err();
    assert!(
        matches!(refused, PostgresError::Refused { .. }),
        "{refused}"
    );
    assert!(refused.matches(&["08"]) && refused.node() == "coordinator");

    server.up();
    session.reconnect(DEADLINE).await.unwrap();
    let backend = Pid::from_raw(session.cancel_handle().process_id());
    kill(backend, Signal::SIGKILL).unwrap();
    let lost = session.run("SELECT 1", DEADLINE).await.unwrap_err();
    assert!(matches!(lost, PostgresError::Lost { .. }), "{lost}");
}

#[tokio::test]
async fn notifications_arrive() {
    let Some(server) = Server::start(PASSWORD) else {
        return;
    };
    let mut listener = server.session(PASSWORD).await;
    let mut speaker = server.session(PASSWORD).await;
    listener.query("LISTEN moves", DEADLINE).await.unwrap();
    speaker
        .query("NOTIFY moves, 'group 6'", DEADLINE)
        .await
        .unwrap();
    let event = tokio::time::timeout(DEADLINE, listener.next_event())
        .await
        .unwrap()
        .unwrap();
    let Event::Notification(notification) = event else {
        panic!("{event:?}")
    };
    assert_eq!(
        (notification.channel.as_str(), notification.payload.as_str()),
        ("moves", "group 6")
    );
    server.down("immediate");
    let end = tokio::time::timeout(DEADLINE, async {
        loop {
            if let Err(error) = listener.next_event().await {
                return error;
            }
        }
    });
    assert!(end.await.unwrap().matches(&["57P01", "57P02", "08"]));
}
