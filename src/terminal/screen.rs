//! Frames: a model drawn into a buffer, and what differs from the last one sent to the terminal, all of it at once.

use std::{
    io,
    time::{Duration, Instant},
};

use crossterm::{
    cursor::{Hide, MoveTo, Show},
    queue,
    style::{Attribute, SetAttribute},
    terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate},
};
use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::writer::Writer;
use crate::{
    app::{Model, Regions},
    ui::{Theme, view},
};

/// Frames come no closer to each other: more than a screen shows, and than a person sees.
const APART: Duration = Duration::from_millis(10);

/// The size of a terminal that does not know its own, as on a serial line.
const USUAL: (u16, u16) = (80, 24);

/// Columns and rows of the terminal.
pub(super) fn size() -> (u16, u16) {
    match crossterm::terminal::size() {
        Ok((columns @ 1.., rows @ 1..)) => (columns, rows),
        _ => USUAL,
    }
}

/// What the terminal shows, as far as we know.
#[derive(Debug)]
pub(super) struct Screen {
    writer: Writer,
    shown: Buffer,
    next: Buffer,
    cursor: Option<Position>,
    /// Nothing is known of what the terminal shows.
    blank: bool,
    last: Option<Instant>,
}

impl Screen {
    /// A screen of which nothing is known.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            writer: Writer::start()?,
            shown: Buffer::default(),
            next: Buffer::default(),
            cursor: None,
            blank: true,
            last: None,
        })
    }

    /// The way to the terminal.
    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The next frame draws everything. No question is put to the terminal for that.
    pub(super) fn forget(&mut self) {
        self.blank = true;
    }

    /// When the next frame may be drawn; `None`: when the terminal has taken the last one.
    pub(super) fn next_frame(&self, now: Instant) -> Option<Instant> {
        if self.writer.is_busy() {
            return None;
        }
        Some(self.last.map_or(now, |last| last + APART))
    }

    /// Draws a frame and says what lies where.
    pub(super) fn draw(&mut self, model: &Model, now: Instant) -> io::Result<Regions> {
        self.last = Some(now);
        let (columns, rows) = model.size;
        let area = Rect::new(0, 0, columns, rows);
        self.next.resize(area);
        self.next.reset();
        let regions = view(model, &Theme::new(&model.settings), area, &mut self.next);
        let frame = self.frame(regions.cursor.filter(|cursor| area.contains(*cursor)))?;
        std::mem::swap(&mut self.shown, &mut self.next);
        self.writer.write(frame);
        Ok(regions)
    }

    /// The bytes that lead from what is shown to what is next.
    fn frame(&mut self, cursor: Option<Position>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let anew = std::mem::take(&mut self.blank) || self.shown.area != self.next.area;
        if anew {
            self.shown.resize(self.next.area);
            self.shown.reset();
        }
        let cells = self.shown.diff(&self.next);
        if !anew && cells.is_empty() && cursor == self.cursor {
            return Ok(bytes);
        }
        queue!(bytes, BeginSynchronizedUpdate, Hide)?;
        if anew {
            queue!(bytes, SetAttribute(Attribute::Reset), Clear(ClearType::All))?;
        }
        CrosstermBackend::new(&mut bytes).draw(cells.into_iter())?;
        if let Some(cursor) = cursor {
            queue!(bytes, MoveTo(cursor.x, cursor.y), Show)?;
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        self.cursor = cursor;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;

    fn text(screen: &mut Screen, words: &str, cursor: Option<Position>) -> String {
        let area = Rect::new(0, 0, 12, 1);
        screen.next.resize(area);
        screen.next.reset();
        screen
            .next
            .set_string(0, 0, words, ratatui::style::Style::default());
        let frame = String::from_utf8(screen.frame(cursor).unwrap()).unwrap();
        std::mem::swap(&mut screen.shown, &mut screen.next);
        frame
    }

    #[test]
    fn only_what_differs_is_sent() {
        let mut screen = Screen::new().unwrap();
        let first = text(&mut screen, "hello", None);
        assert!(
            first.contains("\x1b[2J") && first.contains("hello"),
            "{first:?}"
        );
        assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"));
        assert_eq!(text(&mut screen, "hello", None), "", "nothing to say");
        let second = text(&mut screen, "hallo", None);
        assert!(second.contains('a') && !second.contains("ha"), "{second:?}");
        assert!(!second.contains("\x1b[2J"), "{second:?}");
        screen.forget();
        assert!(text(&mut screen, "hallo", None).contains("hallo"));
    }

    #[test]
    fn the_cursor_is_the_real_one() {
        let mut screen = Screen::new().unwrap();
        let at = Some(Position::new(3, 0));
        assert!(text(&mut screen, "a", at).contains("\x1b[1;4H\x1b[?25h"));
        assert_eq!(text(&mut screen, "a", at), "");
        let gone = text(&mut screen, "a", None);
        assert!(gone.contains("\x1b[?25l") && !gone.contains("\x1b[?25h"));
    }

    #[test]
    fn no_frame_asks_where_the_cursor_is() {
        let mut screen = Screen::new().unwrap();
        let now = Instant::now();
        for size in [(80, 24), (1, 1), (0, 0), (200, 60)] {
            let model = Model::new(Settings::default(), size, now);
            screen.next.resize(Rect::new(0, 0, size.0, size.1));
            let _ = view(
                &model,
                &Theme::new(&model.settings),
                screen.next.area,
                &mut screen.next,
            );
            let frame = String::from_utf8(screen.frame(None).unwrap()).unwrap();
            assert!(!frame.contains("\x1b[6n"));
        }
    }
}
