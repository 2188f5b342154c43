use super::*;

/// Each part with its role, code left out.
fn parts(text: &str) -> Vec<(String, Role)> {
    let tokens = sql_now(text);
    text.split('\n')
        .zip(tokens)
        .flat_map(|(line, tokens)| {
            tokens
                .into_iter()
                .map(|(range, role)| (line[range].trim().to_owned(), role))
                .collect::<Vec<_>>()
        })
        .filter(|(part, role)| *role != Role::Code && !part.is_empty())
        .collect()
}

fn is(text: &str, expected: &[(&str, Role)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(part, role)| ((*part).to_owned(), *role))
        .collect();
    assert_eq!(parts(text), expected, "{text}");
}

#[test]
fn the_syntaxes_can_be_read() {
    warm_up();
    assert!(SYNTAXES.get().unwrap().is_some());
    assert!(is_ready());
}

#[test]
fn words_are_told_apart() {
    is(
        "SELECT count(*) FROM orders WHERE total > 1.5e3::bigint;",
        &[
            ("SELECT", Role::Keyword),
            ("count", Role::Function),
            ("FROM", Role::Keyword),
            ("WHERE", Role::Keyword),
            ("1.5e3", Role::Number),
            ("bigint", Role::Type),
        ],
    );
    is(
        "SELECT create_distributed_table('orders', $1);",
        &[
            ("SELECT", Role::Keyword),
            ("create_distributed_table", Role::Function),
            ("'orders'", Role::String),
            ("$1", Role::Number),
        ],
    );
    is("users_2024 selected \"from\"", &[]);
}

#[test]
fn strings_of_all_kinds_end_where_they_end() {
    is(
        "'it''s' x E'a\\'b' y $q$ $$ ' $q$ z 'é日' 1",
        &[
            ("'it''s'", Role::String),
            ("E'a\\'b'", Role::String),
            ("$q$ $$ ' $q$", Role::String),
            ("'é日'", Role::String),
            ("1", Role::Number),
        ],
    );
    is("a$b$c", &[]);
}

#[test]
fn comments_nest_and_go_over_lines() {
    is(
        "1 /* a /* b\n c */ d\n */ 2 -- three\n4",
        &[
            ("1", Role::Number),
            ("/* a /* b", Role::Comment),
            ("c */ d", Role::Comment),
            ("*/", Role::Comment),
            ("2", Role::Number),
            ("-- three", Role::Comment),
            ("4", Role::Number),
        ],
    );
    is(
        "DO $$\nBEGIN\n$$;\nEND",
        &[
            ("DO", Role::Keyword),
            ("$$", Role::String),
            ("BEGIN", Role::String),
            ("$$", Role::String),
            ("END", Role::Keyword),
        ],
    );
}

#[test]
fn parts_cover_each_line_without_gaps() {
    for text in [
        "",
        "\n",
        "SELECT '\n'; é -- ü",
        "\\dt+ x\n\t$$ 日本 $$",
        "CREATE TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now())",
    ] {
        let lines = sql_now(text);
        assert_eq!(lines.len(), text.split('\n').count());
        for (line, tokens) in text.split('\n').zip(lines) {
            let mut at = 0;
            for (range, _) in tokens {
                assert_eq!(range.start, at, "{line}");
                assert!(line.is_char_boundary(range.end));
                at = range.end;
            }
            assert_eq!(at, line.len(), "{line}");
        }
    }
}

#[test]
fn a_shell_command_is_told_from_its_output() {
    warm_up();
    let text = "$ citus-tour node kill '@tenant(42)'\ndone";
    let lines = code(Language::Console, text);
    assert_eq!(lines[0].first().unwrap().1, Role::Comment);
    assert!(
        lines[0]
            .iter()
            .any(|(range, role)| *role == Role::Function && &text[range.clone()] == "citus-tour")
    );
    assert_eq!(lines[0].last().unwrap().1, Role::String);
    assert_eq!(lines[1], [(0..4, Role::Dim)]);
}

#[test]
fn a_line_of_any_length_is_drawn() {
    let long = "x".repeat(LONGEST_LINE + 1);
    assert_eq!(sql_now(&long), [[(0..long.len(), Role::Code)]]);
}
