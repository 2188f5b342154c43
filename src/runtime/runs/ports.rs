//! Free ports on the loopback: the Compose file's first, then the same ones moved by tens, so that a second cluster's are easy to
//! tell (5450 beside 5440), then whatever the system gives.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};

const STEP: u16 = 10;
const STEPS: u16 = 60;

/// A port for each node, all moved by the same amount, else any in the nodes' order. `reserved` are those of other clusters that may be down just now.
pub(in crate::runtime) fn choose(
    preferred: &[Option<u16>],
    reserved: &HashSet<u16>,
) -> Vec<Option<u16>> {
    let mut taken = HashSet::new();
    let block = (0..STEPS).map(|step| step * STEP).find(|offset| {
        preferred.iter().flatten().all(|port| {
            port.checked_add(*offset)
                .is_some_and(|port| !reserved.contains(&port) && is_free(port))
        })
    });
    let mut chosen: Vec<Option<u16>> = preferred
        .iter()
        .map(|port| {
            let moved = port.zip(block).map(|(port, offset)| port + offset);
            let chosen = moved
                .filter(|port| !taken.contains(port))
                .or_else(|| any(reserved, &taken))?;
            taken.insert(chosen);
            Some(chosen)
        })
        .collect();
    if block.is_none() {
        chosen.sort_unstable();
    }
    chosen
}

/// The next choice after `port` turned out to be taken.
pub(in crate::runtime) fn after(port: u16, reserved: &HashSet<u16>) -> Option<u16> {
    (1..STEPS)
        .filter_map(|step| port.checked_add(step * STEP))
        .find(|port| !reserved.contains(port) && is_free(*port))
        .or_else(|| any(reserved, &HashSet::new()))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn any(reserved: &HashSet<u16>, taken: &HashSet<u16>) -> Option<u16> {
    (0..50).find_map(|_| {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .ok()?
            .local_addr()
            .ok()?
            .port();
        (!reserved.contains(&port) && !taken.contains(&port)).then_some(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nodes_move_together_when_one_port_is_taken() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        // The neighbour below is only a label here: it must move with the taken one, wherever both end.
        let chosen = choose(&[Some(port), Some(port.wrapping_sub(1))], &HashSet::new());
        let (one, other) = (chosen[0].unwrap(), chosen[1].unwrap());
        assert_ne!(one, port);
        assert_ne!(one, other);
    }

    #[test]
    fn ports_that_cannot_move_together_keep_the_order_of_the_nodes() {
        // No block has room for the second one.
        let chosen = choose(
            &[Some(45470), Some(u16::MAX), None],
            &HashSet::from([u16::MAX]),
        );
        assert!(chosen.is_sorted() && chosen[0].is_some(), "{chosen:?}");
    }

    #[test]
    fn a_node_without_preference_gets_some_port_of_its_own() {
        let chosen = choose(&[None, None], &HashSet::new());
        assert!(chosen[0].is_some() && chosen[0] != chosen[1]);
    }

    #[test]
    fn reserved_ports_are_left_to_their_owners() {
        let reserved = HashSet::from([45440]);
        assert_ne!(choose(&[Some(45440)], &reserved)[0], Some(45440));
        assert_ne!(after(45430, &reserved), Some(45440));
    }
}
