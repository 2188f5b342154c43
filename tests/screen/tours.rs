//! Whole tours, from the home screen to the congratulation, by the keys that the screen asks for.

use citus_tour::lesson::{self, Block, LessonSource, Step, Tour};

use crate::{
    attached::owned,
    bench::Bench,
    hands::{EMPTY, RUN, RUN_ALL, TO_EDITOR, TO_LESSON, pasted},
    pty::{Start, Terminal},
    sight::{self, Pane},
};

/// What the lesson says while it is not the learner's turn.
const BUSY: [&str; 5] = [
    "under way",
    "the cluster is starting",
    "the cluster is being made ready",
    "the lesson is being prepared",
    "the program is doing this step",
];

/// What a learner looks at.
#[derive(Debug, Clone, PartialEq)]
struct Sight {
    /// Where in the tour.
    place: String,
    lesson: Pane,
    /// The congratulation.
    end: Option<Pane>,
}

impl Sight {
    fn of(screen: &vt100::Screen, tour: &str) -> Option<Self> {
        let first = sight::rows(screen).into_iter().next()?;
        Some(Self {
            place: place(&first),
            lesson: sight::pane(screen, "lesson")?,
            end: sight::pane(screen, &format!("{tour}: ")),
        })
    }

    fn is_busy(&self) -> bool {
        BUSY.iter().any(|words| self.lesson.says(words))
    }

    /// What is marked, and where. Of a check only its sentence: what it says below changes while nothing is done.
    fn mark(&self) -> (&str, Vec<(usize, &str)>) {
        let rows = self.lesson.rows.iter().enumerate();
        let marked = rows.filter_map(|(row, text)| Some((row, text.strip_prefix('▌')?.trim())));
        let mut marked: Vec<_> = marked.collect();
        if marked
            .first()
            .is_some_and(|(_, text)| text.starts_with('○'))
        {
            marked.truncate(1);
        }
        (&self.place, marked)
    }

    /// The step that the line at the top names: `Journey › Distribution › A worker dies 2/7`.
    fn step<'tour>(&self, tour: &'tour Tour) -> &'tour Step {
        let (names, number) = self.place.rsplit_once(' ').unwrap();
        let title = names.rsplit('›').next().unwrap().trim();
        let number: usize = number.split('/').next().unwrap().parse().unwrap();
        let mut lessons = tour.lessons();
        let (_, lesson) = lessons.find(|(_, lesson)| lesson.title == title).unwrap();
        &lesson.steps[number - 1]
    }
}

/// What the line at the top says up to the number of the step.
fn place(line: &str) -> String {
    let is_number = |word: &&str| {
        let mut parts = word.split('/').map(str::parse::<usize>);
        matches!((parts.next(), parts.next()), (Some(Ok(_)), Some(Ok(_))))
    };
    let mut words = line.split_whitespace().skip(1);
    let mut place = Vec::new();
    for word in words.by_ref() {
        place.push(word);
        if is_number(&word) {
            break;
        }
    }
    place.join(" ")
}

/// Somebody who takes the tour.
struct Learner {
    terminal: Terminal,
    tour: Tour,
    predicted: usize,
    typed: usize,
}

impl Learner {
    /// Waits until the learner may go on and the screen is as it should be.
    #[track_caller]
    fn wait(&self, what: &str, is_so: impl Fn(&Sight) -> bool) -> Sight {
        let mut seen = None;
        self.terminal.wait_until(what, |screen| {
            seen = Sight::of(screen, &self.tour.title)
                .filter(|sight| !sight.is_busy() && is_so(sight));
            seen.is_some()
        });
        seen.unwrap()
    }

    /// Does what the screen asks for, until it says that this was all.
    fn learn(&mut self) -> Pane {
        let mut sight = self.wait("the lesson", |sight| sight.place.contains('/'));
        loop {
            if let Some(end) = sight.end {
                return end;
            }
            sight = self.go_on(&sight);
        }
    }

    fn go_on(&mut self, sight: &Sight) -> Sight {
        let marked = sight.lesson.marked();
        let Some(first) = marked.first() else {
            // What comes next is out of sight, and Enter brings it there.
            self.terminal.press("\r");
            return self.wait("more of the lesson", |now| now.lesson != sight.lesson);
        };
        if marked.iter().any(|row| row.contains("( )")) {
            self.predicted += 1;
            let answer = if self.predicted.is_multiple_of(2) {
                "2"
            } else {
                "3"
            };
            self.terminal.press(answer);
        } else if first.starts_with('○') {
            return self.reach(sight);
        } else {
            self.terminal.press("\r");
        }
        self.wait("what comes next", |now| {
            now.mark() != sight.mark() || now.end.is_some()
        })
    }

