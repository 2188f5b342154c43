//! Reads a plan. Anything that it does not understand it names, with its place.

use std::time::Duration;

use super::{FaultPlan, PlanError, PlanStep, PlannedAct, possible};
use crate::lesson::{NodeAct, NodeReference, duration::parse_duration};

/// Nobody watches longer.
const LONGEST: Duration = Duration::from_secs(600);

const EXAMPLE: &str =
    "A plan reads such as `kill worker2 at 5 s, freeze worker3 at 10 s, back at 30 s`";

pub(super) fn plan(text: &str) -> Result<FaultPlan, PlanError> {
    let words = words(text)?;
    let mut reader = Reader {
        words: &words,
        next: 0,
        end: text.chars().count() + 1,
    };
    let mut steps: Vec<(usize, PlanStep)> = Vec::new();
    loop {
        while reader.takes_separator() {}
        let Some(word) = reader.peek() else { break };
        let column = word.column;
        steps.push((column, reader.step()?));
    }
    if steps.is_empty() {
        return Err(PlanError {
            column: 1,
            message: "the plan does nothing".to_owned(),
            remedy: EXAMPLE.to_owned(),
        });
    }
    // What is due at one moment is done in the order in which it was written.
    steps.sort_by_key(|(_, step)| step.at);
    let due = possible::walk(&steps)?;
    Ok(FaultPlan {
        steps: steps.into_iter().map(|(_, step)| step).collect(),
        due,
    })
}

/// A word of a plan, a comma, or `@tenant(…)` whole.
#[derive(Debug, Clone, Copy)]
struct Word<'text> {
    text: &'text str,
    column: usize,
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';')
}

fn words(text: &str) -> Result<Vec<Word<'_>>, PlanError> {
    let mut words = Vec::new();
    let (mut rest, mut column) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() || is_separator(first) {
            first.len_utf8()
        } else if rest.starts_with("@tenant(") {
            let Some(end) = rest.find(')') else {
                return Err(PlanError {
                    column,
                    message: "the parenthesis after `@tenant` is not closed".to_owned(),
                    remedy: "Write such as @tenant(42) or @tenant(orders,42)".to_owned(),
                });
            };
            end + 1
        } else {
            rest.find(|character: char| character.is_whitespace() || is_separator(character))
                .unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(length);
        if !first.is_whitespace() {
            words.push(Word { text: word, column });
        }
        column += word.chars().count();
        rest = after;
    }
    Ok(words)
}

struct Reader<'words, 'text> {
    words: &'words [Word<'text>],
    next: usize,
    /// The column behind the last character.
    end: usize,
}

