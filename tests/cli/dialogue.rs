//! The tour on a terminal, led by a learner who types.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bench::{Bench, DEADLINE};

/// A terminal of our own with the program in it.
struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<String>,
    /// What was printed and not yet waited for.
    unread: String,
}

impl Terminal {
    fn open(bench: &Bench, arguments: &[&str]) -> Self {
        let size = Winsize {
            ws_row: 40,
            ws_col: 120,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(Some(&size), None).unwrap();
        let mut command = bench.command(arguments);
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        command
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end());
        let child = command.spawn().unwrap();
        let keyboard = File::from(pty.master);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            // Linux says that nobody is at the other end any more by an error.
            while let Ok(length @ 1..) = reader.read(&mut block) {
                if sender
                    .send(String::from_utf8_lossy(&block[..length]).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            screen,
            unread: String::new(),
        }
    }

    /// Waits until this is on the screen, after what was waited for before; gives all up to it.
    #[track_caller]
    fn expect(&mut self, words: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.unread.find(words) {
                let rest = self.unread.split_off(at + words.len());
                return std::mem::replace(&mut self.unread, rest);
            }
            match self
                .screen
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(text) => self.unread.push_str(&text),
                Err(reason) => panic!("`{words}` did not come ({reason}): {}", self.unread),
            }
        }
    }

    fn type_line(&mut self, text: &str) {
        self.keyboard
            .write_all(format!("{text}\n").as_bytes())
            .unwrap();
    }

    #[track_caller]
    fn code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            // A full terminal would keep the program from ending.
            while let Ok(text) = self.screen.try_recv() {
                self.unread.push_str(&text);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it did not end: {}", self.unread);
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const ANSWER: &str = "A question for you.\n\n\
    ```text predict\nWhat will it be?\n\n- [x] a table\n- [ ] a chair\n```\n\n\
    ```sql check=\"there is a table called answer\" within=1s\n\
    SELECT to_regclass('answer') IS NOT NULL, 'there are other tables, none called answer';\n```\n\n\
    <details><summary>Hint</summary>\n\nIt is made like any other.\n\n</details>\n\n\
    <details><summary>Solution</summary>\n\n```sql run\nCREATE TABLE answer (id int);\n```\n\n</details>\n";

#[test]
fn in_plain_text_the_learner_is_led_and_goes_on_where_they_left() {
    let bench = Bench::new();
    let mut terminal = Terminal::open(&bench, &["--plain"]);
    terminal.expect("Enter goes on.");
    let text = terminal.expect("[Enter runs it]");
    assert!(
        text.contains("Every distributed database was a small one first."),
        "lessons are read here: {text}"
    );
    assert!(text.contains("CREATE TABLE regions"), "{text}");
    terminal.type_line("h");
    terminal.expect("The button runs four");
    terminal.type_line("x");
    terminal.expect("This step shows its own way.");
    terminal.type_line("SELECT 40 + 2 AS sum;");
    terminal.expect("42");
    terminal.type_line("SELECT nothing");
    terminal.expect("column \"nothing\" does not exist");
    terminal.expect("[Enter runs it]");
    terminal.type_line("");
    terminal.expect("✓ the four tables exist");
    terminal.expect("## Fill them");
    terminal.expect("[Enter does it]");
    terminal.type_line("q");
    terminal.expect("goes on from here");
    assert_eq!(terminal.code(), Some(0));
    bench.assert_clean();

    let mut terminal = Terminal::open(&bench, &["play", "--interactive"]);
    let text = terminal.expect("[Enter does it]");
    assert!(text.contains("## Fill them"), "{text}");
    assert!(!text.contains("## Create the tables"), "{text}");
    terminal.type_line("r");
    terminal.expect("The cluster is made anew");
    terminal.expect("## Create the tables");
    terminal.expect("[Enter runs it]");
    terminal.type_line("");
    terminal.expect("✓ the four tables exist");
    terminal.expect("[Enter does it]");
    terminal
        .type_line("SELECT count(*) AS tables FROM pg_class WHERE relname IN ('users', 'orders');");
    terminal.expect("     2");
    terminal.type_line("");
    terminal.expect("✓");
    terminal.expect("## Ask it something");
    terminal.expect("[Enter runs it]");
    terminal.type_line("q");
    assert_eq!(terminal.code(), Some(0));
    bench.assert_clean();
}

#[test]
fn a_learner_is_asked_first_and_told_what_differs() {
    let bench = Bench::new();
    let lessons = bench.lessons(&format!("## Answer\n\n{ANSWER}"));
    let arguments = ["play", "try", "--interactive", "--lessons", &lessons];
    let mut terminal = Terminal::open(&bench, &arguments);
    terminal.expect("1. a table");
    terminal.expect("Numbers, or Enter to pass:");
    terminal.type_line("1");
    terminal.expect("Kept.");
    terminal.expect("To do: there is a table called answer");
    terminal.expect("[Enter checks]");
    terminal.type_line("CREATE TABLE anser (id int);");
    terminal.expect("CREATE TABLE\r\n");
    terminal.type_line("");
    terminal.expect("there are other tables, none called answer");
    terminal.type_line("h");
    terminal.expect("It is made like any other.");
    terminal.type_line("x");
    terminal.expect("    CREATE TABLE answer (id int);");
    terminal.expect("[Enter checks]");
    terminal.type_line("ALTER TABLE anser RENAME TO answer;");
    terminal.expect("[Enter checks]");
    terminal.type_line("");
    terminal.expect("✓ there is a table called answer");
    terminal.expect("That was the tour.");
    assert_eq!(terminal.code(), Some(0));
    bench.assert_clean();

    let progress = std::fs::read_to_string(bench.home().join("data/progress.json")).unwrap();
    let progress: serde_json::Value = serde_json::from_str(&progress).unwrap();
    assert_eq!(progress["tours"]["try"]["done"][0], "one/answer");
    assert_eq!(progress["tours"]["try"]["predictions"]["one/answer"][0], 0);

    // Who took a tour to its end begins it anew.
    let mut terminal = Terminal::open(&bench, &arguments);
    terminal.expect("## Answer");
    terminal.expect("Enter to pass:");
    terminal.type_line("");
    terminal.expect("[Enter checks]");
    terminal.type_line("s");
    terminal.expect("That was the tour.");
    assert_eq!(terminal.code(), Some(0));
    bench.assert_clean();
}

#[test]
fn a_learner_who_is_asked_can_still_be_interrupted() {
    let bench = Bench::new();
    let mut terminal = Terminal::open(&bench, &["play", "--interactive"]);
    terminal.expect("[Enter runs it]");
    let id = i32::try_from(terminal.child.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGINT).unwrap();
    assert_eq!(terminal.code(), Some(4));
    bench.assert_clean();
}

#[test]
fn the_end_of_the_input_ends_the_tour() {
    let bench = Bench::new();
    let mut terminal = Terminal::open(&bench, &["play", "--interactive"]);
    terminal.expect("[Enter runs it]");
    // Ctrl+D at the beginning of a line.
    terminal.keyboard.write_all(b"\x04").unwrap();
    terminal.expect("Until next time.");
    assert_eq!(terminal.code(), Some(0));
    bench.assert_clean();
}
