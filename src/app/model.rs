//! Everything that the screen shows.

use std::time::{Duration, Instant};

use super::{
    home::Home,
    overlay::Overlay,
    regions::{Border, Regions},
    settings::Settings,
    tour::OpenTour,
};

/// Which screen is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// Tours to choose from.
    #[default]
    Home,
    /// A tour, in [`Model::tour`].
    Tour,
}

/// A part of the tour's screen that takes keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The lesson.
    #[default]
    Lesson,
    /// The shard map.
    Map,
    /// Where SQL is typed.
    Editor,
    /// What statements brought.
    Results,
    /// The nodes and what can be done to them.
    Nodes,
    /// What happened.
    Log,
    /// What works, asked again and again; faults by plan; load.
    Laboratory,
}

impl Pane {
    /// All, in the order of Tab.
    pub const ALL: [Self; 7] = [
        Self::Lesson,
        Self::Map,
        Self::Editor,
        Self::Results,
        Self::Nodes,
        Self::Log,
        Self::Laboratory,
    ];

    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Map => "map",
            Self::Editor => "sql",
            Self::Results => "results",
            Self::Nodes => "nodes",
            Self::Log => "log",
            Self::Laboratory => "laboratory",
        }
    }
}

/// How the panes share the screen, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frames {
    /// The lesson's width.
    pub lesson: u16,
    /// The map's height at the lesson's side.
    pub map: u16,
    /// The editor's height within the SQL pane.
    pub editor: u16,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            lesson: 40,
            map: 45,
            editor: 35,
        }
    }
}

/// One line that says what just happened, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What to say.
    pub text: String,
    /// It is bad news.
    pub alarming: bool,
    /// When it goes.
    pub until: Instant,
}

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(6);

/// Everything that the screen shows.
#[derive(Debug)]
pub struct Model {
    /// When the last message came: the moment that a frame shows.
    pub now: Instant,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Looks and manners.
    pub settings: Settings,
    /// Which screen is open.
    pub screen: Screen,
    /// The home screen.
    pub home: Home,
    /// The tour that is open.
    pub tour: Option<Box<OpenTour>>,
    /// Layers above the screen, the top one last.
    pub overlays: Vec<Overlay>,
    /// Which pane takes keys.
    pub focus: Pane,
    /// The focused pane has the whole screen.
    pub zoomed: bool,
    /// How the panes share the screen.
    pub frames: Frames,
    /// The border that the mouse holds.
    pub dragged: Option<Border>,
    /// One line that says what just happened.
    pub notice: Option<Notice>,
    /// What the last frame put where.
    pub regions: Regions,
    /// Something changed since the last frame.
    pub dirty: bool,
    /// The program is on its way out; nothing more is asked.
    pub leaving: bool,
}

impl Model {
    /// The home screen, before anything is known.
    #[must_use]
    pub fn new(settings: Settings, size: (u16, u16), now: Instant) -> Self {
        Self {
            now,
            size,
            settings,
            screen: Screen::Home,
            home: Home::default(),
            tour: None,
            overlays: Vec::new(),
            focus: Pane::Lesson,
            zoomed: false,
            frames: Frames::default(),
            dragged: None,
            notice: None,
            regions: Regions::default(),
            dirty: true,
            leaving: false,
        }
    }

    /// Says what just happened.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            alarming: false,
            until: self.now + NOTICE,
        });
        self.dirty = true;
    }

    /// Says what went wrong.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            alarming: true,
            until: self.now + NOTICE * 2,
        });
        self.dirty = true;
    }
}
