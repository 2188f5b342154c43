use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Availability, Cell, Window};
use crate::cluster::{Outcome, StatementKind, Subject};
use crate::workload::{Batch, Failure, Outstanding, Sample};

const SUBJECT: Subject = Subject {
    kind: StatementKind::AllShardRead,
    group: None,
};

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn sample(start: Instant, intended: u64, took: u64, code: Option<&str>) -> Sample {
    Sample {
        subject: SUBJECT,
        intended: start + milliseconds(intended),
        ended: start + milliseconds(intended + took),
        result: code.map_or(Ok(()), |code| {
            Err(Failure {
                code: code.to_owned(),
                message: format!("message of {code}"),
                expired: false,
            })
        }),
    }
}

fn batch(at: Instant, samples: Vec<Sample>) -> Batch {
    Batch {
        at,
        samples,
        outstanding: Vec::new(),
        dropped: Vec::new(),
    }
}

/// `.` works, `L` late, `F` fails, `W` waits and then fails; one every 250 ms.
fn seen(start: Instant, story: &str) -> Availability {
    let mut availability = Availability::new(start, milliseconds(250));
    let mut samples: Vec<Sample> = (0..)
        .zip(story.chars())
        .map(|(index, what)| {
            let intended = index * 250;
            match what {
                '.' => sample(start, intended, 2, None),
                'L' => sample(start, intended, 3_002, None),
                'F' => sample(start, intended, 3, Some("08006")),
                _ => sample(start, intended, 3_003, Some("57014")),
            }
        })
        .collect();
    samples.sort_by_key(|sample| sample.ended);
    availability.take(&batch(start + Duration::from_secs(60), samples));
    availability
}

fn all(start: Instant) -> Window {
    Window::new(start, start + Duration::from_secs(60))
}

fn outcome(story: &str) -> Option<Outcome> {
    let start = Instant::now();
    seen(start, story).of(SUBJECT).unwrap().outcome(all(start))
}

#[test]
fn the_newest_statements_decide_an_outcome() {
    assert_eq!(outcome("."), None);
    assert_eq!(outcome(".."), Some(Outcome::Works));
    assert_eq!(outcome("........FFFFF"), Some(Outcome::Fails));
    assert_eq!(outcome("FFFFFFFFFFFF....."), Some(Outcome::Works));
    assert_eq!(outcome("...LLLLL"), Some(Outcome::Late));
    assert_eq!(outcome("...WWWWW"), Some(Outcome::Waits));
    // One that was caught by the fault, then every statement at once.
    assert_eq!(outcome("....WFFFF"), Some(Outcome::Fails));
    // One failure of an old connection is not the state.
    assert_eq!(outcome("....F...."), Some(Outcome::Works));
}

#[test]
fn outages_last_from_the_first_that_failed_to_the_first_that_works() {
    let start = Instant::now();
    let availability = seen(start, "..FFFF...WW.");
    let track = availability.of(SUBJECT).unwrap();
    let lengths: Vec<_> = track
        .outages()
        .iter()
        .map(|outage| (outage.start - start, outage.end.unwrap() - start))
        .collect();
    assert_eq!(
        lengths,
        [
            (milliseconds(500), milliseconds(1_500)),
            (milliseconds(2_250), milliseconds(2_750))
        ]
    );
    let kill = start + milliseconds(400);
    assert_eq!(track.first_failure_after(kill), Some(milliseconds(103)));
    assert_eq!(track.recovery_after(kill), Some(milliseconds(1_100)));
    let restart = start + milliseconds(1_300);
    assert_eq!(track.recovery_after(restart), Some(milliseconds(200)));
    assert_eq!(
        track.codes(all(start)),
        BTreeMap::from([("08006".to_owned(), 4), ("57014".to_owned(), 2)])
    );
    assert_eq!(track.share(all(start)), Some(0.5));
}

#[test]
fn an_error_of_an_earlier_outage_is_not_of_this_one() {
    let start = Instant::now();
    let availability = seen(start, "FF..");
    let track = availability.of(SUBJECT).unwrap();
    assert_eq!(track.code_since(start), Some("08006"));
    assert_eq!(track.code_since(start + milliseconds(500)), None);
}

