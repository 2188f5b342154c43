//! Takes the terminal and gives it back, from one list, however the program ends.

use std::{
    io, panic,
    sync::{
        Mutex, Once,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use nix::poll::PollTimeout;

use super::bytes::{put, put_within};

/// How long a terminal that takes nothing is waited for while it is given back, in milliseconds.
const PATIENCE: u16 = 1000;

/// Buttons, the wheel and drags, in the form that knows no limit of columns. Mere movement is not asked for: it would wake the program for
/// nothing.
pub(super) const MOUSE: Mode = Mode {
    take: "\x1b[?1000h\x1b[?1002h\x1b[?1006h",
    give_back: "\x1b[?1006l\x1b[?1002l\x1b[?1000l",
};

/// Everything that is changed about the terminal beside raw mode, in the order of taking.
const MODES: [Mode; 4] = [
    // The alternate screen.
    Mode::new("\x1b[?1049h", "\x1b[?1049l"),
    // Pasted text comes as one piece.
    Mode::new("\x1b[?2004h", "\x1b[?2004l"),
    MOUSE,
    // A frame that is cut off half-way leaves its escape sequence, its update, its colours and a hidden cursor behind.
    Mode::new("", "\x18\x1b[?2026l\x1b[0m\x1b[?25h"),
];

static TAKEN: AtomicBool = AtomicBool::new(false);
static WITH_MOUSE: AtomicBool = AtomicBool::new(true);
static HOOK: Once = Once::new();
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// One thing that is switched on and off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) take: &'static str,
    pub(super) give_back: &'static str,
}

impl Mode {
    const fn new(take: &'static str, give_back: &'static str) -> Self {
        Self { take, give_back }
    }
}

/// The terminal is ours while this lives. A panic of the thread that took it gives it back before it is told.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it cannot be put into raw mode or written to.
    pub fn take(mouse: bool) -> io::Result<Self> {
        give_back_before_panics();
        if let Ok(mut owner) = OWNER.lock() {
            *owner = Some(thread::current().id());
        }
        WITH_MOUSE.store(mouse, Ordering::Relaxed);
        let guard = Self(());
        guard.take_again()?;
        Ok(guard)
    }

    /// Takes the terminal after it was given back, as after a suspension; or anew, when somebody else has changed it.
    ///
    /// # Errors
    /// As [`Guard::take`].
    pub fn take_again(&self) -> io::Result<()> {
        // First, since it stops a program in the background, which must not touch the screen.
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        put(taking(WITH_MOUSE.load(Ordering::Relaxed)).as_bytes())
    }

    /// Gives it back until it is taken again.
    pub fn give_back(&self) {
        give_back();
    }

    /// Notes whether the mouse is to be ours after a suspension.
    pub(super) fn with_mouse(mouse: bool) {
        WITH_MOUSE.store(mouse, Ordering::Relaxed);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn taking(mouse: bool) -> String {
    let wanted = |mode: &&Mode| mouse || **mode != MOUSE;
    MODES.iter().filter(wanted).map(|mode| mode.take).collect()
}

fn giving_back() -> String {
    MODES.iter().rev().map(|mode| mode.give_back).collect()
}

/// Gives the terminal back, once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nobody is left to tell when the terminal is gone.
        let _ = put_within(giving_back().as_bytes(), PollTimeout::from(PATIENCE));
        let _ = disable_raw_mode();
    }
}

/// A panic of the thread that draws ends the program, so the terminal goes back before it is told. One of another thread ends a task: what
/// it was doing is told on the screen, which must not be written over.
fn give_back_before_panics() {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let owner = OWNER.try_lock().ok().and_then(|owner| *owner);
            if owner == Some(thread::current().id()) {
                give_back();
            }
            if TAKEN.load(Ordering::SeqCst) {
                tracing::error!("{info}");
            } else {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_taken_is_given_back_in_reverse() {
        let (taken, given_back) = (taking(true), giving_back());
        let numbers = |text: &str, end: char| -> Vec<String> {
            text.split("\x1b[?")
                .filter_map(|part| part.split_once(end).map(|(number, _)| number.to_owned()))
                .collect()
        };
        let mut off = numbers(&given_back, 'l');
        off.reverse();
        // The end of an update that was never begun by us.
        off.retain(|number| number != "2026");
        assert_eq!(numbers(&taken, 'h'), off);
        assert!(given_back.contains("\x1b[?25h"), "the cursor comes back");
    }

    #[test]
    fn without_a_mouse_it_is_not_asked_for() {
        assert!(!taking(false).contains("1000"));
        assert!(taking(false).contains("1049"));
    }
}
