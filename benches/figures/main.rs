//! The figures of `docs/performance.md`: each measured in rounds, against the same work done by hand where there is such a thing.
//!
//! `cargo bench --bench figures -- [FILTER…]` runs the groups whose name contains a filter, all of them without one, and prints a
//! Markdown table. `CITUS_TOUR_BENCH_ROUNDS` sets how many rounds a figure has.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on standard output is what it is for, and progress goes beside it"
)]

mod bench;
mod by_hand;
mod emulation;
mod figure;
mod frames;
mod ground;
mod journey;
mod load;
mod machine;
mod package;
mod psql;
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the screen's tests use what figures do not, and end where they cannot go on, as a figure does"
)]
#[path = "../../tests/screen/pty.rs"]
mod pty;
mod screen;
mod start;

use anyhow::Result;
use figure::Figure;
use futures_util::future::BoxFuture;

/// A group's name and what measures it.
type Group = (
    &'static str,
    fn(usize) -> BoxFuture<'static, Result<Vec<Figure>>>,
);

const GROUPS: &[Group] = &[
    ("package", |_| Box::pin(async { package::measure() })),
    ("frames", |rounds| {
        Box::pin(async move { frames::measure(rounds) })
    }),
    ("screen-opening", |rounds| {
        Box::pin(async move { screen::measure_opening(rounds) })
    }),
    ("screen-rest", |rounds| {
        Box::pin(async move { screen::measure_rest(rounds) })
    }),
    ("screen-keys", |rounds| {
        Box::pin(async move { screen::measure_keys(rounds) })
    }),
    ("screen-kills", |_| {
        Box::pin(async move { screen::measure_kills() })
    }),
    ("screen-rows", |rounds| {
        Box::pin(async move { screen::measure_rows(rounds) })
    }),
    ("start", |rounds| Box::pin(start::measure(rounds))),
    ("first-run", |rounds| {
        Box::pin(start::measure_first_run(rounds))
    }),
    ("journey", |rounds| Box::pin(journey::measure(rounds))),
    ("read", |rounds| Box::pin(emulation::measure_reads(rounds))),
    ("distribute", |rounds| {
        Box::pin(emulation::measure_distribution(rounds))
    }),
    ("load", |rounds| Box::pin(load::measure(rounds))),
    ("move", |rounds| Box::pin(emulation::measure_move(rounds))),
];

const ROUNDS: usize = 9;

#[tokio::main]
async fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let rounds = match std::env::var("CITUS_TOUR_BENCH_ROUNDS") {
        Ok(text) => text.parse::<usize>()?.max(1),
        Err(_) => ROUNDS,
    };
    println!("{}\n\n{}", machine::describe()?, figure::HEAD);
    for (name, measure) in GROUPS {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            eprintln!("{name}: {rounds} rounds, load {}", machine::load());
            for figure in measure(rounds).await? {
                println!("{figure}");
            }
        }
    }
    println!("\nLoad average at the end: {}", machine::load());
    Ok(())
}
