//! What a frame put where: the way back from a place on the screen to what it means.

use std::collections::BTreeMap;

use ratatui::layout::{Position, Rect};

use super::{
    home::HomeTarget, keys::Command, laboratory::LaboratoryTarget, lesson::LessonTarget,
    map::MapTarget, model::Pane, nodes::NodesTarget, sql::SqlTarget,
};

/// What a place on the screen means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A pane: a press gives it the focus, the wheel scrolls it.
    Pane(Pane),
    /// A button: a press is the command.
    Press(Command),
    /// Something of the home screen.
    Home(HomeTarget),
    /// Something of the lesson pane.
    Lesson(LessonTarget),
    /// Something of the map.
    Map(MapTarget),
    /// Something of the SQL pane.
    Sql(SqlTarget),
    /// Something of the nodes strip or panel.
    Nodes(NodesTarget),
    /// Something of the laboratory.
    Laboratory(LaboratoryTarget),
    /// A border that can be dragged.
    Border(Border),
    /// The top layer itself: it takes the wheel, and a press inside it does nothing.
    Overlay,
    /// A row of the top layer's list.
    OverlayRow(usize),
    /// A button of the top layer.
    OverlayButton(usize),
}

/// A border between panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Border {
    /// Between the lesson and what stands at its right.
    Lesson,
    /// Between map and SQL pane.
    Map,
    /// Between editor and results.
    Editor,
}

/// A place and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub area: Rect,
    /// What.
    pub target: Target,
}

/// How much of a scrolled content is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Viewport {
    /// Rows that are visible.
    pub height: usize,
    /// Columns that are visible.
    pub width: usize,
    /// Rows that there are.
    pub content: usize,
}

impl Viewport {
    /// The greatest sensible first row.
    #[must_use]
    pub fn last_offset(self) -> usize {
        self.content.saturating_sub(self.height)
    }
}

/// What a frame put where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regions {
    /// In the order in which they were drawn: the last that holds a place is on top.
    pub hits: Vec<Hit>,
    /// Where the cursor stands, when something takes text.
    pub cursor: Option<Position>,
    /// What can be scrolled.
    pub viewports: BTreeMap<Pane, Viewport>,
    /// The same of the top layer.
    pub overlay: Viewport,
    /// Rows of the lesson pane at which its items begin, by their place among the items of the current step.
    pub item_rows: Vec<usize>,
    /// First row of the lesson that was shown.
    pub lesson_offset: usize,
    /// The level of detail that the map was drawn with: larger numbers are smaller tiles.
    pub map_detail: u8,
    /// The area that both sides of a border share, to turn a drag into a share.
    pub borders: Vec<(Border, Rect)>,
}

impl Regions {
    /// Notes that `target` is at `area`.
    pub fn hit(&mut self, area: Rect, target: Target) {
        if area.width > 0 && area.height > 0 {
            self.hits.push(Hit { area, target });
        }
    }

    /// What is on top at a place.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<&Hit> {
        self.hits
            .iter()
            .rev()
            .find(|hit| hit.area.contains(Position::new(column, row)))
    }

    /// The pane at a place, whatever lies in it.
    #[must_use]
    pub fn pane_at(&self, column: u16, row: u16) -> Option<Pane> {
        let position = Position::new(column, row);
        self.hits.iter().rev().find_map(|hit| match hit.target {
            Target::Pane(pane) if hit.area.contains(position) => Some(pane),
            _ => None,
        })
    }

    /// How much of a pane's content is shown.
    #[must_use]
    pub fn viewport(&self, pane: Pane) -> Viewport {
        self.viewports.get(&pane).copied().unwrap_or_default()
    }
}