#[test]
fn what_waits_is_told_while_it_waits() {
    let start = Instant::now();
    let mut availability = seen(start, "....");
    let waiting = |at: u64| Batch {
        at: start + milliseconds(at),
        samples: Vec::new(),
        outstanding: vec![Outstanding {
            subject: SUBJECT,
            since: start + milliseconds(1_000),
        }],
        dropped: Vec::new(),
    };
    availability.take(&waiting(1_500));
    let track = availability.of(SUBJECT).unwrap();
    assert_eq!(track.waiting_since(), Some(start + milliseconds(1_000)));
    // It may still come in good time.
    assert_eq!(track.outages(), []);
    assert_eq!(track.share(all(start)), Some(1.0));

    availability.take(&waiting(3_500));
    let track = availability.of(SUBJECT).unwrap();
    assert_eq!(track.outages().len(), 1);
    let fault = Window::new(start + milliseconds(900), start + milliseconds(3_500));
    assert_eq!(track.outcome(fault), Some(Outcome::Waits));
    let strip = availability.strip(SUBJECT, Window::new(start, start + milliseconds(3_500)));
    assert_eq!(strip.len(), 14);
    assert!(
        strip[..4]
            .iter()
            .all(|cell| cell.ok == 1 && cell.waiting == 0)
    );
    assert!(strip[4..].iter().all(|cell| cell.waiting == 1));

    let ended = sample(start, 1_000, 2_600, None);
    availability.take(&batch(start + milliseconds(3_700), vec![ended]));
    let track = availability.of(SUBJECT).unwrap();
    assert_eq!(track.waiting_since(), None);
    assert_eq!(track.outages(), []);
}

#[test]
fn statements_that_were_not_sent_are_not_served() {
    let start = Instant::now();
    let mut availability = seen(start, "..");
    let dropped = Outstanding {
        subject: SUBJECT,
        since: start + milliseconds(600),
    };
    availability.take(&Batch {
        at: start + milliseconds(700),
        samples: Vec::new(),
        outstanding: Vec::new(),
        dropped: vec![dropped, dropped],
    });
    let track = availability.of(SUBJECT).unwrap();
    assert_eq!(track.share(all(start)), Some(0.5));
    let strip = availability.strip(SUBJECT, Window::new(start, start + milliseconds(750)));
    assert_eq!(strip[2].dropped, 2);
    assert!(!strip[2].is_well() && strip[0].is_well());
}

#[test]
fn old_times_are_forgotten() {
    let start = Instant::now();
    let mut availability = seen(start, "FFFF");
    availability.take(&batch(start + Duration::from_mins(12), Vec::new()));
    assert_eq!(availability.of(SUBJECT).unwrap().count(all(start)), 0);
}

proptest! {
    /// In whichever order the ends come, the same is known.
    #[test]
    fn the_order_of_arrival_does_not_matter(story in "[.LFW]{1,40}", cut in 0_usize..40) {
        let start = Instant::now();
        let once = seen(start, &story);
        let samples: Vec<Sample> = (0..)
            .zip(story.chars())
            .map(|(index, what)| match what {
                '.' => sample(start, index * 250, 2, None),
                'L' => sample(start, index * 250, 3_002, None),
                'F' => sample(start, index * 250, 3, Some("08006")),
                _ => sample(start, index * 250, 3_003, Some("57014")),
            })
            .collect();
        let cut = cut.min(samples.len());
        let mut twice = Availability::new(start, milliseconds(250));
        twice.take(&batch(start + Duration::from_secs(30), samples[cut..].to_vec()));
        twice.take(&batch(start + Duration::from_secs(60), samples[..cut].to_vec()));
        let (once, twice) = (once.of(SUBJECT).unwrap(), twice.of(SUBJECT).unwrap());
        prop_assert_eq!(once.outages(), twice.outages());
        prop_assert_eq!(once.outcome(all(start)), twice.outcome(all(start)));
        prop_assert_eq!(once.codes(all(start)), twice.codes(all(start)));
    }

    /// Every statement is in exactly one bucket, whatever the buckets are.
    #[test]
    fn buckets_lose_nothing(story in "[.LFW]{1,40}", bucket in 1_u64..2_000) {
        let start = Instant::now();
        let availability = seen(start, &story);
        let track = availability.of(SUBJECT).unwrap();
        let cells = track.cells(start, milliseconds(bucket), 20_000);
        let sum = |of: fn(&Cell) -> u32| cells.iter().map(of).sum::<u32>() as usize;
        let expected = |what| story.chars().filter(|one| *one == what).count();
        prop_assert_eq!(sum(|cell| cell.ok), expected('.'));
        prop_assert_eq!(sum(|cell| cell.late), expected('L'));
        prop_assert_eq!(sum(|cell| cell.failed), expected('F'));
        prop_assert_eq!(sum(|cell| cell.expired), expected('W'));
        let outages = track.outages();
        prop_assert!(outages.is_sorted_by_key(|outage| outage.start));
        prop_assert_eq!(outages.is_empty(), !story.contains(['F', 'W']));
    }
}
