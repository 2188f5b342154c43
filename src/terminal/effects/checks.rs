//! Asks checks again and again, each in a task and a session of its own, so that one that hangs holds up no other.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    context::{Context, unbroken},
    open::{Generation, Running},
};
use crate::{
    app::{Msg, lesson::ItemId},
    lesson::Check,
    player::CheckState,
};

/// How soon a check is asked again at first.
const SOON: Duration = Duration::from_secs(1);
/// How soon it is asked again when nothing has changed for long.
const LATER: Duration = Duration::from_secs(5);
/// Questions that are asked soon, after something happened.
const PATIENCE: u32 = 20;

/// The checks that are watched.
#[derive(Debug)]
pub(super) struct Checks {
    context: Context,
    generation: Generation,
    tasks: JoinSet<()>,
    asked: watch::Sender<u64>,
}

impl Checks {
    pub(super) fn new(context: Context, generation: Generation) -> Self {
        Self {
            context,
            generation,
            tasks: JoinSet::new(),
            asked: watch::Sender::new(0),
        }
    }

    /// Watches these from now on, earlier ones no longer.
    pub(super) fn watch(&mut self, running: Option<Arc<Running>>, checks: Vec<(ItemId, Check)>) {
        self.tasks = JoinSet::new();
        let Some(running) = running else { return };
        for (item, check) in checks {
            let (context, generation) = (self.context.clone(), self.generation.get());
            let (running, asked) = (Arc::clone(&running), self.asked.subscribe());
            self.tasks.spawn(async move {
                let teller = context.clone();
                let follow = follow(&context, generation, &running, item, &check, asked);
                if let Err(words) = unbroken(Box::pin(follow)).await {
                    tell(&teller, generation, item, CheckState::Differs(words)).await;
                }
            });
        }
    }

    /// Asks all of them at once.
    pub(super) fn ask(&self) {
        self.asked.send_modify(|asked| *asked += 1);
    }
}

async fn tell(context: &Context, generation: u64, item: ItemId, state: CheckState) {
    context
        .send(Msg::Check {
            generation,
            item,
            state,
        })
        .await;
}

async fn follow(
    context: &Context,
    generation: u64,
    running: &Running,
    item: ItemId,
    check: &Check,
    mut asked: watch::Receiver<u64>,
) {
    let mut sessions = running.stage();
    let mut last = None;
    let mut questions = 0;
    loop {
        asked.borrow_and_update();
        let begun = Instant::now();
        let state = sessions.check(check).await;
        if last.as_ref() != Some(&state) {
            tell(context, generation, item, state.clone()).await;
            last = Some(state);
            questions = 0;
        }
        questions += 1;
        tokio::select! {
            () = sleep_until(begun + rest(questions)) => {}
            changed = asked.changed() => {
                if changed.is_err() {
                    return;
                }
                questions = 0;
            }
        }
    }
}

/// How long to rest after so many questions that brought nothing new.
fn rest(questions: u32) -> Duration {
    if questions <= PATIENCE { SOON } else { LATER }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_change_is_asked_more_seldom() {
        assert_eq!(rest(1), SOON);
        assert_eq!(rest(PATIENCE), SOON);
        assert_eq!(rest(PATIENCE + 1), LATER);
    }
}
