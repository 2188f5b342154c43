//! What a server may be in a lesson, and what becomes of it.

use crate::lesson::NodeAct;

/// What a server may be at some point of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Server {
    Absent,
    Up,
    Down,
    Frozen,
    CutOff,
    Destroyed,
}

impl Server {
    /// What it becomes by an action, when the action can be done to it.
    pub(super) fn after(self, act: NodeAct) -> Option<Self> {
        match (act, self) {
            (NodeAct::Stop, Self::Up) | (NodeAct::Kill, Self::Up | Self::Frozen | Self::CutOff) => {
                Some(Self::Down)
            }
            (NodeAct::Freeze, Self::Up) => Some(Self::Frozen),
            (NodeAct::Partition, Self::Up) => Some(Self::CutOff),
            (NodeAct::Thaw, Self::Frozen)
            | (NodeAct::Heal, Self::CutOff)
            | (NodeAct::Restart, Self::Up | Self::Down)
            | (NodeAct::Add, Self::Absent | Self::Destroyed) => Some(Self::Up),
            (NodeAct::Destroy, Self::Up | Self::Down | Self::Frozen | Self::CutOff) => {
                Some(Self::Destroyed)
            }
            _ => None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Absent => "not part of the cluster yet",
            Self::Up => "up",
            Self::Down => "down",
            Self::Frozen => "frozen",
            Self::CutOff => "cut off",
            Self::Destroyed => "destroyed",
        }
    }
}
