//! The little HTML that lessons know: what unfolds, and comments.

/// A piece of an HTML block. `offset` counts bytes from the block's beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// `<details><summary>…</summary>`.
    Open { summary: &'a str, offset: usize },
    /// `</details>`.
    Close { offset: usize },
    /// What stands between `<!--` and `-->`, trimmed.
    Comment { text: &'a str, offset: usize },
    /// Anything else, trimmed.
    Other { text: &'a str, offset: usize },
}

const DETAILS: &str = "<details>";
const DETAILS_END: &str = "</details>";
const COMMENT: &str = "<!--";

/// Takes an HTML block apart.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut offset = 0;
    loop {
        offset += html[offset..].len() - html[offset..].trim_start().len();
        let rest = &html[offset..];
        if rest.is_empty() {
            return pieces;
        }
        let length = if rest.starts_with(DETAILS_END) {
            pieces.push(Piece::Close { offset });
            DETAILS_END.len()
        } else if let Some((summary, length)) = opening(rest) {
            pieces.push(Piece::Open { summary, offset });
            length
        } else if let Some((text, length)) = comment(rest) {
            pieces.push(Piece::Comment { text, offset });
            length
        } else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let length = [DETAILS, DETAILS_END, COMMENT]
                .iter()
                .filter_map(|start| rest[first..].find(start).map(|found| found + first))
                .min()
                .unwrap_or(rest.len());
            pieces.push(Piece::Other {
                text: rest[..length].trim(),
                offset,
            });
            length
        };
        offset += length;
    }
}

fn opening(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix(DETAILS)?.trim_start();
    let summary = after.strip_prefix("<summary>")?;
    let end = summary.find("</summary>")?;
    let rest = &summary[end + "</summary>".len()..];
    Some((summary[..end].trim(), text.len() - rest.len()))
}

fn comment(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix(COMMENT)?;
    let end = inside.find("-->")?;
    Some((inside[..end].trim(), COMMENT.len() + end + "-->".len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_blocks_apart() {
        let html =
            "<details><summary> Hint </summary>\ntext\n</details>\n<!-- note: hello\nyou -->\n";
        assert_eq!(
            pieces(html),
            [
                Piece::Open {
                    summary: "Hint",
                    offset: 0
                },
                Piece::Other {
                    text: "text",
                    offset: 35
                },
                Piece::Close { offset: 40 },
                Piece::Comment {
                    text: "note: hello\nyou",
                    offset: 51
                },
            ]
        );
    }

    #[test]
    fn unknown_html_is_kept_as_it_is() {
        assert_eq!(
            pieces("<!-- open"),
            [Piece::Other {
                text: "<!-- open",
                offset: 0
            }]
        );
        assert_eq!(
            pieces("<é><details>x"),
            [
                Piece::Other {
                    text: "<é>",
                    offset: 0
                },
                Piece::Other {
                    text: "<details>x",
                    offset: 4
                },
            ]
        );
    }
}
