//! The YAML head of a lesson.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::problem::Problems;

const KEYS: &[&str] = &[
    "format", "id", "title", "minutes", "topology", "engine", "start", "end",
];

/// The only format that there is so far.
const FORMAT: u64 = 1;

/// A lesson has one idea.
const LONGEST_LESSON: u16 = 20;

/// What the head says; what it lacks is empty and was reported.
#[derive(Debug, Default)]
pub(super) struct FrontMatter {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) minutes: u16,
    pub(super) topology: String,
    pub(super) engine: Option<semver::VersionReq>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    /// On which line of the file each key stands.
    pub(super) lines: BTreeMap<String, usize>,
}

/// Cuts the head off a lesson: the YAML, and the offset at which the Markdown begins.
pub(super) fn split(text: &str) -> Option<(&str, usize)> {
    let yaml_and_rest = text.strip_prefix("---\n")?;
    if let Some(rest) = yaml_and_rest.strip_prefix("---") {
        return (rest.is_empty() || rest.starts_with('\n')).then_some(("", 7));
    }
    let mut from = 0;
    loop {
        let end = from + yaml_and_rest[from..].find("\n---")?;
        let after = &yaml_and_rest[end + 4..];
        if after.is_empty() || after.starts_with('\n') {
            return Some((&yaml_and_rest[..=end], 4 + end + 4));
        }
        from = end + 1;
    }
}

/// Reads the head. `yaml` begins on line 2 of the file.
pub(super) fn parse(yaml: &str, problems: &mut Problems<'_>) -> FrontMatter {
    let entries = match serde_saphyr::from_str::<Entries>(yaml) {
        Ok(Entries(entries)) => entries,
        Err(error) => {
            let line = error
                .location()
                .and_then(|location| usize::try_from(location.line()).ok());
            let reason = error.to_string();
            problems.add(
                line.unwrap_or(0) + 1,
                format!(
                    "the head is not valid YAML: {}",
                    reason.lines().next().unwrap_or_default()
                ),
                "write one `key: value` a line between two `---` lines",
            );
            return FrontMatter::default();
        }
    };
    let mut front_matter = FrontMatter::default();
    for (key, value) in entries {
        let line = usize::try_from(key.referenced.line()).unwrap_or(0) + 1;
        front_matter.lines.insert(key.value.clone(), line);
        let value = value.value;
        match key.value.as_str() {
            "format" => check_format(&value, line, problems),
            "id" => front_matter.id = name("id", &value, line, problems),
            "title" => front_matter.title = text("title", &value, line, problems),
            "topology" => front_matter.topology = name("topology", &value, line, problems),
            "start" => front_matter.start = Some(name("start", &value, line, problems)),
            "end" => front_matter.end = Some(name("end", &value, line, problems)),
            "minutes" => front_matter.minutes = minutes(&value, line, problems),
            "engine" => match semver::VersionReq::parse(&shown(&value)) {
                Ok(requirement) => front_matter.engine = Some(requirement),
                Err(error) => problems.add(
                    line,
                    format!(
                        "`engine: {}` is no version requirement: {error}",
                        shown(&value)
                    ),
                    "write it in quotation marks, such as `engine: \">=12.1\"`",
                ),
            },
            unknown => problems.add(
                line,
                format!("the head has an unknown key `{unknown}`"),
                format!("the keys are {}", KEYS.join(", ")),
            ),
        }
    }
    for key in ["format", "id", "title", "minutes", "topology"] {
        if !front_matter.lines.contains_key(key) {
            problems.add(
                1,
                format!("the head has no `{key}`"),
                format!("add a line `{key}: …`"),
            );
        }
    }
    front_matter
}

fn minutes(value: &Value, line: usize, problems: &mut Problems<'_>) -> u16 {
    match value
        .as_u64()
        .and_then(|minutes| u16::try_from(minutes).ok())
    {
        Some(minutes) if (1..=LONGEST_LESSON).contains(&minutes) => return minutes,
        Some(minutes) => problems.add(
            line,
            format!("{minutes} minutes are no lesson"),
            format!("make it 1 to {LONGEST_LESSON} minutes; cut a longer one in two"),
        ),
        None => problems.add(
            line,
            format!("`minutes: {}` is not a whole number", shown(value)),
            "say how many minutes a learner needs, such as `minutes: 10`",
        ),
    }
    0
}

fn check_format(value: &Value, line: usize, problems: &mut Problems<'_>) {
    match value.as_u64() {
        Some(FORMAT) => {}
        Some(newer) if newer > FORMAT => problems.add(
            line,
            format!("this lesson is in format {newer}, newer than this program knows"),
            "bring citus-tour up to date",
        ),
        _ => problems.add(
            line,
            format!("`format: {}` is not a lesson format", shown(value)),
            format!("write `format: {FORMAT}`"),
        ),
    }
}

fn text(key: &str, value: &Value, line: usize, problems: &mut Problems<'_>) -> String {
    let text = shown(value).trim().to_owned();
    if text.is_empty() || value.is_object() || value.is_array() {
        problems.add(
            line,
            format!("`{key}` is empty or no text"),
            "write some words behind it",
        );
        return String::new();
    }
    text
}

fn name(key: &str, value: &Value, line: usize, problems: &mut Problems<'_>) -> String {
    let name = text(key, value, line, problems);
    if !name.is_empty() && !super::is_name(&name) {
        problems.add(
            line,
            format!("`{key}: {name}` is no name"),
            "use lower-case letters, digits and hyphens, beginning with a letter",
        );
    }
    name
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The keys and values in their order, each key with its line.
struct Entries(Vec<(Spanned<String>, Spanned<Value>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Entries;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("keys and values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
            fn visit_unit<E>(self) -> Result<Entries, E> {
                Ok(Entries(Vec::new()))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
