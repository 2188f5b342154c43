//! What psql printed, cut into statements and their answers.

/// A script and its answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) answers: Vec<Answer>,
}

/// One line of the script and what it brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) statement: String,
    /// With white space folded, and rules of one dash a column: widths follow ports and addresses.
    pub(crate) lines: Vec<String>,
}

impl Transcript {
    /// Reads the output of `psql -a`: what a line of the script brought stands under that line.
    pub(crate) fn parse(script: &str, text: &str) -> Self {
        let mut answers: Vec<Answer> = Vec::new();
        let mut statements = steps(script).peekable();
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
                let mut line = normalise(line);
                // A definition goes to all nodes at once, and names whichever was found dead first.
                if answer.statement.starts_with("ALTER TABLE") && line.contains(LOST) {
                    "ERROR: a node is lost".clone_into(&mut line);
                }
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

/// The lines of a script that do something, or say with `##` what has happened.
pub(crate) fn steps(script: &str) -> impl Iterator<Item = &str> {
    let is_step = |line: &&str| !line.is_empty() && !line.starts_with("--");
    script.lines().filter(is_step)
}

fn normalise(line: &str) -> String {
    let folded = line.split_whitespace().collect::<Vec<_>>().join(" ");
    // How a connection ends is told in the kernel's words, and depends on what was under way.
    if let Some((message, _)) = folded.split_once(LOST) {
        return format!("{message}{LOST}…");
    }
    if AFTER_A_LOST_CONNECTION.contains(&folded.as_str()) {
        return String::new();
    }
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

const LOST: &str = " failed with the following error: ";

/// The lines with which libpq goes on about a connection that failed.
const AFTER_A_LOST_CONNECTION: [&str; 3] = [
    "Is the server running on that host and accepting TCP/IP connections?",
    "This probably means the server terminated abnormally",
    "before or while processing the request.",
];
