//! Before an experiment: it is not too long, and everything that is asked has been answered once.

use std::{collections::BTreeSet, time::Duration};

use tokio::{sync::mpsc, time::timeout_at};

use super::{ExperimentEvent, Hearing};
use crate::{
    cluster::Subject,
    player::PlayError,
    workload::{Batch, MEMORY, ProbeSpec, Sample},
};

/// Before the plan's time begins every statement is to be answered; so many deadlines are waited for that.
const WARMING: u32 = 2;
/// What is longer would lose its beginning: probes warm up before, and what is older than that is forgotten.
const LONGEST: Duration = MEMORY.saturating_sub(Duration::from_secs(60));

/// Refuses what would forget its own beginning.
pub(super) fn remembered(lasts: Duration) -> Result<(), PlayError> {
    if lasts > LONGEST {
        return Err(PlayError::TooLong {
            asked: lasts.as_secs(),
            most: LONGEST.as_secs(),
        });
    }
    Ok(())
}

/// Waits until every statement has been answered once, so that opening connections is not held against the cluster; and no longer than
/// twice as long as one of them may wait. Gives which kinds were not answered, in words.
pub(super) async fn warmed_up(
    specs: &[ProbeSpec],
    deadline: Duration,
    probed: &mut mpsc::Receiver<Batch>,
    hear: &mut Hearing<'_>,
) -> Option<String> {
    let mut missing: BTreeSet<Subject> = specs.iter().map(|spec| spec.subject).collect();
    let until = tokio::time::Instant::now() + deadline.saturating_mul(WARMING);
    while !missing.is_empty() {
        let Ok(Some(batch)) = timeout_at(until, probed.recv()).await else {
            break;
        };
        for sample in batch.samples.iter().filter(|sample| is_answer(sample)) {
            missing.remove(&sample.subject);
        }
        hear(ExperimentEvent::Probed(batch));
    }
    unanswered(&missing)
}

/// A refusal is an answer as well: what is broken already need not be waited for.
fn is_answer(sample: &Sample) -> bool {
    sample
        .result
        .as_ref()
        .err()
        .is_none_or(|failure| !failure.expired)
}

/// Kinds that were not answered before the plan's time began, in words.
fn unanswered(missing: &BTreeSet<Subject>) -> Option<String> {
    let kinds: BTreeSet<_> = missing.iter().map(|subject| subject.kind).collect();
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    let words = format!("not answered before it began: {}", kinds.join(", "));
    (!kinds.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{cluster::StatementKind, workload::Failure};

    #[test]
    fn what_would_forget_its_beginning_is_refused() {
        assert!(remembered(LONGEST).is_ok());
        let error = remembered(Duration::from_mins(10)).unwrap_err().to_string();
        assert!(error.contains("600 s is too long"), "{error}");
    }

    #[test]
    fn who_was_not_answered_is_named() {
        let subject = Subject::whole(StatementKind::Definition);
        assert_eq!(unanswered(&BTreeSet::new()), None);
        let words = unanswered(&BTreeSet::from([subject]));
        let expected = format!("not answered before it began: {}", subject.kind);
        assert_eq!(words, Some(expected));
        let sample = |expired| Sample {
            subject,
            intended: Instant::now(),
            ended: Instant::now(),
            result: Err(Failure {
                code: "57014".to_owned(),
                message: String::new(),
                expired,
            }),
        };
        assert!(is_answer(&sample(false)) && !is_answer(&sample(true)));
    }
}
