//! Puts the tours together: the summary, the lessons that it names, and what must hold between them.

use std::collections::{BTreeMap, BTreeSet};

use super::markdown::{self, ParsedLesson};
use super::problem::{Problem, Problems};
use super::summary::{self, Chapter, Link};
use super::{LessonError, LessonSource, Phase, Tour};

/// Files that stand among lessons and are none.
const NO_LESSONS: &[&str] = &[summary::FILE, "README.md"];

/// Tours, and everything that was wrong on the way.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Each lesson once, in the order of the summary.
    pub(super) lessons: Vec<ParsedLesson>,
    pub(super) tours: Vec<Tour>,
    pub(super) problems: Vec<Problem>,
}

/// Reads all tours of a source.
///
/// # Errors
/// With every problem that keeps a lesson from being played; what is only bad style is left to [`super::lint`].
pub fn load(source: &LessonSource) -> Result<Vec<Tour>, LessonError> {
    let loaded = read(source);
    if loaded.problems.is_empty() {
        Ok(loaded.tours)
    } else {
        Err(LessonError::Problems(loaded.problems))
    }
}

/// Reads everything and goes on past problems.
pub(super) fn read(source: &LessonSource) -> Loaded {
    let mut problems = Problems::of(summary::FILE);
    let Some(text) = source.text(summary::FILE) else {
        problems.add(
            1,
            "there is no SUMMARY.md",
            "add one that lists the tours and their lessons",
        );
        return Loaded {
            lessons: Vec::new(),
            tours: Vec::new(),
            problems: problems.into_vec(),
        };
    };
    let parts = summary::parse(text, &mut problems);
    let mut lessons: Vec<ParsedLesson> = Vec::new();
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    let mut tours = Vec::new();
    for part in parts {
        let mut tour = Tour {
            id: part.id,
            title: part.title,
            phases: Vec::new(),
        };
        for Chapter { title, links, .. } in part.phases {
            let mut phase = Phase {
                title,
                lessons: Vec::new(),
            };
            for link in links {
                if let Some(line) = listed.insert(link.file.clone(), link.line) {
                    problems.add(
                        link.line,
                        format!("`{}` is listed already, on line {line}", link.file),
                        "list each lesson once",
                    );
                } else if let Some(lesson) = lesson(source, &link, &mut problems) {
                    phase.lessons.push(lesson.lesson.clone());
                    lessons.push(lesson);
                }
            }
            tour.phases.push(phase);
        }
        tours.push(tour);
    }
    let mut found = problems.into_vec();
    for file in source.files() {
        let is_lesson = !NO_LESSONS.contains(&file.rsplit('/').next().unwrap_or(file));
        if is_lesson && !listed.contains_key(file) {
            let mut problems = Problems::of(file);
            problems.add(
                1,
                "this lesson is not in SUMMARY.md",
                "list it there, or remove the file",
            );
            found.append(&mut problems.into_vec());
        }
    }
    for lesson in &mut lessons {
        found.append(&mut lesson.problems);
    }
    found.extend(between(&lessons));
    found.sort();
    found.dedup();
    Loaded {
        lessons,
        tours,
        problems: found,
    }
}

fn lesson(source: &LessonSource, link: &Link, problems: &mut Problems<'_>) -> Option<ParsedLesson> {
    let Some(text) = source.text(&link.file) else {
        problems.add(
            link.line,
            format!("there is no file `{}`", link.file),
            "name a file by its path relative to SUMMARY.md, without `./`",
        );
        return None;
    };
    let parsed = markdown::parse(&link.file, text);
    let title = &parsed.lesson.title;
    if !title.is_empty() && *title != link.title {
        problems.add(
            link.line,
            format!("the lesson is called `{title}`, not `{}`", link.title),
            "write the lesson's title into the link",
        );
    }
    Some(parsed)
}

/// What must hold between lessons: ids are unique, and each begins where another ends, back to a fresh cluster.
fn between(lessons: &[ParsedLesson]) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut by_id: BTreeMap<&str, &ParsedLesson> = BTreeMap::new();
    for parsed in lessons.iter().filter(|parsed| !parsed.lesson.id.is_empty()) {
        let id = parsed.lesson.id.as_str();
        if let Some(first) = by_id.get(id) {
            let mut problems = Problems::of(&parsed.lesson.file);
            problems.add(
                parsed.line_of("id"),
                format!("the id `{id}` belongs to {} already", first.lesson.file),
                "give the newer lesson another id",
            );
            found.append(&mut problems.into_vec());
        } else {
            by_id.insert(id, parsed);
        }
    }
    for parsed in lessons {
        let Some(start) = &parsed.lesson.start else {
            continue;
        };
        let mut problems = Problems::of(&parsed.lesson.file);
        let line = parsed.line_of("start");
        match by_id.get(start.as_str()) {
            None => problems.add(
                line,
                format!("there is no lesson `{start}` to begin from"),
                "name a lesson by its id, or leave `start` out to begin on a fresh cluster",
            ),
            Some(before) if before.lesson.topology != parsed.lesson.topology => problems.add(
                line,
                format!("the lesson `{start}` plays on another topology"),
                "begin from a lesson with the same `topology`",
            ),
            Some(_) if goes_round(parsed, &by_id) => problems.add(
                line,
                "this lesson begins, over others, from its own end",
                "let the first of them begin on a fresh cluster, without `start`",
            ),
            Some(_) => {}
        }
        found.append(&mut problems.into_vec());
    }
    found
}

fn goes_round(parsed: &ParsedLesson, by_id: &BTreeMap<&str, &ParsedLesson>) -> bool {
    let mut seen = BTreeSet::new();
    let mut current = Some(parsed);
    while let Some(lesson) = current {
        if !seen.insert(lesson.lesson.id.as_str()) {
            return true;
        }
        current = lesson
            .lesson
            .start
            .as_deref()
            .and_then(|start| by_id.get(start).copied());
    }
    false
}
