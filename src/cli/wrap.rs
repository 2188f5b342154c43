//! Fits the lessons' paragraphs to the terminal's width. Pure, but for asking how wide it is.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest line that reads well.
const WIDEST: usize = 90;
/// Where nobody says how wide the terminal is.
const USUAL: usize = 80;

/// How wide text may be here.
pub(super) fn width() -> usize {
    let columns = terminal_size::terminal_size().map_or(USUAL, |(width, _)| usize::from(width.0));
    columns.clamp(20, WIDEST)
}

/// Joins the lines of each paragraph and breaks them anew at `width`. Code, tables and headings stay as they are.
pub(super) fn reflow(markdown: &str, width: usize) -> String {
    let mut text = String::new();
    let mut paragraph = Paragraph::default();
    let mut in_code = false;
    for line in markdown.lines() {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        let stays =
            in_code || is_fence || line.trim().is_empty() || line.starts_with(['#', '|', '<']);
        if stays {
            paragraph.end(&mut text, width);
            text.push_str(line);
            text.push('\n');
            continue;
        }
        let (mark, rest) = mark(line);
        let begins = !mark.trim().is_empty();
        let goes_on = mark.trim() == ">" && paragraph.mark == mark && !rest.is_empty();
        if begins && !goes_on {
            paragraph.end(&mut text, width);
            mark.clone_into(&mut paragraph.mark);
        }
        paragraph
            .words
            .extend(rest.split_whitespace().map(ToOwned::to_owned));
        if rest.is_empty() || rest.starts_with("[!") {
            paragraph.end(&mut text, width);
        }
    }
    paragraph.end(&mut text, width);
    text
}

/// `text` after `head`, broken at `width`: what does not fit stands under where it began. A word that is too long is cut.
pub(super) fn hang(head: &str, text: &str, width: usize) -> String {
    let indent = head.width();
    let room = width.saturating_sub(indent).max(1);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if taken > 0 && taken + 1 + word.width() <= room {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            taken += 1;
        } else if taken > 0 {
            lines.push(String::new());
            taken = 0;
        }
        for character in word.chars() {
            let cells = character.width().unwrap_or(0);
            if taken + cells > room && taken > 0 {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            taken += cells;
        }
    }
    let lines = lines.iter().enumerate().map(|(number, line)| {
        let before = if number == 0 {
            head.to_owned()
        } else {
            " ".repeat(indent)
        };
        format!("{before}{line}").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// What a line begins with that is no word: the mark of a list's item or of a callout.
fn mark(line: &str) -> (&str, &str) {
    let indent = line.len() - line.trim_start().len();
    let rest = &line[indent..];
    let digits = rest.len()
        - rest
            .trim_start_matches(|character: char| character.is_ascii_digit())
            .len();
    let length = if rest.starts_with("- ") || rest.starts_with("> ") {
        2
    } else if rest == ">" {
        1
    } else if digits > 0 && rest[digits..].starts_with(". ") {
        digits + 2
    } else {
        0
    };
    line.split_at(indent + length)
}

#[derive(Default)]
struct Paragraph {
    mark: String,
    words: Vec<String>,
}

impl Paragraph {
    fn end(&mut self, text: &mut String, width: usize) {
        let mark = std::mem::take(&mut self.mark);
        let words = std::mem::take(&mut self.words);
        if words.is_empty() && mark.trim().is_empty() {
            return;
        }
        let next = if mark.trim() == ">" {
            mark.clone()
        } else {
            " ".repeat(mark.len())
        };
        let mut line = mark;
        let mut is_empty = true;
        for word in words {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
                text.push_str(&line);
                text.push('\n');
                line.clone_from(&next);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(&word);
            is_empty = false;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_items_are_broken_anew() {
        let text = "One two\nthree four.\n\n- five six\n  seven eight\n- nine\n\n> [!NOTE]\n> ten eleven\n> twelve";
        assert_eq!(
            reflow(text, 12),
            "One two\nthree four.\n\n- five six\n  seven\n  eight\n- nine\n\n> [!NOTE]\n> ten eleven\n> twelve\n"
        );
    }

    #[test]
    fn what_is_laid_out_stays() {
        let text = "# A heading that is long\n\n```sql\nSELECT 1,\n       2;\n```\n\n| a | b |\n|---|---|\n";
        assert_eq!(reflow(text, 10), text);
    }

    #[test]
    fn what_does_not_fit_hangs_under_its_beginning() {
        assert_eq!(
            hang("  a  ", "one two three", 12),
            "  a  one two\n     three\n"
        );
        assert_eq!(hang("  a  ", "", 12), "  a\n");
        assert_eq!(hang("- ", "象象象 b", 6), "- 象象\n  象 b\n");
        assert_eq!(hang("", "to abcdefgh i", 5), "to\nabcde\nfgh i\n");
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        assert_eq!(
            reflow("a citus_rebalance_start b", 10),
            "a\ncitus_rebalance_start\nb\n"
        );
    }
}
