//! Which brackets are open.

/// A bracket that has an end to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    List,
    Object,
}

impl Bracket {
    pub(super) const fn close(self) -> u8 {
        match self {
            Self::List => b']',
            Self::Object => b'}',
        }
    }
}

/// The open brackets, the last of them at hand. A bit for each, so that a body of nothing else
/// takes an eighth of its size, and one that is nested as people do takes no allocation.
pub(super) struct Open {
    /// Behind a leading 1, a bit for each bracket: 1 for an object.
    last: u64,
    others: Vec<u64>,
}

/// No bracket: the leading 1 alone.
const EMPTY: u64 = 1;

impl Open {
    pub(super) const fn none() -> Self {
        Self {
            last: EMPTY,
            others: Vec::new(),
        }
    }

    pub(super) fn last(&self) -> Option<Bracket> {
        match self.last {
            EMPTY => None,
            bits if bits & 1 == 1 => Some(Bracket::Object),
            _ => Some(Bracket::List),
        }
    }

    pub(super) fn push(&mut self, bracket: Bracket) {
        if self.last.leading_zeros() == 0 {
            self.others.push(self.last);
            self.last = EMPTY;
        }
        self.last = self.last << 1 | u64::from(bracket == Bracket::Object);
    }

    /// Closes the last, if there is one.
    pub(super) fn pop(&mut self) {
        if self.last != EMPTY {
            self.last >>= 1;
        }
        if self.last == EMPTY {
            self.last = self.others.pop().unwrap_or(EMPTY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_in_the_order_in_which_they_opened_backwards() {
        for depth in [0, 1, 2, 62, 63, 64, 65, 126, 127, 128, 1000] {
            let brackets: Vec<_> = (0..depth)
                .map(|n| [Bracket::List, Bracket::Object][usize::from(n % 3 == 0)])
                .collect();
            let mut open = Open::none();
            for bracket in &brackets {
                open.push(*bracket);
                assert_eq!(open.last(), Some(*bracket));
            }
            for bracket in brackets.iter().rev() {
                assert_eq!(open.last(), Some(*bracket), "{depth}");
                open.pop();
            }
            assert_eq!(open.last(), None);
        }
    }
}
