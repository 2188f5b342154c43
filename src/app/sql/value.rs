//! Values taken out of a result: to copy, to read in full. Pure.

use super::{Answer, Browse, Grid, Piece, browse::whole, words};
use crate::{app::overlay::Overlay, postgres::Column};

/// Bytes of a value that are shown in full; all of it can be copied.
const SHOWN: usize = 64 << 10;

/// What is to be copied of an answer.
pub(super) fn copied(answer: &Answer, cell: (usize, usize), what: Browse) -> Option<String> {
    let grid = answer.grid();
    match what {
        Browse::CopyStatement => Some(answer.statement.clone()),
        Browse::CopyRow => grid.and_then(|grid| grid.rows.get(cell.0)).map(row),
        Browse::CopyAll => Some(grid.map_or_else(|| text(answer), table)),
        _ => match grid.filter(|grid| !grid.rows.is_empty()) {
            Some(grid) => grid.value(cell.0, cell.1).map(str::to_owned),
            None => Some(text(answer)),
        },
    }
    .filter(|text| !text.is_empty())
}

fn row(values: impl AsRef<[Option<String>]>) -> String {
    let values: Vec<&str> = values
        .as_ref()
        .iter()
        .map(|value| value.as_deref().unwrap_or_default())
        .collect();
    values.join("\t")
}

fn table(grid: &Grid) -> String {
    let names: Vec<&str> = grid
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let mut lines = vec![names.join("\t")];
    lines.extend(grid.rows.iter().map(row));
    lines.join("\n")
}

/// All that an answer says, as text.
pub(super) fn text(answer: &Answer) -> String {
    let mut lines = Vec::new();
    for piece in &answer.pieces {
        match piece {
            Piece::Grid(grid) => lines.push(table(grid)),
            Piece::CopyOut(text) => lines.push(text.trim_end().to_owned()),
            other => lines.extend(
                words::lines(other, answer, usize::MAX)
                    .into_iter()
                    .map(|(_, line)| line),
            ),
        }
    }
    lines.join("\n")
}

/// The layer that shows a value in full; without rows all of the answer.
pub(super) fn inspect(answer: &Answer, (row, column): (usize, usize)) -> Option<Overlay> {
    let Some(grid) = answer.grid().filter(|grid| !grid.rows.is_empty()) else {
        return (!answer.pieces.is_empty()).then(|| whole(answer));
    };
    let about = grid.columns.get(column)?;
    let rows = grid.rows.len();
    Some(Overlay::Cell {
        title: format!("{} of row {} of {rows}", about.name, row + 1),
        text: match grid.value(row, column) {
            None => "NULL: there is no value".to_owned(),
            Some("") => "the empty text".to_owned(),
            Some(value) => in_full(value, about),
        },
        offset: 0,
    })
}

fn in_full(value: &str, column: &Column) -> String {
    // The types json and jsonb; what only looks like them is laid out too.
    let is_json = matches!(column.type_oid, 114 | 3802) || value.starts_with(['{', '[']);
    let laid_out = is_json
        .then(|| laid_out(value))
        .flatten()
        .unwrap_or_else(|| value.to_owned());
    if laid_out.len() <= SHOWN {
        return laid_out;
    }
    let end = (0..=SHOWN)
        .rev()
        .find(|end| laid_out.is_char_boundary(*end));
    let shown = &laid_out[..end.unwrap_or(0)];
    format!(
        "{shown}\n… the first {} of {} bytes; copying takes all of them",
        words::grouped(shown.len() as u64),
        words::grouped(laid_out.len() as u64),
    )
}

/// JSON with a line a member. Only spaces are added and removed: what the server sent is not read and written anew, so that no number
/// loses a digit and no key its place.
fn laid_out(value: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(value).ok()?;
    let mut text = String::with_capacity(value.len() * 2);
    let mut depth = 0_usize;
    let mut characters = value.chars().peekable();
    let break_line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                text.push('"');
                while let Some(inner) = characters.next() {
                    text.push(inner);
                    match inner {
                        '\\' => text.extend(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                text.push(character);
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    break_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(',');
                break_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::answer_of, *};

    #[test]
    fn json_is_laid_out_and_stays_what_it_is() {
        let value =
            r#"{"b": 1.000000000000000000001, "a": [], "t": "x, {y}\" z", "l": [1,{"k":null}]}"#;
        let text = laid_out(value).unwrap();
        assert_eq!(
            text,
            "{\n  \"b\": 1.000000000000000000001,\n  \"a\": [],\n  \"t\": \"x, {y}\\\" z\",\n  \"l\": [\n    1,\n    {\n      \"k\": null\n    }\n  ]\n}"
        );
        assert_eq!(laid_out("{1,2}"), None, "an array of PostgreSQL is no JSON");
    }

    #[test]
    fn what_is_copied_is_what_the_server_sent() {
        let answer = answer_of(&["a", "b"], 2);
        assert_eq!(copied(&answer, (1, 1), Browse::CopyCell).unwrap(), "b1");
        assert_eq!(copied(&answer, (1, 1), Browse::CopyRow).unwrap(), "a1\tb1");
        assert_eq!(
            copied(&answer, (0, 0), Browse::CopyAll).unwrap(),
            "a\tb\na0\tb0\na1\tb1"
        );
        assert_eq!(copied(&answer, (9, 9), Browse::CopyRow), None);
    }

    #[test]
    fn a_huge_value_is_shown_in_part() {
        let column = Column {
            name: "a".to_owned(),
            type_oid: 25,
        };
        let text = in_full(&"ü".repeat(SHOWN), &column);
        assert!(text.len() < SHOWN + 100 && text.contains("of 131,072 bytes"));
    }
}
