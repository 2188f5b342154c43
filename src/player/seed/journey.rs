//! The shop of the journey: five regions, a thousand users, ten thousand orders of two items each.

use super::{SeedTable, line};

pub(super) static TABLES: [SeedTable; 4] = [
    SeedTable {
        table: "regions",
        columns: "region_id, name",
        rows: 5,
        write_row: region,
    },
    SeedTable {
        table: "users",
        columns: "user_id, name, region_id",
        rows: 1_000,
        write_row: user,
    },
    SeedTable {
        table: "orders",
        columns: "order_id, user_id, status, total, created_at",
        rows: 10_000,
        write_row: order,
    },
    SeedTable {
        table: "order_items",
        columns: "item_id, order_id, user_id, sku, quantity",
        rows: 20_000,
        write_row: order_item,
    },
];

fn region(number: u32, into: &mut String) {
    line(into, format_args!("{number}\tregion-{number}"));
}

fn user(number: u32, into: &mut String) {
    line(
        into,
        format_args!("{number}\tuser-{number}\t{}", 1 + number % 5),
    );
}

/// A prime that has no factor in common with the number of users spreads the orders evenly: ten for each.
fn user_of(order: u32) -> u32 {
    1 + order * 7919 % 1_000
}

fn order(number: u32, into: &mut String) {
    let status = ["paid", "shipped", "new"][number as usize % 3];
    let cents = number % 500 * 125;
    let (minutes, hours) = (number % 60, number / 60);
    let (day, hour) = (1 + hours / 24, hours % 24);
    line(
        into,
        format_args!(
            "{number}\t{}\t{status}\t{}.{:02}\t2026-01-{day:02} {hour:02}:{minutes:02}:00+00",
            user_of(number),
            cents / 100,
            cents % 100
        ),
    );
}

fn order_item(number: u32, into: &mut String) {
    let order = number.div_ceil(2);
    let item = 2 - number % 2;
    line(
        into,
        format_args!(
            "{item}\t{order}\t{}\tsku-{}\t{}",
            user_of(order),
            order * item % 97,
            1 + order % 4
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(write: fn(u32, &mut String), number: u32) -> String {
        let mut text = String::new();
        write(number, &mut text);
        text
    }

    #[test]
    fn rows_follow_the_formulas() {
        assert_eq!(row(user, 42), "42\tuser-42\t3\n");
        assert_eq!(
            row(order, 1),
            "1\t920\tshipped\t1.25\t2026-01-01 00:01:00+00\n"
        );
        assert_eq!(
            row(order, 10_000),
            "10000\t1\tshipped\t0.00\t2026-01-07 22:40:00+00\n"
        );
        assert_eq!(row(order_item, 1), "1\t1\t920\tsku-1\t2\n");
        assert_eq!(row(order_item, 20_000), "2\t10000\t1\tsku-18\t1\n");
    }

    #[test]
    fn totals_are_those_that_the_lessons_name() {
        let cents: u32 = (1..=10_000).map(|number| number % 500 * 125).sum();
        assert_eq!(cents, 311_875_000);
    }
}
