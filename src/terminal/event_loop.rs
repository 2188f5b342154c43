//! One thing at a time: what happened is taken in, its effects are begun, and when all that waits is taken in there is a frame.

use std::{
    future::poll_fn,
    io,
    task::Poll,
    time::{Duration, Instant},
};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::{
    sync::mpsc::{self, Receiver},
    time::{sleep_until, timeout},
};

use super::{
    effects::Effects,
    guard::{Guard, MOUSE},
    input,
    launch::{Ended, Launch, first_effects},
    screen::{self, Screen},
    signals::{self, Asked, Signals},
    watchdog::Watchdog,
};
use crate::app::{Effect, Model, Msg, next_deadline, update};

/// Messages that may wait; whoever has more to say waits too.
const WAITING: usize = 256;
/// Messages that are taken in before there is a frame, however many wait.
const BATCH: usize = 256;
/// A deadline that is due comes no sooner after the last one, whatever it says.
const SHORTEST_TICK: Duration = Duration::from_millis(16);
/// How long a slow terminal is waited for before it is given back.
const SETTLE: Duration = Duration::from_secs(1);

/// The loop and all that it holds.
pub(super) struct EventLoop {
    model: Model,
    screen: Screen,
    // Before the effects: whatever goes wrong, the terminal goes back before servers are waited for.
    guard: Guard,
    effects: Effects,
    messages: Receiver<Msg>,
    events: EventStream,
    signals: Signals,
    watchdog: Watchdog,
    tick: Option<Instant>,
    last_tick: Instant,
    background: Background,
    /// The terminal says nothing any more.
    deaf: bool,
    terminated: bool,
    over: bool,
}

/// Whether the program is in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Background {
    /// It is not.
    Away,
    /// It is about to go there.
    Wanted,
    /// It is there, or just coming back.
    There,
}

/// What woke the loop.
enum Woken {
    By(Box<Msg>),
    Asked(Asked),
    Terminal(Option<io::Result<Event>>),
    Gone,
    Frame,
    Tick,
}

impl EventLoop {
    pub(super) fn new(
        model: Model,
        screen: Screen,
        (guard, signals): (Guard, Signals),
        launch: &Launch,
    ) -> io::Result<Self> {
        let (sender, messages) = mpsc::channel(WAITING);
        let now = Instant::now();
        let mut this = Self {
            model,
            screen,
            guard,
            messages,
            events: EventStream::new(),
            signals,
            watchdog: Watchdog::start()?,
            tick: None,
            last_tick: now,
            background: Background::Away,
            deaf: false,
            terminated: false,
            over: false,
            effects: Effects::new(sender, launch),
        };
        this.effects.begin();
        for effect in first_effects(&mut this.model, launch, now) {
            this.perform(effect);
        }
        Ok(this)
    }

    /// Until the screen is left.
    pub(super) async fn run(mut self) -> Ended {
        while !self.over {
            self.draw();
            let woken = self.wait().await;
            self.take_woken(woken);
            self.take_what_waits().await;
            if self.background == Background::Wanted {
                self.stop().await;
            }
            self.plan_tick();
        }
        self.settle().await;
        self.guard.give_back();
        let kept = self.effects.finish().await;
        Ended {
            terminated: self.terminated,
            kept,
        }
    }

    /// A frame, if something changed and the terminal is ready for one.
    fn draw(&mut self) {
        let now = Instant::now();
        let may = self.screen.next_frame(now).is_some_and(|due| due <= now);
        if !self.model.dirty || !may || self.is_stopped() {
            return;
        }
        match self.screen.draw(&self.model, now) {
            Ok(regions) => self.model.regions = regions,
            Err(error) => tracing::error!(%error, "a frame could not be drawn"),
        }
        self.model.dirty = false;
    }

    /// Sleeps until something happens.
    async fn wait(&mut self) -> Woken {
        let now = Instant::now();
        let (frame, written) = match (
            self.model.dirty && !self.is_stopped(),
            self.screen.next_frame(now),
        ) {
            (true, Some(due)) => (Some(due), false),
            (true, None) => (None, true),
            (false, _) => (None, false),
        };
        let tick = self.tick.filter(|_| !self.is_stopped());
        tokio::select! {
            biased;
            asked = self.signals.next() => Woken::Asked(asked),
            () = self.watchdog.gone() => Woken::Gone,
            event = self.events.next(), if !self.deaf => Woken::Terminal(event),
            () = until(frame), if frame.is_some() => Woken::Frame,
            () = self.screen.writer().idle(), if written => Woken::Frame,
            Some(message) = self.messages.recv() => Woken::By(Box::new(message)),
            () = until(tick), if tick.is_some() => Woken::Tick,
        }
    }

