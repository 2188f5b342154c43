//! The characters to draw with, each one column wide, each with its twin in ASCII.

use ratatui::symbols::border;

/// The characters to draw with.
#[derive(Debug)]
pub struct Glyphs {
    /// A shard that is active.
    pub active: &'static str,
    /// A copy of a reference table.
    pub reference: &'static str,
    /// Tables that are on one node only.
    pub local: &'static str,
    /// A shard on its way, at its source.
    pub moving: &'static str,
    /// A shard on its way, at its target: from nothing copied to everything.
    pub ghosts: [&'static str; 4],
    /// A shard that cannot be reached.
    pub unreachable: &'static str,
    /// What is left of an old copy.
    pub leftover: &'static str,
    /// Something that failed.
    pub failed: &'static str,
    /// A node that is up.
    pub node_up: &'static str,
    /// A node that is not.
    pub node_down: &'static str,
    /// A node that is frozen, slow or locked out.
    pub node_frozen: &'static str,
    /// A node that is not in the cluster.
    pub node_outside: &'static str,
    /// A check that holds, something done.
    pub done: &'static str,
    /// A check that does not hold yet, something open.
    pub open: &'static str,
    /// A button that runs something.
    pub run: &'static str,
    /// Something folded.
    pub folded: &'static str,
    /// Something unfolded.
    pub unfolded: &'static str,
    /// What is marked.
    pub marker: &'static str,
    /// An entry of a list.
    pub bullet: &'static str,
    /// More than there is room for.
    pub ellipsis: &'static str,
    /// Between words of one line.
    pub dot: &'static str,
    /// Something leads to something.
    pub arrow: &'static str,
    /// A line break in a cell.
    pub newline: &'static str,
    /// The bar of a scrolled text: the part that is shown.
    pub thumb: &'static str,
    /// The rest of that bar.
    pub track: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// A bar at the left of something that belongs together.
    pub bar: &'static str,
    /// Parts of a horizontal bar, from nothing to a whole cell.
    pub levels: [&'static str; 5],
    /// A probe that did its work.
    pub works: &'static str,
    /// One that did it late.
    pub late: &'static str,
    /// Of several some did it and some did not.
    pub partly: &'static str,
    /// One that waits, or waited for a timeout.
    pub waits: &'static str,
    /// The upper half of a cell; `None` where a cell cannot be halved.
    pub upper_half: Option<&'static str>,
    /// The steps of a sign that something is being done.
    pub spinner: &'static [&'static str],
    /// Borders of panes.
    pub border: border::Set<'static>,
    /// Borders of the pane that takes keys.
    pub border_focused: border::Set<'static>,
}

/// For terminals of this century. No character that some show two columns wide.
pub(super) static UNICODE: Glyphs = Glyphs {
    active: "■",
    reference: "◆",
    local: "▪",
    moving: "▶",
    ghosts: ["░", "▒", "▓", "█"],
    unreachable: "╳",
    leftover: "·",
    failed: "!",
    node_up: "●",
    node_down: "╳",
    node_frozen: "◌",
    node_outside: "○",
    done: "✓",
    open: "○",
    run: "▶",
    folded: "›",
    unfolded: "▾",
    marker: "▌",
    bullet: "•",
    ellipsis: "…",
    dot: "·",
    arrow: "→",
    newline: "↵",
    thumb: "┃",
    track: "│",
    rule: "─",
    bar: "▎",
    levels: [" ", "░", "▒", "▓", "█"],
    works: "■",
    late: "◆",
    partly: "▞",
    waits: "░",
    upper_half: Some("▀"),
    spinner: &["-", "\\", "|", "/"],
    border: border::PLAIN,
    border_focused: border::THICK,
};

/// For terminals and fonts that have nothing but ASCII.
pub(super) static ASCII: Glyphs = Glyphs {
    active: "#",
    reference: "R",
    local: "L",
    moving: ">",
    ghosts: ["1", "4", "7", "9"],
    unreachable: "x",
    leftover: ".",
    failed: "!",
    node_up: "*",
    node_down: "x",
    node_frozen: "z",
    node_outside: "o",
    done: "+",
    open: "o",
    run: ">",
    folded: ">",
    unfolded: "v",
    marker: "|",
    bullet: "*",
    ellipsis: "~",
    dot: "-",
    arrow: "->",
    newline: "\\",
    thumb: "#",
    track: "|",
    rule: "-",
    bar: "|",
    levels: [" ", ".", ":", "+", "#"],
    works: "=",
    late: "~",
    partly: "%",
    waits: "?",
    upper_half: None,
    spinner: &["-", "\\", "|", "/"],
    border: ASCII_BORDER,
    border_focused: ASCII_BORDER_FOCUSED,
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII_BORDER_FOCUSED: border::Set<'static> = border::Set {
    top_left: "#",
    top_right: "#",
    bottom_left: "#",
    bottom_right: "#",
    vertical_left: "#",
    vertical_right: "#",
    horizontal_top: "=",
    horizontal_bottom: "=",
};
