use super::*;

fn subject(kind: StatementKind, group: usize, tenant: &str) -> NamedSubject {
    NamedSubject {
        kind,
        group: Some(group),
        table: Some("messages".to_owned()),
        column: Some("room_id".to_owned()),
        tenant: Some(tenant.to_owned()),
    }
}

fn whole(kind: StatementKind) -> NamedSubject {
    NamedSubject {
        kind,
        group: None,
        table: None,
        column: None,
        tenant: None,
    }
}

fn row(subject: NamedSubject, predicted: Outcome, observed: Option<Outcome>) -> TurnRow {
    let probed = subject.kind != StatementKind::Rebalance;
    let reason = (predicted != Outcome::Works).then(|| "worker3 holds its only copy".to_owned());
    TurnRow {
        subject,
        predicted,
        observed,
        probed,
        reason,
    }
}

fn moment(at_ms: u64, kind: MomentKind, words: &str) -> Moment {
    Moment {
        at_ms,
        kind,
        words: words.to_owned(),
    }
}

/// A worker is killed and comes back, all but one prediction come true.
pub(in crate::player) fn sample() -> Incident {
    use Outcome::{Fails, Works};
    use StatementKind::{AllShardRead, Definition, Rebalance, TenantRead, TenantWrite};
    let before = Turn {
        to_ms: 2_000,
        rows: vec![
            row(subject(TenantRead, 1, "7"), Works, Some(Works)),
            row(subject(TenantRead, 3, "42"), Works, Some(Works)),
        ],
        ..Turn::default()
    };
    let after = Turn {
        act: "kill worker3".to_owned(),
        at_ms: 2_040,
        from_ms: 2_790,
        to_ms: 8_000,
        first_failure_ms: Some(180),
        recovery_ms: None,
        rows: vec![
            row(subject(TenantWrite, 3, "42"), Fails, Some(Works)),
            row(subject(TenantRead, 1, "7"), Works, Some(Works)),
            row(subject(TenantRead, 3, "42"), Fails, Some(Fails)),
            row(subject(TenantWrite, 1, "7"), Works, Some(Works)),
            row(whole(AllShardRead), Fails, Some(Fails)),
            row(whole(Definition), Fails, None),
            row(whole(Rebalance), Fails, None),
        ],
    };
    let service = |subject, share, outages: Vec<Gap>| Service {
        subject,
        share: Some(share),
        codes: if share < 1.0 {
            BTreeMap::from([("08006".to_owned(), 12), ("57P01".to_owned(), 1)])
        } else {
            BTreeMap::new()
        },
        outages,
        message: (share < 0.5)
            .then(|| "connection to the remote node worker3:5432 failed".to_owned()),
    };
    let gap = |from_ms, length_ms| Gap { from_ms, length_ms };
    Incident {
        plan: "kill worker3 at 2s, back at 8s".to_owned(),
        engine: "Citus 13.2.2".to_owned(),
        watched_ms: 12_000,
        called_off: false,
        timeline: vec![
            moment(2_000, MomentKind::Act, "kill worker3"),
            moment(2_060, MomentKind::Exit, "worker3 ended: signal 9"),
            moment(2_310, MomentKind::Seen, "worker3 is down"),
            moment(
                8_000,
                MomentKind::ActFailed,
                "restart worker3: no port is free",
            ),
        ],
        turns: vec![before, after],
        services: vec![
            service(subject(TenantRead, 1, "7"), 1.0, vec![]),
            service(
                subject(TenantRead, 3, "42"),
                0.4,
                vec![gap(2_000, Some(6_120))],
            ),
            service(whole(AllShardRead), 0.9996, vec![gap(9_000, None)]),
            service(whole(Definition), 1.0, vec![]),
        ],
        score: Score {
            right: 6,
            of: 7,
            not_seen: 1,
        },
        load: None,
    }
}

#[test]
fn as_text() {
    insta::assert_snapshot!(sample().to_string());
    for line in sample().to_string().lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn as_narrow_text() {
    let text = sample().within(42);
    insta::assert_snapshot!(text);
    for line in text.lines() {
        assert!(line.chars().count() <= 42, "{line}");
    }
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(sample().markdown());
}

#[test]
fn as_json() {
    let json = serde_json::to_value(sample()).unwrap();
    assert_eq!(json["score"]["right"], 6);
    assert_eq!(json["turns"][1]["rows"][0]["statement"], "tenant-write");
    assert_eq!(json["turns"][1]["rows"][0]["predicted"], "fails");
    assert_eq!(json["turns"][1]["rows"][0]["observed"], "works");
    assert_eq!(
        json["turns"][1]["rows"][5]["observed"],
        serde_json::Value::Null
    );
    assert_eq!(json["timeline"][3]["kind"], "act_failed");
    assert_eq!(json["services"][1]["outages"][0]["length_ms"], 6_120);
}

#[test]
fn what_differs_is_said_in_a_sentence() {
    let mut incident = sample();
    assert!(!incident.agrees());
    assert!(
        incident
            .difference()
            .unwrap()
            .starts_with("restart worker3")
    );
    incident.timeline.pop();
    assert!(!incident.agrees());
    let difference = incident.difference().unwrap();
    assert_eq!(
        difference,
        "after kill worker3, tenant writes, room_id 42 (group 3 of messages): predicted to fail, and seen to work"
    );
    incident.turns[1].rows.remove(0);
    incident.score.of = 6;
    assert!(incident.agrees());
    assert_eq!(incident.difference(), None);
}

#[test]
fn shares_and_scores_are_never_better_than_they_are() {
    for (share, words) in [
        (1.0, "100.0 %"),
        (0.9999, "99.9 %"),
        (0.0, "0.0 %"),
        (0.0001, "0.1 %"),
        (0.5, "50.0 %"),
    ] {
        assert_eq!(percent(share), words);
    }
    let score = |right, of, not_seen| {
        Score {
            right,
            of,
            not_seen,
        }
        .to_string()
    };
    assert_eq!(score(4, 4, 0), "all 4 predictions came true (100 %)");
    assert!(score(199, 200, 0).contains("(99 %)"));
    assert_eq!(
        score(0, 0, 3),
        "too little was seen to hold against the predictions"
    );
    assert!(score(3, 4, 2).ends_with("too little seen of 2 more"));
}

#[test]
fn what_could_be_markup_is_text() {
    let mut incident = sample();
    incident.timeline[0].words = "a|b <i> *x*\nnew".to_owned();
    let page = incident.markdown();
    assert!(page.contains("a\\|b \\<i> \\*x\\* new"), "{page}");
}

#[test]
fn what_is_not_probed_is_told_together_and_says_whose_it_is() {
    let mut incident = sample();
    let turn = incident.turns.last_mut().unwrap();
    turn.rows = [(1, "7"), (3, "42")]
        .map(|(group, tenant)| {
            let subject = subject(StatementKind::TenantWrite, group, tenant);
            let mut row = row(subject, Outcome::Fails, None);
            row.probed = false;
            row
        })
        .to_vec();
    let text = incident.to_string();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches("not probed").count(), 1, "{text}");
    let places = "not probed: room_id 7 (group 1 of messages), room_id 42 (group 3 of messages)";
    assert!(text.contains(places), "{text}");
}
