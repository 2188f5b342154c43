//! The laboratory on real servers: what breaks is seen to break, exactly that, as it was predicted, and to come back.

use crate::{
    bench::Bench,
    hands::{ALL_BACK, DOWN, TO_LABORATORY, TO_NODES},
    pty::{Start, Terminal},
    sight::Pane,
};

/// The four workers of the tour hold each shard group twice; this one holds the second and the third.
const VICTIM: &str = "worker3";

/// The row of the strips that begins so.
fn row<'pane>(pane: &'pane Pane, name: &str) -> Option<&'pane str> {
    let mut rows = pane.rows.iter().map(String::as_str);
    rows.find(|row| {
        let words = row.trim_start_matches(['▌', '›', '▾', ' ']);
        words.starts_with(name)
    })
}

/// The newest spans of time of a row in which something is known: enough that one slow statement decides nothing.
fn lately(pane: &Pane, name: &str) -> Vec<char> {
    let cells = row(pane, name).unwrap_or_default().chars();
    let known: Vec<char> = cells.filter(|it| "■◆╳░▞".contains(*it)).collect();
    known[known.len().saturating_sub(6)..].to_vec()
}

/// Whether statements do their work: on a busy machine some of them late.
fn works(pane: &Pane, name: &str) -> bool {
    let cells = lately(pane, name);
    cells.iter().any(|it| "■◆".contains(*it)) && !cells.contains(&'╳')
}

/// Whether none does: on a busy machine some fail late.
fn fails(pane: &Pane, name: &str) -> bool {
    let cells = lately(pane, name);
    cells.contains(&'╳') && !cells.iter().any(|it| "■◆▞".contains(*it))
}

fn open(bench: &Bench) -> Terminal {
    let terminal = Start::of(
        bench,
        &["tour", "active-active", "--at", "one-of-four-dies"],
    )
    .open();
    terminal.sees_the_cluster();
    terminal
}

fn choose(terminal: &Terminal, node: &str) {
    terminal.go_to(TO_NODES, "nodes");
    let marked = |pane: &Pane| {
        let rows = pane.marked();
        rows.first()
            .and_then(|row| row.split_whitespace().nth(1))
            .map(str::to_owned)
    };
    loop {
        let before = marked(&terminal.sees("nodes", "a choice", |pane| marked(pane).is_some()));
        if before.as_deref() == Some(node) {
            return;
        }
        terminal.press(DOWN);
        terminal.sees("nodes", "the next node", |pane| marked(pane) != before);
    }
}

fn watch(terminal: &Terminal) {
    terminal.press(TO_LABORATORY);
    terminal.reads("laboratory", "tenant reads 100 %");
    terminal.sees("laboratory", "every kind at work", |pane| {
        [
            "tenant reads",
            "tenant writes",
            "reference writes",
            "definitions",
        ]
        .iter()
        .all(|name| works(pane, name))
    });
    // The writes, shard group by shard group.
    terminal.press(DOWN);
    terminal.press("\r");
    terminal.reads("laboratory", "04 tenant");
}

fn break_it(terminal: &Terminal) {
    choose(terminal, VICTIM);
    terminal.press("k");
    let question = format!("kill {VICTIM}?");
    let layer = terminal.reads(&question, "[2 kill it]");
    assert!(
        layer.says("reads go on from another copy, writes fail"),
        "{layer:#?}"
    );
    terminal.press("2");
    terminal.reads_strip(&format!("╳ {VICTIM} DOWN"));
    terminal.press(TO_LABORATORY);
    terminal.reads("laboratory", &format!("kill {VICTIM}"));
    // Exactly what it holds cannot be written any more, and all of it can be read.
    terminal.sees("laboratory", "its tenants failing", |pane| {
        ["02 tenant", "03 tenant", "reference writes", "definitions"]
            .iter()
            .all(|name| fails(pane, name))
            && ["01 tenant", "04 tenant", "tenant reads", "reference reads"]
                .iter()
                .all(|name| works(pane, name))
    });
    terminal.press("vv");
    let score = terminal.sees("laboratory", "predictions that came true", |pane| {
        // On a busy machine statements come late: that is another pace, and no other outcome.
        let differs = [
            "predicted to fail, and it works",
            "predicted to work, and it fails",
            "predicted to work, and it waits",
        ];
        pane.says("of 13 as predicted") && !differs.iter().any(|words| pane.says(words))
    });
    assert!(score.says(&format!("kill {VICTIM}")), "{score:#?}");
    // Where the line is broken depends on what stands before it.
    assert!(score.says("goes to every copy"), "{score:#?}");
}

fn put_it_back(terminal: &Terminal) {
    terminal.press(ALL_BACK);
    terminal.reads_strip(&format!("● {VICTIM}"));
    terminal.press("vv");
    terminal.sees("laboratory", "recovery", |pane| {
        ["02 tenant", "03 tenant", "reference writes", "definitions"]
            .iter()
            .all(|name| works(pane, name))
    });
    terminal.reads("laboratory", &format!("restart {VICTIM}"));
}

fn put_load_on_it(terminal: &Terminal) {
    terminal.press("l");
    terminal.reads("laboratory", "open loop, 100 a second");
    terminal.sees("laboratory", "statements that end", |pane| {
        pane.says("runs ·") && pane.says("p99") && !pane.says("reached 0/s")
    });
    terminal.reads("laboratory", "worker3+4");
    terminal.press("l");
    terminal.reads("laboratory", "over · open loop");
}

#[test]
fn what_breaks_is_predicted_seen_and_put_back() {
    let bench = Bench::new();
    let mut terminal = open(&bench);
    watch(&terminal);
    break_it(&terminal);
    put_it_back(&terminal);
    put_load_on_it(&terminal);
    terminal.press("w");
    terminal.sees_no("laboratory");
    terminal.leave_and_end();
    bench.assert_clean();
}
