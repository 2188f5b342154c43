//! A command with its names and keys.

use super::Command;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere but above a layer; plain characters not while text is typed.
    Global,
    /// The home screen.
    Home,
    /// Everywhere in a tour; plain characters not while text is typed.
    Tour,
    /// The lesson pane.
    Lesson,
    /// The map.
    Map,
    /// The editor: text is typed here.
    Editor,
    /// The results.
    Results,
    /// The nodes panel.
    Nodes,
    /// The event log.
    Log,
    /// The laboratory.
    Laboratory,
}

impl Context {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 10] = [
        Self::Lesson,
        Self::Map,
        Self::Editor,
        Self::Results,
        Self::Nodes,
        Self::Log,
        Self::Laboratory,
        Self::Tour,
        Self::Home,
        Self::Global,
    ];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Home => "Home screen",
            Self::Tour => "In a tour",
            Self::Lesson => "Lesson",
            Self::Map => "Shard map",
            Self::Editor => "SQL editor",
            Self::Results => "Results",
            Self::Nodes => "Nodes",
            Self::Log => "Event log",
            Self::Laboratory => "Laboratory",
        }
    }
}

/// A command with its names and keys.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// Its name in the palette and in the documentation: lower case and hyphens.
    pub name: &'static str,
    /// One or two words, for the footer and buttons.
    pub title: &'static str,
    /// One sentence without a full stop.
    pub says: &'static str,
    /// Where it works; the first one is its home in help.
    pub context: Context,
    /// The chords that call it, the most usual one first. Empty: by palette and buttons only.
    pub chords: &'static [&'static str],
    /// Its place in the footer, from the left; `None` keeps it out.
    pub footer: Option<u8>,
    /// The palette lists it.
    pub palette: bool,
}

impl Binding {
    /// A command without keys yet.
    #[must_use]
    pub const fn new(
        command: Command,
        name: &'static str,
        title: &'static str,
        says: &'static str,
    ) -> Self {
        Self {
            command,
            name,
            title,
            says,
            context: Context::Global,
            chords: &[],
            footer: None,
            palette: true,
        }
    }

    /// Where and by which chords it is called.
    #[must_use]
    pub const fn on(mut self, context: Context, chords: &'static [&'static str]) -> Self {
        self.context = context;
        self.chords = chords;
        self
    }

    /// Its place in the footer.
    #[must_use]
    pub const fn footer(mut self, place: u8) -> Self {
        self.footer = Some(place);
        self
    }

    /// Keeps it out of the palette: mere movement.
    #[must_use]
    pub const fn movement(mut self) -> Self {
        self.palette = false;
        self
    }
}