impl<'text> Reader<'_, 'text> {
    fn peek(&self) -> Option<Word<'text>> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<Word<'text>> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    fn column(&self) -> usize {
        self.peek().map_or(self.end, |word| word.column)
    }

    fn takes(&mut self, wanted: &[&str]) -> bool {
        let found = self
            .peek()
            .is_some_and(|word| wanted.contains(&word.text.to_ascii_lowercase().as_str()));
        self.next += usize::from(found);
        found
    }

    fn takes_separator(&mut self) -> bool {
        self.takes(&[",", ";", "then"])
    }

    fn step(&mut self) -> Result<PlanStep, PlanError> {
        let act = self.act()?;
        let nodes = self.nodes(act)?;
        let at = self.time(act, &nodes)?;
        if let Some(word) = self.peek()
            && !self.takes_separator()
        {
            return Err(PlanError {
                column: word.column,
                message: format!("`{}` is too much here", word.text),
                remedy: "Put a comma between one act and the next".to_owned(),
            });
        }
        Ok(PlanStep { at, act, nodes })
    }

    fn act(&mut self) -> Result<PlannedAct, PlanError> {
        let column = self.column();
        let word = self.take().map_or("", |word| word.text);
        act(word).ok_or_else(|| PlanError {
            column,
            message: format!("there is no act `{word}`"),
            remedy:
                "The acts are stop, kill, freeze, thaw, restart, destroy, partition, heal and back"
                    .to_owned(),
        })
    }

    fn nodes(&mut self, act: PlannedAct) -> Result<Vec<NodeReference>, PlanError> {
        let mut nodes: Vec<NodeReference> = Vec::new();
        let begins_time =
            |word: Word<'_>| ["at", "in", "now"].contains(&word.text.to_ascii_lowercase().as_str());
        if act == PlannedAct::Back && self.peek().is_none_or(begins_time) {
            return Ok(nodes);
        }
        loop {
            let column = self.column();
            let word = self.take().filter(|word| !begins_time(*word));
            let text = word.map_or("", |word| word.text);
            let Some(node) = NodeReference::parse(text) else {
                let said = if text.is_empty() {
                    "nothing".to_owned()
                } else {
                    format!("`{text}`")
                };
                return Err(PlanError {
                    column,
                    message: format!("{said} stands where `{}` needs a node", act.verb()),
                    remedy: "Write a node's name, `@tenant(42)` or `@tenant(orders,42)`".to_owned(),
                });
            };
            if nodes.contains(&node) {
                return Err(PlanError {
                    column,
                    message: format!("`{node}` stands there twice"),
                    remedy: "Name each node once".to_owned(),
                });
            }
            nodes.push(node);
            let before = self.next;
            let mut joined = false;
            while self.takes(&["and", "&", "+", ",", ";"]) {
                joined = true;
            }
            // Behind a comma the next act may begin, of a node list that has no time: that is told where the time is missed.
            if !joined
                || self
                    .peek()
                    .is_none_or(|word| self::act(word.text).is_some())
            {
                self.next = before;
                return Ok(nodes);
            }
        }
    }

    fn time(&mut self, act: PlannedAct, nodes: &[NodeReference]) -> Result<Duration, PlanError> {
        if self.takes(&["now"]) {
            return Ok(Duration::ZERO);
        }
        let column = self.column();
        if !self.takes(&["at", "in"]) {
            let mut said = act.verb().to_owned();
            if !nodes.is_empty() {
                said = format!("{said} {}", super::in_words(nodes));
            }
            return Err(PlanError {
                column,
                message: format!("`{said}` does not say when"),
                remedy: format!("Write `{said} at 5 s`, counted from the beginning of the plan"),
            });
        }
        let column = self.column();
        let first = self.take().map_or("", |word| word.text);
        let second = self.peek().map_or("", |word| word.text);
        let both = format!("{first} {second}");
        let (text, time) = if let Some(time) = parse_duration(first) {
            (first, Some(time))
        } else {
            let time = parse_duration(&both);
            self.next += usize::from(time.is_some());
            (both.as_str(), time)
        };
        match time {
            Some(time) if time <= LONGEST => Ok(time),
            Some(_) => Err(PlanError {
                column,
                message: format!("`{text}` is too long"),
                remedy: "A plan takes 10 minutes at most".to_owned(),
            }),
            None => Err(PlanError {
                column,
                message: format!(
                    "`{}` is no time",
                    if first.is_empty() {
                        ""
                    } else {
                        text.trim_end()
                    }
                ),
                remedy: "Write such as 500 ms, 5 s or 2 m".to_owned(),
            }),
        }
    }
}

fn act(word: &str) -> Option<PlannedAct> {
    Some(match word.to_ascii_lowercase().as_str() {
        "stop" => PlannedAct::Do(NodeAct::Stop),
        "kill" => PlannedAct::Do(NodeAct::Kill),
        "freeze" => PlannedAct::Do(NodeAct::Freeze),
        "thaw" => PlannedAct::Do(NodeAct::Thaw),
        "restart" => PlannedAct::Do(NodeAct::Restart),
        "destroy" => PlannedAct::Do(NodeAct::Destroy),
        "partition" => PlannedAct::Do(NodeAct::Partition),
        "heal" => PlannedAct::Do(NodeAct::Heal),
        "back" => PlannedAct::Back,
        _ => return None,
    })
}