    fn take_woken(&mut self, woken: Woken) {
        match woken {
            Woken::By(message) => self.take(*message),
            Woken::Asked(asked) => self.take_asked(asked),
            Woken::Terminal(event) => self.take_event(event),
            Woken::Gone => {
                self.deaf = true;
                self.terminate();
            }
            Woken::Frame => {}
            Woken::Tick => {
                self.tick = None;
                self.last_tick = Instant::now();
                self.take(Msg::Tick);
            }
        }
    }

    /// What has happened meanwhile, hands first.
    async fn take_what_waits(&mut self) {
        let mut batch = Vec::new();
        while !self.deaf && batch.len() < BATCH {
            match self.event_at_hand().await {
                Some(Some(Ok(event))) => batch.extend(input::message(event)),
                Some(other) => {
                    self.take_event(other);
                    break;
                }
                None => break,
            }
        }
        for _ in 0..BATCH {
            match self.messages.try_recv() {
                Ok(message) => batch.push(message),
                Err(_) => break,
            }
        }
        for message in input::coalesce(batch) {
            self.take(message);
        }
    }

    /// The next event if there is one already. The stream remembers whom it was asked by last, so it is asked in this task's own name.
    async fn event_at_hand(&mut self) -> Option<Option<io::Result<Event>>> {
        poll_fn(|context| match self.events.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn take_event(&mut self, event: Option<io::Result<Event>>) {
        match event {
            Some(Ok(event)) => {
                if let Some(message) = input::message(event) {
                    self.take(message);
                }
            }
            Some(Err(error)) => {
                tracing::error!(%error, "the terminal cannot be read");
                self.deaf = true;
                self.terminate();
            }
            None => {
                self.deaf = true;
                self.terminate();
            }
        }
    }

    fn take_asked(&mut self, asked: Asked) {
        match asked {
            Asked::End => self.terminate(),
            Asked::Suspend => self.want_background(),
            Asked::Resume => self.resume(),
        }
    }

    fn terminate(&mut self) {
        self.terminated = true;
        self.take(Msg::Terminate);
    }

    fn take(&mut self, message: Msg) {
        // A message that changes nothing takes no frame away from one that did.
        let dirty = self.model.dirty;
        let effects = update(&mut self.model, message, Instant::now());
        self.model.dirty |= dirty;
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Mouse(ours) => {
                Guard::with_mouse(ours);
                let mode = if ours { MOUSE.take } else { MOUSE.give_back };
                self.screen.writer().write(mode.as_bytes().to_vec());
            }
            Effect::Suspend => self.want_background(),
            Effect::Redraw => {
                self.screen.forget();
                self.model.dirty = true;
            }
            Effect::Quit => self.over = true,
            Effect::Copy(text) => {
                let through = self.effects.copy(text);
                self.screen.writer().write(through.unwrap_or_default());
            }
            other => self.effects.run(other),
        }
    }

    /// When to look again although nothing happens. A moment that was planned stays, so that messages in between do not put it off.
    fn plan_tick(&mut self) {
        let now = Instant::now();
        let earliest = self.last_tick + SHORTEST_TICK;
        let next = next_deadline(&self.model, now).map(|next| next.max(earliest));
        self.tick = next.map(|next| self.tick.map_or(next, |planned| planned.min(next)));
    }

    /// Waits until the terminal has taken all, but not for ever.
    async fn settle(&self) {
        // A terminal that takes nothing gets no more either.
        let _ = timeout(SETTLE, self.screen.writer().idle()).await;
    }

    fn is_stopped(&self) -> bool {
        self.background == Background::There
    }

    fn want_background(&mut self) {
        if !self.is_stopped() {
            self.background = Background::Wanted;
        }
    }

    /// To the background, until the shell brings us back.
    async fn stop(&mut self) {
        self.background = Background::Away;
        if self.terminated {
            return;
        }
        if !signals::can_suspend() {
            self.model
                .warn("there is no shell here that could bring the program back");
            return;
        }
        self.settle().await;
        self.guard.give_back();
        self.background = Background::There;
        if let Err(error) = signals::stop() {
            tracing::error!(%error, "could not stop");
            self.resume();
        }
    }

    fn resume(&mut self) {
        self.background = Background::Away;
        if let Err(error) = self.guard.take_again() {
            tracing::error!(%error, "the terminal cannot be taken again");
            self.terminate();
            return;
        }
        let (columns, rows) = screen::size();
        self.take(Msg::Resize(columns, rows));
        self.take(Msg::Resumed);
    }
}

async fn until(moment: Option<Instant>) {
    if let Some(moment) = moment {
        sleep_until(moment.into()).await;
    }
}
