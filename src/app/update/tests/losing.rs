//! What could not be done, and servers that end.

use super::*;

#[test]
fn what_could_not_be_kept_goes_on() {
    let mut model = in_tour(None);
    press(&mut model, "q");
    press(&mut model, "3");
    let now = model.now;
    let effects = update(
        &mut model,
        Msg::Left(Err("the disk is full".to_owned())),
        now,
    );
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::WatchChecks { generation: 7, .. }]
        ),
        "{effects:?}"
    );
    assert!(open(&mut model).is_ready() && !model.leaving);
    assert!(
        model
            .notice
            .as_ref()
            .is_some_and(|notice| notice.alarming && notice.text.contains("disk is full"))
    );
}

#[test]
fn what_could_not_be_ended_is_no_cluster_any_more() {
    let mut model = in_tour(None);
    press(&mut model, "q");
    press(&mut model, "2");
    let now = model.now;
    update(&mut model, Msg::Left(Err("no".to_owned())), now);
    assert_eq!(open(&mut model).facts, None);
}

#[test]
fn a_transaction_ends_with_its_server() {
    let mut model = in_tour(None);
    open(&mut model).sql.transaction = crate::postgres::TransactionStatus::Open;
    let exit = crate::runtime::Exit {
        node: "coordinator".to_owned(),
        ordered: None,
        status: "signal 9".to_owned(),
    };
    let now = model.now;
    update(&mut model, Msg::Exit(7, exit), now);
    assert_eq!(
        open(&mut model).sql.transaction,
        crate::postgres::TransactionStatus::Idle
    );
}
