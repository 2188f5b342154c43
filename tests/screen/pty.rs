//! A terminal of our own with the program in it.

use std::{
    fs::File,
    io::{Read, Write},
    num::NonZeroU16,
    os::fd::{AsFd, OwnedFd},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use nix::{
    fcntl::{FcntlArg, FdFlag, fcntl},
    poll::{PollFd, PollFlags, poll},
    pty::{Winsize, openpty},
    sys::{
        signal::{Signal, kill},
        termios::{Termios, tcgetattr},
    },
    unistd::Pid,
};
use vt100::{MouseProtocolMode, Parser, Screen};

use crate::bench::{Bench, DEADLINE};

/// How a test's program is started.
pub(crate) struct Start<'a> {
    bench: &'a Bench,
    arguments: Vec<&'a str>,
    size: (u16, u16),
    variables: Vec<(&'a str, &'a str)>,
    wrapped: Option<Vec<&'a str>>,
}

impl<'a> Start<'a> {
    /// The program with these arguments, on 120 columns and 36 rows.
    pub(crate) fn of(bench: &'a Bench, arguments: &[&'a str]) -> Self {
        Self {
            bench,
            arguments: arguments.to_vec(),
            size: (120, 36),
            variables: Vec::new(),
            wrapped: None,
        }
    }

    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub(crate) fn variable(mut self, name: &'a str, value: &'a str) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Started by this command, as by a shell.
    pub(crate) fn within(mut self, words: &[&'a str]) -> Self {
        self.wrapped = Some(words.to_vec());
        self
    }

    pub(crate) fn open(self) -> Terminal {
        let mut command = self.bench.command(&self.arguments);
        if let Some(words) = &self.wrapped {
            command = wrapped(&command, words);
        }
        command
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .env_remove("LC_CTYPE")
            .env_remove("NO_COLOR")
            .env_remove("COLORTERM")
            .env_remove("TMUX")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .envs(self.variables);
        Terminal::open(command, self.size)
    }
}

fn wrapped(inner: &Command, words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Held while a terminal is made: a program that another test starts in that moment would inherit it and keep it open.
static SPAWNING: Mutex<()> = Mutex::new(());

/// A terminal with the program in it.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    master: Option<File>,
    line: OwnedFd,
    before: Termios,
    shown: Arc<Shown>,
}

struct Shown {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: Parser,
    raw: Vec<u8>,
    /// A frame has begun and not ended: what is on the screen is half of it.
    half_drawn: bool,
    over: bool,
    closed: bool,
}

/// What a frame begins and ends with: terminals show nothing of it before its end.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

impl State {
    /// Looks whether a frame began or ended in the last `length` bytes, or with them.
    fn note_frames(&mut self, length: usize) {
        let from = self.raw.len().saturating_sub(length + FRAME_BEGINS.len());
        let new = &self.raw[from..];
        let last = |mark: &[u8]| new.windows(mark.len()).rposition(|window| window == mark);
        match (last(FRAME_BEGINS), last(FRAME_ENDS)) {
            (None, None) => {}
            (begun, ended) => self.half_drawn = begun > ended,
        }
    }
}

impl Shown {
    /// False once the terminal is closed: a read that waits would keep it open.
    fn wait_for_bytes(&self, reader: &File) -> bool {
        loop {
            if self.lock().closed {
                return false;
            }
            let mut polled = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
            if poll(&mut polled, 20_u8).unwrap() > 0 {
                return true;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that fails while it looks takes nobody else with it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size_of(value: u16) -> NonZeroU16 {
    NonZeroU16::new(value).unwrap()
}

impl Terminal {
    fn open(mut command: Command, (columns, rows): (u16, u16)) -> Self {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let spawning = SPAWNING.lock().unwrap_or_else(PoisonError::into_inner);
        let pty = openpty(Some(&size), None).unwrap();
        for end in [&pty.master, &pty.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        let before = tcgetattr(&pty.slave).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().unwrap();
        drop(spawning);
        let master = File::from(pty.master);
        let shown = Arc::new(Shown {
            state: Mutex::new(State {
                parser: Parser::new(size_of(rows), size_of(columns), 0),
                raw: Vec::new(),
                half_drawn: false,
                over: false,
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let (mut reader, told) = (master.try_clone().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut block = vec![0; 1 << 16];
            // Linux says that nobody is at the other end any more by an error.
            while told.wait_for_bytes(&reader)
                && let Ok(length @ 1..) = reader.read(&mut block)
            {
                let mut state = told.lock();
                state.parser.process(&block[..length]);
                state.raw.extend_from_slice(&block[..length]);
                state.note_frames(length);
                told.changed.notify_all();
            }
            told.lock().over = true;
            told.changed.notify_all();
        });
        Self {
            child,
            master: Some(master),
            line: pty.slave,
            before,
            shown,
        }
    }

    /// Presses keys, as the bytes that a terminal sends for them.
    pub(crate) fn press(&self, keys: &str) {
        let mut keyboard = self.master.as_ref().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, mut is_so: impl FnMut(&Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.shown.lock();
        while state.half_drawn || !is_so(state.parser.screen()) {
            let rest = deadline.saturating_duration_since(Instant::now());
            assert!(
                !rest.is_zero() && !state.over,
                "{what} did not come:\n{}",
                state.parser.screen().contents()
            );
            // A look now and then, since the end of the other side is not told here.
            let look = rest.min(Duration::from_secs(1));
            state = self.shown.changed.wait_timeout(state, look).unwrap().0;
        }
    }

    /// Waits until these words are on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) {
        self.wait_until(words, |screen| screen.contents().contains(words));
    }

    /// Waits until the screen of the program is there.
    #[track_caller]
    pub(crate) fn wait_for_screen(&self) {
        self.wait_until("the screen", |screen| {
            screen.alternate_screen() && !screen.contents().trim().is_empty()
        });
    }

    pub(crate) fn contents(&self) -> String {
        self.shown.lock().parser.screen().contents()
    }

    /// All bytes that came.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().raw).into_owned()
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        {
            let mut state = self.shown.lock();
            let screen = state.parser.screen_mut();
            screen.set_size(size_of(rows), size_of(columns));
        }
        let status = Command::new("stty")
            .args(["rows", &rows.to_string(), "cols", &columns.to_string()])
            .stdin(self.line.try_clone().unwrap())
            .status()
            .unwrap();
        assert!(status.success());
        // The system tells those only whose session has the terminal.
        self.signal(Signal::SIGWINCH);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    /// Closes the terminal, as a window is closed.
    pub(crate) fn close(&mut self) {
        self.shown.lock().closed = true;
        self.master = None;
    }

    /// Waits for the program's end.
    #[track_caller]
    pub(crate) fn code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                Instant::now() < deadline,
                "it did not end:\n{}",
                self.contents()
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// The terminal is as it was before the program came.
    #[track_caller]
    pub(crate) fn assert_restored(&self) {
        self.wait_until("the terminal as it was", |screen| {
            !screen.alternate_screen()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == MouseProtocolMode::None
                && !screen.hide_cursor()
        });
        assert_eq!(tcgetattr(&self.line).unwrap(), self.before);
        let raw = self.raw();
        let count = |sequence: &str| raw.matches(sequence).count();
        assert_eq!(count("\x1b[?1049h"), count("\x1b[?1049l"));
        assert_eq!(count("\x1b[6n"), 0, "no question where the cursor is");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
