//! Lines broken between words. Pure.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Breaks a line between words so that no part is wider than `width`; a word that is wider is broken too. Spaces at its start stay.
pub(crate) fn wrap(line: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    if line.width() <= width {
        return vec![line.to_owned()];
    }
    let indent: String = line
        .chars()
        .take_while(|character| *character == ' ')
        .take(width / 2)
        .collect();
    let mut lines = Vec::new();
    let mut current = indent.clone();
    // Counted along, since measuring the line again for each word would take long for long lines.
    let mut used = indent.len();
    let mut empty = true;
    let mut gap = 0;
    for word in line.trim_start_matches(' ').split(' ') {
        if word.is_empty() {
            gap += 1;
            continue;
        }
        let wide = word.width();
        if !empty && used + gap + wide > width {
            lines.push(std::mem::replace(&mut current, indent.clone()));
            used = indent.len();
            empty = true;
        }
        if !empty {
            current.extend(std::iter::repeat_n(' ', gap));
            used += gap;
        }
        if used + wide <= width {
            current.push_str(word);
            used += wide;
        } else {
            for grapheme in word.graphemes(true) {
                if used + grapheme.width() > width && !current.is_empty() {
                    lines.push(std::mem::take(&mut current));
                    used = 0;
                }
                current.push_str(grapheme);
                used += grapheme.width();
            }
        }
        empty = false;
        gap = 1;
    }
    lines.push(current);
    lines
}
