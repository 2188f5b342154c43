use super::*;
use crate::{app::Settings, lesson::LessonSource};

fn theme() -> Theme {
    Theme::new(&Settings::default())
}

fn texts(markdown: &str, width: usize) -> Vec<String> {
    let drawn = lines(markdown, width, &theme());
    let text = |line: &Line<'_>| line.to_string().trim_end().to_owned();
    drawn.iter().map(text).collect()
}

#[test]
fn paragraphs_and_headings_stand_apart() {
    assert_eq!(
        texts("# Title\n\nsome *words*\nand `code`.\n\nmore", 40),
        ["Title", "", "some words and code.", "", "more"]
    );
}

#[test]
fn lists_are_indented_and_nested() {
    assert_eq!(
        texts("- one two three\n- four\n  1. five\n  2. six\n", 12),
        ["• one two", "  three", "• four", "  1. five", "  2. six"]
    );
    assert_eq!(texts("- [x] a\n- [ ] b", 20), ["✓ a", "○ b"]);
    assert_eq!(texts("- a\n\n- b", 20), ["• a", "", "• b"]);
    assert_eq!(texts("9. a\n10. b", 20), ["9.  a", "10. b"]);
}

#[test]
fn an_entry_holds_blocks() {
    assert_eq!(
        texts("- text\n\n  ```sql\n  SELECT 1;\n  ```\n", 30),
        ["• text", "", "    SELECT 1;"]
    );
}

#[test]
fn callouts_have_a_word_and_a_bar() {
    assert_eq!(
        texts("> [!WARNING]\n> Mind the gap\n", 20),
        ["▎ Warning", "▎ Mind the gap"]
    );
    assert_eq!(texts("> quoted", 20), ["▎ quoted"]);
}

#[test]
fn tables_are_aligned_and_fitted() {
    let table = "| name | rows |\n|---|--:|\n| a | 1 |\n| long words here | 20 |\n";
    assert_eq!(
        texts(table, 40),
        [
            "name            │ rows",
            "──────────────────────",
            "a               │    1",
            "long words here │   20",
        ]
    );
    assert_eq!(
        texts(table, 16),
        [
            "name      │ rows",
            "────────────────",
            "a         │    1",
            "long      │   20",
            "words     │",
            "here      │",
        ]
    );
    assert_eq!(
        texts(table, 10),
        [
            "name: a",
            "rows: 1",
            "",
            "name: long",
            "words here",
            "rows: 20"
        ]
    );
}

#[test]
fn code_keeps_its_shape_and_goes_on_below() {
    assert_eq!(
        texts("```sql\nSELECT a,\n       b\n```", 30),
        ["  SELECT a,", "         b"]
    );
    let long = code(None, "  SELECT one, two, three", 16, &theme());
    let text: Vec<String> = long.iter().map(ToString::to_string).collect();
    assert_eq!(text, ["  SELECT one,", "    two, three"]);
}

#[test]
fn code_is_coloured() {
    highlight::warm_up();
    let drawn = lines("```sql run\nSELECT 'a'\n```", 30, &theme());
    let styles: Vec<_> = drawn[0].spans.iter().map(|span| span.style).collect();
    assert!(styles.contains(&theme().style(Role::Keyword)));
    assert!(styles.contains(&theme().style(Role::String)));
}

#[test]
fn links_say_where_they_lead() {
    assert_eq!(
        texts("[docs](https://a.example/b) and [here](other.md)", 60),
        ["docs (https://a.example/b) and here"]
    );
}

#[test]
fn nothing_steers_the_terminal() {
    for text in ["a\u{1b}[31mb", "a&#27;[31mb", "`a\u{9b}b`", "a\u{202e}b"] {
        for line in lines(text, 40, &theme()) {
            let text = line.to_string();
            assert!(!text.chars().any(char::is_control), "{text:?}");
            assert!(!text.contains('\u{202e}'));
        }
    }
}

#[test]
fn no_line_is_wider_than_it_may_be() {
    let odd = "# 日本語の見出し\n\n日本語のテキスト with e\u{301} and 👩‍👩‍👧 **strong** words\n\n\
               | 表 | b | c |\n|:-:|---|--:|\n| 日本語 | x | unbreakableunbreakable |\n\n\
               > [!NOTE]\n> > - 1\n> >   1. 日本語日本語\n> >      - x `日本` y\n\n---\n\n```\n日本語 \t x\n```\n";
    let source = LessonSource::embedded();
    let embedded = source.files().filter_map(|file| source.text(file));
    for markdown in embedded.chain([odd]) {
        for width in (1..60).chain([80, 120, 200]) {
            for line in lines(markdown, width, &theme()) {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}
