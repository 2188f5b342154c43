//! What psql printed, cut into statements and their answers.

/// A script and its answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) answers: Vec<Answer>,
}

/// One statement and what it brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) statement: String,
    /// With white space folded, and rules of one dash a column: widths follow ports and addresses.
    pub(crate) lines: Vec<String>,
}

impl Transcript {
    /// Reads the output of `psql -a`: every statement of the script stands on one line and ends with a semicolon.
    pub(crate) fn parse(text: &str) -> Self {
        let mut answers: Vec<Answer> = Vec::new();
        let mut statements = include_str!("journey.sql")
            .lines()
            .filter(|line| !line.starts_with("--"))
            .peekable();
        for line in text
            .lines()
            .filter(|line| !line.starts_with("--") || line.contains("-+-"))
        {
            if statements.peek() == Some(&line) {
                statements.next();
                answers.push(Answer {
                    statement: line.to_owned(),
                    lines: Vec::new(),
                });
            } else if let Some(answer) = answers.last_mut() {
                let line = normalise(line);
                if !line.is_empty() {
                    answer.lines.push(line);
                }
            }
        }
        Self { answers }
    }

    /// Without the CONTEXT of errors, which names the functions that raised them and is the last thing of an answer.
    pub(crate) fn without_context(mut self) -> Self {
        for answer in &mut self.answers {
            let end = answer
                .lines
                .iter()
                .position(|line| line.starts_with("CONTEXT:"));
            answer.lines.truncate(end.unwrap_or(answer.lines.len()));
        }
        self
    }
}

fn normalise(line: &str) -> String {
    let folded = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_rule = folded.contains("--")
        && folded
            .chars()
            .all(|character| matches!(character, '-' | '+'));
    if is_rule {
        "-".repeat(folded.split('+').count())
    } else {
        folded
    }
}
