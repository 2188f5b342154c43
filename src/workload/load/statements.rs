//! The statements of the workloads. Each is one that a learner could type, and as short as pgbench would have it.

use std::fmt::Write;

use super::plan::{Class, Workload};

/// What a statement is made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    /// Whose rows.
    pub(super) tenant: i64,
    /// A key that no run before has used.
    pub(super) id: i64,
    /// Anything.
    pub(super) number: u32,
}

/// One statement of a workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// What reports call it.
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// How often it comes among those of its class.
    pub(super) weight: u32,
    /// Appends it.
    pub(super) write: fn(&mut String, Draw),
}

// Writing to a `String` cannot fail.

const CHAT: &[Operation] = &[
    Operation {
        name: "last messages",
        class: Class::Read,
        weight: 3,
        write: |into, draw| {
            let _ = write!(
                into,
                "SELECT id, body FROM messages WHERE room_id = {} ORDER BY id DESC LIMIT 10",
                draw.tenant
            );
        },
    },
    Operation {
        name: "members",
        class: Class::Read,
        weight: 1,
        write: |into, draw| {
            let _ = write!(
                into,
                "SELECT member FROM room_members WHERE room_id = {}",
                draw.tenant
            );
        },
    },
    Operation {
        name: "new message",
        class: Class::Write,
        weight: 1,
        write: |into, draw| {
            let _ = write!(
                into,
                "INSERT INTO messages (room_id, id, body) VALUES ({}, {}, 'message {}')",
                draw.tenant, draw.id, draw.number
            );
        },
    },
    Operation {
        name: "count of messages",
        class: Class::Report,
        weight: 1,
        write: |into, _| into.push_str("SELECT count(*) FROM messages"),
    },
];

const SHOP: &[Operation] = &[
    Operation {
        name: "last orders",
        class: Class::Read,
        weight: 3,
        write: |into, draw| {
            let _ = write!(
                into,
                "SELECT order_id, status, total FROM orders WHERE user_id = {} ORDER BY order_id DESC LIMIT 10",
                draw.tenant
            );
        },
    },
    Operation {
        name: "items",
        class: Class::Read,
        weight: 1,
        write: |into, draw| {
            let _ = write!(
                into,
                "SELECT sku, quantity FROM order_items WHERE user_id = {} LIMIT 10",
                draw.tenant
            );
        },
    },
    Operation {
        name: "new order",
        class: Class::Write,
        weight: 1,
        write: |into, draw| {
            let (units, cents) = (draw.number % 500, draw.number % 100);
            let _ = write!(
                into,
                "INSERT INTO orders (order_id, user_id, status, total, created_at) VALUES ({}, {}, 'new', {units}.{cents:02}, now())",
                draw.id, draw.tenant
            );
        },
    },
    Operation {
        name: "orders by status",
        class: Class::Report,
        weight: 1,
        write: |into, _| {
            into.push_str("SELECT status, count(*), sum(total) FROM orders GROUP BY status");
        },
    },
];

impl Workload {
    /// Its statements.
    pub(super) fn operations(self) -> &'static [Operation] {
        match self {
            Self::Chat => CHAT,
            Self::Shop => SHOP,
        }
    }

    /// The table that has a row for each tenant, and its key, which is the tenant.
    pub(super) fn tenants(self) -> (&'static str, &'static str) {
        match self {
            Self::Chat => ("rooms", "id"),
            Self::Shop => ("users", "user_id"),
        }
    }

    /// The last tenant that the tours' rows have, beginning with 1: for when they cannot be asked.
    pub(super) fn usual_tenants(self) -> i64 {
        match self {
            Self::Chat => 100,
            Self::Shop => 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_about_their_tenant_and_written_rows_have_their_own_key() {
        let draw = Draw {
            tenant: 42,
            id: 4_242,
            number: 12_345,
        };
        for workload in [Workload::Chat, Workload::Shop] {
            for operation in workload.operations() {
                let mut text = String::new();
                (operation.write)(&mut text, draw);
                match operation.class {
                    Class::Read => assert!(
                        text.contains("_id = 42 ") || text.ends_with("_id = 42"),
                        "{text}"
                    ),
                    Class::Write => assert!(
                        text.contains("42, 4242,") || text.contains("(4242, 42,"),
                        "{text}"
                    ),
                    Class::Report => assert!(!text.contains("42"), "{text}"),
                }
                assert_eq!(crate::postgres::split(&text).len(), 1);
            }
        }
    }
}
