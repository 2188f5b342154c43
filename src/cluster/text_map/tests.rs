use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::cluster::sample::{self, distributed, journey};
use crate::cluster::{GroupKey, Reachability};

#[test]
fn before_distribution() {
    assert_snapshot!(text_map(&sample::plain(), Charset::Unicode), @r"
    main · plain PostgreSQL
      coordinator ● :5440  ▪4
      worker1     ● :5441
      worker2     ● :5442
      ▪ local: notes, orders, regions, users
    ");
}

#[test]
fn a_group_keeps_its_column() {
    assert_snapshot!(text_map(&journey(), Charset::Unicode), @r"
    main · Citus 13.2.2 · 8 shard groups · 19 placements
      coordinator ● :5440    1 shard                                     ◆1  ▪1
      worker1     ● :5441    9 shards  ■01     ■03     ■05     ■07       ◆1
      worker2     ● :5442    9 shards      ■02     ■04     ■06     ■08   ◆1
      ■ orders, users by user_id   ◆ reference: regions   ▪ local: notes
    ");
}

#[test]
fn a_move_and_a_dead_node_in_ascii() {
    let mut view = sample::moved(&distributed(3, 8), 3, 1);
    view.nodes[2].reachability = Reachability::Down;
    let key: GroupKey = view.groups[4].key;
    view.moves.push(Move {
        group: key,
        from: 1,
        to: 3,
        copies: false,
        bytes_done: 62,
        bytes_total: 100,
        phase: "Copying Data".into(),
    });
    assert_snapshot!(text_map(&view, Charset::Ascii), @r"
    main - Citus 13.2.2 - 8 shard groups - 20 placements
      coordinator *      :5440    1 shard                                     R1  L1
      worker1     *      :5441    9 shards  #01     #03 >04         #07       R1
      worker2     x DOWN :5442    7 shards      x02         x05         x08   x1
      worker3     *      :5443    3 shards              +04     #06           R1
      # orders, users by user_id   R reference: regions   L local: notes   x out of reach
      >04 worker1 to worker3, 62 %, Copying Data
    ");
}

#[test]
fn many_groups_become_marks_then_buckets() {
    assert_snapshot!(text_map(&distributed(3, 32), Charset::Unicode), @r"
    main · Citus 13.2.2 · 32 shard groups · 68 placements
      coordinator ● :5440    1 shard                                     ◆1  ▪1
      worker1     ● :5441   23 shards  ■  ■  ■  ■  ■  ■  ■  ■  ■  ■  ■   ◆1
      worker2     ● :5442   23 shards   ■  ■  ■  ■  ■  ■  ■  ■  ■  ■  ■  ◆1
      worker3     ● :5443   21 shards    ■  ■  ■  ■  ■  ■  ■  ■  ■  ■    ◆1
      ■ orders, users by user_id   ◆ reference: regions   ▪ local: notes
    ");
    assert_snapshot!(text_map(&distributed(2, 1000), Charset::Unicode), @r"
    main · Citus 13.2.2 · 1000 shard groups · 2003 placements
      coordinator ● :5440    1 shard                                                       ◆1  ▪1
      worker1     ● :5441 1001 shards  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■  ◆1
      worker2     ● :5442 1001 shards  ■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■■  ◆1
      ■ = 20 groups, orders, users by user_id   ◆ reference: regions   ▪ local: notes
    ");
}

proptest! {
    #[test]
    fn every_line_fits(workers in 1_i32..12, groups in 1_u32..300, ascii in any::<bool>()) {
        let charset = if ascii { Charset::Ascii } else { Charset::Unicode };
        let map = text_map(&distributed(workers, groups), charset);
        for line in map.lines() {
            prop_assert!(line.chars().count() <= WIDTH, "{}: {line}", line.chars().count());
        }
        prop_assert!(!ascii || map.is_ascii());
    }
}
