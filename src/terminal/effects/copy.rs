//! Text to the clipboard: through the terminal (OSC 52), which reaches the learner's own machine also over ssh, and into this machine's.

use std::{
    env,
    sync::{Arc, Mutex},
};

use arboard::Clipboard;
use crossterm::{Command, clipboard::CopyToClipboard};

use super::context::{Context, blocking};
use crate::app::{Copied, Msg};

/// More than many terminals take in one piece.
const LONGEST: usize = 70_000;

/// This machine's clipboard. Where a window system keeps no copy of its own, what was copied is gone with this.
#[derive(Clone, Default)]
pub(super) struct Copier(Arc<Mutex<Option<Clipboard>>>);

impl std::fmt::Debug for Copier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Copier")
    }
}

/// What asks the terminal to copy; `None` where the text is too long for that.
pub(super) fn through_terminal(text: &str) -> Option<Vec<u8>> {
    let multiplexed = env::var_os("TMUX").is_some_and(|tmux| !tmux.is_empty());
    request(text, multiplexed).map(String::into_bytes)
}

fn request(text: &str, multiplexed: bool) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let mut asked = String::new();
    CopyToClipboard::to_clipboard_from(text)
        .write_ansi(&mut asked)
        .ok()?;
    if multiplexed {
        // To tmux, which copies for itself and may pass it on, and past it, to the terminal behind.
        let inside = asked.replace('\x1b', "\x1b\x1b");
        asked += "\x1bPtmux;";
        asked += &inside;
        asked += "\x1b\\";
    }
    Some(asked)
}

/// Copies into this machine's clipboard too, and tells which ways were gone.
pub(super) async fn copy(context: Context, copier: Copier, text: String, by_terminal: bool) {
    let kept = blocking(move || copier.keep(text)).await;
    let result = match (by_terminal, kept.and_then(|kept| kept)) {
        (true, Ok(())) => Ok(Copied::Both),
        (true, Err(_)) => Ok(Copied::Terminal),
        (false, Ok(())) => Ok(Copied::Clipboard),
        (false, Err(problem)) => Err(format!(
            "too long to be copied through the terminal, and this machine's clipboard cannot be used: {problem}"
        )),
    };
    context.send(Msg::Copied(result)).await;
}

impl Copier {
    fn keep(&self, text: String) -> Result<(), String> {
        let mut clipboard = self.0.lock().map_err(|error| error.to_string())?;
        if clipboard.is_none() {
            *clipboard = Some(Clipboard::new().map_err(|error| error.to_string())?);
        }
        match clipboard.as_mut() {
            Some(clipboard) => clipboard.set_text(text).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_asked_in_its_words() {
        assert_eq!(request("abc", false).unwrap(), "\x1b]52;c;YWJj\x1b\\");
        let through = request("abc", true).unwrap();
        assert!(
            through.ends_with("\x1bPtmux;\x1b\x1b]52;c;YWJj\x1b\x1b\\\x1b\\"),
            "{through:?}"
        );
        assert_eq!(request(&"x".repeat(LONGEST + 1), false), None);
    }
}
