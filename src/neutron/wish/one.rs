//! One resource in a body, or several of a kind.

use crate::nova::{
    InvalidBody,
    json::{self, Reader},
};

/// A body with one resource, or with several of a kind.
pub(super) struct One<R> {
    one: Option<R>,
    many: Option<Vec<R>>,
}

/// What there may be one or several of.
pub(super) trait Resource: Sized {
    /// The name of one.
    const ONE: &'static str;
    /// The name of several.
    const MANY: &'static str;

    fn read(json: &mut Reader<'_>) -> Result<Self, InvalidBody>;
}

impl<R: Resource> One<R> {
    pub(super) fn read(body: &[u8]) -> Result<Self, InvalidBody> {
        let (mut one, mut many) = (None, None);
        json::read(body, |json| {
            json.object("the body", |key, json| {
                if key == R::ONE {
                    one = Some(R::read(json)?);
                } else if key == R::MANY {
                    many = Some(json.list(key, R::read)?);
                } else {
                    return Err(json.unknown_key("the body"));
                }
                Ok(())
            })
        })?;
        Ok(Self { one, many })
    }

    /// Neutron takes the list if both are there.
    pub(super) fn or_many(self) -> Result<Vec<R>, InvalidBody> {
        match (self.one, self.many) {
            (Some(one), None) => Ok(vec![one]),
            (None, Some(many)) => Ok(many),
            _ => Err(InvalidBody::new(format_args!(
                "expected `{}` or `{}`",
                R::ONE,
                R::MANY
            ))),
        }
    }

    pub(super) fn alone(self) -> Result<R, InvalidBody> {
        match (self.one, self.many) {
            (Some(one), None) => Ok(one),
            _ => Err(InvalidBody::new(format_args!("expected `{}`", R::ONE))),
        }
    }
}
