//! What each lesson must keep to by itself.

use unicode_width::UnicodeWidthStr;

use crate::lesson::markdown::ParsedLesson;
use crate::lesson::problem::Problems;
use crate::lesson::sql::{Token, tokens};
use crate::lesson::{Block, Check, LessonSource, Problem, Sql, Step};

/// What fits the SQL pane at 80 columns.
const WIDEST_SQL: usize = 76;
/// What a question to the cluster begins with.
const QUERIES: &[&str] = &["select", "with", "values", "table"];

pub(super) fn problems(parsed: &ParsedLesson, source: &LessonSource) -> Vec<Problem> {
    let lesson = &parsed.lesson;
    let mut problems = Problems::of(&lesson.file);
    for block in &lesson.introduction {
        inspect(block, &mut problems);
    }
    for step in &lesson.steps {
        for block in &step.blocks {
            inspect(block, &mut problems);
        }
        help(step, &mut problems);
    }
    for (line, target) in &parsed.links {
        link(&lesson.file, *line, target, source, &mut problems);
    }
    problems.into_vec()
}

fn inspect(block: &Block, problems: &mut Problems<'_>) {
    match block {
        Block::Run(run) => {
            sql(&run.sql, problems);
            if let Some(expect) = &run.expect
                && expect.text.trim().is_empty()
            {
                problems.add(
                    expect.line,
                    "this expectation is empty",
                    "write what the run prints, or take it away",
                );
            }
        }
        Block::Check(check) => {
            sql(&check.sql, problems);
            question(check, problems);
        }
        Block::Setup(setup) => sql(setup, problems),
        Block::Solution(blocks) => {
            for block in blocks {
                inspect(block, problems);
            }
        }
        _ => {}
    }
}

fn sql(sql: &Sql, problems: &mut Problems<'_>) {
    for (index, line) in sql.text.lines().enumerate() {
        let width = line.width();
        if width > WIDEST_SQL {
            problems.add(
                sql.line + index,
                format!("this line of SQL is {width} columns wide"),
                format!("break it: {WIDEST_SQL} columns fit the pane"),
            );
        }
    }
    let tokens = tokens(&sql.text);
    if let Some((offset, last)) = tokens.last()
        && *last != Token::Sign(';')
    {
        problems.add(
            line_at(sql, *offset),
            "the last statement does not end with a semicolon",
            "end each statement with `;`, so that it can be copied",
        );
    }
}

/// The line in the file of an offset into a piece of SQL.
pub(super) fn line_at(sql: &Sql, offset: usize) -> usize {
    sql.line + sql.text[..offset].matches('\n').count()
}

/// A check asks, and asks once.
fn question(check: &Check, problems: &mut Problems<'_>) {
    let tokens = tokens(&check.sql.text);
    let first = tokens.first().map(|(_, token)| *token);
    let asks = match first {
        Some(Token::Word(word)) => QUERIES.contains(&word.to_ascii_lowercase().as_str()),
        Some(Token::Sign('(')) | None => true,
        Some(_) => false,
    };
    let statements = tokens
        .iter()
        .enumerate()
        .filter(|(index, (_, token))| *token == Token::Sign(';') && index + 1 < tokens.len())
        .count();
    if !asks || statements > 0 {
        problems.add(
            check.sql.line,
            "a check is one query",
            "begin it with SELECT or WITH, and let it return one boolean; it must change nothing",
        );
    }
}

/// A step with a check helps, and leads to its goal.
fn help(step: &Step, problems: &mut Problems<'_>) {
    let Some(check) = step.blocks.iter().find_map(|block| match block {
        Block::Check(check) => Some(check),
        _ => None,
    }) else {
        return;
    };
    let line = check.sql.line.saturating_sub(1);
    if !step
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Hint(_)))
    {
        problems.add(
            line,
            format!("the step `{}` has a check and no hint", step.id),
            "add `<details><summary>Hint</summary>`, if only to say why none is needed",
        );
    }
    let way =
        |block: &Block| matches!(block, Block::Run(_) | Block::Action(_) | Block::Solution(_));
    if !step.blocks.iter().any(way) {
        problems.add(
            line,
            format!("the step `{}` has a check and no way to it", step.id),
            "add a run, an action or a `<details><summary>Solution</summary>`",
        );
    }
}

/// A link to another lesson leads somewhere.
fn link(file: &str, line: usize, target: &str, source: &LessonSource, problems: &mut Problems<'_>) {
    let path = target.split('#').next().unwrap_or_default();
    let elsewhere = path.contains("://") || path.starts_with("mailto:") || path.starts_with('/');
    if path.is_empty() || elsewhere {
        return;
    }
    let mut folders: Vec<&str> = file.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            // Above the lessons' directory nothing is known.
            ".." if folders.pop().is_none() => return,
            ".." | "." | "" => {}
            name => folders.push(name),
        }
    }
    if source.text(&folders.join("/")).is_none() {
        problems.add(
            line,
            format!("the link `{target}` leads nowhere"),
            "link to a lesson's file by its relative path",
        );
    }
}
