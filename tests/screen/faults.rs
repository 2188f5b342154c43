//! Servers that are broken on purpose and by others, and what is seen of it.

use std::{fs, path::PathBuf};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    bench::Bench,
    hands::{
        ALL_BACK, CANCEL, DOWN, RIGHT, RUN, TO_EDITOR, TO_LESSON, TO_LOG, TO_MAP, TO_NODES, UP,
        ZOOM,
    },
    pty::{Start, Terminal},
    sight::Pane,
};

const OF_42: &str = "SELECT count(*) AS of_42 FROM orders WHERE user_id = 42";
const OF_9: &str = "SELECT count(*) AS of_9 FROM orders WHERE user_id = 9";

/// A tour at the lesson in which a worker dies.
struct Shop {
    bench: Bench,
    terminal: Terminal,
    /// The worker of tenant 42 and the number of its shard group, as the map tells them.
    worker: String,
    group: String,
}

/// The lane of a node on the map.
fn lane<'pane>(map: &'pane Pane, node: &str) -> Option<&'pane str> {
    let mut lanes = map.rows.iter().map(String::as_str);
    lanes.rfind(|row| row.split_whitespace().nth(1) == Some(node))
}

impl Shop {
    fn open() -> Self {
        let bench = Bench::new();
        let terminal = Start::of(&bench, &["tour", "journey", "--at", "a-worker-dies"]).open();
        terminal.sees_the_cluster();
        let pin = "42 of orders lives in shard group ";
        let map = terminal.reads("shards", pin);
        let text = map.rows.join(" ");
        let (_, behind) = text.split_once(pin).unwrap();
        let group: String = behind.chars().take(2).collect();
        let tile = format!("■{group}");
        let map = terminal.sees("shards", "its tile", |map| {
            map.rows.iter().any(|row| row.contains(&tile))
        });
        let row = map.rows.iter().find(|row| row.contains(&tile)).unwrap();
        let worker = row.split_whitespace().nth(1).unwrap().to_owned();
        Self {
            bench,
            terminal,
            worker,
            group,
        }
    }

