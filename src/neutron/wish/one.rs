//! One resource in a body, or several of a kind.

use serde::de::MapAccess;

use super::{error, list::Listed};
use crate::nova::{
    InvalidBody,
    strict::{Fields, Object, unknown},
};

/// A body with one resource, or with several of a kind.
pub(super) struct One<F> {
    one: Option<F>,
    many: Option<Vec<F>>,
}

/// The names of a resource and of several.
pub(super) trait Named {
    const ONE: &'static str;
    const MANY: &'static str;
}

impl<F> Default for One<F> {
    fn default() -> Self {
        Self {
            one: None,
            many: None,
        }
    }
}

impl<F: Fields + Named> Fields for One<F> {
    const NAME: &'static str = "the body";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == F::ONE {
            self.one = Some(map.next_value::<Object<F>>()?.0);
        } else if key == F::MANY {
            let Listed(many) = map.next_value::<Listed<Object<F>>>()?;
            self.many = Some(many.into_iter().map(|Object(one)| one).collect());
        } else {
            return unknown(Self::NAME);
        }
        Ok(())
    }
}

impl<F: Named> One<F> {
    /// Neutron takes the list if both are there.
    pub(super) fn or_many(self) -> Result<Vec<F>, InvalidBody> {
        match (self.one, self.many) {
            (Some(one), None) => Ok(vec![one]),
            (None, Some(many)) => Ok(many),
            _ => Err(error(format_args!(
                "expected `{}` or `{}`",
                F::ONE,
                F::MANY
            ))),
        }
    }

    pub(super) fn alone(self) -> Result<F, InvalidBody> {
        match (self.one, self.many) {
            (Some(one), None) => Ok(one),
            _ => Err(error(format_args!("expected `{}`", F::ONE))),
        }
    }
}
