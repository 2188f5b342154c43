//! Asks checks.

use std::time::{Duration, Instant};

use super::{
    event::{Item, Verdict},
    play::{Listener, Player},
    stage::Stage,
};
use crate::{
    lesson::{Check, Step},
    postgres::Outcome,
};

/// How often a check that does not hold yet is asked again.
const POLL: Duration = Duration::from_millis(50);

/// What a check says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// It is true.
    Holds,
    /// It is not, with what differs where the check says so.
    Differs(String),
}

impl Player<'_> {
    pub(super) async fn demand_that_checks_are_false(
        &mut self,
        step: &Step,
        listener: &mut Listener<'_>,
    ) {
        for check in step.checks() {
            if self.check_once(check).await == CheckState::Holds {
                let reason =
                    "it is true before its step, so it does not tell whether the step was done"
                        .to_owned();
                self.conclude(Item::Check(check), Verdict::Failed(reason), listener);
            }
        }
    }

    /// Asks a check until it holds or its time is over; tells and gives the verdict.
    pub async fn play_check(&mut self, check: &Check, listener: &mut Listener<'_>) -> Verdict {
        let deadline = Instant::now() + check.within;
        let verdict = loop {
            match self.check_once(check).await {
                CheckState::Holds => break Verdict::Passed,
                CheckState::Differs(difference) if Instant::now() >= deadline => {
                    break Verdict::Failed(difference);
                }
                CheckState::Differs(_) => tokio::time::sleep(POLL).await,
            }
        };
        self.conclude(Item::Check(check), verdict.clone(), listener);
        verdict
    }

    /// Asks a check once.
    pub async fn check_once(&mut self, check: &Check) -> CheckState {
        self.stage.check(check).await
    }
}

impl Stage {
    /// Asks a check once.
    pub async fn check(&mut self, check: &Check) -> CheckState {
        let node = match &check.on {
            Some(reference) => match self.resolve(reference).await {
                Ok(node) => node,
                Err(error) => return CheckState::Differs(error.to_string()),
            },
            None => self.coordinator().to_owned(),
        };
        let query = self.fill_in(&check.sql.text);
        match self.ask(&node, &query).await {
            Ok(outcome) => check_state(&outcome),
            Err(error) => CheckState::Differs(error.to_string()),
        }
    }
}

fn check_state(outcome: &Outcome) -> CheckState {
    if let Some(report) = outcome.error() {
        return CheckState::Differs(report.to_string());
    }
    let row = outcome
        .results()
        .last()
        .and_then(|result| result.rows.first());
    match row.map(Vec::as_slice) {
        Some([Some(value), ..]) if value == "t" => CheckState::Holds,
        Some([_, Some(difference), ..]) => CheckState::Differs(difference.clone()),
        _ => CheckState::Differs("not yet".to_owned()),
    }
}
