//! The tour by the mouse.

use crate::{
    bench::Bench,
    hands::TO_MAP,
    pty::{Start, Terminal},
    sight,
};

/// Where words stand on the line of all nodes, from 1.
fn on_strip(terminal: &Terminal, node: &str, words: &str) -> (usize, usize) {
    let mut at = None;
    terminal.wait_until(words, |screen| {
        let rows = sight::rows(screen);
        at = rows.iter().enumerate().find_map(|(row, text)| {
            let (before, behind) = text.strip_prefix(" nodes ")?.split_once(node)?;
            let (between, _) = behind.split_once(words)?;
            let column = 7 + before.chars().count() + node.len() + between.chars().count();
            Some((column + 2, row + 1))
        });
        at.is_some()
    });
    at.unwrap()
}

/// Turns the wheel above the lesson until words are in sight, and says where.
fn scroll_to(terminal: &Terminal, words: &str) -> (usize, usize) {
    loop {
        let lesson = terminal.sees("lesson", "the lesson", |_| true);
        if let Some(at) = lesson.find(words) {
            return at;
        }
        terminal.wheel((lesson.at.0 + 5, lesson.at.1 + 5));
        terminal.sees("lesson", words, |pane| pane.rows != lesson.rows);
    }
}

fn scrolls_and_presses_in_the_lesson(terminal: &Terminal) {
    terminal.click(scroll_to(terminal, "[▶ run]"));
    terminal.reads("lesson", "✓ as the lesson says");
    terminal.reads("results", "519");
    // What is to be chosen can be pressed as well.
    terminal.click(scroll_to(terminal, "3 ( )"));
    terminal.sees("lesson", "the choice", |pane| pane.find("3 (•)").is_some());
}

fn opens_a_tile(terminal: &Terminal) {
    let map = terminal.sees("shards", "a tile", |pane| pane.find("■01").is_some());
    let at = map.find("■01").unwrap();
    terminal.click(at);
    terminal.sees("shards", "the focus", |pane| pane.has_focus);
    // Once more opens it.
    terminal.click(at);
    let layer = terminal.reads("shard group 01", "tenants here");
    assert!(layer.says("order_items"), "{layer:#?}");
    terminal.press("q");
    terminal.sees_no("shard group 01");
}

fn asks_before_a_kill(terminal: &Terminal) {
    let at = on_strip(terminal, "worker1", "[kill]");
    terminal.click(at);
    let layer = terminal.reads("kill worker1?", "[1 leave it]");
    // Beside the layer nothing is pressed.
    terminal.click(at);
    terminal.click(layer.find("[1 leave it]").unwrap());
    terminal.sees_no("kill worker1?");
    terminal.reads_strip("● worker1");
}

fn drags_a_border(terminal: &Terminal) {
    let map = terminal.sees("shards", "the map", |_| true);
    let lesson = terminal.sees("lesson", "the lesson", |_| true);
    let width = |pane: &sight::Pane| pane.title.chars().count();
    // Borders stand beside the first inner cell.
    let border = (map.at.0, map.at.1 + 3);
    terminal.drag(border, (border.0 + 12, border.1));
    let wider = terminal.sees("lesson", "a wider lesson", |pane| {
        width(pane) > width(&lesson)
    });
    assert!(width(&wider) >= width(&lesson) + 10);
    terminal.drag((border.0 + 12, border.1), border);
    terminal.sees("lesson", "the lesson as it was", |pane| {
        width(pane) < width(&lesson) + 2
    });
}

#[test]
fn the_mouse_does_it_too() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &["tour", "journey", "--at", "a-worker-dies"]).open();
    terminal.sees_the_cluster();
    terminal.reads("shards", "■08");
    scrolls_and_presses_in_the_lesson(&terminal);
    opens_a_tile(&terminal);
    asks_before_a_kill(&terminal);
    drags_a_border(&terminal);
    terminal.go_to(TO_MAP, "shards");
    terminal.press("q");
    let layer = terminal.reads("Leave citus-tour?", "[2 end the cluster]");
    terminal.click(layer.find("[2 end the cluster]").unwrap());
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    bench.assert_clean();
}