    /// A check that does not hold yet: either it is about to, or it asks for something to be typed.
    fn reach(&mut self, sight: &Sight) -> Sight {
        let step = sight.step(&self.tour);
        let solution: Vec<String> = step
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Solution(blocks) => Some(blocks),
                _ => None,
            })
            .flatten()
            .filter_map(|block| match block {
                Block::Run(run) => Some(run.sql.text.clone()),
                _ => None,
            })
            .collect();
        if solution.is_empty() {
            self.terminal.press("\r");
        } else if solution.iter().any(|sql| sql.contains("5432")) {
            // The address differs from machine to machine: the button knows it.
            self.terminal.press("x");
            return self.wait("the solution", |now| {
                now.lesson.says("▾ Solution") && now.mark() != sight.mark()
            });
        } else {
            self.type_it(&solution.join("\n"));
        }
        self.wait("the goal", |now| now.mark() != sight.mark())
    }

    /// Into the editor, by keys or from the clipboard, and run.
    fn type_it(&mut self, sql: &str) {
        self.typed += 1;
        self.terminal.go_to(TO_EDITOR, "sql");
        self.terminal.press(EMPTY);
        if self.typed.is_multiple_of(2) {
            self.terminal.press(&pasted(sql));
        } else {
            self.terminal.press(&sql.replace('\n', " "));
        }
        let statements = sql.matches(';').count();
        self.terminal
            .press(if statements > 1 { RUN_ALL } else { RUN });
        self.terminal.go_to(TO_LESSON, "lesson");
    }
}

#[test]
fn the_journey_is_played_by_the_keys_that_the_screen_asks_for() {
    play("journey", "\r");
}

#[test]
fn the_active_active_tour_is_played_by_the_keys_that_the_screen_asks_for() {
    play("active-active", "\x1b[B\r");
}

#[test]
fn the_guest_tour_is_played_on_somebodys_own_cluster_and_leaves_no_trace() {
    let bench = Bench::new();
    let url = owned(&bench);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'citus\\_tour\\_%'";
    let count = || bench.well(&["psql", "--", "-Atc", schemas]);
    let terminal = Start::of(&bench, &["attach", "--allow-writes"])
        .variable("CITUS_TOUR_URL", &url)
        .open();
    terminal.sees_the_cluster();
    assert_eq!(count().trim(), "0");
    let mut tour = embedded("guest");
    // The page about the cluster comes first, and gives the tour its name.
    tour.title = url.split_once('@').unwrap().1.to_owned();
    let steps = 1 + steps(&tour);
    terminal.go_to(TO_LESSON, "lesson");
    let (mut terminal, typed) = learn(terminal, tour, steps);
    assert!(typed >= 4);
    assert_eq!(count().trim(), "1");
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    assert_eq!(count().trim(), "0");
    bench.well(&["down"]);
    bench.assert_clean();
}

fn embedded(id: &str) -> Tour {
    let tours = lesson::load(&LessonSource::embedded()).unwrap();
    tours.into_iter().find(|tour| tour.id == id).unwrap()
}

fn steps(tour: &Tour) -> usize {
    tour.lessons().map(|(_, lesson)| lesson.steps.len()).sum()
}

/// Opens a tour by keys on the home screen, and plays it to its end.
fn play(id: &str, choose: &str) {
    let bench = Bench::new();
    let terminal = Start::of(&bench, &[]).open();
    let tour = embedded(id);
    terminal.wait_for(&tour.title);
    terminal.press(choose);
    let steps = steps(&tour);
    let (mut terminal, typed) = learn(terminal, tour, steps);
    assert!(typed >= 4);
    terminal.leave_and_end();
    bench.assert_clean();
}

/// Plays a tour that is open to its end, and puts the congratulation away; says how often something had to be typed.
fn learn(terminal: Terminal, tour: Tour, steps: usize) -> (Terminal, usize) {
    let title = tour.title.clone();
    let mut learner = Learner {
        terminal,
        tour,
        predicted: 0,
        typed: 0,
    };
    let end = learner.learn();
    assert!(end.title.contains(&format!("{title}: done")), "{end:#?}");
    assert!(
        end.says(&format!("You have done all {steps} steps")),
        "{end:#?}"
    );
    assert!(
        end.says(&format!("Of {} predictions", learner.predicted)),
        "{end:#?}"
    );
    let terminal = learner.terminal;
    terminal.press("\r");
    terminal.sees_no(&format!("{title}: "));
    (terminal, learner.typed)
}
