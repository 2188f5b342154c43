//! The shard map's state: which view, what is chosen, what was touched.

mod command;
mod pin;
mod sections;
mod state;

#[cfg(test)]
mod tests;

pub use command::{KEYS, MapCommand, MapTarget, changed, command, group_facts, press, scroll};
pub use pin::{asked, paste, pin, tenant_place, type_chord};
pub use sections::{Section, SectionKind, columns, lies_on, sections};
pub use state::{
    GroupFacts, MapPane, MapView, Pin, TenantAnswer, TouchedTile, fail, next_deadline, touch,
    untouch,
};