    fn other(&self) -> &'static str {
        if self.worker == "worker1" {
            "worker2"
        } else {
            "worker1"
        }
    }

    /// Waits for a node's lane to begin so, and for the strip to say the same.
    #[track_caller]
    fn sees_node(&self, node: &str, sign: &str) {
        let words = format!("{sign} {node}");
        let state = match sign {
            "╳" => " DOWN",
            "◌" => " FROZEN",
            _ => "",
        };
        let words = format!("{words}{state}");
        self.terminal.sees("shards", &words, |map| {
            lane(map, node).is_some_and(|lane| lane.starts_with(&words))
        });
        self.terminal.reads_strip(&words);
    }

    /// Goes to the nodes and chooses one.
    fn choose(&self, node: &str) {
        let nodes = self.terminal.go_to(TO_NODES, "nodes");
        let is_chosen = |pane: &Pane| {
            let marked = pane.marked();
            marked.first().and_then(|row| row.split_whitespace().nth(1)) == Some(node)
        };
        if is_chosen(&nodes) {
            return;
        }
        // From the top downwards.
        self.terminal.press(&UP.repeat(5));
        for _ in 0..3 {
            let before = self
                .terminal
                .sees("nodes", "a choice", |pane| !pane.marked().is_empty());
            if is_chosen(&before) {
                return;
            }
            self.terminal.press(DOWN);
            self.terminal.sees("nodes", "the next node", |pane| {
                pane.marked() != before.marked()
            });
        }
        self.terminal.sees("nodes", node, is_chosen);
    }

    /// The postmaster of a node, as its data directory tells it.
    fn postmaster(&self, node: &str) -> Pid {
        let run: PathBuf = self.bench.clusters().pop().unwrap();
        let file = run.join("nodes").join(node).join("data/postmaster.pid");
        let text = fs::read_to_string(file).unwrap();
        Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap())
    }

    fn kill_by_button(&self) {
        self.sees_node(&self.worker, "●");
        self.sees_node(self.other(), "●");
        self.choose(&self.worker);
        self.terminal.press(RIGHT);
        self.terminal.reads("nodes", "kill:");
        self.terminal.press("\r");
        let question = format!("kill {}?", self.worker);
        let layer = self.terminal.reads(&question, "[2 kill it]");
        for words in [
            "4 of 8 shard groups of order_items, orders, users out of reach",
            "statements over all shards of order_items, orders, users fail",
            "What goes on: - 4 of 8 shard groups of order_items, orders, users - reads of reference tables (regions)",
        ] {
            assert!(layer.says(words), "{words}: {layer:#?}");
        }
        self.terminal.press(RIGHT);
        self.terminal.press("\r");
        self.terminal
            .reads_strip(&format!("╳ {} DOWN", self.worker));
        self.terminal.go_to(TO_EDITOR, "sql");
        self.sees_node(&self.worker, "╳");
        self.sees_node(self.other(), "●");
        self.terminal.reads("shards", &format!("╳{}", self.group));
    }

    fn dead_tenants_fail_and_others_do_not(&self) {
        let answer = self.terminal.ask(OF_42);
        for words in [
            "ERROR: 08",
            "could not connect to server",
            "DETAIL:",
            "Connection refused",
        ] {
            assert!(answer.says(words), "{words}: {answer:#?}");
        }
        let touched = format!("touched: 1 of 8 shards, {} (down)", self.worker);
        self.terminal.reads("results", &touched);
        self.terminal.reads("shards", &format!("!{}", self.group));
        let answer = self.terminal.ask(OF_9);
        assert!(answer.says("of_9 10"), "{answer:#?}");
        let touched = format!("touched: 1 of 8 shards, {}", self.other());
        let answer = self.terminal.reads("results", &touched);
        assert!(!answer.says("(down)"), "{answer:#?}");
        self.terminal.reads("shards", &format!("╳{}", self.group));
    }

    fn put_back(&self) {
        self.terminal.press(ALL_BACK);
        self.sees_node(&self.worker, "●");
        self.sees_node(self.other(), "●");
        let answer = self.terminal.ask(OF_42);
        assert!(answer.says("of_42 10"), "{answer:#?}");
    }

    /// Freezes the worker of tenant 42, to which the session has a connection, and asks it something.
    fn freeze_and_wait(&self) {
        self.choose(&self.worker);
        self.terminal.press("f");
        let question = format!("freeze {}?", self.worker);
        let layer = self.terminal.reads(&question, "[2 freeze it]");
        assert!(layer.says("wait for the timeout"), "{layer:#?}");
        self.terminal.press("2");
        self.terminal
            .reads_strip(&format!("◌ {} FROZEN", self.worker));
        self.terminal.write_sql(OF_42);
        self.terminal.press(RUN);
        self.terminal.reads("results", "[cancel Ctrl+C]");
    }

    fn only_the_statement_hangs(&self) {
        self.sees_node(&self.worker, "◌");
        self.sees_node(self.other(), "●");
        // Keys and the map go on.
        self.terminal.go_to(TO_MAP, "shards");
        self.terminal.press("v");
        let matrix = self.terminal.reads("tables", "order_items");
        assert!(matrix.says("╳ 4"), "{matrix:#?}");
        self.terminal.press("vv");
        self.sees_node(&self.worker, "◌");
        let clock = |map: &Pane| lane(map, &self.worker).map(str::to_owned);
        let now = clock(&self.terminal.sees("shards", "the map", |_| true));
        self.terminal
            .sees("shards", "the clock going on", |map| clock(map) != now);
        self.terminal.reads("results", "[cancel Ctrl+C]");
        self.terminal.press(CANCEL);
        let answer = self.terminal.reads("results", "ERROR: 57014");
        assert!(answer.says("canceling statement"), "{answer:#?}");
        let answer = self.terminal.ask(OF_9);
        assert!(answer.says("of_9 10"), "{answer:#?}");
    }

    fn thaw(&self) {
        self.choose(&self.worker);
        self.terminal.press("t");
        self.terminal.reads_strip(&format!("● {}", self.worker));
        let answer = self.terminal.ask(OF_42);
        assert!(answer.says("of_42 10"), "{answer:#?}");
    }

    /// Nobody here ordered it.
    fn crash_from_outside(&self) {
        kill(self.postmaster(self.other()), Signal::SIGKILL).unwrap();
        self.sees_node(self.other(), "╳");
        self.terminal.go_to(TO_LOG, "log");
        self.terminal.press(ZOOM);
        let of = |node: &str, what: &str| format!("the server of {node} ended{what}");
        self.terminal.reads("log", &of(self.other(), " by itself"));
        let log = self
            .terminal
            .reads("log", &of(&self.worker, ", as ordered (kill)"));
        assert!(!log.says(&of(self.other(), ", as ordered")), "{log:#?}");
        assert!(!log.says(&of(&self.worker, " by itself")), "{log:#?}");
        self.terminal.press(ZOOM);
        self.terminal.go_to(TO_LESSON, "lesson");
        self.put_back();
    }

    /// Leaves while a worker is frozen and a statement waits for it.
    fn leave(mut self) {
        self.freeze_and_wait();
        self.terminal.go_to(TO_LESSON, "lesson");
        self.terminal.press("q");
        let layer = self
            .terminal
            .reads("Leave citus-tour?", "[2 end the cluster]");
        assert!(layer.says("a statement is running"), "{layer:#?}");
        self.terminal.press("2");
        assert_eq!(self.terminal.code(), Some(0));
        self.terminal.assert_restored();
        self.bench.assert_clean();
    }
}

#[test]
fn what_breaks_is_seen_and_put_back() {
    let shop = Shop::open();
    shop.kill_by_button();
    shop.dead_tenants_fail_and_others_do_not();
    shop.put_back();
    shop.freeze_and_wait();
    shop.only_the_statement_hangs();
    shop.thaw();
    shop.crash_from_outside();
    shop.leave();
}
