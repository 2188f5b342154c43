//! The chat of the active-active tour: a hundred rooms, alice and bob in each of them, five messages a room.

use super::{SeedTable, line};

const MEMBERS: [&str; 2] = ["alice", "bob"];
const MESSAGES_A_ROOM: u32 = 5;

pub(super) static TABLES: [SeedTable; 4] = [
    SeedTable {
        table: "room_types",
        columns: "id, name",
        rows: 2,
        write_row: room_type,
    },
    SeedTable {
        table: "rooms",
        columns: "id, room_type",
        rows: 100,
        write_row: room,
    },
    SeedTable {
        table: "room_members",
        columns: "room_id, member",
        rows: 200,
        write_row: member,
    },
    SeedTable {
        table: "messages",
        columns: "room_id, id, body",
        rows: 500,
        write_row: message,
    },
];

fn room_type(number: u32, into: &mut String) {
    let name = ["public", "private"][(number as usize - 1) % 2];
    line(into, format_args!("{}\t{name}", number - 1));
}

fn room(number: u32, into: &mut String) {
    line(into, format_args!("{number}\t{}", number % 2));
}

fn member(number: u32, into: &mut String) {
    let room = number.div_ceil(2);
    let member = MEMBERS[(number as usize - 1) % MEMBERS.len()];
    line(into, format_args!("{room}\t{member}"));
}

fn message(number: u32, into: &mut String) {
    let room = number.div_ceil(MESSAGES_A_ROOM);
    let id = 1 + (number - 1) % MESSAGES_A_ROOM;
    line(into, format_args!("{room}\t{id}\thello"));
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
        assert_eq!(row(room_type, 1), "0\tpublic\n");
        assert_eq!(row(room_type, 2), "1\tprivate\n");
        assert_eq!(row(room, 42), "42\t0\n");
        assert_eq!(row(member, 1), "1\talice\n");
        assert_eq!(row(member, 200), "100\tbob\n");
        assert_eq!(row(message, 1), "1\t1\thello\n");
        assert_eq!(row(message, 5), "1\t5\thello\n");
        assert_eq!(row(message, 6), "2\t1\thello\n");
        assert_eq!(row(message, 500), "100\t5\thello\n");
    }
}
