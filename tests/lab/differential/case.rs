//! The request of a number.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use crate::requests::{
    Ids, Shot,
    fragments::{Wanted, lawful, shot},
    table::attacks,
};

pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) shot: Shot,
}

pub(super) enum Kind {
    /// One of the table.
    Attack { name: &'static str, status: u16 },
    /// Allowed, by how it is made.
    Lawful(Wanted),
    /// Put together at random.
    Random,
}

impl Case {
    /// Always the same, but for the ids: of ten, three are of the table, which comes round in turn,
    /// three are lawful, and four are anything.
    pub(super) fn of(seed: u64, ids: Ids) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        match seed % 10 {
            0 | 3 | 6 => {
                let mut table = attacks(ids);
                let turn = seed / 10 * 3 + seed % 10 / 3;
                let index = usize::try_from(turn).unwrap() % table.len();
                let attack = table.swap_remove(index);
                Self {
                    kind: Kind::Attack {
                        name: attack.case,
                        status: attack.status,
                    },
                    shot: attack.shot,
                }
            }
            1 | 4 | 7 => {
                let (shot, wanted) = lawful(ids).new_tree(&mut runner).unwrap().current();
                Self {
                    kind: Kind::Lawful(wanted),
                    shot,
                }
            }
            _ => Self {
                kind: Kind::Random,
                shot: shot(ids).new_tree(&mut runner).unwrap().current(),
            },
        }
    }
}
