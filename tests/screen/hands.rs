//! What somebody does at the keyboard and with the mouse, and waits to see.

use crate::{
    pty::Terminal,
    sight::{self, Pane},
};

pub(crate) const TO_LESSON: &str = "\x1b1";
pub(crate) const TO_MAP: &str = "\x1b2";
pub(crate) const TO_EDITOR: &str = "\x1bOS";
pub(crate) const TO_RESULTS: &str = "\x1b4";
pub(crate) const TO_NODES: &str = "\x1b[18~";
pub(crate) const TO_LABORATORY: &str = "\x1bOR";
pub(crate) const TO_LOG: &str = "\x1b6";
pub(crate) const RUN: &str = "\x1b[15~";
pub(crate) const RUN_ALL: &str = "\x1ba";
pub(crate) const ALL_BACK: &str = "\x1b[19~";
pub(crate) const ZOOM: &str = "\x1b[23~";
pub(crate) const EMPTY: &str = "\x1bk";
pub(crate) const CANCEL: &str = "\x03";
pub(crate) const UP: &str = "\x1b[A";
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const RIGHT: &str = "\x1b[C";

/// Text as a terminal gives it when it is pasted.
pub(crate) fn pasted(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

impl Terminal {
    /// Waits until a pane is as it should be, and gives it.
    #[track_caller]
    pub(crate) fn sees(&self, title: &str, what: &str, is_so: impl Fn(&Pane) -> bool) -> Pane {
        let mut seen = None;
        self.wait_until(what, |screen| {
            seen = sight::pane(screen, title).filter(|pane| is_so(pane));
            seen.is_some()
        });
        seen.unwrap()
    }

    /// Waits until a pane says this.
    #[track_caller]
    pub(crate) fn reads(&self, title: &str, words: &str) -> Pane {
        self.sees(title, words, |pane| pane.says(words))
    }

    /// Leaves the program and ends the tour's cluster with it.
    #[track_caller]
    pub(crate) fn leave_and_end(&mut self) {
        self.press("q");
        self.wait_for("[2 end the cluster]");
        self.press("2");
        assert_eq!(self.code(), Some(0));
        self.assert_restored();
    }

    /// Waits until the cluster is there and nobody is at work on it.
    #[track_caller]
    pub(crate) fn sees_the_cluster(&self) {
        self.wait_until("a cluster that is ready", |screen| {
            let rows = sight::rows(screen);
            let head = rows.first().map_or("", String::as_str);
            let busy = [
                "the cluster starts",
                "the cluster is made ready",
                "starting",
            ];
            let strip = rows.iter().any(|row| row.starts_with(" nodes  ● "));
            strip && !busy.iter().any(|words| head.contains(words))
        });
    }

    /// Waits until a layer is gone.
    #[track_caller]
    pub(crate) fn sees_no(&self, title: &str) {
        self.wait_until("the end of a layer", |screen| {
            sight::pane(screen, title).is_none()
        });
    }

    /// Waits until the line of all nodes says this.
    #[track_caller]
    pub(crate) fn reads_strip(&self, words: &str) {
        self.wait_until(words, |screen| {
            let rows = sight::rows(screen);
            rows.iter()
                .any(|row| row.starts_with(" nodes ") && row.contains(words))
        });
    }

    /// Goes to a pane by a key.
    #[track_caller]
    pub(crate) fn go_to(&self, key: &str, title: &str) -> Pane {
        self.press(key);
        self.sees(title, "the focus", |pane| pane.has_focus)
    }

    /// Puts text into the editor, in place of what was there.
    #[track_caller]
    pub(crate) fn write_sql(&self, sql: &str) {
        self.go_to(TO_EDITOR, "sql");
        self.press(EMPTY);
        self.press(&pasted(sql));
    }

    /// Runs a statement in the editor and waits for the end of its answer.
    #[track_caller]
    pub(crate) fn ask(&self, sql: &str) -> Pane {
        let before = self.sees("results", "the results", |_| true);
        self.write_sql(sql);
        self.press(RUN);
        let beginning: String = sql.chars().take(15).collect();
        self.sees("results", "an answer", |pane| {
            let head = pane.rows.first().map_or("", String::as_str);
            head.starts_with(&beginning) && is_over(head) && *pane != before
        })
    }

    /// A turn of the wheel downwards at a place.
    pub(crate) fn wheel(&self, at: (usize, usize)) {
        self.press(&format!("\x1b[<65;{};{}M", at.0, at.1));
    }

    /// A press of the left button at a place, and its release.
    pub(crate) fn click(&self, at: (usize, usize)) {
        self.press(&format!("\x1b[<0;{0};{1}M\x1b[<0;{0};{1}m", at.0, at.1));
    }

    /// The left button held from a place to another one.
    pub(crate) fn drag(&self, from: (usize, usize), to: (usize, usize)) {
        self.press(&format!(
            "\x1b[<0;{};{}M\x1b[<32;{};{}M\x1b[<0;{2};{3}m",
            from.0, from.1, to.0, to.1
        ));
    }
}

/// Whether the line above an answer says how long it took.
fn is_over(head: &str) -> bool {
    head.ends_with(" ms") || head.ends_with(" s")
}
