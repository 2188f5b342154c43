//! Words for subjects: the group's place, its tables, the tenant that stands for it. Pure.

use crate::{
    cluster::{GroupKind, Subject, View},
    player::NamedSubject,
    workload::ProbeSpec,
};

/// What a subject is called.
pub(super) fn name(subject: Subject, view: &View, specs: &[ProbeSpec]) -> NamedSubject {
    let mut named = NamedSubject {
        kind: subject.kind,
        group: None,
        table: None,
        column: None,
        tenant: None,
    };
    let Some(key) = subject.group else {
        return named;
    };
    let spec = specs.iter().find(|spec| spec.subject == subject);
    named.tenant = spec.and_then(|spec| spec.tenant.clone());
    let group = view.group(key);
    let asked = spec.and_then(|spec| spec.table.clone());
    let table = asked.or_else(|| Some(group?.shards.first()?.table.clone()));
    if let Some(table) = table {
        let known = view.tables.iter().find(|known| known.name == table);
        named.column = known.and_then(|known| known.distribution_column.clone());
        named.table = Some(table.to_string());
    }
    if matches!(key.kind, GroupKind::Hash { .. }) {
        named.group = group.map(|group| group.ordinal);
    }
    named
}
